"""Cash in over the next 90 days, from invoices up: every open invoice, every invoice to come, every note held.

Each is drawn on the same paths. What moves invoices together is drawn once per path: a customer's luck is shared by all
its invoices, everyone's luck by all, the level of orders by all orders. How strong that is, is measured on the past
(``estimate_links``), not set. Amounts are whole cents of the document currency, so levels add up (see ``CashPaths``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.calibration import LEAST_UNPAID, LatenessDistribution
from ml.features import DAY, days_between
from ml.new_invoices import draw_new_invoices, working_days
from ml.paths import CENTS, PATHS, CashPaths, group_rows, receipt_weeks, stacked
from ml.pay_days import PayDays, rest_at_new_year
from ml.receipts import ReceiptForecaster, SimilarInvoices

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HORIZON_DAYS = 90
COMPONENTS = ("open", "new", "notes")
LEAF = ["company_id", "currency", "region", "segment"]
UNKNOWN = "unknown"
INTERCOMPANY = "Intercompany"
"""Segment of companies of the group, as ``customers`` name it."""
BEYOND_DAYS = 28
"""Days past the horizon that are drawn too, so that pay-days beyond it are weighed against those before."""
ROWS_AT_ONCE = 4_000
CREDIT_DAYS = 60
"""Money received and not applied stands against the customer's invoices for so long; older money nobody can place."""
FEW = 30.0
"""Past invoices of a customer at which its own share (of notes, of cash per invoice) counts as much as everyone's."""
LINK_INVOICES = 60_000
LINK_ORIGINS_DAYS = (63, 91, 119)
"""Days before as_of at which forecasts are made again, to see how far invoices moved together."""
NOTE_DAYS = 190
"""Notes received at least so long ago have met their fate."""


@dataclass(frozen=True)
class Links:
    """Share of an invoice's luck (its place in its own distribution, as a normal variate) that others share.

    customer: with the customer's other invoices; everyone: with all invoices.
    """

    customer: float = 0.1
    everyone: float = 0.002


@dataclass(frozen=True)
class CashInData:
    """What is known of money to come in. Every frame may hold rows of later days: they are not seen.

    invoices: receivable_id, company_id, customer_id, currency, invoice_date (posting date where it has none), due_date,
        cleared_date, amount. ``currency`` is the document's, as are amounts everywhere.
    payments: receivable_id, day, kind (payment, note, or anything else that brings no cash), amount: what was applied.
    sales: SALE_COLUMNS of ml.new_invoices.
    notes: note_id, company_id, customer_id, currency, received_date, maturity_date, ended_date, ending (matured,
        discounted, endorsed, dishonoured), amount (of one not ended, what is left of it), cash (what it has brought).
    credits: credit_id, company_id, customer_id, currency, day, cleared_date, amount (positive): money and credit notes
        not applied to an invoice.
    customers: customer_id, region, segment, country (ISO 3166; its holidays move payments).
    companies: company_id, country, currency.
    """

    invoices: pd.DataFrame
    payments: pd.DataFrame
    sales: pd.DataFrame
    notes: pd.DataFrame
    credits: pd.DataFrame
    customers: pd.DataFrame
    companies: pd.DataFrame


def first_receipts(data: CashInData, as_of: pd.Timestamp) -> pd.DataFrame:
    """``data.invoices`` with the day of the first money (a payment or a note) as ``cleared_date``.

    What the simulation asks of a forecaster: of an open invoice it is known whether anything has come. One that has
    brought its first part stands in the books as open for weeks more, and would pass for one that nobody pays.
    """
    paid = data.payments[data.payments["kind"].isin(["payment", "note"]) & (data.payments["day"] <= as_of)]
    first = paid.groupby("receivable_id")["day"].min().reindex(data.invoices["receivable_id"])
    cleared = data.invoices["cleared_date"].where(data.invoices["cleared_date"] <= as_of)
    return data.invoices.assign(cleared_date=pd.Series(first.to_numpy(), index=data.invoices.index).fillna(cleared))


@dataclass
class _Claims:
    """Rows that become cash, and how often each does on each path."""

    rows: pd.DataFrame
    comes: NDArray[np.uint8]  # rows × paths: how often


LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
QUANTILE_COLUMNS = ("p025", "p05", "p10", "p25", "p50", "p75", "p90", "p95", "p975")
LEVEL_KEYS = {
    "leaf": LEAF,
    "company_currency": ["company_id", "currency"],
    "company": ["company_id"],
    "region": ["region"],
    "segment": ["segment"],
    "group": [],
}
"""Levels of the published table and their keys; from company on, currencies are mixed and figures are converted."""
PATHS_KEPT = 200
PATH_KEYS = ["company_id", "currency", "region", "customer_bucket", "component"]


def forecast_days(as_of: pd.Timestamp) -> pd.DatetimeIndex:
    """Days after ``as_of`` to the Sunday of the week that completes 90 days: whole weeks, but for the first."""
    last = as_of + HORIZON_DAYS * DAY
    return pd.date_range(as_of + DAY, last + (6 - last.day_of_week) * DAY, freq="D")


def simulate_cash_in(
    data: CashInData,
    as_of: pd.Timestamp,
    forecaster: ReceiptForecaster,
    links: Links | None = None,
    paths: int = PATHS,
    seed: int = 0,
    by_customer: dict[str, str] | None = None,
) -> CashPaths:
    """All leaves at once; for many leaves take ``cash_in_blocks``, whose memory is bounded."""
    return stacked(list(cash_in_blocks(data, as_of, forecaster, links, paths, seed, by_customer)))


