"""A log that somebody tampered with is found broken: in a hundred ways."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import astuple, fields, replace
from pathlib import Path

import pytest

from dagster_project.stewardship.chain import GENESIS, Entry, Head, hash_of, problems
from dagster_project.stewardship.store import DecisionStore

ENTRIES = 12
COLUMNS = [field.name for field in fields(Entry)]
CONTENT = [name for name in COLUMNS if name not in ("sequence", "previous_hash", "hash")]
Log = list[Entry]


def rehashed(log: Log) -> Log:
    """The log as a tamperer leaves it who knows the rule of the hash: numbers and hashes fit again."""
    fitted: Log = []
    for number, entry in enumerate(log, start=1):
        before = fitted[-1].hash if fitted else GENESIS
        entry = replace(entry, sequence=number, previous_hash=before)
        fitted.append(replace(entry, hash=hash_of(entry)))
    return fitted


def other(value: object, chance: random.Random) -> object:
    if isinstance(value, str) and value:
        place = chance.randrange(len(value))
        return value[:place] + chr((ord(value[place]) + 1) % 0x7F or 65) + value[place + 1 :]
    return 7 if value is None and chance.random() < 0.5 else "x"


def change(log: Log, chance: random.Random) -> Log:
    place, name = chance.randrange(len(log)), chance.choice(CONTENT)
    value = other(getattr(log[place], name), chance)
    return [*log[:place], replace(log[place], **{name: value}), *log[place + 1 :]]


def change_with_own_hash(log: Log, chance: random.Random) -> Log:
    changed = change(log, chance)
    return [replace(entry, hash=hash_of(entry)) for entry in changed]


def change_a_hash(log: Log, chance: random.Random) -> Log:
    place, name = chance.randrange(len(log)), chance.choice(["hash", "previous_hash"])
    return [*log[:place], replace(log[place], **{name: "f" * 64}), *log[place + 1 :]]


def delete(log: Log, chance: random.Random) -> Log:
    place = chance.randrange(len(log))
    return [*log[:place], *log[place + 1 :]]


def swap(log: Log, chance: random.Random) -> Log:
    one, two = sorted(chance.sample(range(len(log)), 2))
    moved = list(log)
    moved[one], moved[two] = (
        replace(log[two], sequence=log[one].sequence),
        replace(log[one], sequence=log[two].sequence),
    )
    return moved


def insert(log: Log, chance: random.Random) -> Log:
    place = chance.randrange(len(log) + 1)
    foreign = replace(chance.choice(log), reason="slipped in")
    shifted = [replace(entry, sequence=entry.sequence + 1) for entry in log[place:]]
    return [*log[:place], replace(foreign, sequence=place + 1), *shifted]


def append(log: Log, chance: random.Random) -> Log:
    foreign = replace(chance.choice(log), sequence=len(log) + 1, previous_hash=log[-1].hash, reason="slipped in")
    return [*log, replace(foreign, hash=hash_of(foreign))]


def cut_off(log: Log, chance: random.Random) -> Log:
    return log[: chance.randrange(len(log))]


def then_rehash(tamper: Callable[[Log, random.Random], Log]) -> Callable[[Log, random.Random], Log]:
    return lambda log, chance: rehashed(tamper(log, chance))


WAYS: dict[str, Callable[[Log, random.Random], Log]] = {
    "change": change,
    "change_with_own_hash": change_with_own_hash,
    "change_a_hash": change_a_hash,
    "delete": delete,
    "swap": swap,
    "insert": insert,
    "append": append,
    "cut_off": cut_off,
    "change, rehash all": then_rehash(change),
    "delete, rehash all": then_rehash(delete),
    "swap, rehash all": then_rehash(lambda log, chance: chance.sample(log, len(log))),
    "insert, rehash all": then_rehash(insert),
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of a dozen entries and its heads."""
    folder = tmp_path_factory.mktemp("log")
    store = store_in(folder)
    for number in range(ENTRIES):
        store._add(
            "set_attribute", f"steward {number % 3}", f"reason {number} 理由", object="customer",
            record_id=f"erp:{number}", attribute="name", value_before="Birch", value_after=f"Birch {number}",
        )  # fmt: skip
    return folder


