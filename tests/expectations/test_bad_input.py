"""Bad input gives a clear error or a clear result, and the other suites go on."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from expectations import validate as validation
from expectations.rules import is_true
from expectations.suites import SUITES


def by_object(result: validation.ValidationResult, column: str) -> dict[str, object]:
    return dict(zip(result.suites["object"], result.suites[column], strict=True))


def test_empty_tables_pass(frames, gate):
    result = gate({name: frame.head(0) for name, frame in frames.items()})
    assert result.issues.empty
    assert set(by_object(result, "rows_checked").values()) == {0}
    assert result.suites["success"].all()


def test_a_table_of_only_faults_is_told_whole(frames, gate):
    customers = pd.concat([frames["customer"]] * 200, ignore_index=True)
    number = customers.index.astype("str")
    customers = customers.assign(
        customer_id="cn:" + number, source_key=number, code="C1", name=None, tax_identifier="X", country="XX",
        email="nobody", currency="RMB", payment_term_days=-1, credit_limit_company_currency=-1,
    )  # fmt: skip
    result = gate({"customer": customers, "product": frames["product"]})
    every = set(customers["customer_id"])
    for rule, found in result.issues.groupby("rule"):
        assert set(found["record_id"]) == every, rule
    assert by_object(result, "held_records") == {"customer": len(every), "product": 0}
    assert by_object(result, "success") == {"customer": False, "product": True}


def test_texts_of_any_kind_pass_through(frames, gate, tmp_path):
    names = ["Æther\u0000", "\ufffd", "🏭 <b>&amp;", "\u202eevil", "n\tew\nline"]
    frames["customer"] = frames["customer"].assign(name=names, email="nobody")
    result = gate({"customer": frames["customer"]}, str(tmp_path))
    found = result.issues[result.issues["rule"] == "customer_email_valid"]
    assert found["record_id"].tolist() == frames["customer"]["customer_id"].tolist()
    assert by_object(result, "error") == {"customer": ""}


@pytest.fixture
def mistaken_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite of customers with a rule on a column that does not exist."""
    suite = SUITES["customer"]
    first, *rest = suite.rules
    mistaken = replace(suite, rules=(replace(first, expect=is_true("no_such_column")), *rest))
    monkeypatch.setitem(SUITES, "customer", mistaken)


@pytest.mark.usefixtures("mistaken_suite")
def test_a_rule_on_a_column_that_does_not_exist_is_named_and_the_other_suites_go_on(frames, gate):
    frames["product"].loc[0, "category"] = None
    result = gate(frames)
    assert by_object(result, "error")["customer"] == (
        "rule customer_name_present names no_such_column, which is no column of customer nor prepared for it: "
        "correct the rule, or prepare the column in expectations/suites/customer.py"
    )
    assert result.issues["rule"].tolist() == ["product_category_present"]
    assert not by_object(result, "success")["customer"]


def test_missing_columns_are_named_and_the_other_suites_go_on(frames, gate):
    frames["customer"] = frames["customer"].drop(columns=["email", "tax_identifier"])
    frames["supplier"] = frames["supplier"].drop(columns=["is_active"])
    result = gate(frames)
    errors = by_object(result, "error")
    assert errors.pop("customer") == (
        "customer frame lacks email, tax_identifier: pass all columns of the canonical object customer"
    )
    assert errors.pop("supplier") == (
        "supplier frame lacks is_active: pass all columns of the canonical object supplier"
    )
    assert set(errors.values()) == {""}


def test_a_value_of_the_wrong_kind_is_told_of_its_suite(frames, gate):
    frames["product"]["list_price"] = "twelve"
    frames["customer"].loc[0, "currency"] = "RMB"
    result = gate({name: frames[name] for name in ("customer", "product")})
    assert "product" in str(by_object(result, "error")["product"])
    assert result.issues["rule"].tolist() == ["customer_currency_iso"]


def test_unknown_object_is_named(frames, gate):
    with pytest.raises(ValueError, match="no suite for client: suites exist for company, customer"):
        gate({"client": frames["customer"]})
