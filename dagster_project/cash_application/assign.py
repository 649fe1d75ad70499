"""Which candidate each line gets: the likeliest that leaves no item overpaid. Nothing depends on the order of rows."""

from __future__ import annotations

import pandas as pd


def assign(candidates: pd.DataFrame, shares: pd.DataFrame, capacity: pd.Series) -> pd.DataFrame:
    """One candidate per line, or none.

    ``candidates``: line_id, set_key, probability, preference (small first, where probabilities are alike), is_confirmed
    (a person's word, which goes first). ``shares``:
    line_id, set_key, item_id, cleared (whole numbers, what the item is reduced by). ``capacity``: by item_id, what all
    lines together may clear of it. Returns the chosen rows of ``candidates``.

    In each round every line that has none asks for its best candidate left. Who asks with more certainty goes first;
    who would overpay an item drops that candidate and asks again.
    """
    order = (
        candidates.assign(alike=candidates["probability"].round(2))
        .sort_values(
            ["is_confirmed", "alike", "preference", "probability", "line_id", "set_key"],
            ascending=[False, False, True, False, True, True],
            ignore_index=True,
        )
        .drop(columns="alike")
        .reset_index(names="place")
    )
    shares = shares.merge(order[["line_id", "set_key", "place"]], on=["line_id", "set_key"])
    left = capacity.astype("int64").to_dict()
    waiting, chosen = order, []
    while len(waiting):
        asked = waiting.drop_duplicates("line_id")
        claims = shares[shares["place"].isin(asked["place"])].sort_values(["place", "item_id"])
        allowed = claims["item_id"].map(left).fillna(0).to_numpy()
        so_far = claims.groupby("item_id")["cleared"].cumsum().to_numpy()
        # A person's word is not weighed against room: the store has looked at it when it was given.
        asks = ~claims["place"].isin(asked["place"][asked["is_confirmed"]]).to_numpy()
        never = claims["place"][asks & (claims["cleared"].to_numpy() > allowed)]
        late = claims["place"][asks & (so_far > allowed)]
        taken = asked[~asked["place"].isin(late)]
        used = claims[claims["place"].isin(taken["place"])].groupby("item_id")["cleared"].sum()
        for item_id, amount in used.items():
            left[item_id] -= amount
        chosen.append(taken)
        waiting = waiting[~waiting["line_id"].isin(taken["line_id"]) & ~waiting["place"].isin(never)]
        if not len(taken) and not len(never):  # the first to ask is never late without asking too much
            break
    return pd.concat(chosen, ignore_index=True).drop(columns="place") if chosen else candidates.iloc[:0]