def cash_in_blocks(
    data: CashInData,
    as_of: pd.Timestamp,
    forecaster: ReceiptForecaster,
    links: Links | None = None,
    paths: int = PATHS,
    seed: int = 0,
    by_customer: dict[str, str] | None = None,
    series_at_once: int = 300,
    documents: DocumentCash | None = None,
) -> Iterator[CashPaths]:
    """Cash in per leaf and component, a block of series at a time; a block never splits a series.

    Args:
        as_of: last day whose events may be used; cutting everything after it from ``data`` changes nothing.
        forecaster: fitted on ``first_receipts`` as known at ``as_of``.
        links: how strongly invoices move together; the start values when none are given.
        by_customer: customer_id → bucket; adds the key ``customer_bucket`` to the series (others: "other").
        seed: the same seed and data give the same bits.
        documents: is told what each open invoice and note held brings; with it the paths are the same bits.

    Yields:
        Series with the keys company_id, currency, region, segment (customer_bucket) and component; ``currency`` is the
        document currency. There is always at least one series.
    """
    as_of = pd.Timestamp(as_of).normalize()
    days = forecast_days(as_of)
    links = links or Links()
    keys = [*LEAF, *(["customer_bucket"] if by_customer is not None else []), "component"]
    world = _World(data, as_of, days, paths, seed)
    claims = _claims(world, by_customer, keys)
    held = _held_notes(world, by_customer)
    series = pd.concat([claims.rows[keys], held[keys]]).drop_duplicates()
    if series.empty:
        empty = pd.DataFrame({key: [UNKNOWN] for key in keys}).assign(component=COMPONENTS[0])
        yield CashPaths(empty, days, np.zeros((1, paths, len(days)), dtype=np.int64))
        return
    series = group_rows(series, keys)[0]
    place = pd.Series(np.arange(len(series)), index=pd.MultiIndex.from_frame(series))
    at = place.reindex(pd.MultiIndex.from_frame(claims.rows[keys])).to_numpy(dtype=np.int64)
    held_at = place.reindex(pd.MultiIndex.from_frame(held[keys])).to_numpy(dtype=np.int64)
    order = np.argsort(at, kind="stable")
    claims = _Claims(claims.rows.iloc[order].reset_index(drop=True), claims.comes[order])
    at = at[order]
    shocks = _Shocks(claims.rows["customer_id"], links, paths, seed)
    for start in range(0, len(series), series_at_once):
        stop = min(start + series_at_once, len(series))
        first, last = np.searchsorted(at, [start, stop])
        cells = np.zeros((stop - start) * paths * len(days))
        for low in range(first, last, ROWS_AT_ONCE):
            rows = slice(low, min(low + ROWS_AT_ONCE, last))
            world.draw(cells, claims, rows, at[rows] - start, forecaster, shocks, [seed, 2, low], documents)
        of_block = np.flatnonzero((held_at >= start) & (held_at < stop))
        world.draw_held(cells, held, of_block, held_at - start, seed, documents)
        cents = np.rint(cells).astype(np.int64).reshape(stop - start, paths, len(days))
        yield CashPaths(series.iloc[start:stop].reset_index(drop=True), days, cents)


class _Shocks:
    """Luck as normal variates: everyone's, each customer's, and the rest of it an invoice's own."""

    def __init__(self, customer_id: pd.Series, links: Links, paths: int, seed: int) -> None:
        self.customer, names = pd.factorize(customer_id, sort=True)
        random = np.random.default_rng([seed, 1])
        self.everyone = np.sqrt(links.everyone) * random.standard_normal(paths, dtype=np.float32)
        self.of_customer = np.sqrt(links.customer) * random.standard_normal((len(names), paths), dtype=np.float32)
        self.own_share = np.float32(np.sqrt(max(1.0 - links.customer - links.everyone, 0.0)))

    def chances(self, rows: slice, random: np.random.Generator) -> NDArray[np.float32]:
        """Place of each row (rows × paths) in its own distribution, 0 … 1."""
        from scipy.special import ndtr

        customer = self.customer[rows]
        luck = random.standard_normal((len(customer), len(self.everyone)), dtype=np.float32)
        luck *= self.own_share
        luck += self.of_customer[customer]
        luck += self.everyone[None, :]
        return np.asarray(ndtr(luck))


