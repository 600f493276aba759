"""What a Slack message tells of a lead, if it is likely right: a wrong value costs people more than an empty field."""

import html
import re
from collections.abc import Iterator, Sequence

from bot.usecases.address import normal_email
from bot.usecases.normal import account_of, normal_country, normal_phone, region_of

Facts = dict[str, str]
LONGEST_TEXT = 4_000
LONGEST_VALUE = 200

_LABELS = {
    "email": "email|e mail|mail|email address|e mail address|e mail adresse|mailadresse|courriel|adresse e mail|correo",
    "name": "name|full name|contact name|contact|contact person|lead name|from|von|kontakt|ansprechpartner|nom complet",
    "given": "first name|firstname|given name|vorname|prénom|nombre",
    "family": "last name|lastname|surname|family name|nachname|familienname|nom|nom de famille|apellido|apellidos",
    "company": "company|company name|organisation|organization|account|account name|employer|firma|unternehmen|empresa",
    "title": "title|job title|jobtitle|role|job role|position|funktion|jobtitel|titel|poste|fonction|cargo|puesto",
    "phone": "phone|phone number|telephone|tel|mobile|mobile phone|mobile number|cell|telefon|telefonnummer|handy",
    "website": "website|web site|web|url|homepage|company website|webseite|internet|site web|sitio web|domain",
    "country": "country|country region|land|pays|país",
}
_KEYS = {label: key for key, labels in _LABELS.items() for label in labels.split("|")}
_LABELLED = re.compile(r"(?:^|[,;|\t]|\s{2})\s*(?P<label>[^\W\d_][^:：=|,;\t]{0,40}?)\s*(?P<sign>[:：=]|\s[-–—]\s)")
_NOTHING = {"", "n a", "na", "none", "unknown", "tbd", "null", "mr", "mrs", "ms", "herr", "frau", "test"}
_LINK = re.compile(r"<([^<>|\s]+)(?:\|([^<>]*))?>")
_MARKS = re.compile(r"(?<!\w)([*_~`])(?=\S)([^\n]*?\S)\1(?!\w)")
_LINE_START = re.compile(r"^[\s>•◦▪·*-]*(?<!--)(?:\d{1,2}[.)]\s)?\s*")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ROBOT = re.compile(r"(?:no-?reply|do-?not-?reply|mailer-daemon|notifications?|bounces?)\b")
_HOST = re.compile(r"(?i)(?<![@\w.-])(?:https?://)?(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@.-])(?:[:/?#]\S*)?")
_NUMBER = re.compile(r"(?i)[+(]?\d[\d ()/.+-]{4,30}\d(?: ?(?:ext|x|dw)\W{0,2}\d{1,6})?")
_NO_PHONE = re.compile(r"(?i)(?:fax|order|invoice|ticket|case|iban|vat|auftrag|(?<!fon)(?<!handy)nummer|#)\W*$")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_TITLE = re.compile(
    r"(?i)\b(?:c[a-z]o|[es]?vp|vice.president|president|chief|head|director|manager|lead|(?:co-?)?founder|owner|partner"
    r"|engineer|developer|architect|consultant|analyst|buyer|officer|specialist|\w*leiter(?:in)?|geschäftsführer(?:in)?)\b"
)
_LEGAL = re.compile(r"(?i)\b(?:gmbh|ag|se|kg|inc|ltd|llc|plc|corp|co|bv|b\.v|nv|sa|sas|sarl|srl|spa|oy|ab|group)\.?$")
_CLOSING = re.compile(
    r"(?i)(?:-{2,}|—|(?:(?:best|kind|warm|many)\W+)*(?:regards|wishes|best|thanks|cheers)|cordialement|saludos"
    r"|(?:(?:mit|viele|beste|liebe|freundlichen?) )*grüßen?)\W*"
)
_SAYS = re.compile(
    r"(?i)\b(?:i['’]m|i am|my name is|this is|ich bin|mein name ist|je suis|je m['’]appelle|me llamo) (.{2,60}?)"
    r"(?:,? (?:from|at|of|with|von|bei|de|chez) (?:the |der )?(.{2,80})|[,.!;]|$| and | und )"
)
_PARTICLE = re.compile("van|von|de|der|den|del|della|di|da|dos|du|la|le|al|el|zu|ten")
_NO_NAME = re.compile(
    "a|about|account|and|another|anfrage|are|best|call|company|contact|customer|dear|demo|email|europe|fair|for|form|from"
    "|fwd|good|got|great|guten|hallo|hello|hey|hi|how|i|ich|inbound|info|it|just|last|lead|mail|marketing|meet|meeting|met"
    "|(?:mon|tues|wednes|thurs|fri|satur|sun|yester|to)day|message|my|name|new|next|no|note|now|ok|one|our|phone|please|re"
    "|regards|request|saw|see|spoke|sales|section|support|talk|talked|tel|thanks|the|this|tomorrow|trade|update|via|was|we"
    "|website|with|yes|you|your|human|office|service|gmbh|ag|inc|ltd|llc|corp|team|mr|mrs|ms|herr|frau|vielen|dank"
)
_CAPITALISED = r"[^\W_a-zß-ÿ](?:[\w'’+&-]|\.(?=\w))*"
_COMPANY = re.compile(rf"{_CAPITALISED}(?: (?:& )?{_CAPITALISED}){{0,4}}")


