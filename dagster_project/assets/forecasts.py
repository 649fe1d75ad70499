"""Forecasts of receipts and cash, and their scores, as marts. Methods: ml/."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.assets.outcome import one_line_failures
from dagster_project.resources import Pipeline

FORECAST_TABLES = (
    "fct_receivable_forecast", "fct_cash_forecast", "fct_forecast_score", "fct_capital_project_result",
    "fct_cash_position_forecast", "fct_cash_breach_path", "fct_cash_flow_forecast", "fct_collection_worklist",
    "fct_collection_item", "fct_late_payment_alert", "fct_credit_assessment", "fct_credit_grade",
    "fct_cash_in_forecast", "fct_cash_in_path", "fct_cash_forecast_document", "fct_forecast_alarm",
    "fct_payment_proposal", "fct_payment_plan", "fct_payment_plan_company",
)  # fmt: skip
RECORD_TABLES = (
    "fct_forecast_version", "fct_forecast_outcome", "fct_receipt_expectation", "fct_forecast_bridge",
    "fct_forecast_variance",
)  # fmt: skip
_READS = (
    "fct_receivable", "fct_receivable_settlement", "fct_payable", "fct_receivable_aging", "fct_cash_flow_weekly",
    "fct_capital_project_cash_flow", "fct_receipt", "fct_cash_flow_daily", "fct_planned_cash_item",
    "fct_bank_statement", "fct_payment_promise", "fct_expected_credit_loss", "fct_note", "fct_note_event",
    "fct_sales_order_line", "fct_sales_invoice_line", "fct_intercompany_pair", "dim_customer", "dim_customer_source",
    "dim_exchange_rate", "dim_supplier", "fct_payable_aging", "fct_three_way_match", "fct_risk_alert",
    "fct_risk_evidence",
)  # fmt: skip


@dg.multi_asset(
    name="forecasts",
    specs=[
        dg.AssetSpec(
            dg.AssetKey(["marts", table]),
            deps=[dg.AssetKey(["marts", name]) for name in _READS],
            group_name="forecasts",
            kinds={"python"},
        )
        for table in (*FORECAST_TABLES, *RECORD_TABLES)
    ],
)
def forecasts(context: dg.AssetExecutionContext, pipeline: Pipeline) -> Iterator[dg.MaterializeResult]:
    """Each is appended for its as_of: earlier forecasts stay, so that they can be held against what happened."""
    from dagster_project.forecasting import forecast

    with one_line_failures():
        rows = forecast(pipeline.settings(), pipeline.run_context(context))
    for table in FORECAST_TABLES:
        yield dg.MaterializeResult(asset_key=dg.AssetKey(["marts", table]), metadata={"rows": rows[table]})
    for table in RECORD_TABLES:
        yield dg.MaterializeResult(asset_key=dg.AssetKey(["marts", table]))
