"""What other systems call the fields of a lead, the surest name first.

Names are compared without case, accents, spaces and punctuation. Seen in exports of HubSpot, Salesforce, Pipedrive,
Zoho, Mailchimp, LeadSquared, and in German ones.
"""

from bot.intake.guess_words import squeezed
from funnel import consent

UNSUBSCRIBED = f"attributes.{consent.UNSUBSCRIBED}"

_ALIASES = {
    "email": (
        "e mail; email address; e mail address; work email; business email; company email; lead email;"
        " contact email; primary email; person email; person email work; email 1; email work; e mail adresse;"
        " mailadresse; geschäftliche e mail; e mail geschäftlich; e mail 1; mail; courriel; adresse e mail;"
        " correo electrónico; correo; private email; personal email; person email home; private e mail;"
        " other email; secondary email; email 2"
    ),
    "external_id": (
        "external id; prospect id; lead id; contact id; record id; record id contact; person id; lead record id;"
        " member id; subscriber id; customer id; user id; client id; id; datensatz id; kontakt id; kunden id;"
        " kundennummer; kunden nr; kontaktnummer; lead nummer; lead number; lead no; prospect number; contact no;"
        " customer number; record number; uuid; guid; leid; euid; identifier; reference; ref; nummer"
    ),
    "name": (
        "full name; contact name; lead name; person name; contact full name; display name; vollständiger name;"
        " ansprechpartner; kontaktname; kontakt; contact person; contact; person; lead contact person;"
        " nom complet; nombre completo; prospect name; customer name"
    ),
    "first_name": (
        "first name; given name; forename; first; vorname; prénom; nombre; contact first name; lead first name;"
        " person first name; fname; rufname"
    ),
    "last_name": (
        "last name; surname; family name; last; nachname; familienname; nom de famille; apellido; apellidos;"
        " contact last name; lead last name; person last name; lname; zuname"
    ),
    "company": (
        "company name; company account; account name; organization; organisation; organization name;"
        " organisation name; associated company; business name; employer; account; firma; firmenname;"
        " unternehmen; unternehmensname; organisationsname; société; entreprise; empresa;"
        " primary associated company; lead company; person organization; lead organization; arbeitgeber;"
        " company organization; company organisation; company or organization"
    ),
    "title": (
        "job title; position; job position; role; jobtitle; berufsbezeichnung; funktion; stellenbezeichnung;"
        " jobtitel; stelle; rolle; poste; cargo; contact title; person job title;"
        " position title; title position; job role"
    ),
    "phone": (
        "phone number; work phone; business phone; telephone; telephone number; office phone; company phone;"
        " person phone; person phone work; contact number; contact phone; direct phone; telefon; telefonnummer;"
        " telefon geschäftlich; rufnummer; téléphone; teléfono; tel; mobile phone; mobile phone number; mobile;"
        " mobile number; cell phone; cell; whatsapp number; mobil; mobiltelefon; mobilnummer; handy; handynummer;"
        " person phone mobile; home phone"
    ),
    "country": (
        "country region; country name; country territory; company country; mailing country; billing country;"
        " land; land region; pays; país; country code; ländercode; ip country; nation;"
        " country of residence; nazione; nación"
    ),
    "industry": "industry sector; company industry; sector; branche; industrie; wirtschaftszweig",
    "employees": (
        "number of employees; no of employees; num employees; employee count; company size; headcount;"
        " employee range; company headcount; staff; size of company; employees count; mitarbeiter;"
        " anzahl mitarbeiter; mitarbeiterzahl; mitarbeiteranzahl; anzahl der mitarbeiter; beschäftigte;"
        " unternehmensgröße; firmengröße; anzahl mitarbeitende; effectif"
    ),
    "revenue": (
        "annual revenue; yearly revenue; company revenue; turnover; annual turnover; umsatz; jahresumsatz;"
        " umsatz pro jahr; annual revenue eur; annual revenue usd; revenue eur; revenue usd; umsatz eur;"
        " jahresumsatz eur; umsatz in eur; chiffre d affaires"
    ),
    "website": (
        "web site; website url; company website; homepage; company domain name; company domain; webseite;"
        " webpräsenz; internetseite; web; url; domain; site web; sitio web"
    ),
    "campaign": "campaign name; utm campaign; lead campaign; kampagne; kampagnenname; source campaign",
    "source": (
        "lead source; original source; original traffic source; person source; contact source; source name;"
        " traffic source; utm source; latest source; acquisition source; lead quelle; quelle; leadquelle;"
        " herkunft; ursprung; ursprüngliche quelle; lead origin; origin; how did you hear;"
        " how did you hear about us"
    ),
    "system": "source system; quellsystem",
    "occurred_at": (
        "occurred at; reached at; stage date; stage day; date; day; created at; created; created on;"
        " create date; created date; created time; creation date; date created; date added; added on;"
        " lead created; lead created date; person created; prospect created; lead creation date; signup date;"
        " sign up date; subscribed at; opt in time; registration date; registered at; erstellt am; erstellt;"
        " erstelldatum; erstellungsdatum; angelegt am; anlagedatum; datum; eingangsdatum; registriert am;"
        " confirm time; timestamp; date entered; entry date"
    ),
    "stage": "lifecycle stage; lead stage; funnel stage; lebenszyklusphase; lifecycle phase",
    UNSUBSCRIBED: (
        "unsubscribed; unsubscribed from all email; unsubscribed from all emails; do not email; email opt out;"
        " has opted out of email; opted out of email; opted out; opt out; email opted out; no email;"
        " email opted out in all; hs email optout; marketing email opt out; opted out of marketing; has opted out;"
        " do not contact; donotmail; e mail opt out; unsubscribe; is unsubscribed; marketing opt out; abgemeldet;"
        " keine e mails; e mail abgemeldet; newsletter abgemeldet; von allen e mails abgemeldet"
    ),
}

_RANKS = {
    field: {squeezed(name): rank for rank, name in reversed([*enumerate((field, *names.split(";")))])}
    for field, names in _ALIASES.items()
}


def alias_rank(field: str, column: str) -> int | None:
    """How sure a column's name is to say a field's: 0 is surest; None when it does not say it."""
    return _RANKS.get(field, {squeezed(field): 0}).get(squeezed(column))


def places_named(field: str, header: list[str]) -> list[int]:
    """The columns, by place, whose names say a field's."""
    return [place for place, column in enumerate(header) if alias_rank(field, column) is not None]
