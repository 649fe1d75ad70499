"""Margin cut in any order down to the invoice line, period against period, against budget, and what if.

Above the line everything is read from roll-ups of sums; shares, prices and effects are made when they are asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from dashboards.access import ROWS_LISTED, is_open, made_from, query, sees_every_row

# What a reader drills through, in any order: level → the column that a member is told by.
LEVELS: dict[str, str] = {
    "region": "region",
    "country": "country",
    "company": "company_id",
    "category": "category",
    "product": "product_id",
    "channel": "channel",
    "customer": "customer_id",
}
# Members that have a name beside their key: table, key and name.
_NAMED = {
    "company": ("marts.dim_company", "company_id"),
    "product": ("marts.dim_product", "product_id"),
    "customer": ("marts.dim_customer", "customer_id"),
}
_BY_PRODUCT, _BY_CUSTOMER = "fct_margin_monthly", "fct_customer_margin_monthly"
# Of these levels a line knows the key alone: level → dimension and its key.
_LOOKED_UP = {"country": ("marts.dim_customer", "customer_id"), "category": ("marts.dim_product", "product_id")}
# The lines with the columns of the roll-ups. Spans are whole periods, so the day of a line does for its period.
_LINES = """
(
    select
        sold.* exclude (invoice_date),
        sold.invoice_date as period_start,
        {columns}
        sold.margin_amount_reporting_currency is not null as is_cost_known,
        1 as line_count
    from marts.fct_sales_invoice_line as sold
    {joins}
)
"""
_WITHIN = "line.period_start between ${span}_first and ${span}_last"
_SUMS = """
    sum(line.line_count) filter ({when}) as {name}lines,
    sum(line.net_amount_reporting_currency) filter ({when}) as {name}revenue,
    sum(line.cost_amount_reporting_currency) filter ({when}) as {name}cost,
    sum(line.margin_amount_reporting_currency) filter ({when}) as {name}margin,
    sum(line.net_amount_reporting_currency) filter ({when} and line.is_cost_known) as {name}costed_revenue
"""


@dataclass(frozen=True)
class Span:
    """Days from ``first`` to ``last``, both included: whole fiscal periods."""

    first: date
    last: date


@dataclass(frozen=True)
class Period:
    """A fiscal period of the group's calendar."""

    fiscal_year: str
    number: int
    first: date
    last: date

    @property
    def name(self) -> str:
        """As links and pickers call it: 2026-10."""
        return f"{self.fiscal_year}-{self.number:02}"


def fiscal_periods() -> list[Period]:
    """Fiscal periods from the first to the last with sales, oldest first."""
    frame = query(
        f"""
        select fiscal_year::varchar as fiscal_year, fiscal_period::integer as number,
            min(date_day) as first, max(date_day) as last
        from marts.dim_date
        group by all
        having max(date_day) >= (select min(period_start) from marts.{_BY_CUSTOMER})
            and min(date_day) <= (select max(period_start) from marts.{_BY_CUSTOMER})
        order by first
        """
    )
    return [Period(**row) for row in frame.to_dict("records")]  # type: ignore[misc]


def fiscal_year_span(day: date) -> tuple[str, Span] | None:
    """The fiscal year that ``day`` is in, and its days; None where the calendar does not hold it."""
    frame = query(
        """
        select fiscal_year::varchar as name, min(date_day) as first, max(date_day) as last
        from marts.dim_date
        where fiscal_year = (select max(fiscal_year) from marts.dim_date where date_day = $day)
        group by all
        """,
        day=day,
    )
    if frame.empty:
        return None
    row = frame.iloc[0]
    return str(row["name"]), Span(row["first"], row["last"])


def member_names(path: Mapping[str, str]) -> dict[str, str]:
    """What the members of ``path`` are called, by level; a member without a name is its key."""
    names = dict(path)
    for level in path:
        if level in _NAMED and path[level]:
            table, key = _NAMED[level]
            found = query(f"select name from {table} where {key} = $member", member=path[level])
            if not found.empty:
                names[level] = str(found["name"].iloc[0])
    return names


def margin_total(path: Mapping[str, str], span: Span | None, compared: Span | None = None) -> pd.DataFrame:
    """One row: lines, revenue, cost, margin and margin % of what is under ``path``, with ``compared_`` the same of that
    span, and the revenue whose cost is not known."""
    source, where, values = _cut(path, span, compared)
    return query(
        f"""
        with summed as (
            select {_sums(span, compared)}
            from {source} as line
            {where}
        )
        select {_figures(compared)},
            summed.revenue - summed.costed_revenue as revenue_without_cost
        from summed
        """,
        **values,
    )


