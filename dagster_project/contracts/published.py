"""The published contract: tables of schema marts that other tools rely on, and the columns each must have.

Names and grains are stable; more columns and more tables are welcome. What each column means is in the data dictionary.
The tables that dbt does not build, the forecasts, are described here in full.
"""

from __future__ import annotations

from dataclasses import dataclass

from dagster_project.contracts.canonical import BOOL, DATE, TEXT, Column

_SOURCE = ("source_system", "source_key")
_THREE_CURRENCIES = tuple(
    f"{kind}_amount_{currency}_currency" for kind in ("net", "tax") for currency in ("document", "company", "reporting")
)
_AGING = (
    "as_of", "open_amount_document_currency", "open_amount_company_currency", "days_overdue", "bucket", "company_id",
)  # fmt: skip
_OPEN_ITEM = (
    "kind", "invoice_id", "invoice_number", "company_id", "invoice_date", "due_date", "document_currency",
    "amount_document_currency", "amount_company_currency", "cleared_date",
)  # fmt: skip
_SETTLEMENT = (
    "settlement_date", "amount_document_currency", "amount_company_currency", "exchange_difference_company_currency",
)  # fmt: skip
_INVOICE_LINE = (
    "invoice_id", "invoice_number", "invoice_line_id", "company_id", "product_id", "invoice_date", "quantity",
    "document_currency", *_THREE_CURRENCIES,
)  # fmt: skip
_PARTY = ("name", "tax_identifier", "country", "region", "status")

