from __future__ import annotations

import random
from pathlib import Path

from recorder_service.domain.custody import Head, SeenHead
from recorder_service.domain.times import DAY_US, SECOND_US
from recorder_service.store import Index

from ..conftest import BASE_US, NODE

MINUTE_US = 60 * SECOND_US


def head(seq: int, mark: int = 0) -> Head:
    return Head(1, seq, f"{seq * 1000 + mark:064x}")


def stored(index: Index) -> list[tuple[int, int]]:
    return [(seen.head.seq, seen.at_us) for seen in index.anchors.all()]


def test_a_head_is_kept_over_a_restart_with_its_first_time(tmp_path: Path) -> None:
    with Index(tmp_path / "a", NODE) as index:
        assert index.anchors.note(head(1), BASE_US)
        assert not index.anchors.note(head(1), BASE_US + 5)
    with Index(tmp_path / "a", NODE) as index:
        assert index.anchors.all() == [SeenHead(head(1), BASE_US)]


def test_two_hashes_of_one_number_are_both_kept_and_the_first_is_told(index: Index) -> None:
    index.anchors.note(head(7), BASE_US)
    index.anchors.note(head(7, 1), BASE_US + 1)
    assert [seen.head for seen in index.anchors.told()] == [head(7), head(7, 1)]


def test_a_shorter_ledger_does_not_hide_the_longer_one(index: Index) -> None:
    index.anchors.note(head(9), BASE_US)
    index.anchors.note(head(3), BASE_US + MINUTE_US)
    assert index.anchors.told()[0].head == head(9)


def test_the_newest_and_by_chance_each_older_one_are_told(index: Index) -> None:
    assert index.anchors.told() == []
    for seq in range(1, 5):
        index.anchors.note(head(seq), BASE_US + seq * MINUTE_US)
    told = [index.anchors.told() for _ in range(200)]
    assert {newest.head.seq for newest, _other in told} == {4}
    assert {other.head.seq for _newest, other in told} == {1, 2, 3}


def test_one_a_minute_stays_for_a_day_and_one_a_day_for_ever(index: Index) -> None:
    start = (BASE_US // DAY_US + 1) * DAY_US
    chance = random.Random(4)
    seq, now = 0, start
    while now < start + 5 * DAY_US:
        seq += 1
        # a head each hour of the first days, one every ten seconds at the end
        now += 3600 * SECOND_US if now < start + 5 * DAY_US - 3600 * SECOND_US else chance.randrange(10 * SECOND_US)
        index.anchors.note(head(seq), now)
    times = [at for _seq, at in stored(index)]
    last_day = [at for at in times if at >= now - DAY_US]
    assert {at // DAY_US for at in times} >= set(range(start // DAY_US, now // DAY_US))
    hour = range((now - 3500 * SECOND_US) // MINUTE_US, now // MINUTE_US)
    assert {at // MINUTE_US for at in last_day} >= set(hour)
    for minute in hour:
        assert 1 <= sum(at // MINUTE_US == minute for at in last_day) <= 2
    for day in range(start // DAY_US, start // DAY_US + 3):
        assert sum(at // DAY_US == day for at in times) == 2


def test_the_last_minute_keeps_every_head(index: Index) -> None:
    start = BASE_US // MINUTE_US * MINUTE_US
    for seq in range(1, 21):
        index.anchors.note(head(seq), start + seq * SECOND_US)
    assert len(stored(index)) == 20
    index.anchors.note(head(21), start + MINUTE_US)
    assert [seq for seq, _at in stored(index)] == [1, 20, 21]
