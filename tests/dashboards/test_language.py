"""Both languages have every label that is asked for."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from dashboards.components.language import LANGUAGES, labels, t_value
from expectations.rules import OWNERS
from expectations.suites import SUITES
from ml.reasons import CODES

FOLDER = Path(__file__).parents[2] / "dashboards"
CONTROLS = Path(__file__).parents[2] / "dbt" / "models" / "marts" / "quality"


def keys_asked_for() -> set[str]:
    """Every key written out in a call ``t("…")`` or as a reason of NotReadable."""
    keys: set[str] = set()
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                if name in ("t", "NotReadable", "NoAccess"):
                    keys.update(texts[:1])
                if name == "begin_page":
                    keys.update(texts)
    return keys


def test_both_languages_have_the_same_labels_and_blanks() -> None:
    english, chinese = labels("en"), labels("zh")
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", chinese[key])), key
        assert text.strip()
        assert chinese[key].strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_asks_for_a_missing_label(language: str) -> None:
    asked = keys_asked_for()
    assert len(asked) > 60, "the search for labels finds too little"
    assert not asked - labels(language).keys()


def test_every_label_in_chinese_is_translated() -> None:
    # A label of blanks alone has no words to translate.
    texts = {key: re.sub(r"\{\w+\}", "", text) for key, text in labels("zh").items()}
    same = {key for key, text in texts.items() if not re.search("[一-鿿]", text) and re.search(r"\w", text)}
    assert not same


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_and_owner_of_the_quality_gate_has_words(language: str) -> None:
    suites = SUITES.values() if isinstance(SUITES, dict) else SUITES
    rules = {
        re.sub(f"^({'|'.join(suite.object for suite in suites)})_", "", rule.id)
        for suite in suites
        for rule in suite.rules
    }
    assert not {f"rule.{rule}" for rule in rules} - labels(language).keys()
    assert not {f"owner.{owner}" for owner in OWNERS} - labels(language).keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_control_has_words(language: str) -> None:
    texts = [file.read_text(encoding="utf-8") for file in CONTROLS.glob("control_*.sql")]
    controls = {name for text in texts for name in re.findall(r"'(\w+)' as control\b", text)}
    assert len(controls) > 25, "the search for controls finds too little"
    assert not {f"control.{control}" for control in controls} - labels(language).keys()


def test_a_coded_value_without_words_is_shown_readably() -> None:
    assert t_value("rule", "brand_new_rule") == "brand new rule"
    assert t_value("bucket", None) == "(none)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_a_forecast_has_words(language: str) -> None:
    words = labels(language)
    asked = {f"reason.{code}" for code in CODES} | {f"reason.weekday_{day}" for day in range(8)}
    assert not asked - words.keys()
