"""Steward: pairs of records that may be one; the steward says merge or keep apart."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import stewardship
from dashboards.components.about import explain
from dashboards.components.decide import can_decide, record, who_and_why
from dashboards.components.figures import count
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.records import candidates, has_candidates, pair_weights, record_attributes

begin_page("duplicates.title", "duplicates.purpose")
deciding = can_decide()
pairs = (
    candidates(None) if has_candidates() else pd.DataFrame(columns=["object", "record_id", "other_record_id", "zone"])
)
log = stewardship.log()
ruled = log[log["action"].isin(["merge", "keep_apart"]) & (log["state"] == "effective")]
ruling = {
    (entry["object"], frozenset((entry["record_id"], entry["other_record_id"]))): entry["action"]
    for _, entry in ruled.iterrows()
}
decided = [
    ruling.get((pair["object"], frozenset((pair["record_id"], pair["other_record_id"]))))
    for _, pair in pairs.iterrows()
]
pairs = pairs.assign(decided=pd.Series(decided, index=pairs.index, dtype="str"))

open_card, merged_card, apart_card, waiting_card = st.columns(4)
open_card.metric(
    t("duplicates.open"),
    count(int((pairs["decided"].isna() & (pairs["zone"] == "review")).sum())),
    border=True,
    help=explain("candidate_pairs"),
)
merged_card.metric(
    t("duplicates.merged"), count(int((ruled["action"] == "merge").sum())), border=True, help=explain("pairs_merged")
)
apart_card.metric(
    t("duplicates.apart"),
    count(int((ruled["action"] == "keep_apart").sum())),
    border=True,
    help=explain("pairs_kept_apart"),
)
waiting_card.metric(
    t("decisions.not_applied"),
    count(int((~ruled["is_applied"].astype(bool)).sum())),
    border=True,
    help=explain("decisions_not_applied"),
)

object_column, zone_column, decided_column = st.columns([1, 1, 1], vertical_alignment="bottom")
with object_column:
    object_ = pick(
        "object",
        t("column.object"),
        sorted(pairs["object"].dropna().unique()),
        lambda name: t_value("object", name),
        everything=t("filter.all"),
    )
with zone_column:
    zone = pick(
        "zone",
        t("column.zone"),
        sorted(pairs["zone"].dropna().unique()),
        lambda name: t_value("zone", name),
        everything=t("filter.all"),
    )
with decided_column:
    undecided = st.toggle(t("duplicates.only_open"), value=True, key="undecided")
in_link = (st.query_params.get("record"), st.query_params.get("other"))
linked = pairs[(pairs["record_id"] == in_link[0]) & (pairs["other_record_id"] == in_link[1])]
if object_:
    pairs = pairs[pairs["object"] == object_]
if zone:
    pairs = pairs[pairs["zone"] == zone]
if undecided:
    # What the machine merged waits for nobody; it is shown when asked for.
    pairs = pairs[pairs["decided"].isna() & ((pairs["zone"] == "review") | bool(zone))]
# A link shows its pair, whatever the filters leave out.
pairs = pd.concat([pairs, linked[~linked.index.isin(pairs.index)]]).reset_index(drop=True)

st.subheader(t("duplicates.pairs"), anchor=False)
if pairs.empty and undecided and not zone:
    st.caption(t("duplicates.nothing_waits"))
st.caption(t("duplicates.pick_a_row"))
picked = show_table(
    pairs.assign(
        object=[t_value("object", name) for name in pairs["object"]],
        zone=[t_value("zone", name) for name in pairs["zone"]],
        decided=[t_value("action", name) for name in pairs["decided"]],
    ),
    "pairs",
    file_name="pairs.csv",
    pick_row=True,
)
if picked is None and all(in_link):
    same = pairs.index[(pairs["record_id"] == in_link[0]) & (pairs["other_record_id"] == in_link[1])]
    picked = int(same[0]) if len(same) else None

if picked is not None:
    pair = pairs.iloc[picked]
    one, two = str(pair["record_id"]), str(pair["other_record_id"])
    st.query_params.update({"record": one, "other": two})
    st.subheader(t("duplicates.side_by_side", one=one, two=two), anchor=False)
    weights = pair_weights(str(pair["object"]), one, two)
    if weights.empty and pair.get("explanation"):
        st.caption(str(pair["explanation"]))
    elif not weights.empty:
        st.caption(t("duplicates.weights"))
        show_table(
            weights.assign(
                field=[t_value("match_field", name) for name in weights["field"]],
                comparison=pd.Series(
                    [t_value("match_level", name) if isinstance(name, str) else None for name in weights["comparison"]],
                    dtype="str",
                ),
            ),
            "weights",
            file_name="weights.csv",
        )
    sides = record_attributes(str(pair["object"]), (one, two))
    if {one, two} <= set(sides.columns):
        same_value = sides[one].fillna("") == sides[two].fillna("")
        sides = sides.assign(same=[t_value("yes_no", str(bool(value))) for value in same_value])
    show_table(
        sides.assign(attribute=[t_value("column", name) for name in sides["attribute"]]),
        "sides",
        file_name="pair.csv",
        labels={one: one, two: two},
    )
    if deciding:
        with st.form("decide_pair"):
            said = who_and_why("pair")
            merge, apart = st.columns(2)
            do_merge = merge.form_submit_button(t("duplicates.merge"), icon=":material/merge:")
            do_apart = apart.form_submit_button(t("duplicates.keep_apart"), icon=":material/call_split:")
        records = stewardship.directory()
        if do_merge:
            record(lambda kept: kept.merge(records, str(pair["object"]), one, two, **said), said)
        if do_apart:
            record(lambda kept: kept.keep_apart(records, str(pair["object"]), one, two, **said), said)
