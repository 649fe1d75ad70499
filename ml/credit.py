"""Credit of customers: grade by a score whose points are published, probability of default, exposure, expected loss.

Default, as IFRS 9 (B5.5.37) and Basel (CRR art. 178) presume it: an item more than 90 days overdue of which more than
1 % is still open, or a write-off. In default: some item is so now, or was written off within the last 90 days.
Everything is as known at the end of ``as_of``; of a dispute no day is known, so it counts from the due date on.

Frames. ``items``: receivable_id, company_id, customer_id, posting_date, due_date, cleared_date (NaT while open), amount
(company currency; credits are negative), is_disputed. ``settlements``: receivable_id, settlement_date, kind
(write_off is a loss, all else is money, a note or a credit), amount.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.features import DAY, days_between

KEY = ["company_id", "customer_id"]
DEFAULT_DAYS = 90
MATERIAL_SHARE = 0.01
YEAR = 365
RECENT_DAYS = 90
RECENT_STEP = 91
"""Days between the past days on which customers are graded to learn what grades lead to."""
LATE_LEAST, LATE_MOST = -30.0, 180.0
"""Days late beyond these count as these: one forgotten invoice must not be a customer's whole behaviour."""
PRIOR_ITEMS = 5.0
"""Weight, in items, of the company's average in a customer's measures."""

COMPONENTS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "payment_days": ((0.0, 10.0, 20.0, 40.0, 70.0), (25.0, 18.5, 11.5, 4.5, 0.0)),
    "trend_days": ((-5.0, 0.0, 10.0, 25.0), (5.0, 4.0, 1.5, 0.0)),
    "overdue_share": ((0.0, 0.2, 0.5, 0.9), (20.0, 14.0, 6.0, 0.0)),
    "oldest_overdue_days": ((0.0, 15.0, 30.0, 60.0, 90.0), (25.0, 20.0, 13.0, 5.0, 0.0)),
    "disputed_share": ((0.0, 0.02, 0.06, 0.2), (10.0, 7.0, 3.0, 0.0)),
    "loss_share": ((0.0, 0.005, 0.02, 0.06), (10.0, 7.0, 3.0, 0.0)),
    "relation_months": ((0.0, 12.0, 36.0), (0.0, 3.0, 5.0)),
}
"""Measure → its values and the points they give, straight lines between. The most points add up to 100."""
GRADES = (("A", 84.0), ("B", 76.0), ("C", 66.0), ("D", 52.0), ("E", 0.0))
"""Grade and the least points it takes. Who is in default has an E whatever the points."""
PRIOR_DEFAULT = {"A": 0.01, "B": 0.03, "C": 0.07, "D": 0.15, "E": 0.30}
"""Probability of default over 12 months where a group has no history of its own; weighs PRIOR_CUSTOMER_YEARS."""
PRIOR_CUSTOMER_YEARS = 10.0
PRIOR_LOSS_GIVEN_DEFAULT, PRIOR_DEFAULTS = 0.45, 10.0
"""45 % of unsecured claims on companies is what Basel's foundation approach assumes; it weighs 10 defaults."""

FREEZE_OVERDUE_DAYS = 60
FREEZE_BROKEN_PROMISES = 2


@dataclass(frozen=True)
class CreditResult:
    """``assessments``: one row per company and customer; ``grades``: one row per grade, how its pd came about."""

    assessments: pd.DataFrame
    grades: pd.DataFrame


