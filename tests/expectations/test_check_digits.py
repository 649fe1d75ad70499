"""A wrong digit in an identifier that carries a check digit is noticed; a right identifier is left alone."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban
from stdnum.cn import uscc

from expectations.check_digits import account_number_valid, iban_country, tax_identifier_country, tax_identifier_valid

USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def tax_valid(country: str | None, number: str | None) -> bool | None:
    answer = tax_identifier_valid(pd.Series([number], dtype="str"), pd.Series([country], dtype="str"))[0]
    return None if pd.isna(answer) else bool(answer)


def account_valid(number: str) -> bool:
    return bool(account_number_valid(pd.Series([number], dtype="str"))[0])


@pytest.mark.parametrize(
    ("country", "number", "valid"),
    [
        ("CN", "913100000000000149", True),
        ("CN", "91310000000000030y ", True),
        ("CN", "310000000000014", False),  # the 15-digit number from before 2015
        ("DE", "DE136695976", True),
        ("DE", "136695976", True),
        ("DE", "ATU13585627", True),  # registered for VAT in another member state
        (None, "ATU13585627", True),
        (None, "ATU13585626", False),
        (None, "136695976", None),  # no country, no answer
        ("FR", "FR40303265045", True),
        ("GR", "EL094259216", True),
        ("GB", "GB980780684", True),
        ("GB", "XI980780684", True),
        ("SG", "00192200M", True),
        ("SG", "M2-1234567-8", False),
        ("SG", "M21234567K", True),
        ("US", "12-3456789", True),
        ("US", "123456789012", False),
        ("ZW", "whatever", None),  # a country without a rule here
        ("CN", None, None),
        ("CN", "²³", False),
    ],
)
def test_tax_identifiers_by_country(country, number, valid):
    assert tax_valid(country, number) is valid


@given(st.text(alphabet="0123456789", min_size=9, max_size=9), st.integers(0, 17), st.sampled_from(USCC_CHARACTERS))
def test_one_wrong_character_in_a_uscc_is_noticed(organisation, place, character):
    body = "91310000" + organisation
    right = body + uscc.calc_check_digit(body)
    assert tax_valid("CN", right) is True
    wrong = right[:place] + character + right[place + 1 :]
    assert tax_valid("CN", wrong) is (wrong == right)


@given(st.text(alphabet="0123456789", min_size=18, max_size=18), st.integers(2, 21), st.sampled_from("0123456789"))
def test_one_wrong_digit_in_an_iban_is_noticed(account, place, digit):
    right = "DE" + iban.calc_check_digits("DE00" + account) + account
    assert account_valid(right)
    wrong = right[:place] + digit + right[place + 1 :]
    assert account_valid(wrong) is (wrong == right)


@given(st.sampled_from(["CN", "DE", "GB", "SG", "US", "JP", "IT", "NO"]), st.text(max_size=25))
def test_any_text_gives_an_answer(country, text):
    assert tax_valid(country, text) in (True, False)
    assert account_valid(text) in (True, False)


def test_domestic_numbers_and_countries():
    numbers = pd.Series(["6222020200112233445", "GB33 BUKB 2020 1555 5555 55", "GB33BUKB2020155555555", "?", None])
    assert account_number_valid(numbers).tolist()[:4] == [True, True, False, False]
    assert iban_country(numbers).dropna().tolist() == ["GB", "GB"]
    tax_identifiers = pd.Series(["EL094259216", "XI980780684", "913100000000000149", None], dtype="str")
    named = tax_identifier_country(tax_identifiers)
    assert named.dropna().tolist() == ["GR", "GB", "CN"]