def margin_by(
    level: str, path: Mapping[str, str], span: Span | None, compared: Span | None = None, most: int = ROWS_LISTED
) -> pd.DataFrame:
    """One row per member of ``level`` (a key of LEVELS) under ``path``, largest revenue first, at most ``most``.

    Its key (``member_key``), its name (``member``), what :func:`margin_total` tells, and the changes.
    """
    source, where, values = _cut(path, span, compared, level)
    name, join = "summed.member_key", ""
    if level in _NAMED:
        table, key = _NAMED[level]
        name, join = (
            "coalesce(named.name, summed.member_key)",
            f"left join {table} as named on member_key = named.{key}",
        )
    return query(
        f"""
        with summed as (
            select line.{LEVELS[level]} as member_key, {_sums(span, compared)}
            from {source} as line
            {where}
            group by line.{LEVELS[level]}
        )
        select member_key, {name} as member, {_figures(compared, changes=True)}
        from summed
        {join}
        order by summed.revenue desc nulls last, {"summed.compared_revenue desc nulls last," if compared else ""} member
        limit $most
        """,
        **values,
        most=most,
    )


def invoice_lines(path: Mapping[str, str], span: Span | None) -> pd.DataFrame:
    """One row per invoice line under ``path``, newest first, at most ROWS_LISTED."""
    conditions, values = _path_conditions(path)
    if span is not None:
        conditions.append(_WITHIN.format(span="now"))
        values |= {"now_first": span.first, "now_last": span.last}
    return query(
        f"""
        -- The newest lines first, then what they are called: a name is looked up for those alone that are listed.
        with listed as (
            select
                line.period_start as invoice_date, line.invoice_number, line.quantity,
                line.net_amount_reporting_currency, line.cost_amount_reporting_currency,
                line.margin_amount_reporting_currency, line.document_currency, line.net_amount_document_currency,
                line.company_id, line.product_id, line.customer_id, line.invoice_line_id
            from {_lines(path)} as line
            {_where(conditions)}
            order by line.period_start desc, line.invoice_number, line.invoice_line_id
            limit $most
        )
        select
            listed.invoice_date,
            listed.invoice_number,
            listed.quantity,
            listed.net_amount_reporting_currency as revenue_reporting_currency,
            listed.cost_amount_reporting_currency as cost_reporting_currency,
            listed.margin_amount_reporting_currency as margin_reporting_currency,
            listed.document_currency,
            listed.net_amount_document_currency,
            company.name as company,
            product.name as product,
            customer.name as customer,
            listed.invoice_line_id
        from listed
        left join marts.dim_company as company on listed.company_id = company.company_id
        left join marts.dim_product as product on listed.product_id = product.product_id
        left join marts.dim_customer as customer on listed.customer_id = customer.customer_id
        order by listed.invoice_date desc, listed.invoice_number, listed.invoice_line_id
        """,
        **values,
        most=ROWS_LISTED,
    )


# ---- price, volume, mix, cost, currency

EFFECTS = ("volume", "mix", "price", "cost", "currency", "in_one_period")


def bridge_sql(source: str, where: str) -> str:
    """SQL of one row: what revenue and cost were, would have been step by step, and are.

    A cell is what one company sells of one product in one currency; cells are compared where something of them was
    sold in both spans, the others are what came and went. Steps, each with what stands before it (Horngren, Datar,
    Rajan, *Cost Accounting*, sales-variance analysis: quantity, mix, price; then the same for the rate of exchange):

    * ``volume``: the old amounts × all pieces now / all pieces then
    * ``mix``: each cell's old amount × its pieces now / its pieces then
    * ``price``, ``cost``: each cell's amount now in its own currency, at the old rate of exchange
    * ``currency``: the amounts now

    An effect is the difference of two steps, so that effects add up to the change whatever a step is rounded to.
    Quotients are made in double precision and rounded to 4 decimals; sums and differences are DECIMAL.
    """
    now, then = _WITHIN.format(span="now"), _WITHIN.format(span="then")
    sums = ",".join(
        f"coalesce(sum(line.{column}) filter ({span}), 0) as {name}_{number}"
        for number, span in ((1, now), (0, then))
        for name, column in (
            ("pieces", "quantity"),
            ("revenue", "net_amount_reporting_currency"),
            ("revenue_own", "net_amount_document_currency"),
            ("cost", "cost_amount_reporting_currency"),
            ("cost_own", "cost_amount_company_currency"),
        )
    )
    return f"""
        with cell as (
            select {sums}
            from {source} as line
            {where} {"and" if where else "where"} line.is_cost_known
            group by line.company_id, line.product_id, line.document_currency
        ),
        step as (
            select
                *,
                pieces_0 > 0 and pieces_1 > 0 as is_compared,
                sum(pieces_1) filter (pieces_0 > 0 and pieces_1 > 0) over ()
                / sum(pieces_0) filter (pieces_0 > 0 and pieces_1 > 0) over () as growth
            from cell
        )
        select
            {",".join(_bridge_steps(amount) for amount in ("revenue", "cost"))}
        from step
    """