class _World:
    """What past receipts say about how an invoice turns into cash, as known at ``as_of``."""

    def __init__(self, data: CashInData, as_of: pd.Timestamp, days: pd.DatetimeIndex, paths: int, seed: int) -> None:
        self.data, self.as_of, self.days, self.paths, self.seed = data, as_of, days, paths, seed
        self.drawn_days = pd.date_range(days[0], days[-1] + BEYOND_DAYS * DAY, freq="D")
        companies = data.companies.drop_duplicates("company_id").sort_values("company_id")
        self.countries = dict(zip(companies["company_id"], companies["country"].fillna("").astype(str), strict=True))
        invoices = data.invoices[data.invoices["invoice_date"] <= as_of].sort_values("receivable_id", ignore_index=True)
        # an invoice that says nothing of its due date is due in a month
        invoices = invoices.assign(due_date=invoices["due_date"].fillna(invoices["invoice_date"] + 30 * DAY))
        self.invoices = invoices.assign(cleared_date=invoices["cleared_date"].where(invoices["cleared_date"] <= as_of))
        payments = data.payments[data.payments["day"] <= as_of]
        self.payments = payments[payments["receivable_id"].isin(invoices["receivable_id"])].sort_values(
            ["receivable_id", "day", "kind", "amount"], ignore_index=True
        )
        notes = data.notes[data.notes["received_date"] <= as_of].sort_values("note_id", ignore_index=True)
        ended = notes["ended_date"] <= as_of
        self.notes = notes.assign(
            ended_date=notes["ended_date"].where(ended),
            ending=notes["ending"].where(ended),
            cash=notes["cash"].where(ended),
        )
        self.moved = self._moved()
        self._learn_cash()
        self._learn_notes()
        self._learn_pay_days()

    def _moved(self) -> dict[str, Ints]:
        """Per company, the day (place in drawn_days) on which money meant for a day comes: banks rest, if they do."""
        paid = self.payments[self.payments["kind"] == "payment"]
        at_weekend = float((paid["day"].dt.day_of_week >= 5).mean()) if len(paid) else 0.0
        to = paid["receivable_id"].map(self.invoices.set_index("receivable_id")["company_id"]).map(self.countries)
        result = {}
        for company, country in self.countries.items():
            place = np.arange(len(self.drawn_days))
            if at_weekend < 0.03:
                came = pd.DatetimeIndex(paid.loc[to == country, "day"])
                is_open = working_days(country, self.drawn_days)
                is_open &= ~rest_at_new_year(came, country, self.as_of, self.drawn_days)
                place = np.where(is_open, place, len(place) - 1)
                place = np.minimum.accumulate(place[::-1])[::-1]
            result[company] = place
        return result

    def _learn_cash(self) -> None:
        """Cash per amount invoiced by customer, and how invoices come in parts, from invoices cleared."""
        cleared = self.invoices[self.invoices["cleared_date"].notna() & (self.invoices["amount"] > 0)]
        paid = self.payments.merge(
            cleared[["receivable_id", "customer_id", "company_id", "currency"]], on="receivable_id"
        )
        real = paid["kind"].isin(["payment", "note"])
        amount = cleared.groupby("customer_id")["amount"].agg(["sum", "size"])
        cash = _exact_sums(paid[real], "customer_id").reindex(amount.index).fillna(0.0)
        total = float(np.sort(amount["sum"].to_numpy()).sum())
        usual = float(np.sort(cash.to_numpy()).sum()) / total if total > 0 else 1.0
        self.usual_yield = float(np.clip(usual if len(cleared) >= 20 else 1.0, 0.5, 1.0))
        own = (cash + FEW * self.usual_yield * amount["sum"] / amount["size"]) / (
            amount["sum"] * (1.0 + FEW / amount["size"])
        )
        self.yields = own.clip(0.0, 1.0)
        # notes: share of what was paid, per company and currency, then per customer
        where = paid[real].assign(is_note=paid["kind"] == "note")
        shares = where.groupby(["company_id", "currency"])["is_note"].mean()
        by_customer = where.groupby(["company_id", "currency", "customer_id"])["is_note"].agg(["sum", "size"])
        prior = shares.reindex(by_customer.reset_index("customer_id").index).to_numpy()
        self.note_share = shares
        self.note_share_of_customer = (by_customer["sum"] + FEW * prior) / (by_customer["size"] + FEW)
        # parts: invoices whose cash came on more than one day
        dated = paid[real].groupby(["receivable_id", "day"], as_index=False)["amount"].sum()
        parts = dated.groupby("receivable_id")["day"].transform("size")
        first = dated[parts > 1].groupby("receivable_id").agg(first=("day", "min"), last=("day", "max"))
        first_amount = dated[parts > 1].groupby("receivable_id")["amount"].first()
        in_all = dated[parts > 1].groupby("receivable_id")["amount"].sum()
        share = (first_amount / in_all).to_numpy()
        wait = (first["last"] - first["first"]).dt.days.to_numpy()
        real_parts = (share > 0.0) & (share < 1.0) & (wait > 0)
        order = np.lexsort((wait[real_parts], share[real_parts]))
        self.part_share, self.part_wait = share[real_parts][order], wait[real_parts][order].astype(np.int64)
        recipients = cleared.set_index("receivable_id")["customer_id"].reindex(first.index[real_parts])
        in_parts = recipients.value_counts().reindex(amount.index).fillna(0.0)
        usual_parts = real_parts.sum() / max(len(cleared), 1)
        self.usual_parts = float(usual_parts)
        self.parts = (in_parts + FEW * usual_parts) / (amount["size"] + FEW)

    def _learn_pay_days(self) -> None:
        who = self.invoices.drop_duplicates("customer_id", keep="last").set_index("customer_id")["company_id"]
        countries = {str(customer): self.countries.get(company, "") for customer, company in who.items()}
        if "country" in self.data.customers:
            known = self.data.customers.dropna(subset="country").drop_duplicates("customer_id")
            countries |= dict(zip(known["customer_id"], known["country"], strict=True))
        paid = self.payments[self.payments["kind"].isin(["payment", "note"])]
        paid = paid.merge(self.invoices[["receivable_id", "customer_id"]], on="receivable_id")
        self.pay_days = PayDays(paid, self.as_of, self.drawn_days[-1], countries)

    def _learn_notes(self) -> None:
        notes = self.notes
        old = notes[notes["received_date"] <= self.as_of - NOTE_DAYS * DAY]
        fates = old if len(old) >= 20 else notes[notes["ending"].notna()]
        waited = days_between(fates["ended_date"], fates["received_date"])
        # a note that never ended brings nothing; it stays among the fates
        lasted = waited.fillna(10_000.0).to_numpy()
        brought = (fates["cash"] / fates["amount"]).fillna(0.0).clip(0.0, 1.0).to_numpy()
        matured = (fates["ending"] == "matured").to_numpy()
        order = np.lexsort((brought, lasted))
        self.fate_days, self.fate_cash, self.fate_matured = lasted[order], brought[order], matured[order]

    # one chunk of claims

    def draw(
        self,
        cells: Floats,
        claims: _Claims,
        rows: slice,
        series: Ints,
        forecaster: ReceiptForecaster,
        shocks: _Shocks,
        seed: list[int],
        documents: DocumentCash | None = None,
    ) -> None:
        """Add the cash of ``rows`` to ``cells`` (series × paths × days, flat)."""
        items = claims.rows.iloc[rows]
        random = np.random.default_rng(seed)
        day = _drawn_days(self._paid_by(items, forecaster), shocks.chances(rows, random))
        moved = np.stack([np.append(self.moved[company], len(self.drawn_days)) for company in self.countries])
        company = items["company_place"].to_numpy()
        day = moved[company[:, None], day]
        cents = items["cents"].to_numpy(dtype=np.float64)
        exists = claims.comes[rows]
        width, paths = len(self.days), self.paths
        base = (series[:, None] * paths + np.arange(paths)[None, :]) * width
        first: Any = np.broadcast_to(cents[:, None], day.shape)
        if len(self.part_wait):
            comes_in_parts = random.random(day.shape, dtype=np.float32) < items["parts"].to_numpy(np.float32)[:, None]
            row, path = np.nonzero(comes_in_parts & (exists > 0) & (day < width))
            which = random.integers(0, len(self.part_wait), len(row))
            first = np.array(first)
            first[row, path] = np.rint(cents[row] * self.part_share[which])
            later = np.minimum(day[row, path] + self.part_wait[which], len(self.drawn_days))
            rest = (cents[row] - first[row, path]) * exists[row, path]
            later = moved[company[row], later]
            self._add(cells, base, items, row, path, later, rest, shocks.customer[rows], documents)
        row, path = np.nonzero((exists > 0) & (day < width))
        cents = first[row, path] * exists[row, path]
        self._add(cells, base, items, row, path, day[row, path], cents, shocks.customer[rows], documents)

    def _add(  # type: ignore[no-untyped-def]
        self, cells, base, items, row, path, day, cents, customer, documents
    ) -> None:
        width = len(self.days)
        share = items["note_share"].to_numpy()
        if (share > 0).any() and len(self.fate_days):
            # one note for all that a customer pays on a day, so the draw hangs on customer, day and path alone
            noted = share[row] > 0
            chance = np.ones(len(row))
            chance[noted] = _hashed(self.seed, customer[row[noted]], day[noted], path[noted])
            noted = chance < share[row]
            which = (chance[noted] / share[row[noted]] * len(self.fate_days)).astype(np.int64)
            day, cents = day.copy(), cents.copy()
            day[noted] = np.minimum(day[noted] + np.minimum(self.fate_days[which], 9_999).astype(np.int64), 99_999)
            cents[noted] = np.rint(cents[noted] * self.fate_cash[which])
        inside = day < width
        at = base[row[inside], path[inside]] + day[inside]
        if not len(at):
            return
        if documents is not None:
            documents.add_invoices(items, row[inside], day[inside], cents[inside])
        # rows are in order of series: only the stretch of series that they touch
        first = int(base[0, 0])
        counted = np.bincount(at - first, cents[inside])
        cells[first : first + len(counted)] += counted

    def _paid_by(self, items: pd.DataFrame, forecaster: ReceiptForecaster) -> Floats:
        """Probability of being paid by each drawn day (rows × days), given that it is not paid by its start."""
        distribution = forecaster.distribution(items, self.as_of)
        due = days_between(items["due_date"], pd.Series(self.as_of, index=items.index)).to_numpy()
        start = items["start"].to_numpy(dtype=float)
        ahead = np.arange(1, len(self.drawn_days) + 1, dtype=float)
        paid_by = _within(distribution, start - due, np.maximum(ahead[None, :] - start[:, None], 0.0))
        chance = np.diff(paid_by, axis=1, prepend=0.0) * self.pay_days.weights(items["customer_id"], self.drawn_days)
        whole = chance.sum(axis=1, keepdims=True) + 1.0 - paid_by[:, -1:]
        paid_by = np.where(whole > LEAST_UNPAID, chance.cumsum(axis=1) / np.maximum(whole, LEAST_UNPAID), paid_by)
        partly = np.flatnonzero(items["days_since_part"].to_numpy() >= 0)
        if len(partly) and len(self.part_wait) >= 20:
            waits = np.sort(self.part_wait)
            since = items["days_since_part"].to_numpy()[partly]
            left = len(waits) - np.searchsorted(waits, since, side="right")
            by = np.searchsorted(waits, since[:, None] + ahead[None, :], side="right")
            law = (by - (len(waits) - left)[:, None]) / np.maximum(left, 1)[:, None]
            paid_by[partly] = np.where((left >= 5)[:, None], law, paid_by[partly])
        return paid_by

    def draw_held(
        self,
        cells: Floats,
        held: pd.DataFrame,
        rows: Ints,
        series: Ints,
        seed: int,
        documents: DocumentCash | None = None,
    ) -> None:
        """Add the cash of notes held: at maturity, or as past notes that lasted as long as they have so far."""
        width = len(self.days)
        for row in rows:
            note = held.iloc[row]
            random = np.random.default_rng([seed, 3, int(row)])
            place = np.arange(self.paths)
            day = np.full(self.paths, int(note["matures"]))
            cash = np.full(self.paths, float(note["cents"]))
            still = np.searchsorted(self.fate_days, note["age"], side="right")
            if len(self.fate_days) - still >= 20:
                which = random.integers(still, len(self.fate_days), self.paths)
                ended = (self.fate_days[which] - note["age"] - 1).astype(np.int64)
                day = np.where(self.fate_matured[which], day, ended)
                # what was passed on of a note is gone from what is left of it: the rest comes whole at maturity
                cash = np.where(self.fate_matured[which], cash, np.rint(cash * self.fate_cash[which]))
            day = np.append(self.moved[note["company_id"]], 99_999)[np.clip(day, 0, len(self.drawn_days))]
            inside = day < width
            np.add.at(cells, (series[row] * self.paths + place[inside]) * width + day[inside], cash[inside])
            if documents is not None:
                documents.add_note(note, day[inside], cash[inside])


