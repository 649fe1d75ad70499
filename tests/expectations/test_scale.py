"""All failing keys are kept, however many there are."""

from __future__ import annotations

import pandas as pd


def test_all_5000_failing_keys_are_found(frames, gate):
    customer = pd.concat([frames["customer"].iloc[[0]]] * 6_000, ignore_index=True)
    number = customer.index.astype("str")
    customer = customer.assign(
        customer_id="cn:" + number, source_key=number, code="C" + number, name="客户 " + number, tax_identifier=None,
        payment_term_days=[-1] * 5_000 + [30] * 1_000,
    )  # fmt: skip
    # Keys of the frame, not row numbers, come back: its index is not a plain count.
    result = gate({"customer": customer.sample(frac=1, random_state=7)})
    assert set(result.issues["record_id"]) == {f"cn:{i}" for i in range(5_000)}
    assert len(result.issues) == 5_000
    assert result.suites["held_records"].tolist() == [5_000]