def _bridge_steps(amount: str) -> str:
    def total(value: str, of: str = "is_compared") -> str:
        return f"coalesce(sum(({value})::decimal(38, 4)) filter ({of}), 0)::decimal(38, 4)"

    at_old_rate = f"coalesce(round({amount}_own_1::double * {amount}_0 / nullif({amount}_own_0, 0), 4), {amount}_1)"
    return f"""
        {total(f"{amount}_0", "true")} as {amount}_then,
        {total(f"{amount}_0")} as {amount}_compared,
        {total(f"round({amount}_0::double * growth, 4)")} as {amount}_volume,
        {total(f"round({amount}_0::double * pieces_1 / nullif(pieces_0, 0), 4)")} as {amount}_mix,
        {total(at_old_rate)} as {amount}_own,
        {total(f"{amount}_1")} as {amount}_currency,
        {total(f"{amount}_1", "true")} as {amount}_now
    """


def bridge(path: Mapping[str, str], span: Span, compared: Span) -> pd.DataFrame:
    """One row per step from the margin of ``compared`` to that of ``span``: ``effect`` (then, EFFECTS, now) and what
    it does to revenue, cost and margin, in reporting currency. Effects add up to the difference to the last decimal."""
    source, where, values = _cut(path, span, compared, "product")
    frame = query(bridge_sql(source, where), **values)
    steps = frame.iloc[0]
    revenue, cost = effects(steps, "revenue"), effects(steps, "cost")
    rows = []
    for effect in ("then", *EFFECTS, "now"):
        rows.append((effect, revenue[effect], cost[effect], revenue[effect] - cost[effect]))
    columns = ["effect", "revenue_effect", "cost_effect", "margin_effect"]
    made = pd.DataFrame(rows, columns=columns)
    money = frame.dtypes.iloc[0]
    return made_from(made.astype({name: money for name in columns[1:]}), frame)


def effects(steps: pd.Series, amount: str) -> dict[str, Decimal]:
    """The effects on ``amount`` (revenue, cost) of one row of :func:`bridge_sql`, beside what it was and is."""
    then, compared, volume, mix, own, currency, now = (
        Decimal(steps[f"{amount}_{step}"]) for step in ("then", "compared", "volume", "mix", "own", "currency", "now")
    )
    own_effect = own - mix
    return {
        "then": then,
        "volume": volume - compared,
        "mix": mix - volume,
        "price": own_effect if amount == "revenue" else Decimal(0),
        "cost": own_effect if amount == "cost" else Decimal(0),
        "currency": currency - own,
        "in_one_period": (now - currency) - (then - compared),
        "now": now,
    }


# ---- budget


