"""The published contract: tables of schema marts that other tools rely on, and the columns each must have.

Names and grains are stable; more columns and more tables are welcome. What each column means is in the data dictionary.
The tables that dbt does not build, the forecasts, are described here in full.
"""

from __future__ import annotations

from dataclasses import dataclass

from dagster_project.contracts.canonical import BOOL, DATE, INT, MONEY, TEXT, Column

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
_MARGIN = (
    "document_currency", "is_cost_known", "line_count", "quantity", "net_amount_document_currency",
    "net_amount_reporting_currency", "cost_amount_company_currency", "cost_amount_reporting_currency",
    "margin_amount_reporting_currency",
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
    "fct_margin_monthly": (
        "period_start", "company_id", "region", "country", "category", "product_id", "channel", *_MARGIN, *_SOURCE,
    ),
    "fct_customer_margin_monthly": (
        "period_start", "company_id", "region", "country", "channel", "customer_id", *_MARGIN, *_SOURCE,
    ),
    "fct_receivable": ("receivable_id", "customer_id", *_OPEN_ITEM, *_SOURCE),
    "fct_receivable_settlement": ("receivable_id", *_SETTLEMENT, *_SOURCE),
    "fct_purchase_invoice_line": (*_INVOICE_LINE, "supplier_id", *_SOURCE),
    "fct_payable": ("payable_id", "supplier_id", *_OPEN_ITEM, "discount_percent", "discount_date", *_SOURCE),
    "fct_payable_settlement": ("payable_id", *_SETTLEMENT, *_SOURCE),
    "fct_bank_statement": (
        "bank_statement_id", "company_id", "bank_account_id", "statement_number", "statement_date", "currency",
        "opening_balance_bank_currency", "closing_balance_bank_currency", "is_newest", "statement_file",
        "sequence_state", *_SOURCE,
    ),
    "fct_bank_statement_file": (
        "bank_statement_file_id", "company_id", "statement_file", "state", "statement_count", "entry_count",
        "line_number", "reason", *_SOURCE,
    ),
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
    "fct_risk_alert": (
        "alert_id", "pattern", "severity", "company_id", "supplier_id", "customer_id", "documents", "first_date",
        "last_date", "amount_at_stake_reporting_currency", "owner", "status", *_SOURCE,
    ),
    "fct_risk_evidence": (
        "alert_id", "company_id", "document_type", "document_id", "document_number", "document_date",
        "amount_company_currency", "amount_at_stake_company_currency", *_SOURCE,
    ),
    "fct_bank_reconciliation": (
        "company_id", "account_id", "period_start", "period_end", "bank_movement_company_currency",
        "open_difference_company_currency", "ledger_movement_company_currency", *_SOURCE,
    ),
    "fct_bank_reconciliation_daily": (
        "company_id", "account_id", "date_day", "bank_movement_company_currency", "ledger_movement_company_currency",
        "open_difference_company_currency", "unapplied_amount_company_currency", "cause", "age_days", "owner", *_SOURCE,
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
    "fct_cash_flow_daily": (
        "company_id", "currency", "flow", "component", "moved_on", "known_on", "amount_company_currency", *_SOURCE,
    ),
    "fct_cash_flow_weekly": ("company_id", "currency", "flow", "week_start", "amount_company_currency", *_SOURCE),
    "fct_recurring_payment": (
        "company_id", "flow", "component", "interval_months", "month_day", "usual_amount_company_currency", *_SOURCE,
    ),
    "fct_planned_cash_item": (
        "planned_cash_item_id", "company_id", "flow", "direction", "planned_date", "status", "confirmed_by",
        "bank_movement_id", "document_currency", "amount_document_currency", "amount_company_currency", *_SOURCE,
    ),
    "fct_memo_record": (
        "memo_id", "decision_id", "company_id", "flow", "currency", "amount", "first_date", "recurrence", "end_date",
        "known_from", "status", "decided_by", "reason", *_SOURCE,
    ),
    "fct_cash_position_forecast": (
        "forecast_as_of", "scope", "company_id", "currency", "week_start", "opening", "closing_mean", "p025", "p05",
        "p10", "p25", "p50", "p75", "p90", "p95", "p975", "cash_floor", "probability_below_floor",
        "probability_below_floor_so_far",
    ),
    "fct_cash_breach_path": (
        "forecast_as_of", "scope", "company_id", "currency", "week_start", "flow", "probability_below_floor",
        "mean_all_paths", "mean_breaching_paths", "difference",
    ),
    "fct_cash_flow_forecast": ("forecast_as_of", "scope", "currency", "flow", "week_start", "mean", "p50"),
    "fct_forecast_score": ("forecast_as_of", "model", "baseline", "horizon", "metric", "value", "baseline_value"),
    "fct_payment_proposal": (
        "forecast_as_of", "payable_id", "company_id", "supplier_id", "invoice_id", "due_date",
        "open_amount_company_currency", "open_amount_reporting_currency", "state", "reasons", "usual_date",
        "proposed_date", "discount_amount_company_currency", "saving_company_currency", *_SOURCE,
    ),
    "fct_payment_plan": (
        "forecast_as_of", "scope", "company_id", "currency", "week_start", "payments_usual", "payments_proposed",
        "probability_below_floor_usual", "probability_below_floor_proposed",
    ),
    "fct_payment_plan_company": (
        "forecast_as_of", "company_id", "status", "gap", "breach_limit", "total_cost_usual", "total_cost_proposed",
    ),
    "fct_collection_worklist": (
        "forecast_as_of", "company_id", "customer_id", "rank", "action", "overdue_amount_company_currency",
        "overdue_amount_reporting_currency", "expected_moved_amount_reporting_currency", *_SOURCE,
    ),
    "fct_collection_item": (
        "forecast_as_of", "receivable_id", "company_id", "customer_id", "kind", "action", "days_overdue",
        "open_amount_company_currency", "open_amount_reporting_currency", *_SOURCE,
    ),
    "fct_late_payment_alert": (
        "forecast_as_of", "rank", "alert", "company_id", "customer_id", "receivable_id", "value", "reference",
        "amount_company_currency", "amount_reporting_currency", *_SOURCE,
    ),
    "fct_credit_assessment": (
        "forecast_as_of", "company_id", "customer_id", "grade", "points", "exposure_amount_company_currency",
        "credit_limit_company_currency", "limit_use", "probability_of_default", "loss_given_default",
        "expected_loss_model_company_currency", "expected_loss_matrix_company_currency", "freeze_proposed",
        "freeze_reason", *_SOURCE,
    ),
    "fct_cash_application": (
        "bank_movement_id", "receivable_id", "company_id", "customer_id", "booking_date", "document_currency",
        "amount_document_currency", "amount_bank_currency", "probability", "reasons", "state", "decided_by",
        "erp_state", *_SOURCE,
    ),
    "fct_cash_application_line": (
        "bank_movement_id", "company_id", "bank_account_id", "booking_date", "bank_currency", "amount_bank_currency",
        "applied_amount_bank_currency", "proposed_amount_bank_currency", "on_account_amount_bank_currency", "state",
        "erp_state", "is_to_review", "age_days", *_SOURCE,
    ),
    "fct_cash_application_candidate": (
        "bank_movement_id", "rank", "receivable_id", "amount_document_currency", "probability", "reasons", *_SOURCE,
    ),
    "fct_credit_grade": ("forecast_as_of", "grade", "probability_of_default", "customer_years", "default_count"),
    "fct_data_issue": (
        "issue_id", "rule", "quality_dimension", "severity", "object", "owner", "status", "detected_at", "due_at",
        "resolved_at", "amount_at_stake_reporting_currency", *_SOURCE,
    ),
    "fct_tie_out": (
        "run_id", "control", "company_id", "left_total", "right_total", "difference", "blocking", "passed",
    ),
}  # fmt: skip

_DOUBLE = "DOUBLE"
# Collections and credit: money and shares are decimals.
_AMOUNT, _SHARE, _POINTS, _COUNT = MONEY, "DECIMAL(12,6)", "DECIMAL(5,1)", "INTEGER"


@dataclass(frozen=True)
class ForecastTable:
    """A published table that Python writes: its grain ("One row per …"), the marts it is made from, its columns."""

    name: str
    grain: str
    made_from: tuple[str, ...]
    columns: tuple[Column, ...]


def _quantile(name: str) -> Column:
    cases, of = (int(name[1:]), 100) if len(name) == 3 else (int(name[1:]), 1000)
    return Column(name, _DOUBLE, f"the flow is below this in {cases} of {of} cases")


def _position_quantile(name: str) -> Column:
    cases, of = (int(name[1:]), 100) if len(name) == 3 else (int(name[1:]), 1000)
    return Column(name, _DOUBLE, f"closing cash is below this in {cases} of {of} cases")


_MEAN = "DECIMAL(28,6)"


def _cash_in_quantile(name: str) -> Column:
    share = int(name[1:]) / (10 if len(name) == 4 else 1)
    return Column(name, _DOUBLE, f"cash in is at most this in {share:g} of 100 cases, in currency")


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
        "fct_cash_forecast_document",
        "One row per document that may move cash in the newest forecast, flow and week: what it is expected to move.",
        ("dim_company", "fct_note", "fct_payable_aging", "fct_planned_cash_item", "fct_receivable_aging"),
        (
            _FORECAST_AS_OF,
            Column("company_id", TEXT, "our company"),
            Column("flow", TEXT, "a flow of fct_cash_forecast"),
            Column("week_start", DATE, "Monday; the first week counts from the day after forecast_as_of"),
            Column("document_type", TEXT, "receivable, payable, note; planned_item for all else that is planned"),
            Column("document_id", TEXT, "receivable_id, payable_id, note_id or planned_cash_item_id"),
            Column(
                "expected_amount_company_currency",
                _MEAN,
                "mean over all paths of what it moves in the week, money out negative; the mean of the flow less these "
                "is what has no document yet",
            ),
        ),
    ),
    ForecastTable(
        "fct_cash_position_forecast",
        "One row per forecast, company or currency or the group, and week: cash from opening to closing.",
        ("dim_company", "fct_bank_statement", "fct_cash_flow_daily", "fct_planned_cash_item"),
        (
            _FORECAST_AS_OF,
            Column("scope", TEXT, "company; currency, all companies that keep their books in it; or group"),
            Column("company_id", TEXT, "our company; empty for a currency and the group"),
            Column("currency", TEXT, "of the amounts: of the books, or the reporting currency for the group"),
            Column("week_start", DATE, "Monday; the first week counts from the day after forecast_as_of"),
            Column("week_end", DATE, "Sunday, at whose end the closing stands"),
            Column("opening", _DOUBLE, "cash at the beginning: at the bank, later the mean closing of the week before"),
            Column("closing_mean", _DOUBLE, "expected cash at the end of the week"),
            *map(_position_quantile, ("p025", "p05", "p10", "p25", "p50", "p75", "p90", "p95", "p975")),
            Column("cash_floor", _DOUBLE, "least cash as company.yml sets it; empty for none"),
            Column("probability_below_floor", _DOUBLE, "share of the paths that close the week under the floor"),
            Column("probability_below_floor_so_far", _DOUBLE, "share that closed this week or one before under it"),
            Column("companies_without_statement", INT, "companies left out: no bank statement or no rate of theirs"),
            Column("empty_reason", TEXT, "no_bank_statement: why there are no figures; empty where there are"),
        ),
    ),
    ForecastTable(
        "fct_cash_breach_path",
        "One row per forecast, company or group, week with a chance of falling under the floor, and flow.",
        ("dim_company", "fct_bank_statement", "fct_cash_flow_daily", "fct_planned_cash_item"),
        (
            _FORECAST_AS_OF,
            Column("scope", TEXT, "company or group"),
            Column("company_id", TEXT, "our company; empty for the group"),
            Column("currency", TEXT, "of the amounts"),
            Column("week_start", DATE, "Monday of the week whose closing is under the floor"),
            Column("flow", TEXT, "a flow, or net, the sum of them; money out is negative"),
            Column("probability_below_floor", _DOUBLE, "share of the paths that close the week under the floor"),
            Column("mean_all_paths", _DOUBLE, "the flow from forecast_as_of to the end of the week, mean of all paths"),
            Column("mean_breaching_paths", _DOUBLE, "the same, mean of the paths that close the week under the floor"),
            Column("difference", _DOUBLE, "of the two; adds up over the flows to that of net"),
        ),
    ),
    ForecastTable(
        "fct_cash_flow_forecast",
        "One row per forecast, currency or group, flow and week: the distribution of what all its companies move.",
        ("dim_company", "fct_cash_flow_daily", "fct_planned_cash_item"),
        (
            _FORECAST_AS_OF,
            Column("scope", TEXT, "currency, all companies that keep their books in it; or group"),
            Column("currency", TEXT, "of the amounts: of the books, or the reporting currency for the group"),
            Column("flow", TEXT, "a flow of fct_cash_flow_weekly, or net, the sum of them; money out is negative"),
            Column("week_start", DATE, "Monday; the first week counts from the day after forecast_as_of"),
            Column("mean", _DOUBLE, "expected flow of the week"),
            *map(_quantile, ("p025", "p05", "p10", "p25", "p50", "p75", "p90", "p95", "p975")),
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
            Column("backtest", TEXT, "nightly: few origins, every run; weekly_origins: a year of Sundays, once a week"),
            Column("company_id", TEXT, "our company; empty: the group, in reporting currency"),
            Column("origins", "INTEGER", "past forecasts scored together; empty for nightly"),
            Column("first_origin", DATE, "the oldest of them"),
            Column("last_origin", DATE, "the newest of them"),
        ),
    ),
    ForecastTable(
        "fct_forecast_backtest",
        "One row per origin, model, level, company and step: a past forecast made again, beside what came.",
        (
            "dim_company", "dim_customer", "dim_exchange_rate", "fct_cash_flow_weekly", "fct_intercompany_pair",
            "fct_note", "fct_note_event", "fct_receivable", "fct_receivable_settlement", "fct_sales_invoice_line",
            "fct_sales_order_line", "fct_shipment_line",
        ),
        (
            Column("forecast_as_of", DATE, "the origin, a Sunday: made from what was known at the end of this day"),
            Column("model", TEXT, "method, or naive baseline"),
            Column("level", TEXT, "invoice (days until paid, up to 91), week, month (four weeks), 90_days (13 weeks)"),
            Column("company_id", TEXT, "our company; empty: the group, in reporting currency at rates of fitted_on"),
            Column("step", "INTEGER", "week or month ahead, 1 the first; 0 where the level has one"),
            Column("forecasts", _DOUBLE, "how many forecasts the sums of this row are of; 1 but for invoices"),
            Column("mean", _DOUBLE, "sum of expected values"),
            Column("actual", _DOUBLE, "sum of what came"),
            Column("absolute_actual", _DOUBLE, "sum of |actual|"),
            Column("absolute_error", _DOUBLE, "sum of |p50 - actual|"),
            Column("crps", _DOUBLE, "sum of continuous ranked probability scores"),
            *(Column(f"pinball_{q}", _DOUBLE, f"sum of pinball losses of p{q}") for q in (10, 50, 90)),
            *(
                Column(f"covered_{i}", _DOUBLE, f"actuals that lay in the {i} % interval; empty for a single figure")
                for i in (50, 80, 95)
            ),
            *(Column(f"width_{i}", _DOUBLE, f"sum of widths of the {i} % interval") for i in (50, 80, 95)),
            Column("p025", _DOUBLE, "below this in 2.5 of 100 cases; empty for invoices, as are the other quantiles"),
            *map(_quantile, ("p10", "p25", "p50", "p75", "p90")),
            Column("p975", _DOUBLE, "below this in 97.5 of 100 cases"),
            Column("fitted_on", DATE, "day of the fit, shared by the origins of four weeks; never after the origin"),
            Column("model_version", TEXT, "hash of the method's source"),
            Column("data_hash", TEXT, "hash of what was known at the origin and of what came in its 13 weeks"),
        ),
    ),
    ForecastTable(
        "fct_forecast_version",
        "One row per forecast ever made: with which method, from which data; kept for ever.",
        (
            "dim_exchange_rate", "fct_cash_flow_weekly", "fct_payable", "fct_payable_settlement", "fct_receivable",
            "fct_receivable_aging", "fct_receivable_settlement",
        ),
        (
            Column("forecast_version_id", TEXT, "hash of day, method and data: the same forecast again has the same"),
            _FORECAST_AS_OF,
            Column("run_id", TEXT, "the run that first made it; begins with its time"),
            Column("model", TEXT, "method of payment timing"),
            Column("model_version", TEXT, "hash of the method's source"),
            Column("features_hash", TEXT, "hash of the names of what payment timing is learnt from"),
            Column("code_version", TEXT, "version of the product"),
            Column("data_hash", TEXT, "hash of all rows it was made from"),
            *(
                Column(f"{name}_count", "BIGINT", f"rows of {name.replace('_', ' ')} it was made from")
                for name in (
                    "receivables", "receivable_settlements", "open_receivables", "payables", "payable_settlements",
                    "weekly_flows", "exchange_rates",
                )
            ),
        ),
    ),
    ForecastTable(
        "fct_forecast_outcome",
        "One row per forecast version, company, currency, flow and week: what was forecast, kept, beside what came.",
        ("dim_company", "fct_cash_flow_weekly"),
        (
            Column("forecast_version_id", TEXT, "the forecast, in fct_forecast_version"),
            _FORECAST_AS_OF,
            Column("company_id", TEXT, "our company"),
            Column("currency", TEXT, "currency of the company's books, ISO 4217"),
            Column("flow", TEXT, "a flow of fct_cash_flow_weekly, or net, the sum of them; money out is negative"),
            Column("week_start", DATE, "Monday; the first week counts from the day after forecast_as_of"),
            Column("mean", _DOUBLE, "expected flow of the week, in currency"),
            *map(_quantile, ("p05", "p10", "p25", "p50", "p75", "p90", "p95")),
            Column("actual", "DECIMAL(18,4)", "what came; empty until the week is over, and for a week begun before"),
        ),
    ),
    ForecastTable(
        "fct_receipt_expectation",
        "One row per forecast and open invoice: how much money was expected of it, and on which day.",
        ("dim_company", "dim_exchange_rate", "fct_receivable_aging"),
        (
            _FORECAST_AS_OF,
            Column("receivable_id", TEXT, "the open item"),
            Column("company_id", TEXT, "our company"),
            Column("customer_id", TEXT, "the customer"),
            Column("invoice_number", TEXT, "number of the invoice"),
            Column("due_date", DATE, "day it is due"),
            Column("expected_date", DATE, "median of the distribution of payment dates"),
            Column("document_currency", TEXT, "currency of the invoice, ISO 4217"),
            Column("open_amount_document_currency", "DECIMAL(18,4)", "still open at the end of forecast_as_of"),
            Column("currency", TEXT, "currency of the company's books, ISO 4217"),
            Column("open_amount_company_currency", "DECIMAL(18,4)", "the same, at the item's booked rate"),
            Column("reporting_currency_per_unit", "DECIMAL(28,12)", "rate of the books' currency on forecast_as_of"),
            Column("amount_reporting_currency", "DECIMAL(18,2)", "the open amount at that rate, to the cent"),
            Column("is_disputed", "BOOLEAN", "whether the customer disputed it then"),
            Column("source_system", TEXT, "name of the source in company.yml"),
            Column("source_key", TEXT, "key of the receivable in that source"),
        ),
    ),
    ForecastTable(
        "fct_forecast_bridge",
        "One row per two forecasts, company and week: receipts of the first beside what came and is still expected.",
        ("dim_company", "dim_exchange_rate", "fct_receipt", "fct_receivable_aging"),
        (
            _FORECAST_AS_OF,
            Column("compared_as_of", DATE, "day of the later forecast; until then money came"),
            Column("company_id", TEXT, "our company"),
            Column("week_start", DATE, "Monday; the first week counts from the day after forecast_as_of"),
            Column("forecast_amount_reporting_currency", "DECIMAL(18,2)", "what the first forecast expected (mean)"),
            Column("received_amount_reporting_currency", "DECIMAL(18,2)", "what came by the end of compared_as_of"),
            Column("still_expected_amount_reporting_currency", "DECIMAL(18,2)", "what the later one expects (mean)"),
            Column("difference_reporting_currency", "DECIMAL(18,2)", "received and still expected, less forecast"),
            Column("is_over", "BOOLEAN", "whether the week was over at compared_as_of: forecast to actual"),
        ),
    ),
    ForecastTable(
        "fct_forecast_variance",
        "One row per two forecasts, week, document, cause and other week: why receipts differ, to the cent.",
        (
            "dim_company", "dim_exchange_rate", "fct_receipt", "fct_receivable", "fct_receivable_aging",
            "fct_receivable_settlement",
        ),
        (
            _FORECAST_AS_OF,
            Column("compared_as_of", DATE, "day of the later forecast; until then money came"),
            Column("company_id", TEXT, "our company"),
            Column("week_start", DATE, "Monday of the week that has more or less than forecast"),
            Column("cause", TEXT, "timing, permanent, new, changed_amount, currency, or not_itemised"),
            Column(
                "reason", TEXT, "paid_earlier, paid_later, expected_later, disputed, write_off, credit_note …"
            ),
            Column("receivable_id", TEXT, "the document; empty for what is not itemised"),
            Column("customer_id", TEXT, "the customer"),
            Column("invoice_number", TEXT, "number of the invoice"),
            Column("other_week_start", DATE, "timing: the week it went to, or came from"),
            Column("amount_reporting_currency", "DECIMAL(18,2)", "more (or less) receipts in the week by this"),
            Column("source_system", TEXT, "name of the source in company.yml"),
            Column("source_key", TEXT, "key of the receivable in that source"),
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
        "fct_cash_in_forecast",
        "One row per forecast, level, its keys, kind of period and period: the distribution of cash in.",
        (
            "dim_company", "dim_customer", "dim_exchange_rate", "fct_intercompany_pair", "fct_note", "fct_note_event",
            "fct_receivable", "fct_receivable_settlement", "fct_sales_invoice_line", "fct_sales_order_line",
            "fct_shipment_line",
        ),
        (
            _FORECAST_AS_OF,
            Column(
                "level", TEXT, "leaf (company, currency, region and segment), company_currency, company, region, "
                "segment or group; each is the exact sum of the leaves in it",
            ),
            Column("company_id", TEXT, "our company; empty on levels that mix companies"),
            Column(
                "currency", TEXT, "of the figures, ISO 4217: the document currency of leaf and company_currency, the "
                "reporting currency on levels that mix currencies, at the rate of forecast_as_of",
            ),
            Column("region", TEXT, "country and region of the customer, unknown where it has none"),
            Column("segment", TEXT, "of the customer in the CRM, Intercompany for sister companies, or unknown"),
            Column("period", TEXT, "day, week, month, or to_date: all from forecast_as_of + 1 to period_day"),
            Column("period_day", DATE, "the day, a week's Monday, a month's first; the first and the last may be cut"),
            Column("paths", "INTEGER", "simulated paths the figures are read from"),
            Column("mean", _MEAN, "expected cash in, in currency; the sum over paths by their number, exact"),
            Column("mean_open", _MEAN, "of which from invoices open at forecast_as_of"),
            Column("mean_new", _MEAN, "of which from invoices not yet issued"),
            Column("mean_notes", _MEAN, "of which from notes held at forecast_as_of"),
            Column("mean_reporting_currency", _MEAN, "mean, in reporting currency at the rate of forecast_as_of"),
            *map(_cash_in_quantile, ("p025", "p05", "p10", "p25", "p50", "p75", "p90", "p95", "p975")),
        ),
    ),
    ForecastTable(
        "fct_cash_in_path",
        "One row per company, currency, region, customer bucket, component, path and day with cash, of the newest "
        "forecast: what comes on that path.",
        ("dim_company", "dim_customer", "fct_note_event", "fct_receivable", "fct_sales_order_line"),
        (
            _FORECAST_AS_OF,
            Column("company_id", TEXT, "our company"),
            Column("currency", TEXT, "document currency, ISO 4217"),
            Column("region", TEXT, "country and region of the customer, unknown where it has none"),
            Column("customer_bucket", TEXT, "customer_id of the 20 largest debtors, other for all others together"),
            Column("component", TEXT, "open, new or notes: as in fct_cash_in_forecast"),
            Column("path", "INTEGER", "from 0 on: the first 200 paths of fct_cash_in_forecast, fewer in a large group"),
            Column("cash_day", DATE, "day on which it comes"),
            Column("amount_document_currency", "DECIMAL(18,2)", "what comes, in document currency"),
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

_COMPANY = Column("company_id", TEXT, "our company")
_CUSTOMER = Column("customer_id", TEXT, "the customer; empty where the source names none")
_OF_PARTY = (
    Column("source_system", TEXT, "name of the source in company.yml"),
    Column("source_key", TEXT, "key in that source, of the customer, else of our company"),
)


def _amounts(name: str, meaning: str) -> tuple[Column, Column]:
    return (
        Column(f"{name}_amount_company_currency", _AMOUNT, f"{meaning}, in the company's currency"),
        Column(f"{name}_amount_reporting_currency", _AMOUNT, f"{meaning}, at the rate of forecast_as_of"),
    )


_MEASURES = {
    "payment_days": "average days late of what fell due in a year, by amount",
    "trend_days": "the same of the last 90 days, less that of the year",
    "overdue_share": "share of what is open that is overdue",
    "oldest_overdue_days": "days overdue of the oldest item with more than 1 % open",
    "disputed_share": "share of the year's amount that is disputed",
    "loss_share": "share of two years' amount written off or over 90 days overdue",
    "relation_months": "months since the first item",
}

CREDIT_CONTROL: tuple[ForecastTable, ...] = (
    ForecastTable(
        "fct_collection_worklist",
        "One row per forecast, company and customer with overdue or soon late items: whom to call first, and why.",
        ("dim_company", "dim_customer", "fct_payment_promise", "fct_receivable", "fct_receivable_aging"),
        (
            _FORECAST_AS_OF,
            _COMPANY,
            _CUSTOMER,
            Column("rank", _COUNT, "1 is called first, over all companies: most expected money moved"),
            Column("action", TEXT, "call, reminder_1 to reminder_3, promise_follow_up, wait_for_promise, dispute_desk, "
                                   "apply_credit, intercompany, pays_anyway, or watch: no step due yet"),
            Column("reminder_level", _COUNT, "0 to 3, due by the reminder schedule"),
            Column("grade", TEXT, "credit grade; empty when not graded"),
            *_amounts("overdue", "open after its due date, credits included"),
            *_amounts("soon_late", "due within 14 days and expected over 5 days late"),
            *_amounts("disputed", "of the listed items in dispute"),
            *_amounts("credit", "credit notes and money not applied, negative"),
            *_amounts("expected_moved", "expected to come within 30 days through a call alone"),
            Column("overdue_item_count", _COUNT, "items overdue, credits left out"),
            Column("oldest_days_overdue", _COUNT, "of the oldest of them"),
            Column("probability_paid_30", _SHARE, "share of the listed amount expected within 30 days without a call"),
            Column("open_promise_count", _COUNT, "promises not yet due"),
            Column("broken_promise_count", _COUNT, "promises not kept"),
            Column("next_promise_date", DATE, "day of the next promise"),
            *_OF_PARTY,
        ),
    ),
    ForecastTable(
        "fct_collection_item",
        "One row per forecast and item on the worklist: overdue, or soon late.",
        ("dim_company", "dim_customer", "fct_receivable", "fct_receivable_aging"),
        (
            _FORECAST_AS_OF,
            Column("receivable_id", TEXT, "the open item"),
            _COMPANY,
            _CUSTOMER,
            Column("kind", TEXT, "overdue or soon_late"),
            Column("action", TEXT, "what the reminder schedule asks for; empty before its first step"),
            Column("due_date", DATE, "day it falls due"),
            Column("days_overdue", _COUNT, "negative before the due date"),
            Column("p50_date", DATE, "paid by this day in 50 of 100 cases; empty without a forecast"),
            Column("probability_paid_30", _SHARE, "within 30 days without a call; without a forecast that of its age"),
            Column("is_disputed", BOOL, "the customer contests it"),
            Column("document_currency", TEXT, "ISO 4217"),
            Column("open_amount_document_currency", _AMOUNT, "still open at the end of forecast_as_of"),
            *_amounts("open", "still open at the end of forecast_as_of"),
            *_amounts("expected_moved", "expected to come within 30 days through a call alone"),
            Column("source_system", TEXT, "name of the source in company.yml"),
            Column("source_key", TEXT, "key of the receivable in that source"),
        ),
    ),
    ForecastTable(
        "fct_late_payment_alert",
        "One row per forecast and warning: an item expected late or less sure than before, a broken promise, a "
        "customer slower than its habit.",
        ("dim_company", "dim_customer", "fct_payment_promise", "fct_receivable", "fct_receivable_aging"),
        (
            _FORECAST_AS_OF,
            Column("rank", _COUNT, "1 has the most money at stake"),
            Column("alert", TEXT, "expected_late, probability_fell, broken_promise or slower_than_habit"),
            _COMPANY,
            _CUSTOMER,
            Column("receivable_id", TEXT, "the item; empty where the customer as a whole is meant"),
            Column("value", _SHARE, "expected days late; probability of payment within 30 days; days since the "
                                    "promised day; average days late of the last 60 days"),
            Column("reference", "DECIMAL(18,6)", "what it is held against: usual days late; probability before; "
                                                 "amount promised; average days late of the year before"),
            Column("reference_date", DATE, "median payment date; day of the forecast before; promised day; first "
                                           "of the 60 days"),
            Column("amount_company_currency", _AMOUNT, "money at stake, in the company's currency"),
            Column("amount_reporting_currency", _AMOUNT, "money at stake, at the rate of forecast_as_of"),
            *_OF_PARTY,
        ),
    ),
    ForecastTable(
        "fct_credit_assessment",
        "One row per forecast, company and customer outside the group that owes or bought within a year: its credit.",
        (
            "dim_company", "dim_customer", "dim_customer_source", "fct_expected_credit_loss", "fct_note",
            "fct_payment_promise", "fct_receivable", "fct_receivable_aging", "fct_receivable_settlement",
            "fct_sales_order_line",
        ),
        (
            _FORECAST_AS_OF,
            _COMPANY,
            _CUSTOMER,
            Column("grade", TEXT, "A best to E worst; E in default"),
            Column("points", _POINTS, "0 to 100, the sum of the points below"),
            *(Column(f"points_{name}", _POINTS, f"points for: {meaning}") for name, meaning in _MEASURES.items()),
            *(Column(name, "DECIMAL(18,6)", meaning) for name, meaning in _MEASURES.items()),
            Column("item_count", _COUNT, "items that fell due within a year"),
            Column("in_default", BOOL, "an item over 90 days overdue with more than 1 % open, or lately written off"),
            *_amounts("open", "open items without credits"),
            Column("credit_amount_company_currency", _AMOUNT, "credit notes and money not applied, negative"),
            Column("note_amount_company_currency", _AMOUNT, "bills not matured"),
            Column("backlog_amount_company_currency", _AMOUNT, "ordered and not invoiced, before tax"),
            *_amounts("exposure", "exposure at default: open items less credits, bills not matured and backlog"),
            Column("credit_limit_company_currency", _AMOUNT, "empty when there is none, or a negative one"),
            Column("limit_use", "DECIMAL(18,6)", "exposure / limit; empty without a limit or with one of 0"),
            Column("probability_of_default", _SHARE, "within 12 months, by grade; 1 in default"),
            Column("loss_given_default", _SHARE, "share of the exposure lost in default"),
            *(Column(f"expected_loss_{name}_{currency}_currency", _AMOUNT, f"{meaning}{when}")
              for name, meaning in (("model", "probability x loss given default x open items"),
                                    ("matrix", "open items by the provision matrix"))
              for currency, when in (("company", ""), ("reporting", ", at the rate of forecast_as_of"))),
            Column("expected_loss_difference_company_currency", _AMOUNT, "model less matrix"),
            Column("expected_loss_exposure_company_currency", _AMOUNT, "probability x loss given default x exposure"),
            Column("broken_promise_count", _COUNT, "promises of the last 180 days not kept"),
            Column("freeze_proposed", BOOL, "a person should decide on stopping deliveries; nothing stops by itself"),
            Column("freeze_reason", TEXT, "over_limit, overdue, grade, broken_promises, with commas; empty when none"),
            *_OF_PARTY,
        ),
    ),
    ForecastTable(
        "fct_credit_grade",
        "One row per forecast and grade: its probability of default, and the past it is estimated from.",
        ("dim_company", "fct_receivable", "fct_receivable_settlement"),
        (
            _FORECAST_AS_OF,
            Column("grade", TEXT, "A best to E worst"),
            Column("customer_years", _SHARE, "customers graded so in the past, times the year each was followed"),
            Column("default_count", _SHARE, "of them came into default; overlapping years count in part"),
            Column("observed_rate", _SHARE, "default_count / customer_years; empty without any"),
            Column("probability_of_default", _SHARE, "observed, drawn towards an assumption of 10 customer-years"),
            Column("loss_given_default", _SHARE, "of all grades; drawn towards 45 %, which weighs 10 defaults"),
            Column("loss_default_count", _COUNT, "defaults it is estimated from"),
        ),
    ),
)  # fmt: skip

FORECASTS += CREDIT_CONTROL

_PAYABLES = (
    "dim_company", "dim_exchange_rate", "dim_supplier", "fct_bank_statement", "fct_cash_flow_daily", "fct_payable",
    "fct_payable_aging", "fct_planned_cash_item", "fct_risk_alert", "fct_risk_evidence", "fct_three_way_match",
)  # fmt: skip
_MONEY_OUT = "DECIMAL(18,2)"
_PLANS = {
    "usual": "all on the last run before due",
    "at_once": "all on the first run, with discounts",
    "proposed": "as proposed",
}


def _of_plans(name: str, type_: str, meaning: str) -> tuple[Column, ...]:
    return tuple(Column(f"{name}_{plan}", type_, f"{meaning}, when paid {how}") for plan, how in _PLANS.items())


PAYMENTS: tuple[ForecastTable, ...] = (
    ForecastTable(
        "fct_payment_proposal",
        "One row per forecast and open payable: on which payment run it should be paid, and why, or why it is not "
        "proposed.",
        _PAYABLES,
        (
            _FORECAST_AS_OF,
            Column("payable_id", TEXT, "the open item"),
            _COMPANY,
            Column("supplier_id", TEXT, "the supplier"),
            Column("kind", TEXT, "invoice, credit_note, unapplied_cash or other"),
            Column("invoice_id", TEXT, "its invoice"),
            Column("invoice_number", TEXT, "number of the invoice"),
            Column("invoice_date", DATE, "date on the paper"),
            Column("due_date", DATE, "day it falls due"),
            Column("document_currency", TEXT, "ISO 4217"),
            Column("open_amount_document_currency", _AMOUNT, "still open at the end of forecast_as_of"),
            Column("open_amount_company_currency", _AMOUNT, "the same, as booked"),
            Column("open_amount_reporting_currency", _AMOUNT, "the same, at the rate of forecast_as_of"),
            Column("discount_percent", _AMOUNT, "offered for paying by discount_date, 2 is 2 %"),
            Column("discount_date", DATE, "last day on which the discount is granted"),
            Column("match_status", TEXT, "three-way match, worst of its lines: matched, price, quantity, missing; "
                                         "empty without lines"),
            Column("state", TEXT, "proposed, not_proposed, or credit: to be set off, not paid"),
            Column(
                "reasons", TEXT, "why, codes with commas: discount_taken, last_run_before_due, overdue_next_run, "
                "delayed_for_floor, discount_left_for_floor, discount_not_worth_it, due_after_last_run, "
                "credit_to_set_off, no_payment_run; not proposed: three_way_match, supplier_held, "
                "bank_account_changed, duplicate_invoice, disputed, intercompany",
            ),
            Column("usual_date", DATE, "last payment run before due; the next where that is over"),
            Column("proposed_date", DATE, "payment run on which it should be paid; empty where it is not proposed"),
            Column("days_late", _COUNT, "from due_date to proposed_date, 0 when in time"),
            Column("takes_discount", BOOL, "the proposed run is in time for the discount"),
            Column("offered_amount_company_currency", _MONEY_OUT, "discount that may still be had; 0 without an offer "
                                                                  "that stands"),
            Column("offered_amount_reporting_currency", _MONEY_OUT, "the same, at the rate of forecast_as_of"),
            Column("discount_amount_company_currency", _MONEY_OUT, "discount that the proposed run takes"),
            Column("discount_amount_reporting_currency", _MONEY_OUT, "the same, at the rate of forecast_as_of"),
            Column("cash_cost_company_currency", _MONEY_OUT, "cost of money that leaves before due_date"),
            Column("late_cost_company_currency", _MONEY_OUT, "charge for paying after due_date"),
            Column("total_cost_company_currency", _MONEY_OUT, "cash cost and late cost, less discount"),
            Column("saving_company_currency", _MONEY_OUT, "total cost on usual_date, less that on proposed_date"),
            Column("saving_reporting_currency", _MONEY_OUT, "the same, at the rate of forecast_as_of"),
            Column("discount_annual_rate", _SHARE, "what paying early for the discount earns a year; empty where no "
                                                    "run before usual_date is in time for one"),
            Column("cost_of_cash_annual_rate", _SHARE, "what it is held against; 0.05 is 5 % a year"),
            Column("source_system", TEXT, "name of the source in company.yml"),
            Column("source_key", TEXT, "key of the payable in that source"),
        ),
    ),
    ForecastTable(
        "fct_payment_plan",
        "One row per forecast, scope, company and week: what suppliers would be paid, and the chance of cash under its "
        "floor, by plan.",
        _PAYABLES,
        (
            _FORECAST_AS_OF,
            Column("scope", TEXT, "company, or group: all companies as one purse"),
            Column("company_id", TEXT, "our company; empty for the group"),
            Column("currency", TEXT, "of the amounts: of the company's books, of the group the reporting currency"),
            Column("week_start", DATE, "Monday; the first week counts from the day after forecast_as_of"),
            Column("cash_floor", _MONEY_OUT, "least cash; 0 for a company without a floor of its own; empty where "
                                             "cash is not known"),
            *_of_plans("payments", _MONEY_OUT, "paid on invoices open at forecast_as_of"),
            *_of_plans("probability_below_floor", _SHARE, "share of paths with cash under the floor at the end"),
            *_of_plans(
                "probability_below_floor_so_far", _SHARE, "share of paths with cash under the floor by the week's end"
            ),
        ),
    ),
    ForecastTable(
        "fct_payment_plan_company",
        "One row per forecast and company with open payables: how its proposals were found, what they cost and save.",
        _PAYABLES,
        (
            _FORECAST_AS_OF,
            _COMPANY,
            Column("currency", TEXT, "currency of the company's books, ISO 4217"),
            Column("status", TEXT, "optimal; floor_not_kept: no plan keeps it; no_solution: no better plan than the "
                                   "safest in time; cash_unknown; no_payment_run"),
            Column("gap", _SHARE, "of the extra cost for the floor, at most so far from the least there can be; 0.001 "
                                   "is 0.1 %; empty where nothing was found"),
            Column("breach_limit", _SHARE, "largest chance of cash under the floor that is accepted"),
            Column("cash_floor", _MONEY_OUT, "least cash; 0 for a company without a floor of its own; empty where "
                                             "cash is not known"),
            Column("unavoidable_breach", _SHARE, "chance of cash under the floor that no plan avoids; 0 where the "
                                                  "limit can be kept"),
            Column("payable_count", _COUNT, "invoices that were planned"),
            *_of_plans("total_cost", _MONEY_OUT, "cash cost and late cost, less discount"),
            *_of_plans("discount", _MONEY_OUT, "discounts taken"),
            *_of_plans("probability_below_floor", _SHARE, "share of paths with cash under the floor in any week"),
        ),
    ),
)  # fmt: skip

FORECASTS += PAYMENTS

_MATCHED_FROM = (
    "dim_bank_account", "dim_company", "dim_customer", "dim_customer_source", "dim_exchange_rate", "fct_bank_movement",
    "fct_journal_line", "fct_receivable", "fct_receivable_settlement",
)  # fmt: skip
_LINE = Column("bank_movement_id", TEXT, "the bank line")
_BOOKED = Column("booking_date", DATE, "day on which the bank booked it")
_ERP_STATE = Column(
    "erp_state", TEXT, "what the ERP says of the line: agrees, differs, not_applied, or booked_elsewhere (no receipt)"
)
_REASON_CODES = Column("reasons", TEXT, "why: codes with commas; decided where a person said so")
_KIND = Column(
    "kind",
    TEXT,
    "how the amounts agree: exact, discount, fee, discount_fee, currency_difference, short, short_several (one of "
    "several in part), over; "
    "decided where a person said so",
)
_OF_LINE = (
    Column("source_system", TEXT, "name of the source in company.yml"),
    Column("source_key", TEXT, "key of the bank line in that source"),
)

# Made anew by every run; what it says of a past line is what could have been said on the line's day.
CASH_APPLICATION: tuple[ForecastTable, ...] = (
    ForecastTable(
        "fct_cash_application",
        "One row per incoming bank line and open item that it pays, as the best proposal or a person says. Beside the "
        "settlements of the ERP, never added to them.",
        _MATCHED_FROM,
        (
            _LINE,
            Column("receivable_id", TEXT, "the open item"),
            _COMPANY,
            _CUSTOMER,
            Column("invoice_number", TEXT, "of the item"),
            _BOOKED,
            Column("document_currency", TEXT, "of the item, ISO 4217"),
            Column("amount_document_currency", _AMOUNT, "by which the payment reduces the item, bank charge included"),
            Column("discount_amount_document_currency", _AMOUNT, "cash discount that the customer took"),
            Column("bank_currency", TEXT, "of the bank line, ISO 4217"),
            Column("amount_bank_currency", _AMOUNT, "of the line; items and what is on account add up to it"),
            Column("fee_amount_bank_currency", _AMOUNT, "kept back by banks on the way"),
            Column("amount_reporting_currency", _AMOUNT, "amount_document_currency at the item's booked rate"),
            Column("probability", _SHARE, "that the line pays just this, by what was known on its day; 1 of a person"),
            _KIND,
            _REASON_CODES,
            Column("state", TEXT, "applied by itself, proposed for review, or confirmed by a person"),
            Column("decided_by", TEXT, "machine, or the person; empty while proposed"),
            Column("decision_id", "BIGINT", "entry of the decision log"),
            _ERP_STATE,
            *_OF_LINE,
        ),
    ),
    ForecastTable(
        "fct_cash_application_line",
        "One row per incoming bank line: what of it is applied, proposed, or on account.",
        _MATCHED_FROM,
        (
            _LINE,
            _COMPANY,
            Column("customer_id", TEXT, "whose items the best proposal pays; empty without one, or of several"),
            Column("bank_account_id", TEXT, "our bank account"),
            _BOOKED,
            Column("counterparty_name", TEXT, "who paid, as the bank printed it"),
            Column("reference", TEXT, "what the payer wrote"),
            Column("bank_currency", TEXT, "ISO 4217"),
            Column("amount_bank_currency", _AMOUNT, "of the line: applied + proposed + on account"),
            Column("applied_amount_bank_currency", _AMOUNT, "applied by itself, or by a person"),
            Column("proposed_amount_bank_currency", _AMOUNT, "proposed, for a person to look at"),
            Column("on_account_amount_bank_currency", _AMOUNT, "for no item yet"),
            Column("amount_reporting_currency", _AMOUNT, "of the line, at the rate of its value date"),
            Column("item_count", _COUNT, "items that it pays by the best proposal"),
            Column("candidate_count", _COUNT, "sets of items that were weighed"),
            Column("probability", _SHARE, "of the best proposal"),
            Column("state", TEXT, "applied, confirmed, proposed, no_match, or not_customer: booked, and no receipt"),
            Column("decided_by", TEXT, "the person who decided"),
            Column("decision_id", "BIGINT", "entry of the decision log"),
            _ERP_STATE,
            Column("is_to_review", BOOL, "the ERP has not applied it, or otherwise, and no person has decided"),
            Column("age_days", _COUNT, "from booking_date to the run's as_of"),
            *_OF_LINE,
        ),
    ),
    ForecastTable(
        "fct_cash_application_candidate",
        "One row per bank line of the review list, candidate and open item of it; rank 1 is the likeliest.",
        _MATCHED_FROM,
        (
            _LINE,
            Column("rank", _COUNT, "of the candidate within the line; empty where a person rejected it"),
            Column("receivable_id", TEXT, "the open item"),
            _COMPANY,
            _CUSTOMER,
            Column("invoice_number", TEXT, "of the item"),
            Column("due_date", DATE, "day it falls due"),
            Column("document_currency", TEXT, "of the item, ISO 4217"),
            Column("amount_document_currency", _AMOUNT, "by which the payment would reduce the item"),
            Column("discount_amount_document_currency", _AMOUNT, "cash discount that the customer took"),
            Column("fee_amount_bank_currency", _AMOUNT, "kept back by banks on the way"),
            Column("probability", _SHARE, "that the line pays just the items of this candidate"),
            _KIND,
            _REASON_CODES,
            Column("state", TEXT, "offered, or rejected by a person"),
            *_OF_LINE,
        ),
    ),
)  # fmt: skip