def _within(distribution: LatenessDistribution, reached: Floats, ahead: Floats) -> Floats:
    """Probability of being paid within ``ahead`` days (rows × days) after ``reached`` days late, still unpaid then."""
    unpaid = 1.0 - distribution.probability_by(reached[:, None])
    still = 1.0 - distribution.probability_by(reached[:, None] + ahead)
    tail = np.exp(-ahead / distribution.tail_days)
    return np.asarray(1.0 - np.where(unpaid < LEAST_UNPAID, tail, still / np.maximum(unpaid, LEAST_UNPAID)))


def _drawn_days(paid_by: Floats, chance: NDArray[np.float32]) -> Ints:
    """First day (column) by which each row is paid with more than the drawn chance; the number of columns if none."""
    rows, columns = paid_by.shape
    result = np.empty(chance.shape, dtype=np.int64)
    for low in range(0, rows, 256):
        part = np.maximum.accumulate(np.clip(paid_by[low : low + 256], 0.0, 1.0), axis=1)
        offset = 2.0 * np.arange(len(part))[:, None]
        asked = np.minimum(chance[low : low + 256].astype(np.float64), 1.0 - 1e-9)
        at = np.searchsorted((part + offset).ravel(), (asked + offset).ravel(), side="right")
        result[low : low + 256] = at.reshape(asked.shape) - np.arange(len(part))[:, None] * columns
    return np.clip(result, 0, columns)