def budget(company_id: str | None, span: Span) -> pd.DataFrame | None:
    """One row per company and line of the budget (revenue, cost_of_sales, gross_profit): budget, actual of the ledger,
    variance, and of revenue its volume and price.

    In reporting currency, both at the average rate of the month, so that a rate explains none of the variance. A budget
    is of a company: it has no regions, products or customers, so it is closed to who sees some of these alone: None.
    """
    if not is_open("fct_budget_variance"):
        return None
    return query(
        """
        with amount as (
            select
                variance.company_id,
                account.purpose as line,
                case account.purpose when 'revenue' then 1 else -1 end as sign,
                (variance.budget_company_currency::decimal(24, 4) * rate.rate)::decimal(38, 4) as budget,
                (variance.actual_company_currency::decimal(24, 4) * rate.rate)::decimal(38, 4) as actual,
                (variance.volume_variance_company_currency::decimal(24, 4) * rate.rate)::decimal(38, 4) as volume,
                (variance.price_variance_company_currency::decimal(24, 4) * rate.rate)::decimal(38, 4) as price
            from marts.fct_budget_variance as variance
            inner join marts.dim_account as account on variance.account_id = account.account_id
            left join (
                select currency, month_start, reporting_currency_per_unit::decimal(14, 8) as rate
                from marts.dim_exchange_rate_monthly
                where rate_type = 'average'
                union all
                select reporting_currency, null, 1 from marts.dim_run
            ) as rate
                on variance.currency = rate.currency
                    and (rate.month_start is null or rate.month_start = date_trunc('month', variance.period_end))
            where account.purpose in ('revenue', 'cost_of_sales')
                and variance.period_start between $now_first and $now_last
                and ($company_id is null or variance.company_id = $company_id)
        ),
        line as (
            select company_id, line, sum(budget) as budget, sum(actual) as actual, sum(volume) as volume,
                sum(price) as price
            from amount
            group by company_id, line
            union all
            select company_id, 'gross_profit', sum(sign * budget), sum(sign * actual), null, null
            from amount
            group by company_id
        )
        select
            company.name as company,
            line.line,
            line.budget as budget_reporting_currency,
            line.actual as actual_reporting_currency,
            line.actual - line.budget as variance_reporting_currency,
            (100 * (line.actual - line.budget) / nullif(line.budget, 0))::decimal(18, 1) as variance_percent,
            line.volume as volume_variance_reporting_currency,
            line.price as price_variance_reporting_currency
        from line
        left join marts.dim_company as company on line.company_id = company.company_id
        order by company.name, case line.line when 'revenue' then 1 when 'cost_of_sales' then 2 else 3 end
        """,
        company_id=company_id,
        now_first=span.first,
        now_last=span.last,
    )


# ---- what if


def by_currency(path: Mapping[str, str], span: Span) -> pd.DataFrame:
    """One row per currency of the sales under ``path``, largest first, in reporting currency.

    ``revenue`` invoiced in it, ``costed_revenue`` of it whose cost is known, ``cost`` of companies with books in it.
    """
    source, where, values = _cut(path, span, None)
    return query(
        f"""
        with summed as (
            select line.document_currency, company.currency as company_currency, {_sums(span, None)}
            from {source} as line
            left join marts.dim_company as company on line.company_id = company.company_id
            {where}
            group by line.document_currency, company.currency
        ),
        part as (
            select document_currency as currency, revenue, costed_revenue, 0 as cost from summed
            union all
            select company_currency, 0, 0, cost from summed
        )
        select currency, sum(revenue) as revenue, sum(costed_revenue) as costed_revenue, sum(cost) as cost
        from part
        group by currency
        having sum(revenue) <> 0 or sum(cost) <> 0
        order by sum(revenue) + sum(cost) desc, currency
        """,
        **values,
    )