def facts_in(text: str) -> Facts:
    """What a message in Slack's mrkdwn tells of one lead: email, name, company, title, phone, website, country.

    A key is there only if something likely was found, as plain text of at most 200 characters: what a label says before
    what a sentence or a signature says, and a guess from the address last. The address and the country are in their
    normal form, the phone number in E.164 where its country is known. Nothing is found beyond 4,000 characters.
    """
    plain = _plain(text[:LONGEST_TEXT])
    lines = [line for line in (_LINE_START.sub("", line).strip() for line in plain.splitlines()) if line]
    facts = _labelled(lines)
    for found in (_addressed(plain), _signed(lines), *map(_said, lines)):
        facts = found | facts if _is_same(found, facts) else facts
    facts = _guessed(facts) | _phone(plain, facts) | facts
    is_somebody = facts.keys() & {"email", "name", "company", "phone"}
    return {key: facts[key][:LONGEST_VALUE].strip() for key in _LABELS if is_somebody and facts.get(key)}


def _plain(text: str) -> str:
    """The text as a person reads it: links by what they say, mentions and marks gone, entities resolved."""
    plain = _MARKS.sub(r"\2", _MARKS.sub(r"\2", html.unescape(_LINK.sub(_said_by, text))))  # *_bold and italic_*
    return re.sub(r"(?<!\S):[a-z+][\w+-]*:(?!\S)", " ", plain.replace("\xa0", " "))  # :tada:


def _said_by(link: re.Match[str]) -> str:
    scheme, _, rest = link[1].partition(":")
    if scheme[0] in "@#!":
        return ""
    label = link[2] or ""
    if scheme == "mailto":
        address = rest.partition("?")[0]
        return f"{label} <{address}>" if label and "@" not in label else address
    shown = label or rest if scheme == "tel" else label if _HOST.fullmatch(label) else f"{label} {link[1]}"
    return shown if rest else link[0]


def _labelled(lines: Sequence[str]) -> Facts:
    """What stands behind a label, or in the line below one."""
    backwards = [*_pairs(lines)][::-1]  # so that the first of each counts
    told = {key: fact for label, value in backwards for key, fact in _checked(label, value).items()}
    given, family = told.pop("given", ""), told.pop("family", "")
    name = _fact("name", f"{given} {family}".strip())
    told = told | name if given and family else name | told
    return told | _fact("phone", normal_phone(told.get("phone", ""), _country(told)))


