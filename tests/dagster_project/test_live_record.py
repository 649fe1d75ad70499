"""Which nights of a forecast stay in the warehouse."""

from datetime import date, timedelta

import duckdb

from dagster_project.live_record import thin_out

AS_OF = date(2026, 10, 31)


def nights(warehouse: duckdb.DuckDBPyConnection) -> list[date]:
    return [day for (day,) in warehouse.execute("select forecast_as_of from marts.fct_x order by 1").fetchall()]


def test_old_nights_are_thinned_to_the_last_of_each_month_and_a_second_time_changes_nothing() -> None:
    with duckdb.connect() as warehouse:
        warehouse.execute("create schema marts")
        # every night of 200 days but the last of May, when nothing ran
        warehouse.execute(
            """
            create table marts.fct_x as
            select day::date as forecast_as_of
            from range(date '2026-04-15', date '2026-11-01', interval 1 day) as days (day)
            where day <> date '2026-05-31'
            """
        )
        before = nights(warehouse)
        gone = thin_out(warehouse, ["fct_x"], AS_OF, 120)
        daily = [day for day in before if day >= AS_OF - timedelta(days=120)]
        # 120 days before the 31st of October is the 3rd of July: of June the 30th stays, of July every night from then
        assert nights(warehouse) == [date(2026, 4, 30), date(2026, 5, 30), date(2026, 6, 30), *daily]
        assert daily[0] == date(2026, 7, 3)
        assert gone == len(before) - len(nights(warehouse))
        assert thin_out(warehouse, ["fct_x"], AS_OF, 120) == 0
        # a run of an earlier day takes out nothing that it would have kept
        assert thin_out(warehouse, ["fct_x"], date(2026, 9, 1), 120) == 0
