"""Sample leads: invented people at invented companies, the same for the same seed."""

import unicodedata
from dataclasses import dataclass, field
from random import Random
from typing import Any

FIRST = """
Dana Elif Marco Yuki Priya Tomás Ingrid Samuel Aisha Pieter Lucía Henrik Noor Clara Mateo Freya Viktor Leila Jonas
Amara Felix Hana Oskar Rosa Dmitri Zoe Karim Stella Emil Nadia Hugo Mina Theo Carmen Anton Sofia Bruno Greta
"""
LAST = """
Fields Yılmaz Rossi Tanaka Sharma Herrera Lindqvist Okafor Rahman Visser Moreno Solberg Haddad Neumann Costa
Holm Petrov Karimi Brandt Mensah Lang Sato Kowalski Delgado Ivanov Moreau Aziz Bianchi Larsen Popescu Weber Park
"""
COMPANIES = """
Logistics: Harbor Freightways, Kestrel Air, Atlas Parcel, Quayside, Fernway, Windrose, Greyhound Cargo
Manufacturing: Oakline Motors, Polar Optics, Cobalt Works, Redwood Timber, Ironleaf
Software: Brightloom, Northbeam, Juniper Labs, Halcyon, Larkspur, Bluepeak
Retail: Silverbirch, Marigold, Copperfield
Food: Terra Foods, Saltmarsh
Healthcare: Mosaic Health
Media: Lumen Studio
Construction: Stonebridge
"""
TITLES = [
    "VP of Operations",
    "Head of Sales",
    "Sales Manager",
    "Operations Manager",
    "CEO",
    "Marketing Manager",
    "Director of Logistics",
    "Student",
    "Account Manager",
    "Head of Procurement",
    "CTO",
    "Office Manager",
]
COUNTRIES = ["Germany", "Netherlands", "France", "Austria", "Switzerland", "Sweden", "Spain", "Poland", "United States"]
SOURCES: dict[str, list[str | None]] = {
    "website": ["spring-launch", None],
    "webinar": ["speed-to-lead-live"],
    "paid-search": ["brand-terms", "crm-terms"],
    "referral": [None],
    "trade-show": ["logimat-2026"],
    "linkedin": ["ops-leaders"],
}
PHRASES = [
    "We lose a third of our leads over the week-end.",
    "Reps answer after two days, and by then they bought elsewhere.",
    "Nobody can tell which campaign brings the good ones.",
    "Our CRM tells us everything a week too late.",
]


@dataclass
class Sample:
    """A lead as a form would send it, and what its person did afterwards: (kind, properties, hours later)."""

    lead: dict[str, Any]
    did: list[tuple[str, dict[str, Any], float]] = field(default_factory=list)


def companies() -> list[tuple[str, str]]:
    """(name, industry) of every company."""
    lines = (line.partition(": ") for line in COMPANIES.strip().splitlines())
    return [(name, industry) for industry, _, names in lines for name in names.split(", ")]


def draw_sample(chance: Random, number: int) -> Sample:
    """One lead; `number` keeps e-mail addresses apart."""
    first, last = chance.choice(FIRST.split()), chance.choice(LAST.split())
    company, industry = chance.choice(companies())
    source = chance.choice(list(SOURCES))
    domain = company.lower().replace(" ", "") + ".example"
    lead: dict[str, Any] = {
        "source": source,
        "email": f"{_ascii(first)}.{_ascii(last)}{number}@{domain}",
        "name": f"{first} {last}",
        "company": company,
        "title": chance.choice(TITLES),
        "country": chance.choice(COUNTRIES),
        "industry": industry,
        "employees": chance.choice([12, 40, 85, 140, 260, 480, 900, 1800, 4200]),
        "phone": f"+49 30 555 {chance.randint(1000, 9999)}",
        "campaign": chance.choice(SOURCES[source]),
    }
    return Sample({name: value for name, value in lead.items() if value is not None}, draw_deeds(chance))


def draw_deeds(chance: Random) -> list[tuple[str, dict[str, Any], float]]:
    """What somebody does in the days after."""
    pages = ["/pricing", "/pricing", "/blog/routing"]
    deeds: list[tuple[str, dict[str, Any], float]] = [
        ("page_view", {"path": chance.choice(pages)}, chance.uniform(0.1, 30)) for _ in range(chance.randint(0, 3))
    ]
    if chance.random() < 0.3:
        deeds.append(("webinar", {"title": "Speed to lead"}, chance.uniform(1, 60)))
    if chance.random() < 0.3:
        deeds.append(("download", {"title": "The hand-over playbook"}, chance.uniform(0.1, 20)))
    if chance.random() < 0.34:
        deeds.append((chance.choice(["demo_request", "contact_request"]), {}, chance.uniform(0.05, 26)))
    return sorted(deeds, key=lambda deed: deed[2])


def _ascii(name: str) -> str:
    """A name as it stands in an address: without accents."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("ı", "i"))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha())