def _pairs(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What the labels stand for, and what they say, which may be nothing."""
    for line, below in zip(lines, [*lines, ""][1:], strict=True):
        labels = _labels(line)
        ends = [*(found.start() for found in labels), len(line)][1:]
        for found, end in zip(labels, ends, strict=True):
            value = line[found.end() : end].strip(" ,;|\t")
            # A dash may be no more than a dash: "Company - wide meeting".
            if found["sign"] in ":：=" or not value[:1].islower() or "@" in value:
                yield _key(found["label"]), value
        waiting = line if not labels else labels[-1]["label"] if labels[-1].end() == len(line) else ""
        if _key(waiting) and not (_key(below) or _labels(below)):
            yield _key(waiting), below


def _labels(line: str) -> list[re.Match[str]]:
    return [found for found in _LABELLED.finditer(line) if _key(found["label"])]


def _key(label: str) -> str:
    bare = _bare(re.sub(r"\([^()]*\)", "", label[:80]))
    return _KEYS.get(bare, _KEYS.get(re.sub(r"^(?:what (?:is|s) )?(?:your|the|ihre?|work) ", "", bare), ""))


def _bare(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _fact(key: str, value: str) -> Facts:
    return {key: value} if value else {}


def _checked(key: str, value: str) -> Facts:
    """A labelled value, if it can be what its label says."""
    if key == "name":
        return _person(value) or _fact(key, value if _is_told_name(value) else "")
    if key == "email":
        return _fact(key, next((address for address, _ in _emails(value)), ""))
    if key == "country":
        return _fact(key, normal_country(value) if region_of(value) else "")
    if key in {"phone", "website"}:
        shaped = _NUMBER.match(value) if key == "phone" else _HOST.search(value)
        return _fact(key, shaped[0] if shaped and (key == "phone" or account_of(None, shaped[0])) else "")
    plain = " ".join(_HOST.sub("", value).split())
    sense = _bare(plain) not in _NOTHING and "@" not in plain
    return _fact(key, plain if sense and (key in {"company", "title"} or _is_told_name(plain)) else "")


def _emails(text: str) -> Iterator[tuple[str, str]]:
    """The addresses of people, each with what stands before it in its line."""
    for found in _EMAIL.finditer(text):
        try:
            address = normal_email(found[0])
        except ValueError:
            continue
        if not _ROBOT.match(address):
            yield address, text[: found.start()].rpartition("\n")[2].rstrip()


def _addressed(plain: str) -> Facts:
    """The first address, rather one that is written behind a name: Dana Fields <dana@acme.example>."""
    found = [
        (address, _name_before(before.rstrip(' "<('), address) if before.endswith(("<", "(")) else "")
        for address, before in _emails(plain)
    ]
    address, name = max(found, key=lambda pair: bool(pair[1]), default=("", ""))
    return _fact("email", address) | _fact("name", name)


def _is_same(found: Facts, facts: Facts) -> bool:
    """Whether both may tell of one person: no other name or address, and a name that goes with the address."""
    if any(found.get(key, told) != told for key, told in facts.items() if key in {"name", "email"}):
        return False
    address = (found | facts).get("email", "")
    words = _bare(f"{found.get('name', '')} {found.get('company', '')}".translate(_UMLAUTS)).split()
    told = not address or "email" in found or "name" not in found or "name" in facts
    return told or any(word in address for word in words)


def _person(text: str) -> Facts:
    """Somebody in a line of their own: Dana Fields <dana@acme.example>, Dana Fields (Acme), Dana Fields, VP at Acme."""
    email = _fact("email", next((address for address, _ in _emails(text)), ""))
    rest = re.sub(r"[<(\[]\s*[>)\]]", "", _EMAIL.sub("", text)).strip(" ,;|-\"'")
    found = re.fullmatch(r"([^(),|]{3,60}?)\s*(?:\(([^()]{2,80})\)|(?:,|\||\s[-–—]\s)\s*(.{2,120}))?", rest)
    if not found or not _is_name(found[1]):
        return email
    work = _work(found[2] or found[3] or "")
    # Behind a comma alone a company may as well be a town.
    return {"name": found[1]} | email | (work if found[2] or "title" in work else {})


def _work(text: str) -> Facts:
    """VP Sales; VP Sales at Acme; VP Sales, Acme; Acme."""
    first, *more = re.split(r"\s+(?:at|@|bei|chez)\s+|\s*[,|]\s*|\s+[-–—]\s+", text, maxsplit=1)
    is_title = bool(_TITLE.search(first)) and len(first) <= 80
    return _fact("title", first if is_title else "") | _fact("company", _company("".join(more) if is_title else first))


def _company(text: str) -> str:
    """The capitalised words that a text begins with, if they can be a company."""
    found = _COMPANY.match(text)
    name = found[0] if found else ""
    # One word in capitals is as often a region or a department: EMEA, HR.
    doubtful = re.fullmatch(r"[A-Z\d]*", name) or _NO_NAME.fullmatch(_bare(name.partition(" ")[0]))
    return "" if doubtful or region_of(name) or _TITLE.search(name) else name


def _said(line: str) -> Facts:
    """What a sentence says of somebody."""
    if len(person := _person(line)) > 1:
        return person
    for found in re.finditer(r"\(([^()]{2,80})\)|,\s([^,.;:()]{2,60}?\s(?:at|@|bei|chez)\s[^,.;:()]{2,80})", line):
        name, work = _name_before(line[: found.start()]), _work(found[1] or found[2])
        if name and (work if found[1] else "title" in work):
            return {"name": name} | work
    for found in _SAYS.finditer(line):
        name, company = found[1], _company(found[2] or "")
        if _is_name(name) or (company and _is_name_word(name)):
            return {"name": name} | _fact("company", company)
    return {}


def _name_before(text: str, address: str = "") -> str:
    """The name that a text ends with; "" if there is none, or if its first word may only begin a sentence."""
    words = text.split()
    start = len(words)
    while start and (_is_name_word(words[start - 1]) or _PARTICLE.fullmatch(words[start - 1])):
        start -= 1
    name = re.sub(rf"^(?:(?:{_PARTICLE.pattern}) )+", "", " ".join(words[start:]))
    begins = start == 0 and len(words) > 2 and _bare(words[0]) not in address
    return name if _is_name(name) and not begins else ""


def _is_told_name(text: str) -> bool:
    words = [_bare(word) for word in text.split()]
    shaped = len(words) <= 5 and len(text) <= 80 and not re.search(r"[\d@:/<>=]", text)
    return shaped and any(word not in _NOTHING and not _NO_NAME.fullmatch(word) for word in words)


def _is_name(text: str) -> bool:
    """Two to four words that look like somebody's name and like nothing else."""
    words = [word for word in text.split() if not _PARTICLE.fullmatch(word)]
    return len(words) in {2, 3, 4} and all(map(_is_name_word, words)) and not (_TITLE.search(text) or region_of(text))


def _is_name_word(word: str) -> bool:
    shaped = re.fullmatch(r"[^\W\d_](?:[^\W\d_]|['’-](?=\w))*\.?", word)
    shouted = word.isupper() and len(word.rstrip(".")) > 1
    return bool(shaped) and word[0].isupper() and not (shouted or _NO_NAME.fullmatch(_bare(word)))


def _signed(lines: Sequence[str]) -> Facts:
    """A signature: a name below a closing, or above a title; then title and company."""
    for number, line in enumerate(lines):
        work: Facts = {}
        for below in lines[number + 1 : number + 5] if _is_name(line) else ():
            if _TITLE.search(below) and len(below.split()) <= 8 and not re.search(r"[@:.?!]|\d{3}", below):
                work = _work(below) | work
            elif (_LEGAL.search(below) or "title" in work) and _company(below) == below.rstrip("."):
                work = {"company": below} | work
        titled = "title" in work and _TITLE.search(lines[number + 1])
        if _is_name(line) and (titled or (number and _CLOSING.fullmatch(lines[number - 1]))):
            return {"name": line} | work
    return {}


def _phone(plain: str, facts: Facts) -> Facts:
    """The first phone number that is no fax: an international one, or one written as in the lead's country."""
    from phonenumbers import Leniency, PhoneNumberMatcher  # here for the reason given in bot.usecases.normal

    country = _country(facts)
    for within, leniency in ((None, Leniency.VALID), (region_of(country), Leniency.STRICT_GROUPING)):
        for found in PhoneNumberMatcher(plain, within, leniency=leniency):
            # Digits in one block may as well be the number of an order.
            if re.search(r"[+ ()/-]", found.raw_string) and not _NO_PHONE.search(plain[: found.start][-16:]):
                return {"phone": normal_phone(found.raw_string, country)}
    return {}


def _country(facts: Facts) -> str:
    """The country as told, or the one that the address ends with, if not all the world uses that ending."""
    ending = (account_of(facts.get("email"), None) or "").rpartition(".")[2]
    shared = len(ending) != 2 or re.fullmatch("ai|cc|co|fm|gg|im|in|io|is|la|ly|me|sh|so|to|tv|vc|ws", ending)
    return facts.get("country") or ("" if shared else ending)


def _guessed(facts: Facts) -> Facts:
    """The name and the company that the address is made of: dana.fields@acme.example."""
    email = facts.get("email", "")
    words = (account_of(email, facts.get("website")) or "").partition(".")[0].split("-")
    company = " ".join(word.upper() if len(word) <= 3 else word.capitalize() for word in words)
    parts = re.split(r"[._-]", email.partition("@")[0].partition("+")[0])
    name = " ".join(part.capitalize() for part in parts) if len(parts) == 2 and min(map(len, parts)) > 1 else ""
    return _fact("company", company) | _fact("name", name if _is_name(name) else "")
