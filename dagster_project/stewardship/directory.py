"""Which records, attributes and faults there are to decide about, as the published file tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from dagster_project.contracts.canonical import BOOL, DATE, INT, OBJECTS, TEXT
from dagster_project.stewardship.rules import DecisionError

Rows = Callable[[str, dict[str, Any]], list[tuple[Any, ...]]]
"""Runs SQL with ``$name`` parameters on the published file."""

MASTER_OBJECTS = ("customer", "supplier", "product", "bank_account", "employee", "company")
_OF_PARTIES = ("name", "tax_identifier", "country", "region", "city", "email", "currency", "payment_term_days")
# What the dimensions take from a decision. A number, a company's currency or who owns an account is the source's to
# say: figures were booked by it.
_SETTABLE = {
    "customer": (*_OF_PARTIES, "credit_limit_company_currency", "channel", "segment"),
    "supplier": (*_OF_PARTIES, "bank_account_number"),
    "product": ("name", "category", "unit", "list_price", "cost_price"),
    "bank_account": ("name", "iban"),
    "employee": ("name", "department"),
    "company": ("name", "country", "tax_identifier"),
}


@dataclass(frozen=True)
class OpenReceivable:
    """A receivable and what is open of it as published, in its own currency."""

    receivable_id: str
    currency: str
    open_amount: Decimal


@dataclass(frozen=True)
class BankLine:
    """An incoming bank line as published."""

    bank_movement_id: str
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Issue:
    """A fault as it stands in the published file."""

    issue_id: str
    object: str
    record_id: str | None
    status: str
    owner: str | None


def attributes_of(object_: str) -> tuple[str, ...]:
    """Attributes of a master object that a steward may set: those that its dimension takes from decisions."""
    return _SETTABLE[object_]


def checked_value(object_: str, attribute: str, value: str) -> str:
    """``value`` as it is kept; raises DecisionError when the attribute is unknown or takes no such value."""
    if attribute not in attributes_of(object_):
        raise DecisionError(
            f"a {object_} has no attribute '{attribute}' to set. There are: {', '.join(attributes_of(object_))}"
        )
    kind = next(column.type for column in OBJECTS[object_].columns if column.name == attribute)
    try:
        if kind == INT:
            return str(int(value))
        if kind == DATE:
            return date.fromisoformat(value).isoformat()
        if kind == BOOL and value not in ("true", "false"):
            raise ValueError
        if kind.startswith("DECIMAL"):
            number = Decimal(value)
            if not number.is_finite():
                raise ValueError
            return f"{number:f}"
    except (ValueError, InvalidOperation):
        raise DecisionError(f"'{value}' is not a value of {attribute}, which is {_words(kind)}") from None
    return value


class Directory:
    """Looks things up in the published file, which ``rows`` reads."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def check_record(self, object_: str, record_id: str) -> None:
        """Raise DecisionError unless there is such a record."""
        if object_ not in MASTER_OBJECTS:
            raise DecisionError(f"'{object_}' is not one of {', '.join(MASTER_OBJECTS)}")
        for table, key, condition in self._places(object_):
            if self._rows(f"select 1 from marts.{table} where {key} = $record_id{condition} limit 1",
                          {"record_id": record_id}):  # fmt: skip
                return
        raise DecisionError(
            f"there is no {object_} '{record_id}' in the published file. "
            "Give its record_id as the issue queue shows it, such as erp:1001"
        )

    def value_of(self, object_: str, record_id: str, attribute: str) -> str | None:
        """The attribute as published now, of the golden record first; None where it is empty or not published."""
        for table, key, condition in reversed(self._places(object_)):
            if attribute in self._columns(table):
                found = self._rows(
                    f"select cast({attribute} as varchar) from marts.{table} where {key} = $record_id{condition}",
                    {"record_id": record_id},
                )
                if found:
                    return None if found[0][0] is None else str(found[0][0])
        return None

    def as_of(self) -> date:
        """The day of the published file."""
        found = self._rows("select as_of from marts.dim_run", {})[0][0]
        return date.fromisoformat(str(found)[:10])

    def issue(self, issue_id: str) -> Issue:
        """The fault or risk alert with this id, or whose id begins so (8 characters or more); raises DecisionError."""
        alerts = (
            "union all select alert_id, 'risk_alert', pattern, status, owner from marts.fct_risk_alert"
            if self._columns("fct_risk_alert")  # a file published before there were alerts has none
            else ""
        )
        found = self._rows(
            f"""select issue_id, object, record_id, status, owner
               from (select issue_id, object, record_id, status, owner from marts.fct_data_issue {alerts})
               where issue_id = $issue_id or (length($issue_id) >= 8 and starts_with(issue_id, $issue_id))
               order by issue_id limit 2""",
            {"issue_id": issue_id},
        )
        if not found:
            raise DecisionError(f"there is no fault '{issue_id}' in the published file. Take issue_id from the queue")
        if len(found) > 1 and found[0][0] != issue_id:
            raise DecisionError(f"several faults begin with '{issue_id}': give more characters of issue_id")
        return Issue(*(None if cell is None else str(cell) for cell in found[0]))  # type: ignore[arg-type]

    def receivable(self, named: str) -> OpenReceivable:
        """The open receivable with this id or invoice number; raises DecisionError when there is none, or several."""
        found = self._rows(
            """select receivable_id, document_currency, open_amount_document_currency
               from marts.fct_receivable_aging
               where as_of = (select max(as_of) from marts.dim_run) and open_amount_document_currency > 0
                 and (receivable_id = $named or invoice_number = $named)
               order by receivable_id = $named desc, receivable_id limit 2""",
            {"named": named},
        )
        if not found:
            raise DecisionError(f"nothing is open of receivable '{named}' in the published file")
        if len(found) > 1 and found[0][0] != named:
            raise DecisionError(
                f"'{named}' is the number of several receivables: give the receivable_id, such as {found[0][0]}"
            )
        return OpenReceivable(str(found[0][0]), str(found[0][1]), Decimal(str(found[0][2])))

    def bank_line(self, bank_movement_id: str) -> BankLine:
        """The incoming bank line with this id; raises DecisionError."""
        found = self._rows(
            """select bank_movement_id, bank_currency, amount_bank_currency from marts.fct_cash_application_line
               where bank_movement_id = $bank_movement_id""",
            {"bank_movement_id": bank_movement_id},
        )
        if not found:
            raise DecisionError(
                f"there is no incoming bank line '{bank_movement_id}' among the published: see `settlehouse cash list`"
            )
        return BankLine(str(found[0][0]), str(found[0][1]), Decimal(str(found[0][2])))

    def lines_to_review(self, most: int) -> list[tuple[Any, ...]]:
        """Bank lines on the review list, most money first."""
        return self._rows(
            """select bank_movement_id, booking_date, amount_bank_currency, bank_currency, counterparty_name, reference,
                   state, erp_state
               from marts.fct_cash_application_line where is_to_review
               order by amount_reporting_currency desc nulls last, bank_movement_id limit $most""",
            {"most": most},
        )

    def candidates_of(self, bank_movement_id: str) -> list[tuple[Any, ...]]:
        """Rank, probability and items with amounts of each candidate of a bank line."""
        return self._rows(
            """select rank, any_value(probability),
                   string_agg(coalesce(invoice_number, receivable_id) || '=' || amount_document_currency, ', '
                              order by receivable_id)
               from marts.fct_cash_application_candidate
               where bank_movement_id = $bank_movement_id and state = 'offered' group by rank order by rank""",
            {"bank_movement_id": bank_movement_id},
        )

    def unpaid_item(self, named: str) -> OpenReceivable:
        """The receivable with this id or invoice number, with what no credit note or bill has settled of it.

        What the ERP applied money to is still among them: a person may say that the money was another line's.
        """
        found = self._rows(
            """select receivable_id, document_currency, amount_document_currency - coalesce((
                   select sum(settlement.amount_document_currency) from marts.fct_receivable_settlement as settlement
                   where settlement.receivable_id = item.receivable_id
                       and settlement.kind not in ('payment', 'discount')
               ), 0)
               from marts.fct_receivable as item
               where amount_document_currency > 0 and (receivable_id = $named or invoice_number = $named)
               order by receivable_id = $named desc, receivable_id limit 2""",
            {"named": named},
        )
        if not found:
            raise DecisionError(f"there is no receivable '{named}' in the published file")
        if len(found) > 1 and found[0][0] != named:
            raise DecisionError(
                f"'{named}' is the number of several receivables: give the receivable_id, such as {found[0][0]}"
            )
        return OpenReceivable(str(found[0][0]), str(found[0][1]), Decimal(str(found[0][2])))

    def company_currency(self, company_id: str) -> str:
        """Currency of a company's books; raises DecisionError when there is no such company."""
        found = self._rows(
            "select currency from marts.dim_company where company_id = $company_id", {"company_id": company_id}
        )
        if not found:
            raise DecisionError(f"there is no company '{company_id}' in the published file")
        return str(found[0][0])

    def open_of_customer(self, customer_id: str, company_id: str) -> Decimal:
        """What the customer owes the company as published, credits deducted, in company currency."""
        found = self._rows(
            """select coalesce(sum(open_amount_company_currency), 0) from marts.fct_receivable_aging
               where as_of = (select max(as_of) from marts.dim_run)
                 and customer_id = $customer_id and company_id = $company_id""",
            {"customer_id": customer_id, "company_id": company_id},
        )
        return Decimal(str(found[0][0]))

    def promise_states(self) -> dict[int, str]:
        """open, kept or broken, of each promise that the published run knows."""
        if not self._columns("fct_payment_promise"):
            return {}
        return {int(id_): str(state) for id_, state in
                self._rows("select promise_id, state from marts.fct_payment_promise", {})}  # fmt: skip

    def _places(self, object_: str) -> list[tuple[str, str, str]]:
        """Table, key column and condition where the object's records are published; the records of sources first."""
        named = [
            (f"dim_{object_}_source", "record_id", f" and object = '{object_}'"),
            (f"dim_{object_}", f"{object_}_id", ""),
        ]
        return [place for place in named if place[1] in self._columns(place[0])]

    def _columns(self, table: str) -> set[str]:
        return {
            str(name)
            for (name,) in self._rows(
                "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = $table_name",
                {"table_name": table},
            )
        }


def _words(kind: str) -> str:
    return {INT: "a whole number", DATE: "a day such as 2026-12-31", BOOL: "true or false", TEXT: "text"}.get(
        kind, "a number such as 1234.50"
    )