def known_states(items: pd.DataFrame, settlements: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Items known at the end of ``as_of`` with what was so then.

    Returns:
        Columns of ``items`` with cleared_date as known then, and open (0 when cleared), written_off (amount so far),
        days_overdue (negative before due), is_material (more than 1 % of a positive item is open); by receivable_id.
    """
    known = items[items["posting_date"] <= as_of].sort_values("receivable_id").reset_index(drop=True)
    past = settlements[settlements["settlement_date"] <= as_of]
    settled = _sum_by_item(past)
    lost = _sum_by_item(past[past["kind"] == "write_off"])
    cleared = known["cleared_date"].where(known["cleared_date"] <= as_of)
    rest = known["amount"] - known["receivable_id"].map(settled).fillna(0.0)
    # to the cent: what doubles leave of a settled item is nothing
    open_amount = rest.round(4).where(cleared.isna(), 0.0)
    return known.assign(
        cleared_date=cleared,
        open=open_amount,
        written_off=known["receivable_id"].map(lost).fillna(0.0),
        days_overdue=days_between(pd.Series(as_of, index=known.index), known["due_date"]),
        is_material=(known["amount"] > 0) & (open_amount > MATERIAL_SHARE * known["amount"]),
    )


def measures(items: pd.DataFrame, settlements: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """What the score looks at, one row per company and customer with an item by ``as_of``.

    Returns:
        company_id, customer_id, the columns COMPONENTS names, open_amount (positive items), credit_amount (negative),
        item_count (due within the last year), in_default, is_active (an open item, or one due within the last year).
        payment_days is the average days late of the year, by amount; trend_days that of the last 90 days less it;
        loss_share what was written off or is over 90 days overdue of what fell due in two years. All but
        oldest_overdue_days and relation_months are drawn towards the company's average: five items weigh half.
    """
    states = known_states(items, settlements, as_of)
    first = states.groupby(KEY, dropna=False)["posting_date"].min()
    index = first.index
    owed = states[states["amount"] > 0]
    paid_late = days_between(owed["cleared_date"].fillna(as_of), owed["due_date"]).clip(LATE_LEAST, LATE_MOST)
    owed = owed.assign(late=paid_late, weighted_late=paid_late * owed["amount"])
    days_due = days_between(pd.Series(as_of, index=owed.index), owed["due_date"])
    year = owed[(days_due >= 0) & (days_due < YEAR)]
    recent = owed[(days_due >= 0) & (days_due < RECENT_DAYS)]
    two_years = owed[(days_due >= 0) & (days_due < 2 * YEAR)]
    lost = _losses(settlements, states, as_of)
    is_open = owed[owed["open"] > 0]
    overdue = is_open.assign(open=is_open["open"].where(is_open["days_overdue"] > 0, 0.0))
    bad = two_years["open"].where((two_years["days_overdue"] > DEFAULT_DAYS) & two_years["is_material"], 0.0)
    disputed = year["amount"].where(year["is_disputed"].fillna(False).astype(bool), 0.0)

    count = year.groupby(KEY, dropna=False).size().reindex(index, fill_value=0).astype(float)
    open_count = is_open.groupby(KEY, dropna=False).size().reindex(index, fill_value=0).astype(float)
    recent_count = recent.groupby(KEY, dropna=False).size().reindex(index, fill_value=0).astype(float)
    two_count = two_years.groupby(KEY, dropna=False).size().reindex(index, fill_value=0).astype(float)

    def ratio(top: pd.DataFrame, over: pd.DataFrame, column: str, weight: str, n: pd.Series) -> pd.Series:
        """Σ column / Σ weight of each customer, drawn towards that of its company."""
        above = top.groupby(KEY, dropna=False)[column].sum().reindex(index, fill_value=0.0)
        below = over.groupby(KEY, dropna=False)[weight].sum().reindex(index, fill_value=0.0)
        company = index.get_level_values("company_id")
        level = (above.groupby(company).sum() / below.groupby(company).sum().replace(0.0, np.nan)).fillna(0.0)
        average = pd.Series(level.reindex(company).to_numpy(), index=index)
        own = (above / below.replace(0.0, np.nan)).fillna(average)
        return (n * own + PRIOR_ITEMS * average) / (n + PRIOR_ITEMS)

    payment = ratio(year, year, "weighted_late", "amount", count)
    lately = ratio(recent, recent, "weighted_late", "amount", recent_count)
    worst = is_open[is_open["is_material"]].groupby(KEY, dropna=False)["days_overdue"].max()
    losses = pd.concat([lost, two_years[KEY].assign(lost=bad)])
    result = pd.DataFrame(
        {
            "payment_days": payment,
            "trend_days": (lately - payment) * recent_count / (recent_count + PRIOR_ITEMS),
            "overdue_share": ratio(overdue, is_open, "open", "open", open_count),
            "oldest_overdue_days": worst.reindex(index).fillna(0.0).clip(lower=0.0),
            "disputed_share": ratio(year.assign(disputed=disputed), year, "disputed", "amount", count),
            "loss_share": ratio(losses, two_years, "lost", "amount", two_count),
            "relation_months": days_between(pd.Series(as_of, index=index), first) / (YEAR / 12),
            "open_amount": is_open.groupby(KEY, dropna=False)["open"].sum().reindex(index, fill_value=0.0),
            "credit_amount": _credits(states).reindex(index, fill_value=0.0),
            "item_count": count.astype(int),
            "in_default": worst.reindex(index).gt(DEFAULT_DAYS) | _recently_lost(settlements, states, index, as_of),
            "is_active": (open_count > 0) | (count > 0),
        }
    )
    return result.reset_index()


def score(measured: pd.DataFrame) -> pd.DataFrame:
    """``measured`` with points_<component> (tenths), points (their sum, 0 to 100) and grade (A best, E worst)."""
    scored = measured.copy()
    total = pd.Series(0, index=scored.index)
    for name, (values, points) in COMPONENTS.items():
        tenths = np.rint(10 * np.interp(scored[name].to_numpy(float), values, points)).astype(int)
        scored[f"points_{name}"] = tenths / 10
        total = total + tenths
    scored["points"] = total / 10
    grade = np.select([total >= 10 * least for _, least in GRADES], [name for name, _ in GRADES], "E")
    scored["grade"] = np.where(scored["in_default"], "E", grade)
    return scored


def default_days(items: pd.DataFrame, settlements: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Each time an item put its customer in default by ``as_of``: company_id, customer_id, default_date, by date."""
    known = items[(items["posting_date"] <= as_of) & (items["amount"] > 0)].sort_values("receivable_id")
    day = known["due_date"] + (DEFAULT_DAYS + 1) * DAY
    reached = known[(day <= as_of) & ~(known["cleared_date"] <= day)].assign(default_date=day)
    dated = settlements.merge(reached[["receivable_id", "default_date"]], on="receivable_id")
    settled = reached["receivable_id"].map(_sum_by_item(dated[dated["settlement_date"] <= dated["default_date"]]))
    aged = reached[reached["amount"] - settled.fillna(0.0) > MATERIAL_SHARE * reached["amount"]]
    losses = settlements[(settlements["kind"] == "write_off") & (settlements["settlement_date"] <= as_of)]
    written = losses.merge(known[["receivable_id", *KEY, "amount"]], on="receivable_id", suffixes=("_lost", ""))
    written = written[written["amount_lost"] > MATERIAL_SHARE * written["amount"]]
    written = written.rename(columns={"settlement_date": "default_date"})
    columns = [*KEY, "default_date"]
    return pd.concat([aged[columns], written[columns]]).sort_values([*columns[::-1]]).reset_index(drop=True)


def default_rates(items: pd.DataFrame, settlements: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Probability of default within 12 months by grade, from what became of past grades by ``as_of``.

    Customers are graded every 91 days in the past, as long as half a year lies before and 91 days behind; who owed
    something and was not in default is followed until it defaults, for 365 days, or to ``as_of``. Defaults per
    customer-year give the probability of a constant intensity, 1 - exp(-rate). Overlapping years count in part, so
    that all together weigh what they cover. The rate of a grade is drawn towards PRIOR_DEFAULT, which weighs
    PRIOR_CUSTOMER_YEARS, and no better grade may have a higher one (pooling neighbours, Ayer et al. 1955).

    Returns:
        grade, customer_years, default_count (in the same weight), observed_rate (defaults a customer-year; empty
        without customers), probability_of_default; A to E.
    """
    from sklearn.isotonic import isotonic_regression

    events = default_days(items, settlements, as_of)
    years = dict.fromkeys(PRIOR_DEFAULT, 0.0)
    defaults = dict.fromkeys(PRIOR_DEFAULT, 0.0)
    begin = items.loc[items["posting_date"] <= as_of, "posting_date"].min()
    covered = followed_days = 0.0
    for step in range(1, 13):
        origin = as_of - step * RECENT_STEP * DAY
        if pd.isna(begin) or origin < begin + YEAR // 2 * DAY:
            break
        graded = score(measures(items, settlements, origin))
        graded = graded[(graded["open_amount"] > 0) & ~graded["in_default"]]
        window = min(YEAR, step * RECENT_STEP)
        days = _days_to_default(graded, events, origin)
        hit = days <= window
        for grade, is_hit, followed_for in zip(graded["grade"], hit, np.where(hit, days, window), strict=True):
            years[grade] += followed_for / YEAR
            defaults[grade] += is_hit
        covered, followed_days = step * RECENT_STEP, followed_days + window
    weight = covered / followed_days if followed_days else 0.0
    rows = []
    for name, prior in PRIOR_DEFAULT.items():
        n, hits = weight * years[name], weight * defaults[name]
        intensity = (hits - PRIOR_CUSTOMER_YEARS * np.log(1 - prior)) / (n + PRIOR_CUSTOMER_YEARS)
        rows.append((name, n, hits, hits / n if n else np.nan, 1 - np.exp(-intensity)))
    made = pd.DataFrame(
        rows, columns=["grade", "customer_years", "default_count", "observed_rate", "probability_of_default"]
    )
    made["probability_of_default"] = isotonic_regression(
        made["probability_of_default"].to_numpy(),
        sample_weight=(made["customer_years"] + PRIOR_CUSTOMER_YEARS).to_numpy(),
    )
    return made


def _days_to_default(graded: pd.DataFrame, events: pd.DataFrame, origin: pd.Timestamp) -> np.ndarray:
    """Days from ``origin`` to each customer's next default; infinite where ``events`` has none."""
    later = events[events["default_date"] > origin].groupby(KEY, dropna=False)["default_date"].min()
    day = later.reindex(pd.MultiIndex.from_frame(graded[KEY]))
    return days_between(day, pd.Series(origin, index=day.index)).fillna(np.inf).to_numpy(float)


def followed(graded: pd.DataFrame, events: pd.DataFrame, origin: pd.Timestamp) -> np.ndarray:
    """Whether each customer of ``graded`` came into default within 365 days after ``origin``, by ``events``."""
    later = events[(events["default_date"] > origin) & (events["default_date"] <= origin + YEAR * DAY)]
    hit = pd.MultiIndex.from_frame(later[KEY].drop_duplicates())
    return np.asarray(pd.MultiIndex.from_frame(graded[KEY]).isin(hit))


def loss_given_default(items: pd.DataFrame, settlements: pd.DataFrame, as_of: pd.Timestamp) -> tuple[float, int]:
    """Share of what is open when a customer first defaults that a year later is unpaid or written off, and of how many.

    Each default weighs by its exposure beside the average of its company; drawn towards 45 %, which weighs 10 defaults.
    """
    events = default_days(items, settlements, as_of)
    first = events.groupby(KEY, as_index=False, dropna=False)["default_date"].min()
    first = first[first["default_date"] + YEAR * DAY <= as_of]
    if first.empty:
        return PRIOR_LOSS_GIVEN_DEFAULT, 0
    owed = items[items["amount"] > 0].merge(first, on=KEY)
    owed = owed[(owed["posting_date"] <= owed["default_date"]) & ~(owed["cleared_date"] <= owed["default_date"])]
    owed = owed.sort_values("receivable_id")
    dated = settlements.merge(owed[["receivable_id", "default_date"]], on="receivable_id")
    end = dated["default_date"] + YEAR * DAY
    before = dated[dated["settlement_date"] <= dated["default_date"]]
    recovered = dated[
        (dated["settlement_date"] > dated["default_date"]) & (dated["settlement_date"] <= end)
        & (dated["kind"] != "write_off")
    ]  # fmt: skip
    ids = owed["receivable_id"]
    exposure = (owed["amount"] - ids.map(_sum_by_item(before)).fillna(0.0)).clip(lower=0.0)
    back = ids.map(_sum_by_item(recovered)).fillna(0.0).clip(lower=0.0)
    parts = owed.assign(exposure=exposure, lost=(exposure - back).clip(lower=0.0)).groupby(KEY, dropna=False)
    sums = parts[["exposure", "lost"]].sum()
    sums = sums[sums["exposure"] > 0]
    company = sums.index.get_level_values("company_id")
    weight = sums["exposure"] / sums["exposure"].groupby(company).transform("mean")
    share = float((weight * sums["lost"] / sums["exposure"]).sum() / weight.sum()) if len(sums) else 0.0
    n = len(sums)
    return (n * share + PRIOR_DEFAULTS * PRIOR_LOSS_GIVEN_DEFAULT) / (n + PRIOR_DEFAULTS), n


def assess_credit(
    items: pd.DataFrame,
    settlements: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    limits: pd.DataFrame | None = None,
    commitments: pd.DataFrame | None = None,
    matrix: pd.DataFrame | None = None,
    promises: pd.DataFrame | None = None,
) -> CreditResult:
    """Grade, exposure, expected loss and freeze proposal of every active customer of every company at ``as_of``.

    Args:
        items, settlements: as above, of customers outside the group; later rows are not seen.
        limits: company_id, customer_id, credit_limit (company currency; empty or negative is no limit, 0 is no credit).
        commitments: company_id, customer_id, note_amount, backlog_amount: bills not matured, ordered and not invoiced.
        matrix: company_id, customer_id, expected_loss_matrix by the provision matrix.
        promises: company_id, customer_id, broken_count of the last 180 days.

    Returns:
        assessments: forecast_as_of, company_id, customer_id, grade, points, points_<component>, the measures,
        in_default, open_amount, credit_amount, note_amount, backlog_amount, exposure (what is owed less credits, at
        least 0, plus bills and backlog), credit_limit, limit_use (share of the limit; empty without one or at 0),
        probability_of_default (1 in default), loss_given_default, expected_loss_model (pd x lgd x open_amount, beside
        the matrix), expected_loss_matrix, expected_loss_difference, expected_loss_exposure (pd x lgd x exposure),
        freeze_proposed, freeze_reason (codes joined by commas; empty when none), broken_promise_count.
    """
    as_of = pd.Timestamp(as_of).normalize()
    items, settlements, texts = _numbered(items, settlements)
    scored = score(measures(items, settlements, as_of))
    scored = scored.assign(**{column: texts[column].take(scored[column].to_numpy()) for column in KEY})
    # who only has bills, orders or a limit is no customer yet; who has an open item or bought within the year is
    scored = scored[scored["is_active"]].drop(columns="is_active").reset_index(drop=True)
    grades = default_rates(items, settlements, as_of)
    given, defaults = loss_given_default(items, settlements, as_of)
    for frame, columns in (
        (limits, ["credit_limit"]),
        (commitments, ["note_amount", "backlog_amount"]),
        (matrix, ["expected_loss_matrix"]),
        (promises, ["broken_count"]),
    ):
        if frame is None or frame.empty:
            scored[columns] = np.nan
        else:
            scored = scored.merge(frame[[*KEY, *columns]], on=KEY, how="left", validate="one_to_one")
    filled = ["note_amount", "backlog_amount", "expected_loss_matrix", "broken_count"]
    scored[filled] = scored[filled].astype(float).fillna(0.0)
    limit = scored["credit_limit"].astype(float)
    scored["credit_limit"] = limit.where(limit >= 0)
    net = (scored["open_amount"] + scored["credit_amount"]).clip(lower=0.0)
    scored["exposure"] = net + scored["note_amount"] + scored["backlog_amount"]
    scored["limit_use"] = scored["exposure"] / scored["credit_limit"].where(scored["credit_limit"] > 0)
    pd_of = scored["grade"].map(grades.set_index("grade")["probability_of_default"]).astype(float)
    scored["probability_of_default"] = pd_of.where(~scored["in_default"], 1.0)
    scored["loss_given_default"] = given
    risk = scored["probability_of_default"] * given
    scored["expected_loss_model"] = risk * scored["open_amount"]
    scored["expected_loss_difference"] = scored["expected_loss_model"] - scored["expected_loss_matrix"]
    scored["expected_loss_exposure"] = risk * scored["exposure"]
    scored["broken_promise_count"] = scored.pop("broken_count").astype(int)
    owes = scored["exposure"] > 0
    reasons = {
        "over_limit": scored["exposure"] > scored["credit_limit"],
        "overdue": scored["oldest_overdue_days"] > FREEZE_OVERDUE_DAYS,
        "grade": owes & (scored["grade"] == "E"),
        "broken_promises": owes & (scored["broken_promise_count"] >= FREEZE_BROKEN_PROMISES),
    }
    given_reasons = np.column_stack([np.asarray(flag, dtype=bool) for flag in reasons.values()])
    scored["freeze_proposed"] = pd.Series(given_reasons.any(axis=1), index=scored.index)
    names = list(reasons)
    scored["freeze_reason"] = [
        ",".join(name for name, is_so in zip(names, row, strict=True) if is_so) for row in given_reasons
    ]
    scored.insert(0, "forecast_as_of", as_of)
    grades = grades.assign(loss_given_default=given, loss_default_count=defaults)
    grades.insert(0, "forecast_as_of", as_of)
    return CreditResult(scored, grades)


def _numbered(items: pd.DataFrame, settlements: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, pd.Index]]:
    """Items and their settlements with the place of each name among the sorted names instead of it, and the names.

    They are grouped some two hundred times, which by text takes minutes for a million items.
    """
    names, places = {}, {}
    for column in ("receivable_id", *KEY):
        place, found = pd.factorize(items[column], sort=True, use_na_sentinel=False)
        places[column], names[column] = place, pd.Index(found)
    settled = names["receivable_id"].get_indexer(pd.Index(settlements["receivable_id"]))
    known = settled >= 0
    settlements = settlements[known].assign(
        receivable_id=settled[known], kind=settlements["kind"][known].astype("category")
    )
    return items.assign(**places), settlements, names


def _sum_by_item(settlements: pd.DataFrame) -> pd.Series:
    """Amount settled per receivable; rounded, so that the order of the rows does not show in the last bit."""
    return settlements.groupby("receivable_id")["amount"].sum().round(6)


def _credits(states: pd.DataFrame) -> pd.Series:
    credit = states[states["amount"] <= 0]
    return credit.groupby(KEY, dropna=False)["open"].sum()


def _losses(settlements: pd.DataFrame, states: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Write-offs of the last two years: company_id, customer_id, lost."""
    recent = settlements[
        (settlements["kind"] == "write_off") & (settlements["settlement_date"] <= as_of)
        & (settlements["settlement_date"] > as_of - 2 * YEAR * DAY)
    ].sort_values(["receivable_id", "settlement_date", "amount"])  # fmt: skip
    found = recent.merge(states[["receivable_id", *KEY]], on="receivable_id")
    return found.rename(columns={"amount": "lost"})[[*KEY, "lost"]]


def _recently_lost(settlements: pd.DataFrame, states: pd.DataFrame, index: pd.Index, as_of: pd.Timestamp) -> np.ndarray:
    recent = settlements[
        (settlements["kind"] == "write_off") & (settlements["settlement_date"] <= as_of)
        & (settlements["settlement_date"] > as_of - DEFAULT_DAYS * DAY)
    ]  # fmt: skip
    found = recent.merge(states[["receivable_id", *KEY, "amount"]], on="receivable_id", suffixes=("_lost", ""))
    found = found[found["amount_lost"] > MATERIAL_SHARE * found["amount"]]
    return np.asarray(index.isin(pd.MultiIndex.from_frame(found[KEY].drop_duplicates())))