TABLES: dict[str, tuple[str, ...]] = {
    "dim_company": ("company_id", "name", "currency", "country", *_SOURCE),
    "dim_customer_source": ("record_id", "customer_id", "resolved_by", "name", "tax_identifier", *_SOURCE),
    "dim_supplier_source": ("record_id", "supplier_id", "resolved_by", "name", "tax_identifier", *_SOURCE),
    "dim_customer_attribute": ("customer_id", "attribute", "value", "decided_by", "record_id", *_SOURCE),
    "dim_supplier_attribute": ("supplier_id", "attribute", "value", "decided_by", "record_id", *_SOURCE),
    "fct_match_candidate": ("object", "record_id", "other_record_id", "probability", "zone", "explanation", *_SOURCE),
    "dim_customer": ("customer_id", *_PARTY, "credit_limit_company_currency", *_SOURCE),
    "dim_supplier": ("supplier_id", *_PARTY, *_SOURCE),
    "dim_product": ("product_id", "name", "category", *_SOURCE),
    "dim_account": ("account_id", "company_id", "code", "name", "type", *_SOURCE),
    "dim_date": ("date_day", "fiscal_year", "fiscal_period"),
    "dim_bank_account": ("bank_account_id", "company_id", "name", "currency", "iban", *_SOURCE),
    "fct_sales_invoice_line": (
        *_INVOICE_LINE, "customer_id", "cost_amount_company_currency", "region", "channel", "salesperson_id", *_SOURCE,
    ),
    "fct_receivable": ("receivable_id", "customer_id", *_OPEN_ITEM, *_SOURCE),
    "fct_receivable_settlement": ("receivable_id", *_SETTLEMENT, *_SOURCE),
    "fct_purchase_invoice_line": (*_INVOICE_LINE, "supplier_id", *_SOURCE),
    "fct_payable": ("payable_id", "supplier_id", *_OPEN_ITEM, *_SOURCE),
    "fct_payable_settlement": ("payable_id", *_SETTLEMENT, *_SOURCE),
    "fct_bank_movement": (
        "bank_movement_id", "company_id", "bank_account_id", "value_date", "currency", "amount_bank_currency",
        "counterparty_name", "reference", "matched_status", *_SOURCE,
    ),
    "fct_journal_line": (
        "journal_entry_id", "journal_line_id", "company_id", "account_id", "posting_date", "party_id",
        "debit_company_currency", "credit_company_currency", "origin", *_SOURCE,
    ),
    "fct_trial_balance_monthly": ("company_id", "account_id", "opening", "debit", "credit", "closing"),
    "fct_ledger_comparison": (
        "company_id", "account_id", "period_start", "erp_amount_company_currency", "derived_amount_company_currency",
        "difference_company_currency", "explained_amount_company_currency", "unexplained_amount_company_currency",
        *_SOURCE,
    ),
    "fct_ledger_difference": (
        "company_id", "account_id", "period_start", "document_type", "document_id", "entry_number", "cause",
        "difference_company_currency", *_SOURCE,
    ),
    "fct_receivable_aging": ("receivable_id", *_AGING),
    "fct_payable_aging": ("payable_id", *_AGING),
    "fct_intercompany_pair": (
        "intercompany_pair_id", "seller_company_id", "buyer_company_id", "status", "is_open", "seller_invoice_id",
        "buyer_invoice_id", "seller_document_currency", "seller_gross_amount_document_currency",
        "buyer_document_currency", "buyer_gross_amount_document_currency", "difference_reporting_currency", "age_days",
        "owner", "document_number", *_SOURCE,
    ),
    "fct_intercompany_elimination": (
        "seller_company_id", "buyer_company_id", "period_start", "period_end", "account_class",
        "amount_reporting_currency",
    ),
    "fct_income_statement": (
        "company_id", "account_id", "period_start", "period_end", "line", "amount_company_currency",
        "amount_reporting_currency", *_SOURCE,
    ),
    "fct_balance_sheet": (
        "company_id", "account_id", "period_start", "period_end", "section", "line", "amount_company_currency",
        "amount_reporting_currency", *_SOURCE,
    ),
    "fct_cash_flow_statement": (
        "company_id", "method", "period_start", "period_end", "section", "line", "amount_company_currency",
        "amount_reporting_currency", *_SOURCE,
    ),
    "fct_bank_reconciliation": (
        "company_id", "account_id", "period_start", "period_end", "bank_movement_company_currency",
        "open_difference_company_currency", "ledger_movement_company_currency", *_SOURCE,
    ),
    "fct_consolidation": (
        "scope", "company_id", "counterparty_company_id", "period_start", "period_end", "statement", "section", "line",
        "amount_reporting_currency",
    ),
    "fct_working_capital_monthly": (
        "company_id", "region", "side", "party_id", "month_start", "credit_amount_company_currency",
        "opening_amount_company_currency", "closing_amount_company_currency",
        "closing_current_amount_company_currency", *_SOURCE,
    ),
    "fct_working_capital_ratio_monthly": (
        "level", "entity_id", "month_start", "ratio", "value", "numerator", "denominator", "empty_reason",
    ),
    "fct_receivable_roll_monthly": (
        "company_id", "as_of", "opening_bucket", "opening_amount_company_currency", "rolled_amount_company_currency",
        "roll_rate", *_SOURCE,
    ),
    "fct_expected_credit_loss": (
        "as_of", "company_id", "bucket", "exposure_company_currency", "loss_rate_percent",
        "expected_loss_company_currency", *_SOURCE,
    ),
    "dim_exchange_rate_monthly": ("currency", "month_start", "month_end", "rate_type", "reporting_currency_per_unit"),
    "fct_unrealised_exchange_difference": (
        "kind", "item_id", "month_end", "company_id", "document_currency", "amount_document_currency",
        "booked_amount_company_currency", "revalued_amount_company_currency", "difference_company_currency",
        "reversal_date", "reversed_amount_company_currency", *_SOURCE,
    ),
    "fct_translation_reserve": (
        "company_id", "period_start", "period_end", "opening_reserve_reporting_currency",
        "movement_opening_net_assets_reporting_currency", "movement_result_reporting_currency",
        "movement_equity_reporting_currency", "rounding_reporting_currency", "closing_reserve_reporting_currency",
        *_SOURCE,
    ),
    "fct_tax_line": (
        "tax_line_id", "direction", "invoice_id", "company_id", "tax_date", "tax_rate", "base_amount_company_currency",
        "tax_amount_company_currency", *_SOURCE,
    ),
    "fct_vat_return": (
        "company_id", "period_start", "period_end", "direction", "tax_rate", "base_amount_company_currency",
        "tax_amount_company_currency", *_SOURCE,
    ),
    "fct_vat_payable_monthly": (
        "company_id", "period_start", "output_tax_company_currency", "input_tax_company_currency",
        "carried_forward_opening_company_currency", "payable_company_currency",
        "carried_forward_closing_company_currency", *_SOURCE,
    ),
    "fct_tax_surcharge": (
        "company_id", "period_start", "surcharge", "base_amount_company_currency", "surcharge_rate",
        "surcharge_amount_company_currency", *_SOURCE,
    ),
    "fct_tax_declaration": (
        "tax_declaration_id", "company_id", "period_start", "period_end", "direction", "tax_rate",
        "declared_base_amount_company_currency", "computed_base_amount_company_currency",
        "declared_tax_amount_company_currency", "computed_tax_amount_company_currency", *_SOURCE,
    ),
    "fct_note": (
        "note_id", "note_number", "kind", "direction", "company_id", "party_id", "status", "issue_date",
        "maturity_date", "days_to_maturity", "document_currency", "amount_document_currency",
        "open_amount_document_currency", "open_amount_company_currency", "open_amount_reporting_currency", *_SOURCE,
    ),
    "fct_note_event": (
        "note_event_id", "note_id", "company_id", "direction", "event", "event_date", "party_id", "account_id",
        "amount_document_currency", "amount_company_currency", "fee_amount_company_currency", *_SOURCE,
    ),
    "fct_note_maturity": (
        "company_id", "direction", "maturity_month", "open_amount_company_currency", "open_amount_reporting_currency",
        *_SOURCE,
    ),
    "fct_contract_obligation": (
        "contract_obligation_id", "contract_id", "company_id", "customer_id", "pattern", "document_currency",
        "transaction_price_document_currency", "stand_alone_selling_price_document_currency",
        "allocated_amount_document_currency", "recognised_amount_document_currency",
        "remaining_amount_document_currency", *_SOURCE,
    ),
    "fct_revenue_schedule": (
        "contract_obligation_id", "contract_id", "company_id", "period_start", "period_end", "document_currency",
        "recognised_amount_document_currency", "cumulative_amount_document_currency",
        "remaining_amount_document_currency", *_SOURCE,
    ),
    "fct_deferred_revenue_roll_monthly": (
        "contract_id", "company_id", "period_start", "period_end", "document_currency",
        "opening_amount_document_currency", "billed_amount_document_currency", "recognised_amount_document_currency",
        "closing_amount_document_currency", "contract_liability_document_currency", "contract_asset_document_currency",
        *_SOURCE,
    ),
    "fct_work_order_cost": (
        "work_order_id", "element", "company_id", "product_id", "planned_amount_company_currency",
        "actual_amount_company_currency", "price_variance_company_currency", "quantity_variance_company_currency",
        *_SOURCE,
    ),
    "fct_cost_allocation": (
        "company_id", "period_start", "pool", "driver", "target_type", "work_order_id", "product_id",
        "driver_quantity", "amount_company_currency", *_SOURCE,
    ),
    "fct_expense_claim_line": (
        "expense_claim_line_id", "company_id", "employee_id", "status", "submitted_date", "approved_date", "paid_date",
        "amount_company_currency", *_SOURCE,
    ),
    "fct_capital_project_cash_flow": (
        "capital_project_id", "company_id", "version", "flow_month", "amount_company_currency", "discount_rate",
        *_SOURCE,
    ),
    "fct_capital_project_result": (
        "forecast_as_of", "capital_project_id", "version", "net_present_value", "internal_rate_of_return",
        "internal_rate_status", "payback_years", "discounted_payback_years", *_SOURCE,
    ),
    "fct_budget_variance": (
        "company_id", "account_id", "period_start", "budget_company_currency", "actual_company_currency",
        "variance_company_currency", "price_variance_company_currency", "volume_variance_company_currency", *_SOURCE,
    ),
    "fct_product_margin": (
        "company_id", "product_id", "period_start", "revenue_company_currency", "direct_cost_company_currency",
        "allocated_overhead_company_currency", "margin_after_allocation_company_currency", *_SOURCE,
    ),
    "fct_process_event": (
        "process", "case_type", "case_id", "event_number", "activity", "event_date", "company_id", "document_id",
        "amount_reporting_currency", *_SOURCE,
    ),
    "fct_process_case": (
        "process", "case_type", "case_id", "company_id", "start_date", "end_date", "variant", "is_complete",
        "is_touchless", "rework_reason", "days_total", *_SOURCE,
    ),
    "fct_process_monthly": (
        "company_id", "process", "case_type", "month_start", "started_case_count", "completed_case_count",
        "touchless_share", "rework_share", "variant_count", "median_days_total", "p90_days_total", *_SOURCE,
    ),
    "fct_receivable_forecast": (
        "forecast_as_of", "receivable_id", "expected_payment_date", "p10_date", "p50_date", "p90_date",
        "probability_paid_7", "probability_paid_14", "probability_paid_30", "probability_paid_60",
        "probability_paid_90", "probability_never", "reason_1_days", "reason_2_days", "reason_3_days",
    ),
    "fct_forecast_alarm": (
        "forecast_as_of", "level", "day", "receipts", "expected_receipts", "later_statistic", "earlier_statistic",
        "alarm_limit", "is_alarm", "days_shifted",
    ),
    "fct_cash_forecast": (
        "forecast_as_of", "company_id", "currency", "flow", "week_start", "mean", "p05", "p10", "p25", "p50", "p75",
        "p90", "p95",
    ),
    "fct_forecast_score": ("forecast_as_of", "model", "baseline", "horizon", "metric", "value", "baseline_value"),
    "fct_data_issue": (
        "issue_id", "rule", "quality_dimension", "severity", "object", "owner", "status", "detected_at", "due_at",
        "resolved_at", "amount_at_stake_reporting_currency", *_SOURCE,
    ),
    "fct_tie_out": (
        "run_id", "control", "company_id", "left_total", "right_total", "difference", "blocking", "passed",
    ),
}  # fmt: skip