def _hashed(seed: int, customer: Ints, day: Ints, path: Ints) -> Floats:
    """Uniform in 0 … 1, the same for the same customer, day and path (finaliser of SplitMix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        x = customer.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        x ^= day.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
        x ^= (path.astype(np.uint64) + np.uint64(1 + seed)) * np.uint64(0x165667B19E3779F9)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x ^= x >> np.uint64(31)
    return np.asarray((x >> np.uint64(11)).astype(np.float64) / 2.0**53)


def _exact_sums(frame: pd.DataFrame, key: str) -> pd.Series:
    return frame.groupby(key)["amount"].sum()


def _claims(world: _World, by_customer: dict[str, str] | None, keys: list[str]) -> _Claims:
    """Open invoices after what stands against them, and invoices to come."""
    opened = _open_invoices(world)
    last = world.days[-1]
    open_days = {company: working_days(country, world.days) for company, country in world.countries.items()}
    new = draw_new_invoices(world.data.sales, world.as_of, last, open_days, world.paths, world.seed, world.countries)
    coming = new.rows.assign(component="new", days_since_part=-1)
    coming["start"] = days_between(coming["invoice_date"], pd.Series(world.as_of, index=coming.index)).astype(int)
    rows = pd.concat([opened, coming], ignore_index=True)
    comes = np.concatenate([np.ones((len(opened), world.paths), dtype=np.uint8), new.comes])
    known = rows["company_id"].isin(world.countries).to_numpy()
    rows, comes = rows[known].reset_index(drop=True), comes[known]
    rows = _labelled(rows, world, by_customer)
    place = {company: number for number, company in enumerate(world.countries)}
    rows["company_place"] = rows["company_id"].map(place).astype(np.int64)
    cash = world.yields.reindex(rows["customer_id"]).fillna(world.usual_yield).to_numpy()
    # what is left of a part-paid invoice was given no discount
    rows["cents"] = np.rint(
        rows["amount"].to_numpy(dtype=float) * CENTS * np.where(rows["days_since_part"] >= 0, 1.0, cash)
    )
    rows["parts"] = world.parts.reindex(rows["customer_id"]).fillna(world.usual_parts).to_numpy()
    rows.loc[rows["days_since_part"] >= 0, "parts"] = 0.0
    own = pd.MultiIndex.from_frame(rows[["company_id", "currency", "customer_id"]])
    share = world.note_share_of_customer.reindex(own).to_numpy(dtype=float)
    usual = (
        world.note_share.reindex(pd.MultiIndex.from_frame(rows[["company_id", "currency"]]))
        .fillna(0.0)
        .to_numpy(dtype=float)
    )
    rows["note_share"] = np.where(np.isnan(share), usual, share)
    return _Claims(rows, comes)


def _open_invoices(world: _World) -> pd.DataFrame:
    invoices = world.invoices
    applied = np.rint(world.payments["amount"].to_numpy(dtype=float) * CENTS)
    paid = pd.Series(applied).groupby(world.payments["receivable_id"].to_numpy()).sum()
    paid_cents = paid.reindex(invoices["receivable_id"]).fillna(0.0).to_numpy()
    open_cents = np.rint(invoices["amount"].to_numpy(dtype=float) * CENTS) - paid_cents
    cash = world.payments[world.payments["kind"].isin(["payment", "note"])]
    part_day = cash.groupby("receivable_id")["day"].max().reindex(invoices["receivable_id"])
    is_open = (open_cents > 0) & invoices["cleared_date"].isna().to_numpy() & invoices["due_date"].notna().to_numpy()
    since = days_between(pd.Series(world.as_of, index=invoices.index), pd.Series(part_day.to_numpy()))
    rows = invoices.assign(open_cents=open_cents, days_since_part=since.fillna(-1).astype(int))[is_open]
    rows = rows.sort_values(["due_date", "receivable_id"], ignore_index=True)
    rows["open_cents"] -= _set_off(rows, world)
    rows = rows[rows["open_cents"] > 0].sort_values("receivable_id", ignore_index=True)
    rows["amount"] = rows["open_cents"] / CENTS
    columns = [
        "receivable_id", "company_id", "customer_id", "currency", "invoice_date", "due_date", "amount",
        "days_since_part",
    ]  # fmt: skip
    return rows[columns].assign(component="open", start=0)


def _set_off(rows: pd.DataFrame, world: _World) -> Floats:
    """Credits not applied yet, taken from the customer's invoices in the same currency, first due first."""
    credits = world.data.credits
    credits = credits[(credits["day"] <= world.as_of) & (credits["day"] > world.as_of - CREDIT_DAYS * DAY)]
    credits = credits[~(credits["cleared_date"] <= world.as_of)]
    by = ["company_id", "customer_id", "currency"]
    if credits.empty or rows.empty:
        return np.zeros(len(rows))
    left = credits.assign(amount=np.rint(credits["amount"].astype(float) * CENTS)).groupby(by)["amount"].sum()
    have = left.reindex(pd.MultiIndex.from_frame(rows[by])).fillna(0.0).to_numpy()
    before = (rows.groupby(by)["open_cents"].cumsum() - rows["open_cents"]).to_numpy()
    return np.clip(have - before, 0.0, rows["open_cents"].to_numpy())


def _labelled(rows: pd.DataFrame, world: _World, by_customer: dict[str, str] | None) -> pd.DataFrame:
    who = world.data.customers.drop_duplicates("customer_id").set_index("customer_id")[["region", "segment"]]
    labels = who.reindex(rows["customer_id"]).reset_index(drop=True)
    for column in ("region", "segment"):
        values = labels[column].astype(object)
        rows[column] = values.where(values.notna(), UNKNOWN).astype(str).to_numpy()
    if by_customer is not None:
        rows["customer_bucket"] = rows["customer_id"].map(by_customer).fillna("other").to_numpy()
    return rows


def _held_notes(world: _World, by_customer: dict[str, str] | None) -> pd.DataFrame:
    notes = world.notes
    held = notes[notes["ending"].isna() & notes["company_id"].isin(world.countries)].reset_index(drop=True)
    as_of = pd.Series(world.as_of, index=held.index)
    held["age"] = days_between(as_of, held["received_date"])
    held["matures"] = (days_between(held["maturity_date"], as_of).fillna(1.0) - 1.0).clip(lower=0.0)
    # long past its day and no word of it: not money that can be counted on
    held = held[held["maturity_date"] > world.as_of - 10 * DAY].reset_index(drop=True)
    held["cents"] = np.rint(held["amount"].astype(float) * CENTS)
    return _labelled(held.assign(component="notes"), world, by_customer)