@dataclass(frozen=True)
class Change:
    """What if: percent by which the price and the cost of a piece move, discount given on the new price, and percent by
    which each currency moves against the reporting currency."""

    price: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    rates: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Revenue, cost and margin of a slice, the margin of revenue whose cost is known."""

    revenue: Decimal
    costed_revenue: Decimal
    cost: Decimal

    @property
    def margin(self) -> Decimal:
        return self.costed_revenue - self.cost

    @property
    def margin_percent(self) -> Decimal | None:
        return None if not self.costed_revenue else 100 * self.margin / self.costed_revenue


def what_if(currencies: pd.DataFrame, change: Change) -> Outcome:
    """The slice of :func:`by_currency` after ``change``: revenue × (1 + price) × (1 − discount) × (1 + its currency),
    cost × (1 + cost) × (1 + currency of the books). Quantities stay."""
    rates, one = dict(change.rates), Decimal(100)
    price = (one + change.price) / 100 * (one - change.discount) / 100
    revenue = costed = cost = Decimal(0)
    for row in currencies.to_dict("records"):
        rate = (one + rates.get(row["currency"], Decimal(0))) / 100
        revenue += _known(row["revenue"]) * price * rate
        costed += _known(row["costed_revenue"]) * price * rate
        cost += _known(row["cost"]) * (one + change.cost) / 100 * rate
    cent = Decimal("0.01")
    return Outcome(revenue.quantize(cent), costed.quantize(cent), cost.quantize(cent))


@dataclass(frozen=True)
class Result:
    """Result before tax and net profit of the income statement, in reporting currency."""

    before_tax: Decimal
    net: Decimal

    @property
    def tax_percent(self) -> Decimal:
        """Income tax as a share of the result before it; 0 where there is no profit to tax."""
        tax = self.before_tax - self.net
        return (
            Decimal(0) if self.before_tax <= 0 or tax <= 0 else (100 * tax / self.before_tax).quantize(Decimal("0.1"))
        )


def result(company_id: str | None, span: Span) -> Result | None:
    """The result of the span: of ``company_id``, else of the group for who sees all of it, else of own companies; None
    where the statements are closed to the reader or hold nothing."""
    whole = company_id is None and sees_every_row()
    table = "fct_consolidation" if whole else "fct_income_statement"
    if not is_open(table):
        return None
    condition = (
        "scope = 'group' and statement = 'income_statement'"
        if whole
        else "($company_id is null or company_id = $company_id)"
    )
    frame = query(
        f"""
        select
            sum(amount_reporting_currency) filter (line <> 'income_tax') as before_tax,
            sum(amount_reporting_currency) as net
        from marts.{table}
        where {condition} and period_start between $now_first and $now_last
        """,
        now_first=span.first,
        now_last=span.last,
        **({} if whole else {"company_id": company_id}),
    )
    before_tax, net = frame.iloc[0]
    return None if pd.isna(net) or pd.isna(before_tax) else Result(Decimal(before_tax), Decimal(net))


# ---- what is read, and how much of it


def _cut(
    path: Mapping[str, str], span: Span | None, compared: Span | None, *levels: str
) -> tuple[str, str, dict[str, object]]:
    """Where the sums of ``levels`` under ``path`` are read from, the condition, and its values."""
    conditions, values = _path_conditions(path)
    spans = []
    for name, one in (("now", span), ("then", compared)):
        if one is not None:
            spans.append(_WITHIN.format(span=name))
            values |= {f"{name}_first": one.first, f"{name}_last": one.last}
    if spans and span is not None:
        conditions.append(f"({' or '.join(spans)})")
    return _source({*path, *levels}), _where(conditions), values


def _source(levels: Collection[str]) -> str:
    """The smallest table that tells all of ``levels`` and is open to the reader."""
    if "customer" not in levels and is_open(_BY_PRODUCT):
        return f"marts.{_BY_PRODUCT}"
    if not {"category", "product"} & set(levels) and is_open(_BY_CUSTOMER):
        return f"marts.{_BY_CUSTOMER}"
    return _lines(levels)


def _lines(levels: Collection[str]) -> str:
    """The lines, with what dimensions tell of them joined for ``levels`` alone: they are many."""
    joined = [level for level in _LOOKED_UP if level in levels]
    joins = (
        f"left join {table} as {level} on sold.{key} = {level}.{key}"
        for level in joined
        for table, key in (_LOOKED_UP[level],)
    )
    return _LINES.format(columns=" ".join(f"{level}.{level}," for level in joined), joins=" ".join(joins))


def _path_conditions(path: Mapping[str, str]) -> tuple[list[str], dict[str, object]]:
    """The conditions of a path. The empty text stands for "none", as a link cannot hold a NULL."""
    conditions = []
    for level, member in path.items():
        column = f"line.{LEVELS[level]}"
        conditions.append(f"{column} = $at_{level}" if member else f"{column} is null")
    return conditions, {f"at_{level}": member for level, member in path.items() if member}


def _where(conditions: list[str]) -> str:
    return ("where " + " and ".join(conditions)) if conditions else ""


def _sums(span: Span | None, compared: Span | None) -> str:
    now = _WITHIN.format(span="now") if span is not None else "true"
    sums = _SUMS.format(when=now, name="")
    return sums if compared is None else f"{sums}, {_SUMS.format(when=_WITHIN.format(span='then'), name='compared_')}"


def _figures(compared: Span | None, *, changes: bool = False) -> str:
    def of(name: str) -> list[str]:
        share = f"(100.0 * summed.{name}margin / nullif(summed.{name}costed_revenue, 0))::decimal(18, 1)"
        return [
            f"summed.{name}revenue as {name}revenue_reporting_currency",
            f"summed.{name}cost as {name}cost_reporting_currency",
            f"summed.{name}margin as {name}margin_reporting_currency",
            f"{share} as {name}margin_percent",
        ]

    def change(name: str) -> str:
        return f"coalesce(summed.{name}, 0) - coalesce(summed.compared_{name}, 0) as {name}_change_reporting_currency"

    figures = [*of(""), "summed.lines::integer as line_count"]
    if compared is not None and changes:
        names = of("compared_")
        figures = [figures[0], names[0], change("revenue"), figures[1], figures[2], names[2], change("margin"),
                   figures[3], names[3], figures[4]]  # fmt: skip
    elif compared is not None:
        figures += of("compared_")
    return ", ".join(figures)


def _known(value: object) -> Decimal:
    return Decimal(0) if value is None or pd.isna(value) else Decimal(str(value))  # type: ignore[call-overload]
