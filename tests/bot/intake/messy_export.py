"""An export as a marketing automation writes it: 37 columns, no e-mail address, and rows that are broken on purpose."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple
from uuid import UUID

NEVER = (
    *("Magazine", "Newspaper Article", "X Education Forums", "Receive More Updates About Our Courses"),
    *("Update me on Supply Chain Content", "Get updates on DM Content", "I agree to pay the amount through cheque"),
)
"""Columns that say No in every row."""

CHOICES: dict[str, tuple[str, ...]] = {
    "Lead Origin": ("API", "Landing Page Submission", "Lead Add Form", "Lead Import"),
    "Lead Source": ("Google", "Direct Traffic", "Olark Chat", "Organic Search", "Reference", "google", "", "NA"),
    "Do Not Email": ("No", "No", "No", "Yes"),
    "Do Not Call": ("No", "No", "No", "No", "Yes"),
    "Converted": ("0", "1"),
    "Last Activity": ("Email Opened", "SMS Sent", "Page Visited on Website", "null"),
    "Country": ("India", "United States", "unknown", "", "Saudi Arabia"),
    "Specialization": ("Select", "Finance Management", "Human Resource Management", ""),
    "How did you hear about X Education": ("Select", "Word Of Mouth", "Online Search"),
    "What is your current occupation": ("Unemployed", "Working Professional", "Student", "-"),
    "What matters most to you in choosing a course": ("Better Career Prospects", "N/A"),
    "Search": ("No", "Yes"),
    "Newspaper": ("No", "No", "No", "Yes"),
    "Digital Advertisement": ("No", "Yes"),
    "Through Recommendations": ("No", "Yes"),
    "Tags": ("Ringing", "Interested in other courses", "Will revert after reading the email", ""),
    "Lead Quality": ("Low in Relevance", "Might be", "Not Sure", "Worst", "High in Relevance", ""),
    "Lead Profile": ("Select", "Potential Lead", "Other Leads"),
    "City": ("Mumbai", "Select", "Thane & Outskirts", "Other Cities", "null"),
    "Asymmetrique Activity Index": ("01.High", "02.Medium", "03.Low", ""),
    "Asymmetrique Profile Index": ("01.High", "02.Medium", "03.Low", ""),
    "A free copy of Mastering The Interview": ("No", "Yes"),
    "Last Notable Activity": ("Modified", "Email Opened", "SMS Sent"),
}
HEADER = [
    *("Prospect ID", "Lead Number", "Lead Origin", "Lead Source", "Do Not Email", "Do Not Call", "Converted"),
    *("TotalVisits", "Total Time Spent on Website", "Page Views Per Visit", "Last Activity", "Country"),
    *("Specialization", "How did you hear about X Education", "What is your current occupation"),
    *("What matters most to you in choosing a course", "Search", "Magazine", "Newspaper Article"),
    *("X Education Forums", "Newspaper", "Digital Advertisement", "Through Recommendations"),
    *("Receive More Updates About Our Courses", "Tags", "Lead Quality", "Update me on Supply Chain Content"),
    *("Get updates on DM Content", "Lead Profile", "City", "Asymmetrique Activity Index"),
    *("Asymmetrique Profile Index", "Asymmetrique Activity Score", "Asymmetrique Profile Score"),
    *("I agree to pay the amount through cheque", "A free copy of Mastering The Interview", "Last Notable Activity"),
]


class Export(NamedTuple):
    """A written file, its good rows by id, and what is refused of it: the line, the column, and a word of why."""

    path: Path
    rows: int
    people: dict[str, dict[str, str]]
    refused: list[tuple[int, str, str]]


def write_export(path: Path, rows: int = 9_000) -> Export:
    """Write a file of so many good rows, and some broken ones in between."""
    people = {row["Prospect ID"]: row for row in _people(rows, Random(7))}
    keys = list(people)
    people[keys[10]]["Tags"] = "Two\nlines, and a comma"
    people[keys[11]]["Tags"] = '=HYPERLINK("http://evil.example","Click")'
    people[keys[12]]["City"] = "Mum\x00bai"
    refused: list[tuple[int, str, str]] = []
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, lineterminator="\n")
    writer.writeheader()
    for place, row in enumerate(people.values()):
        line = out.getvalue().count("\n") + 1 if place in _BROKEN else 0
        if place in _BROKEN:
            broken, column, why = _BROKEN[place]
            values = [row[name] for name in HEADER]
            csv.writer(out, lineterminator="\n").writerow(broken(values))
            if why:
                refused.append((line, column, why))
        writer.writerow(row)
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    return Export(path, rows + len(_BROKEN), people, refused)


def _people(count: int, chance: Random) -> Iterator[dict[str, str]]:
    for number in range(count):
        yield {
            **dict.fromkeys(NEVER, "No"),
            **{column: chance.choice(words) for column, words in CHOICES.items()},
            "Prospect ID": str(UUID(int=chance.getrandbits(128), version=4)),
            "Lead Number": str(660_737 - number),
            "TotalVisits": chance.choice(["0", "2", "5", ""]),
            "Total Time Spent on Website": str(chance.randrange(2_300)),
            "Page Views Per Visit": f"{chance.randrange(90) / 10:.2f}",
            "Asymmetrique Activity Score": str(chance.randrange(7, 19)),
            "Asymmetrique Profile Score": str(chance.randrange(11, 21)),
        }


_BROKEN = {
    100: (lambda cells: [*cells[:9], "again", *cells[10:]], "", ""),  # the person of the next row: the same id twice
    200: (lambda cells: cells[:20], "", "has 20 cells where the header has 37"),
    300: (lambda cells: [*cells, "one more"], "", "has 38 cells where the header has 37"),
    400: (lambda cells: [*cells[:4], "perhaps", *cells[5:]], "Do Not Email", "'perhaps' is neither yes nor no"),
    500: (lambda cells: ["N/A", *cells[1:]], "Prospect ID", "needs an email or an external_id"),
    600: (lambda cells: [*cells[:3], "x" * 200, *cells[4:]], "Lead Source", "is longer than 100 characters"),
}
"""Before which row a broken one is written: what makes it, and the column and why it is refused; it may be fine, too."""
