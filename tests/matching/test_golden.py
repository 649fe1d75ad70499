"""Which records become one: the machine's links, what it must never merge, and the steward's word."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.matching.clusters import MATCH, NUMBER, SOURCE, STEWARD, resolve
from dagster_project.matching.scoring import FIELDS, model, weight_of
from tests.matching.conftest import Records

# Valid numbers of two companies: their check digits are right.
ONE, TWO = "91310115A652300015", "91440300B928603856"
LEVELS = ", ".join(f"weight_{field}" for field in FIELDS)


def chinese(**given: str | None) -> dict[str, str | None]:
    return {"name": "上海信达电子有限公司", "country": "CN", "city": "上海", "region": "上海"} | given


def test_the_same_party_in_two_systems(records: Records) -> None:
    """The other clerk wrote it in Latin letters and knows neither number nor account, but the same e-mail."""
    records.add("cn:1", **chinese(tax_identifier=ONE, email="ap@xinda.example"))
    records.add("gl:2", **chinese(name="Shanghai Xinda Co., Ltd.", email="AP@xinda.example"))
    assert records.match() == {frozenset({"cn:1", "gl:2"})}
    assert records.rows("select record_id, golden_id, resolved_by from quality.golden_member order by 1") == [
        ("cn:1", "cn:1", "own record"), ("gl:2", "cn:1", "match"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sister",
    [
        {"name": "深圳信达电子有限公司", "city": "深圳", "region": "广东"},  # another city
        {
            "name": "深圳信达电子有限公司",
            "city": "深圳",
            "region": "广东",
            "tax_identifier": None,
        },  # and no number to tell
        {"name": "上海信达照明有限公司"},  # another industry
        {"name": "上海信达照明有限公司", "tax_identifier": None},
        {"name": "上海信达电子有限公司"},  # even the same name: two numbers are two parties
    ],
)
def test_sister_companies_stay_two(records: Records, sister: dict[str, str | None]) -> None:
    records.add("cn:1", **chinese(tax_identifier=ONE, email="a@xinda.example", bank_account_number="6222000011112222"))
    other = {"tax_identifier": TWO, "email": "b@xinda.example", "bank_account_number": "6222000033334444"} | sister
    records.add("cn:2", **chinese(**other))
    assert len(records.match()) == 2


def test_two_tax_identifiers_are_not_joined_through_a_third_record(records: Records) -> None:
    """cn:3 has no number and fits both alike: nothing tells whose it is, so both pairs are in doubt."""
    records.add("cn:1", **chinese(tax_identifier=ONE, email="ap@xinda.example"))
    records.add("cn:2", **chinese(tax_identifier=TWO, email="ap@xinda.example"))
    records.add("cn:3", **chinese(email="ap@xinda.example"))
    assert records.match() == {frozenset({"cn:1"}), frozenset({"cn:2"}), frozenset({"cn:3"})}
    pairs = records.rows("select record_id, other_record_id, zone, explanation from quality.match_pair order by 1, 2")
    in_doubt = {(one, two): why for one, two, zone, why in pairs if zone == "review"}
    assert {("cn:1", "cn:3"), ("cn:2", "cn:3")} <= in_doubt.keys()
    assert all("two tax identifiers" in in_doubt[pair] for pair in [("cn:1", "cn:3"), ("cn:2", "cn:3")])


def test_of_two_links_to_two_parties_the_stronger_holds(records: Records) -> None:
    """The bank account says whose the third record is: the link to the other one is cut."""
    records.add("cn:1", **chinese(tax_identifier=ONE, bank_account_number="6222000011112222"))
    records.add("cn:2", **chinese(tax_identifier=TWO, bank_account_number="6222000033334444"))
    records.add("cn:3", **chinese(bank_account_number="6222 0000 1111 2222"))
    assert records.match() == {frozenset({"cn:1", "cn:3"}), frozenset({"cn:2"})}


def test_the_explanation_adds_up(records: Records) -> None:
    records.add("cn:1", **chinese(tax_identifier=ONE, email="ap@xinda.example", bank_account_number="6222000011112222"))
    records.add("gl:2", **chinese(name="Shanghai Xinda Co., Ltd.", tax_identifier=ONE, email="cfo@xinda.example"))
    records.add("cn:3", **chinese(bank_account_number="6222000011112222"))
    records.match()
    rows = records.rows(f"select weight, probability, weight_start, {LEVELS}, explanation from quality.match_pair")
    assert len(rows) == 3
    for weight, probability, start, *parts, explanation in rows:
        assert weight == pytest.approx(start + sum(parts), abs=1e-5)
        assert probability == pytest.approx(2**weight / (1 + 2**weight))
        assert f"total {weight:+.1f}" in explanation
        assert all(field.replace("_", " ") in explanation for field in FIELDS)


def test_weights_are_those_of_the_model(records: Records) -> None:
    """log2(0.8 / 0.00005) = 13.97 for the same tax identifier, whatever other records there are."""
    records.add("cn:1", **chinese(tax_identifier=ONE))
    records.add("cn:2", **chinese(tax_identifier=ONE))
    records.match()
    [(weight, level)] = records.rows("select weight_tax_identifier, level_tax_identifier from quality.match_pair")
    assert (round(weight, 2), level) == (13.97, "same")
    assert weight_of(0.5) == 0


def test_a_placeholder_is_no_number(records: Records) -> None:
    records.add("cn:1", name="信恒贸易", country="CN", city="北京", tax_identifier="000000000")
    records.add("cn:2", name="博联物流", country="CN", city="北京", tax_identifier="000000000")
    assert len(records.match()) == 2


def test_a_value_that_many_share_tells_nobody_apart(records: Records) -> None:
    for number in range(int(model()["largest_block"]) + 1):
        records.add(f"cn:{number}", name=f"Vale {number} Lighting", country="CN", email="invoice@portal.example")
    records.match()
    assert records.rows("select count(*) from quality.match_pair") == [(0,)]


def test_no_records_and_odd_names(records: Records) -> None:
    assert records.match() == set()
    for number, name in enumerate(
        ["", "公司", "🙂 GmbH", "\u200b", "Ltd.", "'; drop table x; --", "ООО Ромашка", None]
    ):
        records.add(f"x:{number}", name=name)
    assert len(records.match()) == 8


def test_merged_at_the_source(records: Records) -> None:
    records.add("erp:1", name="Nordfield Lighting Ltd", country="GB", city="Leeds")
    records.add("erp:2", name="Other name", country="GB", city="London", replaced_by="erp:1")
    assert records.match() == {frozenset({"erp:1", "erp:2"})}
    assert ("erp:2", "merged at the source") in records.rows("select record_id, resolved_by from quality.golden_member")


def test_the_steward_goes_before_the_machine(records: Records) -> None:
    records.add("cn:1", **chinese(tax_identifier=ONE))
    records.add("cn:2", **chinese(tax_identifier=ONE))
    records.add("cn:3", name="天津另名贸易有限公司", country="CN", city="天津", tax_identifier=TWO)
    assert records.match() == {frozenset({"cn:1", "cn:2"}), frozenset({"cn:3"})}
    records.decide(1, "keep_apart", "cn:2", "cn:1")
    records.decide(2, "merge", "cn:1", "cn:3")
    assert records.match() == {frozenset({"cn:1", "cn:3"}), frozenset({"cn:2"})}
    query = "select record_id, other_record_id, zone, decision_id from quality.match_pair order by 1, 2"
    assert records.rows(query) == [
        ("cn:1", "cn:2", "decided", 1), ("cn:1", "cn:3", "decided", 2),
    ]  # fmt: skip
    # Decisions undone are no longer among those that hold.
    records.warehouse.execute("delete from quality.steward_decision")
    assert records.match() == {frozenset({"cn:1", "cn:2"}), frozenset({"cn:3"})}


def test_kept_apart_holds_through_a_third_record(records: Records) -> None:
    for key in ("cn:1", "cn:2", "cn:3"):
        records.add(key, **chinese(email="ap@xinda.example"))
    assert len(records.match()) == 1
    records.decide(1, "keep_apart", "cn:1", "cn:2")
    assert not any({"cn:1", "cn:2"} <= golden for golden in records.match())


def test_the_golden_record_is_named_after_its_first_record(records: Records) -> None:
    """erp:9 was there before erp:10: a copy that comes later changes no id."""
    records.add("erp:9", **chinese(tax_identifier=ONE))
    records.add("erp:10", **chinese(tax_identifier=ONE))
    records.match()
    assert records.rows("select distinct golden_id from quality.golden_member") == [("erp:9",)]


_NAMES = ("上海信达电子有限公司", "上海信达电子股份有限公司", "深圳信达电子有限公司", "Shanghai Xinda Co., Ltd.")


@settings(deadline=None, max_examples=8)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(_NAMES),
            st.sampled_from([ONE, TWO, None]),
            st.sampled_from(["a@x.example", "b@y.example", None]),
        ),
        min_size=2,
        max_size=7,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_does_not_matter(
    new_records: Callable[[], Records], drawn: list[tuple[str, str | None, str | None]], order: random.Random
) -> None:
    rows = [(f"cn:{n}", *row) for n, row in enumerate(drawn)]
    outcomes = []
    for _ in range(2):
        records = new_records()
        for key, name, number, email in rows:
            records.add(key, **chinese(name=name, tax_identifier=number, email=email))
        golden = records.match()
        pairs = records.rows("select * from quality.match_pair order by record_id, other_record_id")
        outcomes.append((golden, pairs, records.rows("select * from quality.golden_member order by record_id")))
        records.warehouse.close()
        order.shuffle(rows)
    assert outcomes[0] == outcomes[1]
    number_of = {key: number for key, _, number, _ in rows}
    assert all(len({number_of[key] for key in golden} - {None}) <= 1 for golden in outcomes[0][0])


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdef"), st.sampled_from("abcdef"),
            st.sampled_from([MATCH, MATCH, SOURCE, NUMBER, STEWARD]),
            st.integers(1, 3).map(float),
        ).filter(lambda link: link[0] != link[1]),
        max_size=12,
    ),
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("XYZ"), max_size=6),
    st.sets(st.sampled_from([frozenset(pair) for pair in combinations("abcdef", 2)]), max_size=3),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_clusters_hold_no_contradiction(links, numbers, apart, order) -> None:  # type: ignore[no-untyped-def]
    """Whatever is linked: nothing kept apart is one, two numbers only by a steward, and order changes nothing."""
    identifiers = [(record, "CN", number) for record, number in numbers.items()]
    members, cut = resolve(links, identifiers, apart)
    cluster = dict(members)
    assert not any(len({cluster.get(r, r) for r in pair}) == 1 for pair in apart)
    if not any(kind == STEWARD for _, _, kind, _ in links):
        for one, two in combinations(numbers, 2):
            assert numbers[one] == numbers[two] or cluster.get(one, one) != cluster.get(two, two)
    assert {(one, two) for one, two, *_ in links} >= {(one, two) for one, two, _ in cut}
    shuffled = list(links)
    order.shuffle(shuffled)
    assert resolve(shuffled, identifiers, apart)[0] == members
