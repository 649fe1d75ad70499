"""Forecasts of two days of one group: kept, held against what came, compared to the cent; scored on weekly origins."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from ml.rolling_origins import weekly_origins
from tests.benchmarks.track_record import figures_that_differ
from tests.end_to_end.conftest import AS_OF, published_rows, settlehouse, succeeded

EARLIER = "2026-09-26"


@pytest.fixture(scope="module")
def group(demo_group: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The group, run again as of a day five weeks earlier and then as of its own day."""
    folder = Path(shutil.copytree(demo_group, tmp_path_factory.mktemp("record") / "group", symlinks=True))
    for as_of in (EARLIER, AS_OF):
        succeeded(settlehouse("run", "--config", folder / "company.yml", "--as-of", as_of))
    return folder


def test_every_forecast_is_kept_once_with_what_it_was_made_from(group: Path, demo_group: Path):
    kept = published_rows(
        group / "var",
        """select forecast_as_of::varchar, model, length(model_version), receivables_count > 0, data_hash, run_id
           from marts.fct_forecast_version order by forecast_as_of""",
    )
    assert [(day, model) for day, model, *_ in kept] == [(EARLIER, "payment_hazard"), (AS_OF, "payment_hazard")]
    assert kept[0][4] != kept[1][4], "other data"
    # the run of the day itself made it first; the one after the look back made the same and added nothing
    first = published_rows(demo_group / "var", "select data_hash, run_id from marts.fct_forecast_version")
    assert [(kept[1][4], kept[1][5])] == first


def test_what_came_stands_beside_what_was_forecast(group: Path):
    rows = published_rows(
        group / "var",
        f"""
        select count(*) filter (where actual is not null), count(*) filter (where actual is null),
               count(*) filter (where actual is not null and week_start + 6 > date '{AS_OF}'),
               count(*) filter (where actual is null and week_start > forecast_as_of
                                and week_start + 6 <= date '{AS_OF}'),
               count(*) filter (where outcome.mean is distinct from cash.mean or outcome.p90 is distinct from cash.p90)
        from marts.fct_forecast_outcome as outcome
        join marts.fct_cash_forecast as cash using (forecast_as_of, company_id, currency, flow, week_start)
        where forecast_as_of = date '{EARLIER}'
        """,
    )
    known, unknown, too_early, missing, changed = rows[0]
    assert known > 0
    assert unknown > 0
    assert (too_early, missing, changed) == (0, 0, 0)
    net = published_rows(
        group / "var",
        """
        select count(*), count(*) filter (where net.actual <> flows.actual)
        from marts.fct_forecast_outcome as net
        join (
            select forecast_version_id, company_id, week_start, sum(actual) as actual
            from marts.fct_forecast_outcome where flow <> 'net' group by all
        ) as flows using (forecast_version_id, company_id, week_start)
        where net.flow = 'net' and net.actual is not null
        """,
    )
    assert net[0][0] > 0
    assert net[0][1] == 0


def test_bridge_adds_up_to_the_cent_and_names_its_documents(group: Path):
    differing = published_rows(
        group / "var",
        """
        select bridge.* from marts.fct_forecast_bridge as bridge
        left join (
            select forecast_as_of, compared_as_of, company_id, week_start, sum(amount_reporting_currency) as amount
            from marts.fct_forecast_variance group by all
        ) as cause using (forecast_as_of, compared_as_of, company_id, week_start)
        where difference_reporting_currency <> coalesce(cause.amount, 0)
        """,
    )
    assert differing == []
    ((weeks, pairs),) = published_rows(
        group / "var",
        """select count(distinct week_start), list(distinct [forecast_as_of, compared_as_of])
           from marts.fct_forecast_bridge""",
    )
    assert weeks >= 13
    assert pairs == [[date.fromisoformat(EARLIER), date.fromisoformat(AS_OF)]]
    causes = published_rows(
        group / "var",
        """select cause, count(*) filter (where receivable_id is null), count(*) from marts.fct_forecast_variance
           group by 1 order by 1""",
    )
    assert {"timing", "new", "not_itemised"} <= {cause for cause, _, _ in causes}
    assert all((without == 0) == (cause != "not_itemised") for cause, without, _ in causes)
    # what came is what the bank flow says, week by week
    assert published_rows(
        group / "var",
        """
        select company_id, week_start, came.amount, flow.amount_company_currency
        from (
            select company_id, date_trunc('week', receipt_date)::date as week_start,
                   sum(amount_company_currency) as amount
            from marts.fct_receipt
            where not is_intercompany and receipt_date <= (select as_of from marts.dim_run) group by all
        ) as came
        full join (select * from marts.fct_cash_flow_weekly where flow = 'receipts') as flow
            using (company_id, week_start)
        where coalesce(came.amount, 0) <> coalesce(flow.amount_company_currency, 0)
        """,
    ) == []  # fmt: skip