_DOUBLE = "DOUBLE"


@dataclass(frozen=True)
class ForecastTable:
    """A published table that Python writes: its grain ("One row per …"), the marts it is made from, its columns."""

    name: str
    grain: str
    made_from: tuple[str, ...]
    columns: tuple[Column, ...]


def _quantile(name: str) -> Column:
    return Column(name, _DOUBLE, f"the flow is below this in {int(name[1:])} of 100 cases")


def _payment_quantile(name: str) -> Column:
    return Column(name, DATE, f"paid by this day in {int(name[1:3])} of 100 cases")


def _paid_within(days: int) -> Column:
    return Column(
        f"probability_paid_{days}", _DOUBLE, f"probability of payment within {days} days after forecast_as_of"
    )


def _reason(number: int) -> tuple[Column, ...]:
    place = ("heaviest", "second", "third")[number - 1]
    return (
        Column(
            f"reason_{number}",
            TEXT,
            f"{place} reason for the expected date: customer, calendar, lately, overdue, amount, terms, "
            "already_overdue or no_history; empty where nothing weighs",
        ),
        Column(
            f"reason_{number}_days",
            _DOUBLE,
            "days by which it moves the expected date, against what is usual; later is +",
        ),
        Column(
            f"reason_{number}_value",
            _DOUBLE,
            "what is known: median days late (customer, lately), ISO weekday due (calendar), items overdue (overdue), "
            "times the usual amount (amount), days (terms, already_overdue)",
        ),
    )


