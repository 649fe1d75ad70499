"""Rules of the quality gate in the reader's words."""

from __future__ import annotations

from dashboards.components.language import current_language, labels, t_value

_OBJECTS = ("bank_account", "company", "customer", "employee", "product", "supplier", "account", "exchange_rate",
            "crm_account", "sales_invoice", "purchase_invoice", "journal_entry", "receivable", "payable")  # fmt: skip


def rule_in_words(rule: str, objects: tuple[str, ...] = _OBJECTS) -> str:
    """A rule of one object carries it in front; beside the object's own column that would be said twice."""
    if f"rule.{rule}" in labels(current_language()):
        return t_value("rule", rule)
    of_object = next((name for name in objects if rule.startswith(f"{name}_")), "")
    return t_value("rule", rule.removeprefix(f"{of_object}_"))
