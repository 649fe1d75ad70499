"""Expense claims of the demo group: what employees lay out, when it is approved and paid back, and its postings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demo.clock import END, START
from demo.identifiers import random_generator
from demo.settle import Books, month_days

APPROVAL, PAYMENT = 81, 82  # kinds of voucher
_CATEGORIES = np.array(["travel", "hotel", "meals", "office supplies", "training"])
_CLAIMS_PER_EMPLOYEE_AND_MONTH = 0.2
_REJECTED_SHARE = 0.03
_USUAL_CENTS = {"CN": 62_000, "DE": 9_500, "US": 11_000, "SG": 12_000, "GB": 8_000}


def load(books: Books, seed: int) -> None:
    """Table ``expense_claim_line``; approved claims are owed to the employee until they are paid."""
    world, market, rng = books.world, books.market, random_generator(seed, 82)
    _, company, first = month_days(market, world, 1)
    runs = pd.DataFrame({"company": company, "first": first})
    claims = runs.merge(world.employees.reset_index(names="employee"), on="company")
    claims = claims[rng.random(len(claims)) < _CLAIMS_PER_EMPLOYEE_AND_MONTH].reset_index(drop=True)
    n = len(claims)
    calendar = world.companies["calendar"].to_numpy()[claims["company"]]
    submitted = market.working_day(calendar, claims["first"].to_numpy() + rng.integers(0, 26, n))
    decided = market.working_day(calendar, submitted + rng.integers(1, 11, n))
    paid = market.working_day(calendar, decided + rng.integers(3, 15, n))
    claims = claims.assign(
        submitted=submitted, decided=decided, paid=paid, rejected=rng.random(n) < _REJECTED_SHARE,
        lines=rng.integers(1, 4, n),
    )  # fmt: skip
    employed = (claims["hired"] <= submitted) & (claims["left"] > submitted) & (submitted <= END)
    claims = claims[employed & (submitted >= START + 5)].sort_values(["submitted", "employee"], kind="stable")
    claims = claims.reset_index(drop=True)
    claims["claim"] = [f"EC{number + 1:07d}" for number in range(len(claims))]
    lines = claims.loc[np.repeat(claims.index, claims["lines"])].reset_index(drop=True)
    country = world.companies["country"].to_numpy()[lines["company"]]
    usual = np.array([_USUAL_CENTS[c] for c in country])
    lines["line"] = lines.groupby("claim").cumcount() + 1
    lines["amount"] = np.rint(usual * np.exp(rng.normal(0, 0.6, len(lines)))).astype(np.int64)
    lines["category"] = rng.choice(_CATEGORIES, len(lines))
    lines["spent"] = lines["submitted"] - rng.integers(1, 5, len(lines))
    columns = ["claim", "line", "company", "employee", "category", "spent", "submitted", "decided", "rejected", "paid"]
    books.con.register("chunk", world.employees.reset_index(names="employee")[["employee", "number"]])
    books.con.execute("create table person as from chunk")
    books.con.register("chunk", lines[[*columns, "amount"]])
    books.con.execute("create table expense_claim_line as from chunk")
    books.con.unregister("chunk")

    owed = (
        lines[~lines["rejected"]]
        .groupby(["claim", "company", "employee", "decided", "paid"], as_index=False)
        .agg(amount=("amount", "sum"))
    )
    approved = owed[owed["decided"] <= END].reset_index(drop=True)
    head = approved[["company"]].assign(
        voucher_type=APPROVAL, voucher_ref=books.refs(len(approved)), day=approved["decided"], memo="expense claim"
    )
    both = [
        head.assign(account="travel", amount=approved["amount"]),
        head.assign(account="expenses_owed", amount=-approved["amount"]),
    ]
    books.post(pd.concat(both))
    books.pay(
        PAYMENT,
        approved["company"].to_numpy(),
        approved["paid"].to_numpy(),
        "expenses_owed",
        approved["amount"].to_numpy(),
        "expense claim paid",
        world.employees["name"].to_numpy()[approved["employee"]],
        approved["claim"].to_numpy(),
    )