def test_backtest_goes_on_where_it_was_and_is_published(group: Path):
    command = ("backtest", "--config", group / "company.yml", "--origins")
    first = succeeded(settlehouse(*command, "1"))
    assert "origin   1 of 1" in first.output
    more = succeeded(settlehouse(*command, "2"))
    assert more.output.count("kept: same method, same data") == 1
    assert "2 origins scored, 1 of them made now" in more.output
    scores = published_rows(
        group / "var",
        """select distinct level, baseline, origins from marts.fct_forecast_score
           where backtest = 'weekly_origins' and company_id is null order by all""",
    )
    both, money = ("customer_recent_average", "due_date"), ("auto_ets", "seasonal_naive")
    assert scores == sorted(
        [(level, baseline, 2) for level in ("90_days", "month", "week") for baseline in (*both, *money)]
        + [("invoice", baseline, 2) for baseline in both]
    )
    # the night's scores of the same day are still there
    nightly = "select count(*) from marts.fct_forecast_score where backtest = 'nightly'"
    assert published_rows(group / "var", nightly)[0][0] > 0


def test_backtest_of_nothing_says_what_is_missing(group: Path):
    ended = settlehouse("backtest")
    assert ended.exit_code == 1
    assert "either a file of invoices or --config" in ended.error
    ended = settlehouse("backtest", "--config", group / "company.yml", "--origins", "0")
    assert ended.exit_code == 1
    assert "at least one" in ended.error


def test_cutting_all_data_after_an_origin_changes_no_bit_of_its_forecast(group: Path, tmp_path: Path):
    warehouse = Path(shutil.copy(group / "var" / "warehouse.duckdb", tmp_path))
    origin = weekly_origins(pd.Timestamp(AS_OF), 3)[0]
    figures, differing = figures_that_differ(warehouse, origin)
    assert figures > 10_000
    assert differing == 0


def test_items_rebuilt_as_of_a_day_are_the_aging_of_that_day(group: Path):
    """From postings and settlements alone, what the run of the day found open: to the cent, item by item."""
    from dagster_project.backtesting import _HISTORY, _OPEN
    from dagster_project.cash_in import read_cash_in

    with duckdb.connect(str(group / "var" / "warehouse.duckdb"), read_only=True) as warehouse:
        day = date.fromisoformat(AS_OF)
        rebuilt = warehouse.execute(
            f"select receivable_id, amount from ({_OPEN}) order by 1", {"as_of": day}
        ).fetchall()
        aged = warehouse.execute(
            """select receivable_id, cast(open_amount_company_currency as double)
               from marts.fct_receivable_aging as aging
               where as_of = $as_of and not exists (
                   select 1 from intermediate.int_intercompany_party as within
                   where within.party_kind = 'customer' and within.party_id = aging.customer_record_id
               )
               order by 1""",
            {"as_of": day},
        ).fetchall()
        assert rebuilt == aged
        assert rebuilt
        cleared = warehouse.execute(
            f"""select receivable_id, rebuilt.cleared_date from ({_HISTORY}) as rebuilt
                join marts.fct_receivable as now using (receivable_id)
                where rebuilt.cleared_date is distinct from
                    case when now.cleared_date <= $as_of then now.cleared_date end""",
            {"as_of": day},
        ).fetchall()
        assert cleared == []
        known = read_cash_in(warehouse, day)
        assert (
            list(known.credits[["credit_id", "amount"]].itertuples(index=False, name=None))
            == warehouse.execute(
                """select receivable_id, -cast(open_amount_document_currency as double) from marts.fct_receivable_aging
               where as_of = $as_of and open_amount_document_currency < 0 order by 1""",
                {"as_of": day},
            ).fetchall()
        )
        waiting = known.sales[known.sales["invoice_date"].isna()]
        still = warehouse.execute(
            """select count(*) from (
                   select order_id, promised_date
                   from marts.fct_sales_order_line where order_date <= $as_of group by all
                   having sum(backlog_amount_document_currency + uninvoiced_amount_document_currency) > 0
               )""",
            {"as_of": day},
        ).fetchall()
        assert [(len(waiting),)] == still
