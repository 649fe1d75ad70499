"""Which candidate each line gets: the likeliest that leaves no item overpaid. Nothing depends on the order of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def assign(asks: pd.DataFrame, shares: pd.DataFrame, room: NDArray[np.int64]) -> pd.Series:
    """Places in ``asks`` of the candidates that are chosen: one per line, or none.

    ``asks``: line, is_confirmed (a person's word); one candidate each, the surest first. ``shares``: place (of the
    candidate in ``asks``), item, cleared (what the item is reduced by), by place. ``room``: by item, what all lines
    together may clear of it. Lines, items and money are whole numbers.

    In each round every line that has none asks for its best candidate left. Who asks with more certainty goes first;
    who would overpay an item drops that candidate and asks again.
    """
    left = room.astype(np.int64)
    line, is_confirmed = asks["line"], asks["is_confirmed"].to_numpy(dtype=bool)
    waiting, chosen = pd.Series(np.arange(len(asks))), []
    while len(waiting):
        asked = waiting[~line.iloc[waiting].duplicated().to_numpy()].to_numpy()
        is_asked = np.zeros(len(asks), dtype=bool)
        is_asked[asked] = True
        claims = shares[is_asked[shares["place"]]]
        place, item, cleared = (claims[name].to_numpy() for name in ("place", "item", "cleared"))
        so_far = claims.groupby("item")["cleared"].cumsum().to_numpy()
        # A person's word is not weighed against room: the store has looked at it when it was given.
        asks_room = ~is_confirmed[place]
        never = place[asks_room & (cleared > left[item])]
        is_late = np.zeros(len(asks), dtype=bool)
        is_late[place[asks_room & (so_far > left[item])]] = True
        taken = asked[~is_late[asked]]
        used = ~is_late[place]
        np.subtract.at(left, item[used], cleared[used])
        chosen.append(taken)
        if not len(taken) and not len(never):  # the first to ask is never late without asking too much
            break
        gone = np.zeros(len(asks), dtype=bool)
        gone[never] = True
        waiting = waiting[~(gone[waiting] | line.iloc[waiting].isin(line.iloc[taken]).to_numpy())]
        gone[:] = True
        gone[waiting] = False
        shares = shares[~gone[shares["place"]]]
    return pd.Series(np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64), dtype="int64")