_FORECAST_AS_OF = Column("forecast_as_of", DATE, "made from what was known at the end of this day")

FORECASTS: tuple[ForecastTable, ...] = (
    ForecastTable(
        "fct_receivable_forecast",
        "One row per forecast and invoice open at its as_of: when it will be paid.",
        ("dim_company", "fct_receivable", "fct_receivable_aging"),
        (
            _FORECAST_AS_OF,
            Column("receivable_id", TEXT, "the open item"),
            Column("company_id", TEXT, "our company"),
            Column("customer_id", TEXT, "the customer"),
            Column("expected_payment_date", DATE, "mean of the distribution of payment dates"),
            *map(_payment_quantile, ("p10_date", "p50_date", "p90_date")),
            *map(_paid_within, (7, 14, 30, 60, 90)),
            Column("probability_never", _DOUBLE, "no payment within 365 days after due, or 90 more if nearly as late"),
            *(column for number in (1, 2, 3) for column in _reason(number)),
            Column("model", TEXT, "method that made the forecast"),
            Column("source_system", TEXT, "name of the source in company.yml"),
            Column("source_key", TEXT, "key of the receivable in that source"),
        ),
    ),
    ForecastTable(
        "fct_cash_forecast",
        "One row per forecast, company, currency, flow and week: the distribution of the week's money.",
        (
            "dim_company", "fct_cash_flow_weekly", "fct_payable", "fct_payable_aging", "fct_receivable",
            "fct_receivable_aging",
        ),
        (
            _FORECAST_AS_OF,
            Column("company_id", TEXT, "our company"),
            Column("currency", TEXT, "currency of the company's books, ISO 4217"),
            Column("flow", TEXT, "a flow of fct_cash_flow_weekly, or net, the sum of them; money out is negative"),
            Column("week_start", DATE, "Monday; the first week counts from the day after forecast_as_of"),
            Column("mean", _DOUBLE, "expected flow of the week, in currency"),
            *map(_quantile, ("p05", "p10", "p25", "p50", "p75", "p90", "p95")),
        ),
    ),
    ForecastTable(
        "fct_forecast_score",
        "One row per forecast, model, level, horizon and metric: how the method did on the past, beside a baseline.",
        ("dim_company", "fct_cash_flow_weekly", "fct_receivable"),
        (
            _FORECAST_AS_OF,
            Column("model", TEXT, "method that is scored"),
            Column("baseline", TEXT, "naive method beside it"),
            Column("level", TEXT, "what is scored: receivable, or a flow of cash"),
            Column("horizon", TEXT, "how far ahead"),
            Column("metric", TEXT, "measure of error or coverage, with its unit last"),
            Column("value", _DOUBLE, "score of the model"),
            Column("baseline_value", _DOUBLE, "score of the baseline; empty where a single figure can have none"),
        ),
    ),
    ForecastTable(
        "fct_capital_project_result",
        "One row per forecast, capital project and version of its flows: what it is worth.",
        ("fct_capital_project_cash_flow",),
        (
            _FORECAST_AS_OF,
            Column("capital_project_id", TEXT, "the project"),
            Column("company_id", TEXT, "our company"),
            Column("currency", TEXT, "currency of the company's books, ISO 4217"),
            Column("version", TEXT, "planned, as approved, or latest, with what came by the end of forecast_as_of"),
            Column("discount_rate", _DOUBLE, "benchmark: what the project must earn a year; 0.08 is 8 %"),
            Column("net_present_value", _DOUBLE, "at the discount rate, in the month of the first flow, in currency"),
            Column("internal_rate_of_return", _DOUBLE, "a year; empty unless internal_rate_status is unique"),
            Column(
                "internal_rate_status", TEXT, "unique, several, none, or no_sign_change (money goes one way only)"
            ),
            Column("payback_years", _DOUBLE, "years from the first flow until it is paid back; empty when never"),
            Column("discounted_payback_years", _DOUBLE, "the same, of the discounted flows"),
            Column("source_system", TEXT, "name of the source in company.yml"),
            Column("source_key", TEXT, "key of the project in that source"),
        ),
    ),
    ForecastTable(
        "fct_forecast_alarm",
        "One row per forecast, level and week: do receipts come as they are to be expected, or has behaviour changed?",
        ("dim_company", "fct_receivable"),
        (
            _FORECAST_AS_OF,
            Column("level", TEXT, "group, or a company_id"),
            Column("day", DATE, "last day of the week"),
            Column("receipts", _DOUBLE, "invoices paid in the week"),
            Column("expected_receipts", _DOUBLE, "of them expected, were all customers to pay as they used to"),
            Column("later_statistic", _DOUBLE, "cumulative lack of receipts, in standard deviations of a week"),
            Column("earlier_statistic", _DOUBLE, "cumulative surplus of receipts, the same way"),
            Column("alarm_limit", _DOUBLE, "a statistic from here on is an alarm"),
            Column("is_alarm", BOOL, "a statistic reached the limit; the same change raises no second alarm"),
            Column("direction", TEXT, "of an alarm: customers pay later or earlier"),
            Column("days_shifted", _DOUBLE, "of an alarm: change of the median days around the customer's own habit"),
        ),
    ),
)  # fmt: skip
