"""Who and what the demo group deals with: companies, bank accounts, customers with their habits, suppliers, products.

Faults of master data are planted here; ``World.faults`` lists each of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from demo import names
from demo.clock import ANY_DAY, CALENDARS, END, FRIDAY, MONDAY, MONTH_END, NEVER, RUN_KINDS, TWICE_A_MONTH
from demo.identifiers import account_number, broken, random_generator, tax_identifier, uscc

COMPANIES = pd.DataFrame(
    [
        # code, name, country, currency, erp, share of lines, growth a year, VAT in basis points, heads, approval limit
        ("HLSH", "港灯（上海）光电科技有限公司", "CN", "CNY", "cn", 0.30, 0.07, 1300, 70, 200_000),
        ("HLSZ", "港灯（深圳）电子制造有限公司", "CN", "CNY", "cn", 0.22, 0.10, 1300, 55, 200_000),
        ("HLDE", "Harbour Lantern Deutschland GmbH", "DE", "EUR", "gl", 0.17, 0.04, 1900, 22, 25_000),
        ("HLUS", "Harbour Lantern Americas Inc.", "US", "USD", "gl", 0.14, 0.06, 0, 20, 25_000),
        ("HLSG", "Harbour Lantern Asia Pte. Ltd.", "SG", "SGD", "gl", 0.08, 0.08, 900, 12, 40_000),
        ("HLGB", "Harbour Lantern UK Limited", "GB", "GBP", "gl", 0.09, 0.02, 2000, 13, 20_000),
    ],
    columns=["code", "name", "country", "currency", "erp", "share", "growth", "vat", "heads", "approval_limit"],
)
CURRENCIES = ("CNY", "EUR", "USD", "SGD", "GBP")
CNY_PER_UNIT = {"CNY": 1.0, "EUR": 7.75, "USD": 7.20, "SGD": 5.35, "GBP": 9.05}  # price lists are made at these
BANK_ACCOUNTS = pd.DataFrame(
    [
        # company, currency, bank, format of the statements
        (0, "CNY", "中国工商银行上海分行", "mt940"), (0, "USD", "中国银行上海分行", "mt940"),
        (1, "CNY", "招商银行深圳分行", "mt940"), (1, "USD", "中国银行深圳分行", "mt940"),
        (2, "EUR", "Deutsche Bank Hamburg", "camt"), (2, "USD", "Deutsche Bank Hamburg", "camt"),
        (3, "USD", "JPMorgan Chase", "camt"),
        (4, "SGD", "DBS Bank", "mt940"), (4, "USD", "DBS Bank", "mt940"),
        (5, "GBP", "Barclays", "camt"), (5, "EUR", "Barclays", "camt"),
    ],
    columns=["company", "currency", "bank", "format"],
)  # fmt: skip
CATEGORIES = (
    # Chinese and English name, margin on list price, share of products, usual price in CNY, unit
    ("LED光源", "LED light sources", 0.30, 0.14, 180, "PCS"), ("驱动电源", "Drivers", 0.33, 0.12, 260, "PCS"),
    ("智能控制", "Smart controls", 0.52, 0.10, 900, "SET"), ("户外灯具", "Outdoor luminaires", 0.38, 0.12, 1500, "PCS"),
    ("工业灯具", "Industrial luminaires", 0.42, 0.12, 1900, "PCS"), ("线缆", "Cables", 0.30, 0.10, 60, "M"),
    ("连接器", "Connectors", 0.45, 0.10, 45, "PCS"), ("传感器", "Sensors", 0.55, 0.08, 420, "PCS"),
    ("配件", "Accessories", 0.48, 0.07, 35, "PCS"), ("航标灯", "Navigation lights", 0.50, 0.05, 5200, "SET"),
)  # fmt: skip
INTERCOMPANY = (  # seller, buyer, currency
    (0, 3, "USD"), (0, 4, "USD"), (1, 2, "USD"), (1, 4, "USD"), (2, 5, "EUR"), (0, 1, "CNY"),
)  # fmt: skip
TERMS = (30, 60, 90)


# A pandas DataFrame; its cells have no types a checker could follow.
Frame = Any


@dataclass
class World:
    """Master data of the group and the list of what was planted in it."""

    companies: Frame
    bank_accounts: Frame
    customers: Frame
    suppliers: Frame
    products: Frame
    salespeople: Frame
    employees: Frame
    faults: list[dict[str, Any]] = field(default_factory=list)
    sisters: list[dict[str, Any]] = field(default_factory=list)

    def plant(self, kind: str, system: str, table: str, key: object, **detail: object) -> None:
        """Note a planted fault: what, and in which row of which source it can be found."""
        self.faults.append({"kind": kind, "system": system, "table": table, "key": str(key), **detail})


def build(seed: int, scale: float, planted_faults: bool = True) -> World:
    size = scale**0.5
    companies = COMPANIES.copy()
    rng = random_generator(seed, 1)
    companies["tax_identifier"] = [tax_identifier(rng, country) for country in companies["country"]]
    companies["calendar"] = [CALENDARS.index(country) for country in companies["country"]]
    companies["heads"] = np.maximum(2, np.rint(companies["heads"] * scale)).astype(int).clip(upper=3000)
    accounts = BANK_ACCOUNTS.copy()
    accounts["number"] = [account_number(rng, companies["country"][c]) for c in accounts["company"]]
    accounts["company_code"] = companies["code"].to_numpy()[accounts["company"]]
    salespeople = _salespeople(rng)
    suppliers: Frame = _suppliers(seed, max(48, round(288 * size)), companies)
    own = accounts.merge(companies[["code", "name"]], left_on="company_code", right_on="code")
    number_of = {
        (row.name, row.currency): row.number for row in own[["name", "currency", "number"]].itertuples(index=False)
    }
    sisters = suppliers["is_intercompany"]
    suppliers.loc[sisters, "account"] = [
        number_of[row.name, row.currency]
        for row in suppliers.loc[sisters, ["name", "currency"]].itertuples(index=False)
    ]
    world = World(
        companies,
        accounts,
        _customers(seed, max(90, round(1170 * size)), companies, salespeople),
        suppliers,
        _products(seed),
        salespeople,
        _employees(seed, companies),
    )
    world.products["listed_cost_cny"] = world.products["cost_cny"]
    if planted_faults:
        world.customers = _with_duplicates(world, world.customers, "customer", 0.026, random_generator(seed, 5))
        world.suppliers = _with_duplicates(world, world.suppliers, "supplier", 0.04, random_generator(seed, 6))
        _name_sisters(world, world.customers, "customer", 0.02, random_generator(seed, 10))
        _name_sisters(world, world.suppliers, "supplier", 0.04, random_generator(seed, 11))
        _spoil_parties(world, random_generator(seed, 7))
        _spoil_products(world, random_generator(seed, 8))
    # Terms of 999 days are wrong in the master record only: documents keep what was agreed.
    for parties in (world.customers, world.suppliers):
        parties["agreed_term"] = np.where(parties["term"] == 999, 30, parties["term"])
    _offer_discounts(world.suppliers, random_generator(seed, 12))
    return world


def _salespeople(rng: np.random.Generator) -> pd.DataFrame:
    rows: list[tuple[str, int, str]] = []
    for company, count in enumerate((8, 6, 4, 4, 3, 3)):
        country = COMPANIES["country"][company]
        for _ in range(count):
            rows.append((f"U{len(rows) + 101}", company, names.person(rng, country)))
    return pd.DataFrame(rows, columns=["user_id", "company", "name"])


def _markets() -> dict[int, list[tuple[str, str, float]]]:
    """Company → (country, currency, share) of its customers."""
    return {
        0: [("CN", "CNY", 0.90), ("US", "USD", 0.06), ("SG", "USD", 0.04)],
        1: [("CN", "CNY", 0.86), ("US", "USD", 0.10), ("SG", "USD", 0.04)],
        2: [("DE", "EUR", 0.62), ("AT", "EUR", 0.12), ("NL", "EUR", 0.11), ("FR", "EUR", 0.09), ("US", "USD", 0.06)],
        3: [("US", "USD", 1.0)],
        4: [("SG", "SGD", 0.72), ("MY", "USD", 0.16), ("VN", "USD", 0.12)],
        5: [("GB", "GBP", 0.82), ("NL", "EUR", 0.10), ("DE", "EUR", 0.08)],
    }


def _party_frame(rng: np.random.Generator, count: int, companies: pd.DataFrame, markets: dict, kind: str):  # type: ignore[no-untyped-def]
    """Company, country, currency, name, place and identifiers of ``count`` different real-world parties."""
    company = np.repeat(np.arange(6), _split(count, companies["share"].to_numpy()))
    country = np.empty(count, dtype=object)
    currency = np.empty(count, dtype=object)
    for c, choices in markets.items():
        rows = np.flatnonzero(company == c)
        pick = rng.choice(len(choices), len(rows), p=[share for *_, share in choices])
        country[rows] = [choices[i][0] for i in pick]
        currency[rows] = [choices[i][1] for i in pick]
    frame = pd.DataFrame({"company": company, "country": country, "currency": currency})
    frame["erp"] = companies["erp"].to_numpy()[company]
    places = [names.place(rng, c) for c in country]
    frame["city"], frame["region"], area = zip(*places, strict=True)
    frame["name"] = names.companies(rng, list(country), list(frame["city"]), kind)
    frame["tax_identifier"] = [tax_identifier(rng, c) if c != "CN" else None for c in country]
    chinese = np.flatnonzero(country == "CN")
    frame.loc[chinese, "tax_identifier"] = uscc(rng, np.array([area[i] for i in chinese]))
    frame["account"] = [account_number(rng, c) for c in country]
    frame["email"] = names.emails(list(frame["name"]), list(country), "ap" if kind == "customer" else "sales")
    frame["entity"] = [f"{kind}-{i + 1}" for i in range(count)]
    frame["is_intercompany"] = False
    return frame


def _split(count: int, shares: np.ndarray) -> np.ndarray:
    parts = np.floor(count * shares).astype(int)
    parts[0] += count - parts.sum()
    return parts


def _customers(seed: int, count: int, companies: pd.DataFrame, salespeople: pd.DataFrame) -> pd.DataFrame:
    rng = random_generator(seed, 2)
    frame = _party_frame(rng, count, companies, _markets(), "customer")
    sisters = pd.DataFrame(
        {
            "company": [seller for seller, _, _ in INTERCOMPANY],
            "sister": [buyer for _, buyer, _ in INTERCOMPANY],
            "currency": [currency for *_, currency in INTERCOMPANY],
        }
    )
    frame = pd.concat([frame, _intercompany(sisters, companies, "customer")], ignore_index=True)
    n = len(frame)
    frame["weight"] = np.round(np.exp(rng.normal(0, 1.0, n)), 6)
    frame["size"] = np.round(np.exp(rng.normal(0, 0.35, n)), 6)
    frame["price_factor"] = np.round(1 - rng.beta(2, 14, n), 4)
    frame["term"] = rng.choice(TERMS, n, p=(0.55, 0.33, 0.12))
    takes = (rng.random(n) < 0.14) & (frame["term"] == 30)
    frame["discount_terms"] = pd.Series("2/10", index=frame.index).where(takes, None)
    frame["discount_share"] = np.where(takes, np.round(rng.uniform(0.3, 0.9, n), 3), 0.0)
    bad = rng.random(n) < 0.05
    mainland = (frame["country"] == "CN").to_numpy()
    frame["mu"] = np.round(np.where(bad, rng.uniform(25, 55, n), rng.normal(2.5 + 3 * mainland, 5, n).clip(-4, 22)), 3)
    frame["spread"] = np.round(np.where(bad, 8.0, rng.uniform(0.7, 3.2, n)), 3)
    frame["late_share"] = np.round(rng.beta(1.2, 11, n), 3)
    frame["drift"] = np.round(rng.normal(0.6, 1.6, n), 3)
    frame["sensitivity"] = np.round(rng.uniform(0.3, 1.7, n), 3)
    frame["partial_share"] = np.round(rng.beta(1, 30, n), 3)
    frame["dispute_share"] = np.round(rng.beta(1, 60, n), 4)
    weekly = rng.integers(MONDAY, FRIDAY + 1, n)
    kind = rng.random(n)
    run = np.select(
        [kind < 0.4, kind < 0.68, kind < 0.84], [np.full(n, ANY_DAY), weekly, np.full(n, TWICE_A_MONTH)], MONTH_END
    )
    calendar = np.array([CALENDARS.index(c) if c in CALENDARS else 1 for c in frame["country"]])
    frame["run"] = calendar * RUN_KINDS + run
    frame["bundles"] = rng.random(n) < 0.65
    frame["stop_day"] = np.where(rng.random(n) < 0.012, rng.integers(END - 500, END - 60, n), NEVER)
    frame["channel"] = rng.choice(["Direct", "Distributor", "Online", "Project"], n, p=(0.4, 0.3, 0.12, 0.18))
    frame["segment"] = rng.choice(["Key account", "Mid-market", "Small business"], n, p=(0.12, 0.4, 0.48))
    frame["credit_limit"] = np.rint(40 * frame["weight"] * frame["size"] + 5).astype(int) * 10_000
    frame.loc[frame["is_intercompany"], ["stop_day", "discount_terms"]] = [NEVER, None]
    frame.loc[frame["is_intercompany"], ["discount_share", "dispute_share", "partial_share", "weight"]] = 0.0
    sellers = [salespeople.index[salespeople["company"] == c].to_numpy() for c in range(6)]
    frame["salesperson"] = [
        salespeople["user_id"][sellers[c][int(u * len(sellers[c]))]]
        for c, u in zip(frame["company"], rng.random(n), strict=True)
    ]
    frame["code"] = [f"C{100_001 + i}" for i in range(n)]
    return frame


def _intercompany(sisters: pd.DataFrame, companies: pd.DataFrame, kind: str) -> pd.DataFrame:
    partner = sisters["sister"].to_numpy()
    cities = {
        "HLSH": "上海",
        "HLSZ": "深圳",
        "HLDE": "Hamburg",
        "HLUS": "Chicago",
        "HLSG": "Singapore",
        "HLGB": "Bristol",
    }
    regions = {
        "HLSH": "上海",
        "HLSZ": "广东",
        "HLDE": "Hamburg",
        "HLUS": "Illinois",
        "HLSG": "Central",
        "HLGB": "South West",
    }
    code = companies["code"].to_numpy()[partner]
    return sisters.assign(
        country=companies["country"].to_numpy()[partner],
        erp=companies["erp"].to_numpy()[sisters["company"].to_numpy()],
        city=[cities[c] for c in code],
        region=[regions[c] for c in code],
        name=companies["name"].to_numpy()[partner],
        tax_identifier=companies["tax_identifier"].to_numpy()[partner],
        account=None,
        email=[f"intercompany.{c.lower()}@harbourlantern.example" for c in code],
        entity=[f"company-{c}" for c in code],
        is_intercompany=True,
    ).drop_duplicates(["company", "sister"])


def _suppliers(seed: int, count: int, companies: pd.DataFrame) -> pd.DataFrame:
    rng = random_generator(seed, 3)
    markets = {
        0: [("CN", "CNY", 0.94), ("US", "USD", 0.06)],
        1: [("CN", "CNY", 0.94), ("SG", "USD", 0.06)],
        2: [("DE", "EUR", 0.7), ("NL", "EUR", 0.15), ("AT", "EUR", 0.15)],
        3: [("US", "USD", 1.0)],
        4: [("SG", "SGD", 0.85), ("MY", "USD", 0.15)],
        5: [("GB", "GBP", 0.85), ("NL", "EUR", 0.15)],
    }
    frame = _party_frame(rng, count, companies, markets, "supplier")
    sisters = pd.DataFrame(
        {
            "company": [buyer for _, buyer, _ in INTERCOMPANY],
            "sister": [seller for seller, _, _ in INTERCOMPANY],
            "currency": [currency for *_, currency in INTERCOMPANY],
        }
    )
    frame = pd.concat([frame, _intercompany(sisters, companies, "supplier")], ignore_index=True)
    n = len(frame)
    frame["weight"] = np.where(frame["is_intercompany"], 0.0, np.round(np.exp(rng.normal(0, 1.0, n)), 6))
    frame["term"] = rng.choice((15, 30, 45, 60), n, p=(0.1, 0.45, 0.25, 0.2))
    frame["is_service"] = (rng.random(n) < 0.28) & ~frame["is_intercompany"]
    # Every company needs both kinds of suppliers.
    for company in range(6):
        own = frame.index[(frame["company"] == company) & ~frame["is_intercompany"]]
        frame.loc[own[:2], "is_service"] = [True, False]
    frame["code"] = [f"S{50_001 + i}" for i in range(n)]
    return frame


# Percent for paying within so many days of the invoice; the last is worth less than what money costs.
DISCOUNTS = ((2.0, 10), (2.0, 14), (1.5, 15), (1.0, 20), (0.1, 14))


def _offer_discounts(suppliers: pd.DataFrame, rng: np.random.Generator) -> None:
    """Cash discounts that suppliers print on their invoices; the group has not used to take them.

    Drawn last and apart from all else, so that nothing else of the group depends on them.
    """
    offer = rng.choice(len(DISCOUNTS), len(suppliers))
    offers = (rng.random(len(suppliers)) < 0.45) & (suppliers["agreed_term"] >= 30) & ~suppliers["is_intercompany"]
    suppliers["discount_percent"] = np.where(offers, np.array([percent for percent, _ in DISCOUNTS])[offer], np.nan)
    suppliers["discount_days"] = pd.Series(
        np.array([days for _, days in DISCOUNTS])[offer], index=suppliers.index, dtype="Int64"
    ).where(offers)


def _products(seed: int) -> pd.DataFrame:
    rng = random_generator(seed, 4)
    frames = []
    for erp, count, prefix in (("cn", 280, "W"), ("gl", 220, "HL-")):
        category = np.repeat(np.arange(10), _split(count, np.array([c[3] for c in CATEGORIES])))
        usual = np.array([c[4] for c in CATEGORIES])[category]
        margin = np.array([c[2] for c in CATEGORIES])[category]
        price = np.round(usual * np.exp(rng.normal(0, 0.55, count)), 2)
        cost = np.round(price * (1 - margin - rng.uniform(-0.04, 0.04, count)), 2)
        series = names.product_series(rng, count, erp)
        label = [CATEGORIES[c][0 if erp == "cn" else 1] for c in category]
        frames.append(
            pd.DataFrame(
                {
                    "erp": erp,
                    "code": [f"{prefix}{10_001 + i}" for i in range(count)],
                    "name": [
                        f"{what} {which}" if erp == "cn" else f"{which} {what}"
                        for what, which in zip(label, series, strict=True)
                    ],
                    "category": label,
                    "unit": [CATEGORIES[c][5] for c in category],
                    "price_cny": price,
                    "cost_cny": cost,
                    "weight": np.round(np.exp(rng.normal(0, 1, count)), 6),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _employees(seed: int, companies: pd.DataFrame) -> pd.DataFrame:
    rng = random_generator(seed, 9)
    company = np.repeat(np.arange(6), companies["heads"])
    n = len(company)
    country = companies["country"].to_numpy()[company]
    gross = {"CN": 13_000, "DE": 4_300, "US": 5_600, "SG": 5_000, "GB": 3_500}
    usual = np.array([gross[c] for c in country])
    frame = pd.DataFrame(
        {
            "company": company,
            "number": [f"E{1001 + i}" for i in range(n)],
            "name": [names.person(rng, c) for c in country],
            "department": rng.choice(["Sales", "Production", "Logistics", "Finance", "Engineering"], n),
            "account": [account_number(rng, c) for c in country],
            "gross": np.rint(usual * np.exp(rng.normal(0, 0.3, n))).astype(int) * 100,
        }
    )
    hired = np.where(rng.random(n) < 0.8, 0, rng.integers(0, END - 100, n))
    frame["hired"] = hired
    frame["left"] = np.where(rng.random(n) < 0.08, hired + rng.integers(200, 900, n), NEVER)
    return frame


def _with_duplicates(world: World, parties: Frame, kind: str, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """The same real-world party recorded twice: in one ERP, or in both, with the name written another way."""
    own = parties.index[~parties["is_intercompany"]].to_numpy()
    chosen = np.sort(rng.choice(own, max(6, round(len(own) * share)), replace=False))
    copies = parties.loc[chosen].copy().reset_index(drop=True)
    across = rng.random(len(copies)) < 0.45
    chinese = (copies["erp"] == "cn").to_numpy()
    copies["company"] = np.where(across, np.where(chinese, 4, 0), copies["company"])
    copies["erp"] = world.companies["erp"].to_numpy()[copies["company"]]
    # A company of another country keeps only accounts of its own: the record there trades in one of those.
    copies["currency"] = np.where(across, "USD", copies["currency"])
    copies["name"] = [
        names.variant(rng, name, country, across=bool(a))
        for name, country, a in zip(copies["name"], copies["country"], across, strict=True)
    ]
    keeps_number = rng.random(len(copies)) < 0.5
    copies.loc[~keeps_number, "tax_identifier"] = None
    copies["account"] = np.where(rng.random(len(copies)) < 0.6, copies["account"], None)
    empty = copies["account"].isna()
    copies.loc[empty, "account"] = [account_number(rng, c) for c in copies.loc[empty, "country"]]
    copies["weight"] = (copies["weight"] * 0.4).round(6)
    if kind == "customer":
        copies["salesperson"] = [
            str(world.salespeople.loc[world.salespeople["company"] == c, "user_id"].iloc[0]) for c in copies["company"]
        ]
    first = 100_001 if kind == "customer" else 50_001
    copies["code"] = [f"{'C' if kind == 'customer' else 'S'}{first + len(parties) + i}" for i in range(len(copies))]
    return pd.concat([parties, copies], ignore_index=True)


def _name_sisters(world: World, parties: Frame, kind: str, share: float, rng: np.random.Generator) -> None:
    """Parties that bear the name of another one, in another city or another industry, with identifiers of their own.

    Two real-world parties that must stay two. Some share a mail domain, as companies of one group do.
    """
    counts = parties.groupby("entity").size()
    alone = parties.index[parties["entity"].map(counts).eq(1) & ~parties["is_intercompany"]].to_numpy()
    free = list(rng.permutation(alone))
    wanted = max(4, round(len(alone) * share))
    while free and wanted:
        elder = free.pop()
        same_country = [row for row in free if parties.at[row, "country"] == parties.at[elder, "country"]]
        elsewhere = [row for row in same_country if parties.at[row, "city"] != parties.at[elder, "city"]]
        in_city = [row for row in same_country if parties.at[row, "city"] == parties.at[elder, "city"]]
        other_city = bool(rng.random() < 0.6)
        choices = elsewhere if other_city else in_city
        if not choices:
            continue
        younger = choices[0]
        name = names.sister(
            rng, parties.at[elder, "name"], parties.at[younger, "name"], parties.at[elder, "city"],
            parties.at[younger, "city"], parties.at[elder, "country"], kind,
        )  # fmt: skip
        if name is None:
            continue
        free.remove(younger)
        parties.at[younger, "name"] = name
        if rng.random() < 0.4:
            mailbox, domain = parties.at[younger, "email"].split("@")[0], parties.at[elder, "email"].split("@")[1]
            parties.at[younger, "email"] = f"{mailbox}.{younger}@{domain}"
        for row in (elder, younger):
            world.sisters.append(
                {
                    "object": kind,
                    "name_stem": f"{kind}-{elder}",
                    "system": record_of(parties.at[row, "erp"], kind)[0],
                    "code": parties.at[row, "code"],
                    "name": parties.at[row, "name"],
                }
            )
        wanted -= 1


def record_of(erp: str, kind: str) -> tuple[str, str]:
    """System and table in which an ERP keeps customers or suppliers."""
    if erp == "cn":
        return "erp_china", "t_kehu" if kind == "customer" else "t_gongyingshang"
    return "erp_global", "business_partners"


def _spoil_parties(world: World, rng: np.random.Generator) -> None:
    for kind, parties in (("customer", world.customers), ("supplier", world.suppliers)):
        _spoil(world, kind, parties, rng)


def _spoil(world: World, kind: str, parties: Frame, rng: np.random.Generator) -> None:
    """Wrong or missing attributes, each in a record of its own that is recorded once and has a checked identifier."""
    counts = parties.groupby("entity").size()
    alone = parties.index[parties["entity"].map(counts).eq(1) & ~parties["is_intercompany"]].to_numpy()
    checked = alone[parties.loc[alone, "country"].isin(["CN", "DE", "GB", "AT", "NL", "FR"]).to_numpy()]
    rows = iter(rng.permutation(checked))

    def spoil(row: int, fault: str, column: str, wrong: object) -> None:
        before = parties.at[row, column]
        parties.at[row, column] = wrong
        system, table = record_of(parties.at[row, "erp"], kind)
        code = parties.at[row, "code"]
        world.plant(fault, system, table, code, column=column, right_value=before, wrong_value=wrong)

    factor = 2 if kind == "customer" else 1
    for row in islice(rows, 5 * factor):
        spoil(row, "invalid_tax_identifier", "tax_identifier", broken(parties.at[row, "tax_identifier"]))
    for row in islice(rows, 3 * factor):
        spoil(row, "missing_tax_identifier", "tax_identifier", None)
    for row in islice(rows, 2 * factor):
        spoil(row, "wrong_country", "country", "US")
    for row in islice(rows, 2 * factor):
        spoil(row, "invalid_email", "email", parties.at[row, "email"].replace("@", " at "))
    for row in islice(rows, factor):
        spoil(row, "implausible_payment_term", "term", 999)
    for row in islice(rows, 1):
        spoil(row, "missing_name", "name", "")
    if kind == "customer":
        for row in islice(rows, 2):
            spoil(row, "negative_credit_limit", "credit_limit", -parties.at[row, "credit_limit"])
    else:
        with_iban = (row for row in rows if parties.at[row, "country"] in ("DE", "AT", "NL", "GB"))
        for row in islice(with_iban, 3):
            spoil(row, "invalid_iban", "account", broken(parties.at[row, "account"]))


def _spoil_products(world: World, rng: np.random.Generator) -> None:
    products = world.products
    chosen = rng.choice(len(products), 6, replace=False)
    table = {"cn": ("erp_china", "t_wuliao"), "gl": ("erp_global", "products")}
    for row in chosen[:3]:
        before = products.at[row, "category"]
        products.at[row, "category"] = None
        world.plant(
            "missing_category",
            *table[products.at[row, "erp"]],
            products.at[row, "code"],
            column="category",
            right_value=before,
        )
    for row in chosen[3:]:
        products.at[row, "listed_cost_cny"] = np.round(products.at[row, "price_cny"] * 1.4, 2)
        world.plant(
            "cost_above_price", *table[products.at[row, "erp"]], products.at[row, "code"], column="standard_cost"
        )