# What is published


class DocumentCash:
    """Collects what each open invoice and note held brings, week by week: sums over the same paths as the forecast's,
    so that the documents of a week add up to what the forecast has of them."""

    def __init__(self, as_of: pd.Timestamp, paths: int = PATHS) -> None:
        days = forecast_days(pd.Timestamp(as_of).normalize())
        mondays = days - pd.to_timedelta(days.day_of_week, unit="D")
        self._week, self._weeks = pd.factorize(mondays)
        self._paths = paths
        self._frames: list[pd.DataFrame] = []

    def add_invoices(self, items: pd.DataFrame, row: Ints, day: Ints, cents: Floats) -> None:
        """Cash of one draw: ``row`` is a place in ``items``; invoices to come are no documents yet."""
        weeks = len(self._weeks)
        sums = np.bincount(row * weeks + self._week[day], cents, minlength=len(items) * weeks)
        is_open = np.repeat((items["component"] == "open").to_numpy(), weeks)
        at = np.flatnonzero((sums != 0.0) & is_open)
        of_item = items.iloc[at // weeks]
        self._keep("receivable", of_item["receivable_id"], of_item, at % weeks, sums[at].astype(np.float64))

    def add_note(self, note: pd.Series, day: Ints, cents: Floats) -> None:
        """Cash of one note held, on all paths."""
        sums = np.bincount(self._week[day], cents, minlength=len(self._weeks))
        at = np.flatnonzero(sums)
        of_note = pd.DataFrame([note] * len(at))
        if len(at):
            self._keep("note", of_note["note_id"], of_note, at, sums[at].astype(np.float64))

    def _keep(self, kind: str, ids: pd.Series, about: pd.DataFrame, week: Ints, sums: Floats) -> None:
        frame = pd.DataFrame({"document_id": ids.to_numpy(), "week_start": self._weeks[week], "cents": sums})
        for column in ("company_id", "currency", "segment"):
            frame[column] = about[column].to_numpy()
        self._frames.append(frame.assign(document_type=kind))

    def frame(self, rates: dict[str, float], company_currency: dict[str, str]) -> pd.DataFrame:
        """document_type (receivable, note), document_id, company_id, week_start, expected_amount: from outside the
        group, in the currency of the books, the mean over all paths. Rates as for ``OutsideReceipts``."""
        names = ["document_type", "document_id", "company_id", "week_start"]
        if not self._frames:
            return pd.DataFrame(columns=[*names, "expected_amount"])
        every = pd.concat(self._frames, ignore_index=True)
        every = every[(every["segment"] != INTERCOMPANY) & every["company_id"].isin(company_currency)]
        books = every["company_id"].map(company_currency)
        rate = every["currency"].map(rates).fillna(0.0) / books.map(rates)
        rate = rate.where(every["currency"] != books, 1.0)
        every = every.assign(expected_amount=every["cents"] * rate / (CENTS * self._paths))
        return every.groupby(names, sort=True)["expected_amount"].sum().reset_index()


class OutsideReceipts:
    """Collects blocks of a simulation into weekly receipts from outside the group, in the currency of the books.

    What sister companies pay (segment INTERCOMPANY) is left out: it is a flow of its own in the 13-week forecast.
    """

    def __init__(self, rates: dict[str, float], company_currency: dict[str, str]) -> None:
        """``rates``: units of one currency, the same for all, for one unit of each; one without a rate counts as 0
        where it is not the books'. ``company_currency``: company_id → currency of its books; others are left out.
        """
        self.rates, self.company_currency = rates, company_currency
        self._sums = _Sums()
        self._days = pd.DatetimeIndex([])

    def add(self, block: CashPaths) -> None:
        self._days = block.days
        outside = (block.series["segment"] != INTERCOMPANY) & block.series["company_id"].isin(self.company_currency)
        block = block.where(outside)
        if block.series.empty:
            return
        own = block.series["company_id"].map(self.company_currency)
        to = own.map(self.rates).to_numpy(dtype=float)
        rate = np.nan_to_num(block.series["currency"].map(self.rates).to_numpy(dtype=float) / to)
        # its own currency needs no rate
        rate = np.where(block.series["currency"].to_numpy() == own.to_numpy(), 1.0, rate)
        named = CashPaths(block.series.assign(currency=own), block.days, block.converted(rate).cents)
        rolled = named.roll_up(["company_id", "currency"])
        self._sums.add(rolled.series, rolled.cents)

    def weeks(self) -> dict[tuple[str, str], Ints]:
        """(company_id, currency) → cents, paths × weeks; see ``receipt_weeks``. Nothing where nothing was added."""
        kept = self._sums.kept
        if not kept:
            return {}
        names = pd.DataFrame(sorted(kept), columns=["company_id", "currency"])
        return receipt_weeks(CashPaths(names, self._days, np.stack([kept[key][0] for key in sorted(kept)])))


class CashInTables:
    """Collects blocks of a simulation into the frames of fct_cash_in_forecast and fct_cash_in_path.

    Levels above the leaf grow as blocks come, so no more than one block is in memory. Means are kept as sums over paths
    in whole cents (``total_cents``), so that they add up exactly; who stores them divides by ``paths``.
    """

    def __init__(
        self,
        as_of: pd.Timestamp,
        rates: dict[str, float],
        reporting_currency: str,
        company_currency: dict[str, str],
        paths_kept: int = PATHS_KEPT,
    ) -> None:
        """``rates``: units of the reporting currency for one unit of each currency; one without a rate counts as 0
        in what is converted, and ``without_rate`` names it. ``company_currency``: company_id → currency of its books.
        """
        self.as_of, self.rates, self.reporting_currency = pd.Timestamp(as_of), rates, reporting_currency
        self.paths_kept = paths_kept
        self.without_rate: set[str] = set()
        self._frames: list[pd.DataFrame] = []
        self._levels = {level: _Sums() for level in LEVEL_KEYS if level != "leaf"}
        self._outside = OutsideReceipts(rates, company_currency)
        self._kept: list[tuple[Ints, Ints, Ints, Ints]] = []
        self._kept_series: dict[tuple[str, ...], int] = {}
        self._days = pd.DatetimeIndex([])

    def add(self, block: CashPaths) -> None:
        """One block; its series have the keys of LEAF, customer_bucket and component, and no leaf is split."""
        self._days = block.days
        missing = {currency for currency in block.series["currency"] if currency not in self.rates}
        self.without_rate |= missing
        in_reporting = block.converted(self.rates | dict.fromkeys(missing, 0.0))
        leaves, reporting_leaves = block.roll_up(LEAF), in_reporting.roll_up(LEAF)
        total, reporting_total = block.total_cents(), in_reporting.total_cents()
        component = block.series["component"].map(COMPONENTS.index).to_numpy(dtype=np.int64)
        for level, keys in LEVEL_KEYS.items():
            at = group_rows(block.series, keys)[1] if keys else np.zeros(len(component), dtype=np.int64)
            parts = np.zeros((int(at.max()) + 1, len(COMPONENTS), len(block.days)), dtype=np.int64)
            reporting = np.zeros((len(parts), len(block.days)), dtype=np.int64)
            np.add.at(parts, (at, component), total if "currency" in keys else reporting_total)
            np.add.at(reporting, at, reporting_total)
            if level == "leaf":
                self._describe(level, leaves.series, leaves.cents, parts, reporting)
            else:
                rolled = (leaves if "currency" in keys else reporting_leaves).roll_up(keys)
                self._levels[level].add(rolled.series, rolled.cents, parts, reporting)
        self._keep(block)
        self._outside.add(block)

    def receipts(self) -> dict[tuple[str, str], Ints]:
        """Weekly receipts from outside the group, on the same paths; see ``OutsideReceipts``."""
        return self._outside.weeks()

    def _keep(self, block: CashPaths) -> None:
        rolled = block.roll_up([key for key in PATH_KEYS if key in block.series])
        row, path, day = np.nonzero(rolled.cents[:, : self.paths_kept])
        names = [tuple(key) for key in rolled.series.itertuples(index=False)]
        number = np.array([self._kept_series.setdefault(name, len(self._kept_series)) for name in names])
        self._kept.append((number[row], path, day, rolled.cents[row, path, day]))

    def paths(self) -> pd.DataFrame:
        """One row per company, currency, region, customer bucket, component, path and day with cash: cents."""
        series, path, day, cents = (np.concatenate(part) for part in zip(*self._kept, strict=True))
        names = pd.DataFrame(list(self._kept_series), columns=PATH_KEYS)
        # numbers in order of names, whatever block came first
        order = names.sort_values(PATH_KEYS).index.to_numpy()
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        # a leaf has one segment, a row here has none: rows of several segments are put together
        cell = (rank[series] * self.paths_kept + path) * len(self._days) + day
        cells, first = np.unique(np.sort(cell), return_index=True)
        cents = np.add.reduceat(cents[np.argsort(cell, kind="stable")], first) if len(cells) else cents
        at = cells // (self.paths_kept * len(self._days))
        frame = pd.DataFrame({"forecast_as_of": np.full(len(cells), self.as_of.to_datetime64())})
        for column in PATH_KEYS:
            codes, values = pd.factorize(names[column].to_numpy()[order], sort=True)
            frame[column] = pd.Categorical.from_codes(codes[at], values)
        frame["path"] = (cells // len(self._days) % self.paths_kept).astype(np.int32)
        frame["cash_day"] = self._days.to_numpy()[cells % len(self._days)]
        frame["cents"] = cents
        return frame

    def forecast(self) -> pd.DataFrame:
        """One row per level, keys, period and its first day.

        forecast_as_of, level, company_id, currency, region, segment (empty where not a key), period (day, week, month,
        to_date: from the day after forecast_as_of to period_day), period_day, total_cents, total_cents_open, _new,
        _notes (sums over ``paths`` paths), total_cents_reporting, p025 … p975 in ``currency``.
        """
        for level, sums in self._levels.items():
            names = sorted(sums.kept)
            series = pd.DataFrame(names, columns=LEVEL_KEYS[level], index=range(len(names)))
            cents, parts, reporting = (np.stack([sums.kept[name][n] for name in names]) for n in range(3))
            self._describe(level, series, cents, parts, reporting)
        return pd.concat(self._frames, ignore_index=True)

    def _describe(self, level: str, series: pd.DataFrame, cents: Ints, parts: Ints, reporting: Ints) -> None:
        """``cents`` series × paths × days, ``parts`` series × component × days, ``reporting`` series × days."""
        whole = CashPaths(series, self._days, cents)
        shares = CashPaths(series, self._days, np.concatenate([parts, reporting[:, None]], axis=1))
        for period, summed in _PERIODS.items():
            if level == "leaf" and period == "to_date":
                continue
            made, share = summed(whole), summed(shares).cents
            count = len(made.days)
            frame = series.iloc[np.repeat(np.arange(len(series)), count)].reset_index(drop=True)
            frame = frame.reindex(columns=LEAF, fill_value="")
            if "currency" not in series:
                frame["currency"] = self.reporting_currency
            frame.insert(0, "forecast_as_of", self.as_of)
            frame.insert(1, "level", level)
            frame["period"], frame["period_day"] = period, np.tile(made.days.to_numpy(), len(series))
            frame["paths"] = made.paths
            frame["total_cents"] = made.total_cents().ravel()
            for number, name in enumerate([*COMPONENTS, "reporting"]):
                frame[f"total_cents_{name}"] = share[:, number].ravel()
            frame[list(QUANTILE_COLUMNS)] = made.quantiles(LEVELS).reshape(-1, len(LEVELS))
            self._frames.append(frame)


_PERIODS: dict[str, Callable[[CashPaths], CashPaths]] = {
    "day": lambda paths: paths,
    "week": CashPaths.by_week,
    "month": CashPaths.by_month,
    "to_date": CashPaths.cumulative,
}


class _Sums:
    """Arrays of series added up by the names of the series."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, ...], tuple[Ints, ...]] = {}

    def add(self, series: pd.DataFrame, *arrays: Ints) -> None:
        for number, name in enumerate(series.itertuples(index=False)):
            more = tuple(array[number] for array in arrays)
            before = self.kept.get(tuple(name))
            self.kept[tuple(name)] = more if before is None else tuple(a + b for a, b in zip(before, more, strict=True))


def largest_debtors(data: CashInData, as_of: pd.Timestamp, rates: dict[str, float], count: int = 20) -> dict[str, str]:
    """The ``count`` customers that owe most at ``as_of``, in reporting currency: customer_id → itself."""
    invoices = data.invoices[(data.invoices["invoice_date"] <= as_of) & ~(data.invoices["cleared_date"] <= as_of)]
    paid = data.payments[data.payments["day"] <= as_of].groupby("receivable_id")["amount"].sum()
    left = invoices["amount"] - paid.reindex(invoices["receivable_id"]).fillna(0.0).to_numpy()
    owed = left * invoices["currency"].map(rates).fillna(0.0)
    by_customer = owed.groupby(invoices["customer_id"]).sum().rename("owed").reset_index()
    top = by_customer.sort_values(["owed", "customer_id"], ascending=[False, True]).head(count)
    return {customer: customer for customer in top["customer_id"]}


# How strongly invoices move together


def observed_luck(
    history: pd.DataFrame, forecaster: ReceiptForecaster, origin: pd.Timestamp, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Where invoices open at ``origin`` came to lie in the distribution forecast for them then, as normal variates.

    The probability integral transform, halfway through the day's own probability (Czado, Gneiting, Held 2009). One
    still open at ``as_of`` lies above what it has reached: the mean of the normal distribution above that.

    Args:
        history: customer_id, invoice_date, due_date, cleared_date, amount; what came after ``as_of`` is not seen.
        forecaster: fitted at ``origin``.

    Returns:
        origin, customer_id, luck.
    """
    from scipy.special import ndtr, ndtri

    opened = history[
        (history["invoice_date"] <= origin) & ~(history["cleared_date"] <= origin) & (history["amount"] > 0)
    ]
    opened = opened[opened["due_date"].notna() & (opened["due_date"] > origin - 120 * DAY)]
    columns = ["customer_id", "due_date", "invoice_date", "amount", "cleared_date"]
    opened = opened.sort_values(columns, ignore_index=True)
    if opened.empty:
        return pd.DataFrame({"origin": [], "customer_id": [], "luck": []})
    distribution = forecaster.distribution(opened, origin)
    cleared = opened["cleared_date"] <= as_of
    seen = opened["cleared_date"].where(cleared, as_of)
    reached = days_between(pd.Series(origin, index=opened.index), opened["due_date"]).to_numpy()
    ahead = days_between(seen, pd.Series(origin, index=opened.index)).to_numpy()
    by = _within(distribution, reached, np.column_stack([ahead, np.maximum(ahead - 1.0, 0.0)]))
    middle = ndtri(np.clip(by.mean(axis=1), 0.001, 0.999))
    above = ndtri(np.clip(by[:, 0], 0.001, 0.999))
    mean_above = np.exp(-0.5 * above**2) / np.sqrt(2.0 * np.pi) / (1.0 - ndtr(above))
    luck = np.where(cleared, middle, mean_above).round(6)
    return pd.DataFrame({"origin": origin, "customer_id": opened["customer_id"], "luck": luck})


def measure_links(history: pd.DataFrame, as_of: pd.Timestamp) -> Links:
    """Links of the invoices known at ``as_of``, from forecasts made again as of LINK_ORIGINS_DAYS before.

    Args:
        history: ``first_receipts`` as known at ``as_of``.
    """
    # links are a few averages: some tens of thousands of invoices, whole customers of them, tell them well enough
    names = sorted(history["customer_id"].astype(str).unique())
    some = names[:: max(1, len(history) // LINK_INVOICES)]
    history = history[history["customer_id"].astype(str).isin(some)]
    luck = []
    for days in LINK_ORIGINS_DAYS:
        origin = as_of - days * DAY
        if (history["invoice_date"] <= origin).any():
            luck.append(observed_luck(history, SimilarInvoices().fit(history, origin), origin, as_of))
    return estimate_links(pd.concat(luck) if luck else pd.DataFrame({"origin": [], "customer_id": [], "luck": []}))


def estimate_links(luck: pd.DataFrame) -> Links:
    """Correlation of luck within customers and between them, by moments, shrunk to the start values.

    Pairs of invoices of one customer at one origin have the mean product customer + everyone, pairs of different
    customers everyone alone (analysis of variance with unequal groups, Searle, Casella, McCulloch 1992), each over the
    mean square. Pairs within customers count as knowledge one by one against 200, everyone's luck by origins against 2.
    """
    start = Links()
    if len(luck) < 2:
        return start
    square, within, within_pairs = 0.0, 0.0, 0.0
    between: list[float] = []
    for _, at_origin in luck.groupby("origin", sort=True):
        sums = at_origin.groupby("customer_id")["luck"].agg(["sum", "size"])
        squares = float((at_origin["luck"] ** 2).sum())
        square += squares
        within += float((sums["sum"] ** 2).sum()) - squares
        within_pairs += float((sums["size"] * (sums["size"] - 1)).sum())
        pairs = float(len(at_origin)) ** 2 - float((sums["size"] ** 2).sum())
        if pairs > 0:
            between.append((float(sums["sum"].sum()) ** 2 - float((sums["sum"] ** 2).sum())) / pairs)
    variance = square / len(luck)
    if variance <= 0:
        return start
    seen_everyone = max(float(np.mean(between)) / variance, 0.0) if between else 0.0
    weight = len(between) / (len(between) + 2.0)
    everyone = weight * seen_everyone + (1.0 - weight) * start.everyone
    seen_customer = max(within / within_pairs / variance - seen_everyone, 0.0) if within_pairs > 0 else 0.0
    weight = within_pairs / (within_pairs + 200.0)
    customer = weight * seen_customer + (1.0 - weight) * start.customer
    return Links(float(np.clip(customer, 0.0, 0.8)), float(np.clip(everyone, 0.0, 0.3)))
