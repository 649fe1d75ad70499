"""Products: what margin is counted by."""

from __future__ import annotations

import pandas as pd

from expectations.prepare import DORMANT_YEARS, Context, given_where_provided, used_lately
from expectations.rules import (
    ACCURACY,
    COMPLETENESS,
    COST_ACCOUNTANT,
    CRITICAL,
    DATA_STEWARD,
    TIMELINESS,
    UNIQUENESS,
    VALIDITY,
    WARNING,
    Rule,
    between,
    is_true,
    matches_not,
    not_null,
    unique,
)  # fmt: skip
from expectations.suites.party import STAND_IN
from expectations.suites.suite import Suite

MARGIN = ("dim_product", "fct_sales_invoice_line")
PRODUCTS_THAT_TELL = 20

RULES = (
    Rule("product_name_present", COMPLETENESS, CRITICAL, DATA_STEWARD, "name", not_null("name"), MARGIN,
         "Product {record} has no name.", "产品 {record} 没有名称。"),
    Rule("product_name_real", ACCURACY, WARNING, DATA_STEWARD, "name", matches_not("name", STAND_IN), MARGIN,
         "Product {record} has a stand-in for a name: {value}.",
         "产品 {record} 的名称“{value}”是占位内容，不是真实名称。"),
    Rule("product_code_present", COMPLETENESS, WARNING, DATA_STEWARD, "code", is_true("code_given"), MARGIN,
         "Product {record} has no article number.", "产品 {record} 没有货号。"),
    Rule("product_code_unique", UNIQUENESS, WARNING, DATA_STEWARD, "code", unique("source_system", "code"), MARGIN,
         "Product {record} shares its article number {value} with another product.",
         "产品 {record} 的货号 {value} 与另一产品重复。"),
    Rule("product_category_present", COMPLETENESS, WARNING, DATA_STEWARD, "category", is_true("category_given"), MARGIN,
         "Product {record} has no category.", "产品 {record} 没有类别。"),
    Rule("product_unit_present", COMPLETENESS, WARNING, DATA_STEWARD, "unit", is_true("unit_given"), MARGIN,
         "Product {record} has no unit of measure.", "产品 {record} 没有计量单位。"),
    Rule("product_list_price_not_negative", VALIDITY, CRITICAL, COST_ACCOUNTANT, "list_price",
         between("list_price", 0, None), MARGIN,
         "Product {record} has a negative list price: {value}.", "产品 {record} 的标价为负数：{value}。"),
    Rule("product_cost_price_not_negative", VALIDITY, CRITICAL, COST_ACCOUNTANT, "cost_price",
         between("cost_price", 0, None), MARGIN,
         "Product {record} has a negative cost price: {value}.", "产品 {record} 的成本价为负数：{value}。"),
    Rule("product_cost_price_below_list_price", ACCURACY, WARNING, COST_ACCOUNTANT, "cost_price",
         is_true("cost_price_below_list_price"), MARGIN,
         "Product {record} costs more than its list price: {value}.", "产品 {record} 的成本价 {value} 高于标价。"),
    Rule("product_cost_price_share_usual", ACCURACY, WARNING, COST_ACCOUNTANT, "cost_price",
         is_true("cost_price_share_usual"), MARGIN,
         "Product {record} costs {value} at a list price of {list_price}, far less of it than products usually do.",
         "产品 {record} 的成本价 {value} 相对标价 {list_price} 远低于其他产品。"),
    Rule("product_used_lately", TIMELINESS, WARNING, DATA_STEWARD, "last_document_date", is_true("used_lately"),
         ("dim_product",),
         f"Product {{record}} may still be sold, but was last ordered or billed on {{value}}, over {DORMANT_YEARS} "
         "years ago.",
         f"产品 {{record}} 仍可销售，但最近一次业务为 {{value}}，已超过 {DORMANT_YEARS} 年。"),
)  # fmt: skip


def prepare(frame: pd.DataFrame, context: Context) -> dict[str, pd.Series]:
    cost, price = frame["cost_price"], frame["list_price"]
    # A list price of 0 means "not sold by list" and says nothing about the cost.
    comparable = cost.notna() & price.notna() & price.ne(0)
    below = pd.Series(pd.NA, index=frame.index, dtype="boolean")
    below[comparable] = cost[comparable] <= price[comparable]
    share = (cost.astype("Float64") / price.astype("Float64")).where(comparable & cost.gt(0) & price.gt(0))
    usual = share.groupby(frame["source_system"])
    columns = {
        "code_given": given_where_provided(frame, "code"),
        "category_given": given_where_provided(frame, "category"),
        "unit_given": given_where_provided(frame, "unit"),
        "cost_price_below_list_price": below,
        "cost_price_share_usual": (share >= usual.transform("median") / 4).where(
            usual.transform("count") >= PRODUCTS_THAT_TELL
        ),
    }
    if "last_document_date" in frame:
        columns["used_lately"] = used_lately(frame, context)
    return columns


SUITE = Suite("product", RULES, prepare, conditional=frozenset({"last_document_date", "used_lately"}))
