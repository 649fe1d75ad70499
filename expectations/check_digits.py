"""Tax identifiers and account numbers that carry a check digit, checked once per distinct value.

The algorithms are python-stdnum's. Where a country has no check digit (United States) only the form is checked. A
country that is not in ``TAX_IDENTIFIERS`` is not checked at all: no answer is better than a wrong fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module

import pandas as pd

# What each country's businesses write into the field "tax identifier": any one of these will do.
TAX_IDENTIFIERS: dict[str, tuple[str, ...]] = {
    "AT": ("at.uid",),
    "AU": ("au.abn",),
    "BE": ("be.vat",),
    "BG": ("bg.vat",),
    "CH": ("ch.vat", "ch.uid"),
    "CN": ("cn.uscc",),
    "CY": ("cy.vat",),
    "CZ": ("cz.dic",),
    "DE": ("de.vat", "de.stnr"),
    "DK": ("dk.cvr",),
    "EE": ("ee.kmkr",),
    "ES": ("es.nif",),
    "FI": ("fi.alv",),
    "FR": ("fr.tva", "fr.siren", "fr.siret"),
    "GB": ("gb.vat",),
    "GR": ("gr.vat",),
    "HR": ("hr.oib",),
    "HU": ("hu.anum",),
    "IE": ("ie.vat",),
    "IN": ("in_.gstin",),
    "IT": ("it.iva", "it.codicefiscale"),
    "JP": ("jp.cn",),
    "KR": ("kr.brn",),
    "LT": ("lt.pvm",),
    "LU": ("lu.tva",),
    "LV": ("lv.pvn",),
    "MT": ("mt.vat",),
    "NL": ("nl.btw",),
    "NO": ("no.mva", "no.orgnr"),
    "PL": ("pl.nip",),
    "PT": ("pt.nif",),
    "RO": ("ro.cf",),
    "SE": ("se.vat", "se.orgnr"),
    "SG": ("sg.uen",),
    "SI": ("si.ddv",),
    "SK": ("sk.dph",),
    "US": (),
}
# Prefixes of VAT numbers that name the country, with its ISO code where that differs (Greece, Northern Ireland).
_VAT_PREFIXES = {
    **{country: country for country in ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "HR")},
    **{country: country for country in ("HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI")},
    "SK": "SK",
    "EL": "GR",
    "XI": "GB",
}
# National forms python-stdnum has no module for: US EIN or SSN (nine digits), Singapore GST, Japanese invoice number.
_OTHER_FORMS = {"US": re.compile(r"\d{2}-?\d{7}|\d{3}-\d{2}-\d{4}"), "SG": re.compile(r"M[A-Z0-9]\d{7}[A-Z0-9]")}
_IBAN_LIKE = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{6,}")
_DOMESTIC_ACCOUNT = re.compile(r"[A-Z0-9]{4,34}")


def tax_identifier_valid(tax_identifier: pd.Series, country: pd.Series) -> pd.Series:
    """Whether each tax identifier obeys its country's rule: True, False, or missing where it cannot be said.

    Missing: no identifier, no country, or a country that is not known here, unless the number itself names a country:
    then that one's rule holds, and whether it is the record's country is another question.
    """
    pair = country.fillna("").astype("str") + "|" + tax_identifier.astype("str")
    return _map_distinct(pair, lambda text: _tax_identifier_valid(*text.split("|", 1)), "boolean")


def tax_identifier_country(tax_identifier: pd.Series) -> pd.Series:
    """The country (ISO code) a number names by itself: by the prefix of a European VAT number, or by being a Chinese
    统一社会信用代码; missing for all other numbers."""
    return _map_distinct(tax_identifier, lambda number: _named_country(_squeezed(number)), "str")


def compact(number: pd.Series) -> pd.Series:
    """Numbers in one spelling, for comparing: upper case, only letters and digits, full-width characters narrowed."""
    text = number.astype("str").str.normalize("NFKC").str.upper().str.replace(r"[\W_]+", "", regex=True)
    return text.mask(text == "")


def account_number_valid(account_number: pd.Series) -> pd.Series:
    """Whether each account number is a valid IBAN, or, where it does not look like one, a plausible domestic number.

    An IBAN is checked for its check digits and for its country's length and form. National check digits inside it are
    not checked: the banks themselves accept such IBANs.
    """
    return _map_distinct(account_number, _account_number_valid, "boolean")


def iban_country(account_number: pd.Series) -> pd.Series:
    """The country an IBAN names (ISO code); missing for domestic numbers."""
    text = compact(account_number)
    return text.str.slice(0, 2).where(text.str.fullmatch(_IBAN_LIKE.pattern).eq(True))


def _map_distinct(values: pd.Series, answer: Callable[[str], bool | str | None], dtype: str) -> pd.Series:
    """``answer`` to the distinct values only; missing values, and those it says None to, are missing."""
    codes, distinct = pd.factorize(values)
    answers = pd.Series([*map(answer, distinct), None], dtype=dtype)  # code -1, a missing value, takes the last
    return answers.iloc[codes].set_axis(values.index)


def _squeezed(number: str) -> str:
    return re.sub(r"\s", "", number).upper()


def _named_country(text: str) -> str | None:
    # A USCC is told by its check digit, for no prefix says so: one random text of its length in 31 would pass.
    return _VAT_PREFIXES.get(text[:2]) or ("CN" if len(text) == 18 and _obeys("cn.uscc", text) else None)


def _tax_identifier_valid(country: str, number: str) -> bool | None:
    text = _squeezed(number)
    # Where a national number happens to look like another country's, either reading will do.
    readings = {country, _named_country(text) or country} & TAX_IDENTIFIERS.keys()
    return any(_obeys_country(reading, text) for reading in readings) if readings else None


def _obeys_country(country: str, text: str) -> bool:
    other = _OTHER_FORMS.get(country)
    if other is not None and other.fullmatch(text):
        return True
    if country == "JP":
        text = text.removeprefix("T")  # the invoice number is the corporate number after a T
    return any(_obeys(module, text) for module in TAX_IDENTIFIERS[country])


def _account_number_valid(number: str) -> bool:
    text = re.sub(r"[\s./-]", "", number).upper()
    if _IBAN_LIKE.fullmatch(text):
        return _obeys("iban", text)
    return _DOMESTIC_ACCOUNT.fullmatch(text) is not None


def _obeys(module: str, number: str) -> bool:
    try:
        return bool(_validator(module)(number))
    except (ValueError, LookupError):  # stdnum's own errors are ValueErrors; odd characters may raise the plain kinds
        return False


@cache
def _validator(module: str) -> Callable[[str], str]:
    validate = import_module(f"stdnum.{module}").validate
    return (lambda number: validate(number, check_country=False)) if module == "iban" else validate
