"""The published contract: tables of schema marts that other tools rely on, and the columns each must have.

Names and grains are stable; more columns and more tables are welcome. What each column means is in the data dictionary.
"""

from __future__ import annotations

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
    "fct_receivable_forecast": (
        "forecast_as_of", "receivable_id", "expected_payment_date", "p10_date", "p50_date", "p90_date",
        "probability_paid_30", "probability_paid_60", "probability_paid_90",
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