def store_in(folder: Path) -> DecisionStore:
    return DecisionStore(f"sqlite:///{folder / 'stewardship.db'}", folder / "stewardship.heads")


def rewrite(folder: Path, log: Log) -> None:
    """Put ``log`` in the place of what the store holds, as someone with the file in his hands would."""
    with sqlite3.connect(folder / "stewardship.db") as database:
        for verb in ("update", "delete"):
            database.execute(f"drop trigger decision_entry_no_{verb}")
        database.execute("delete from decision_entry")
        marks = ", ".join("?" * len(COLUMNS))
        database.executemany(f"insert into decision_entry values ({marks})", [astuple(entry) for entry in log])


@pytest.mark.parametrize("seed", range(9))
@pytest.mark.parametrize("way", WAYS)
def test_tampering_is_found(written: Path, tmp_path: Path, way: str, seed: int):
    folder = shutil.copytree(written, tmp_path / "log")
    store = store_in(folder)
    assert store.verify().whole
    before = store.entries()
    after = WAYS[way](before, random.Random(f"{way} {seed}"))
    assert after != before
    rewrite(folder, after)
    assert store.verify().problems


def test_there_are_a_hundred_ways():
    assert len(WAYS) * 9 >= 100


@pytest.mark.parametrize("cut", [1, 5, ENTRIES])
def test_a_log_cut_off_together_with_its_heads_contradicts_a_published_run(written: Path, tmp_path: Path, cut: int):
    folder = shutil.copytree(written, tmp_path / "log")
    store = store_in(folder)
    log = store.entries()
    published = Head(log[-1].sequence, log[-1].hash, "published run r1")
    rewrite(folder, log[:-cut])
    kept = store.heads_file.read_text(encoding="utf-8").splitlines()[: 2 * (len(log) - cut)]
    store.heads_file.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    assert store.verify().whole, "the log alone looks whole"
    assert [problem.sentence for problem in store.verify([published]).problems] == [
        f"entry {ENTRIES} is missing, and published run r1 knows it"
    ]


def test_a_store_that_was_deleted_is_missed(written: Path, tmp_path: Path):
    folder = shutil.copytree(written, tmp_path / "log")
    (folder / "stewardship.db").unlink()
    assert len(store_in(folder).verify().problems) == ENTRIES


def test_a_writer_killed_before_its_commit_or_before_its_head_leaves_a_whole_log(written: Path, tmp_path: Path):
    folder = shutil.copytree(written, tmp_path / "log")
    store = store_in(folder)
    lines = store.heads_file.read_text(encoding="utf-8").splitlines()
    uncommitted, unnoted = f"begun {ENTRIES + 1} {'a' * 64}", lines[:-1]
    store.heads_file.write_text("\n".join([*unnoted, uncommitted]) + "\n", encoding="utf-8")
    assert store.verify().whole
    store._add("comment", "Li Na", "goes on", object="customer", record_id="erp:1")
    assert store.verify().whole


def test_the_hash_is_that_of_canonical_json():
    """Worked out by hand: sha256sum of the one line of JSON."""
    import hashlib

    entry = Entry(1, "2026-11-01T06:00:00.000000Z", "李娜", "comment", None, None, None, None, None, None, None,
                  'says "no"', None, GENESIS)  # fmt: skip
    line = (
        '{"action":"comment","attribute":null,"concerns":null,"decided_by":"李娜","issue_id":null,"object":null,'
        '"other_record_id":null,"previous_hash":"' + GENESIS + '","reason":"says \\"no\\"","record_id":null,'
        '"recorded_at":"2026-11-01T06:00:00.000000Z","sequence":1,"value_after":null,"value_before":null}'
    )
    assert hash_of(entry) == hashlib.sha256(line.encode()).hexdigest()
    assert problems([replace(entry, hash=hash_of(entry))]) == []
