"""Gaps from files: runs, clocks that are set, files found late. The clock sequences are those of a real engine."""

from __future__ import annotations

import pytest
from bench import PATH, SECOND, T0, A, B, Bench, C

from recorder_service.domain.gap import GapReason
from recorder_service.store.present import Present


def test_no_gap_inside_a_run_and_one_between_runs(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.put(A, 1, T0 + 2 * SECOND)
    bench.put(B, 0, T0 + 10 * SECOND)
    assert bench.scan() == 3
    assert bench.gaps() == [(4 * SECOND, 10 * SECOND, "source_lost")]


def test_time_at_another_node_is_no_gap_of_this_one(bench: Bench) -> None:
    bench.index.present.note([PATH], T0)
    bench.put(A, 0, T0)
    bench.scan()
    bench.index.present.note([], T0 + 3 * SECOND)
    bench.index.present.note([PATH], T0 + 50 * SECOND)
    bench.put(B, 0, T0 + 60 * SECOND)
    bench.scan()
    assert bench.gaps() == [(50 * SECOND, 60 * SECOND, "source_lost")]
    assert Present(bench.index.database).since_us(PATH) == T0 + 50 * SECOND, "kept over a restart"
    bench.put(C, 0, T0 + 70 * SECOND)
    bench.scan()
    assert bench.gaps()[1:] == [(62 * SECOND, 70 * SECOND, "source_lost")]


@pytest.mark.parametrize("shift", [-50_000, -SECOND, -3 * SECOND, 3 * SECOND])
def test_clock_step_inside_a_run_is_no_gap(bench: Bench, shift: int) -> None:
    for number in range(3):
        bench.put(A, number, T0 + number * 2 * SECOND + (shift if number else 0))
    assert bench.scan() == 3
    assert bench.gaps() == []
    assert bench.events() == []


def test_clock_set_far_forward_counts_the_real_loss_only(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bench.host.step = 11 * SECOND
    bench.put(B, 0, T0 + 2 * SECOND + 14_700_000)
    bench.scan()
    assert bench.gaps() == [(13 * SECOND, 16_700_000, "source_lost")]


def test_clock_set_far_back_makes_no_gap_and_keeps_all(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bench.put(B, 0, T0 - 3_603_800_000)
    assert bench.scan() == 1
    bench.put(B, 1, T0 - 3_601_800_000)
    assert bench.scan() == 1
    assert bench.gaps() == []


def test_missing_number_is_an_alarm(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.put(A, 2, T0 + 4 * SECOND)
    bench.scan()
    assert bench.gaps() == [(2 * SECOND, 4 * SECOND, "missing_file")]
    assert "missing before number 2" in bench.events()[0]


def test_open_gap_closes_with_the_next_run(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bench.ledger.open_gap(7, PATH, T0 + 2 * SECOND, GapReason.AUTH_FAILED)
    bench.reasons.answer = GapReason.UNKNOWN
    bench.put(B, 0, T0 + 60 * SECOND)
    bench.scan()
    assert bench.gaps() == [(2 * SECOND, 60 * SECOND, "auth_failed")]


def test_the_cause_of_a_long_gap_stays(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bench.reasons.answer = GapReason.UNKNOWN
    bench.ledger.open_gap(7, PATH, T0 + 2 * SECOND, GapReason.UNKNOWN)
    told = []
    for answer in ("config_change", "engine_restart", "source_lost", "refused", "unknown", "engine_restart", "timeout"):
        bench.reasons.answer = GapReason(answer)
        bench.ledger.refresh(bench.index.gaps.all_open()[0])
        told.append(bench.gaps()[0][2])
    assert told == ["config_change", "engine_restart", *["source_lost"] * 5]
    bench.reasons.answer = GapReason.AUTH_FAILED
    bench.ledger.refresh(bench.index.gaps.all_open()[0])
    bench.reasons.answer = GapReason.REFUSED
    bench.put(B, 0, T0 + 60 * SECOND)
    bench.scan()
    assert bench.gaps() == [(2 * SECOND, 60 * SECOND, "auth_failed")]


def test_file_found_late_shortens_its_gap(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.put(C, 0, T0 + 20 * SECOND)
    bench.scan()
    bench.put(B, 0, T0 + 10 * SECOND)
    bench.scan()
    assert bench.gaps() == [
        (2 * SECOND, 10 * SECOND, "source_lost"),
        (12 * SECOND, 20 * SECOND, "source_lost"),
    ]


def test_a_late_file_of_an_older_run_is_not_what_the_running_one_follows(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    for number in range(3):
        bench.put(C, number, T0 + (20 + 2 * number) * SECOND)
    bench.scan()
    bench.put(B, 0, T0 + 10 * SECOND)
    bench.scan()
    told = bench.gaps()
    bench.put(C, 3, T0 + 26 * SECOND)
    bench.scan()
    assert bench.gaps() == told == [(2 * SECOND, 10 * SECOND, "source_lost"), (12 * SECOND, 20 * SECOND, "source_lost")]
    bench.put(B, 1, T0 + 12 * SECOND)
    bench.put("dd" * 16, 0, T0 + 40 * SECOND)
    bench.scan()
    assert bench.gaps() == [
        (2 * SECOND, 10 * SECOND, "source_lost"),
        (12 * SECOND, 12 * SECOND, "source_lost"),
        (14 * SECOND, 20 * SECOND, "source_lost"),
        (28 * SECOND, 40 * SECOND, "source_lost"),
    ]


def test_a_run_goes_on_after_a_file_that_only_seemed_to_follow_it(bench: Bench) -> None:
    for number in range(2):
        bench.put(C, number, T0 + (20 + 2 * number) * SECOND)
    bench.scan()
    bench.host.step, bench.host.stepped_us = -SECOND, T0 + 23 * SECOND  # times tell nothing for a while
    bench.put(B, 0, T0 + 10 * SECOND)
    bench.scan()
    bench.put(C, 2, T0 + 24 * SECOND)
    bench.scan()
    assert bench.gaps() == []


def test_a_late_number_of_the_running_run_takes_its_gap_back(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.put(A, 2, T0 + 4 * SECOND)
    bench.scan()
    assert bench.gaps() == [(2 * SECOND, 4 * SECOND, "missing_file")]
    bench.put(A, 1, T0 + 2 * SECOND + 30_000)
    bench.scan()
    bench.put(A, 3, T0 + 6 * SECOND)
    bench.scan()
    assert [stop - start for start, stop, _ in bench.gaps() if stop is not None] == [0]
    assert len(bench.events()) == 1, "only the one that was true when it was told"


@pytest.mark.parametrize("known", ["erp", "watch", "nothing"])
def test_an_open_gap_survives_a_clock_that_is_set_back(bench: Bench, known: str) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bench.ledger.open_gap(7, PATH, T0 + 2 * SECOND, GapReason.SOURCE_LOST)
    bench.host.at_us = T0 - 3588 * SECOND  # it stood at T0 + 12 s
    bench.host.step = -3600 * SECOND if known == "watch" else 0
    bench.host.stepped_us = T0 + 9 * SECOND
    bench.erp_us = T0 + 12 * SECOND if known == "erp" else None
    bench.put(B, 0, T0 - 3590 * SECOND)  # the camera is back at T0 + 10 s
    bench.scan()
    end = 2 * SECOND + 100_000 if known == "nothing" else 10 * SECOND
    assert bench.gaps() == [(2 * SECOND, end, "source_lost")]
    bench.host.at_us = T0 - 3586 * SECOND
    bench.put(B, 1, T0 - 3588 * SECOND)
    bench.scan()
    assert bench.gaps() == [(2 * SECOND, end, "source_lost")]


def test_a_late_file_leaves_an_open_gap_open(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.put(C, 0, T0 + 20 * SECOND)
    bench.scan()
    bench.ledger.open_gap(7, PATH, T0 + 22 * SECOND, GapReason.SOURCE_LOST)
    bench.put(B, 0, T0 + 10 * SECOND)
    bench.put(B, 1, T0 + 12 * SECOND)
    bench.scan()
    assert bench.gaps()[-1] == (22 * SECOND, None, "source_lost")
