"""Deletion, told by what is on disk and what the ERP hears."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from recorder_service.domain.purge import PurgeWord
from recorder_service.domain.said import coded
from recorder_service.domain.segment import Segment
from recorder_service.domain.times import DAY_US, SECOND_US
from recorder_service.store import MediaRoot

from ..conftest import hashed
from .purge_rig import HOUR_US, NOW_US, Rig


def test_what_is_due_goes_and_the_erp_hears_of_each(rig: Rig) -> None:
    old, young = [rig.record(31 * DAY_US + n * 10 * SECOND_US) for n in range(5)], rig.record(29 * DAY_US)
    rig.begin()
    size = sum((rig.root / s.file).stat().st_blocks * 512 for s in old)
    used = rig.index.segments.used_bytes()
    rig.round(4)
    assert not any(map(rig.there, old))
    assert rig.there(young)
    assert set(rig.erp.deleted) == {s.key for s in old}
    assert sum(rig.erp.deleted.values()) == size
    ((_run, state, segments, freed),) = rig.erp.ended
    assert (state, segments, freed) == ("done", 5, size)
    assert rig.index.segments.used_bytes() == used - sum(s.bytes for s in old)
    assert rig.index.segments.list("acme-cam-07", limit=10)[-1].status == "deleted"
    rig.round(3)
    assert len(rig.erp.ended) == 1, "nothing is told or deleted twice"


def test_nothing_goes_before_the_erp_has_answered(rig: Rig) -> None:
    old = rig.record(31 * DAY_US)
    rig.begin()
    for _ in range(5):
        rig.worker.tick()
    assert rig.there(old)
    assert rig.mark(old) == "doomed"


def test_a_hold_made_after_the_choice_saves_the_footage(rig: Rig) -> None:
    old, other = rig.record(31 * DAY_US), rig.record(31 * DAY_US, camera=8)
    rig.begin()
    rig.worker.tick()
    assert rig.mark(old) == "doomed"
    rig.erp.hold((7,), old.start_us)
    rig.round(4)
    assert rig.there(old)
    assert not rig.there(other)
    assert rig.mark(old) == "live"
    receipt = rig.erp.receipts[-1]
    assert (receipt.kept, receipt.gone, receipt.kept_bytes) == (1, 0, old.bytes)
    assert rig.index.purges.list()[0][0].rescued == 1


def test_a_hold_over_footage_that_is_gone_says_so(rig: Rig) -> None:
    old, kept = rig.record(31 * DAY_US), rig.record(29 * DAY_US)
    rig.begin()
    rig.round(3)
    rig.erp.hold((7, 8), old.start_us)
    rig.round(2)
    receipt = rig.erp.receipts[-1]
    assert (receipt.kept, receipt.gone, receipt.gone_rows) == (1, 1, (old.key,))
    rig.clocks.pass_by(40 * DAY_US)
    rig.round(4)
    assert rig.there(kept)


def test_a_hold_leaves_by_a_newer_release_only(rig: Rig) -> None:
    old = rig.record(31 * DAY_US)
    hold = rig.erp.hold((7,), old.start_us, old.stop_us)
    rig.begin()
    rig.round(3)
    del rig.erp.holds[hold.hold]  # an ERP that forgot it
    rig.index.holds.ask_anew()
    rig.round(3)
    assert rig.there(old)
    rig.erp.holds[hold.hold] = hold
    rig.erp.release(hold)
    rig.round(4)
    assert not rig.there(old)


def test_what_a_hold_alone_keeps_is_told_to_the_guard(rig: Rig) -> None:
    old, young = rig.record(31 * DAY_US), rig.record(29 * DAY_US)
    rig.erp.hold((7,), old.start_us)
    rig.begin()
    rig.round(3)
    assert (rig.worker.due_bytes(), rig.worker.held_bytes()) == (0, old.bytes)
    assert rig.worker.health().held_bytes == old.bytes + young.bytes


def test_what_a_hold_alone_keeps_is_told_as_soon_as_the_erps_time_is_known(rig: Rig) -> None:
    old = rig.record(31 * DAY_US)
    rig.erp.hold((7,), old.start_us)
    rig.begin()
    rig.restart()
    rig.clocks.erp_known = False
    rig.round(2)
    assert rig.worker.held_bytes() == 0
    rig.clocks.erp_known = True
    rig.round()
    assert rig.worker.held_bytes() == old.bytes


def test_refused_is_not_asked_again_for_the_same_cutoffs(rig: Rig) -> None:
    old = rig.record(31 * DAY_US)
    rig.begin()
    rig.erp.word = PurgeWord.REFUSED
    rig.round(6)
    assert rig.there(old)
    assert rig.mark(old) == "live"
    assert len(rig.erp.asked) == 1
    assert rig.erp.ended[0][1] == "cancelled"
    rig.erp.word = None
    rig.clocks.pass_by(HOUR_US)
    rig.round(4)
    assert not rig.there(old)


def test_each_camera_has_its_own_days(rig: Rig) -> None:
    rig.erp.days = {7: 30, 8: 60}
    short, long, older = rig.record(45 * DAY_US), rig.record(45 * DAY_US, camera=8), rig.record(61 * DAY_US, camera=8)
    rig.begin(70)
    rig.round(4)
    assert (rig.there(short), rig.there(long), rig.there(older)) == (False, True, False)


def test_a_cutoff_that_comes_too_early_is_lowered(rig: Rig) -> None:
    young = rig.record(20 * DAY_US)
    rig.begin()
    rig.clocks.erp += 50 * SECOND_US  # believed, and yet
    rig.index.database.write(lambda c: c.execute("UPDATE cutoff SET cutoff_us = ?", (NOW_US,)))
    rig.worker.tick()
    assert rig.mark(young) == "live"


def test_footage_stamped_by_a_clock_in_the_past_is_kept_from_when_it_was_seen(rig: Rig) -> None:
    stamped = rig.record(365 * DAY_US, seen_us=NOW_US)
    rig.begin(400)
    rig.round(4)
    assert rig.there(stamped)
    rig.clocks.pass_by(31 * DAY_US)
    rig.round(4)
    assert not rig.there(stamped)


def test_first_seen_never_steps_back_and_never_lies_ahead_of_a_believed_clock(rig: Rig) -> None:
    rig.index.segments.add(hashed_at(1, NOW_US - DAY_US), NOW_US + 365 * DAY_US)
    rig.index.segments.add(hashed_at(2, NOW_US), 1)
    seen = "SELECT first_seen_us FROM segment ORDER BY id"
    assert [r[0] for r in rig.index.database.read().execute(seen)] == [NOW_US + 365 * DAY_US] * 2
    rig.round(2)
    assert [r[0] for r in rig.index.database.read().execute(seen)] == [NOW_US] * 2


def hashed_at(number: int, start_us: int) -> Segment:
    return hashed(number, start_us=start_us, stop_us=start_us + 10 * SECOND_US)


def test_a_new_index_is_locked_until_holds_and_cutoffs_are_known(rig: Rig) -> None:
    old = rig.record(31 * DAY_US)
    rig.worker.tick()
    assert rig.worker.health().state == "locked"
    rig.begin()
    rig.round(3)
    assert not rig.there(old)


def test_deletion_begins_as_soon_as_the_erps_time_is_known(rig: Rig) -> None:
    old = rig.record(31 * DAY_US)
    rig.begin()
    rig.look_seconds = 60.0
    rig.restart()
    rig.clocks.erp_known = False
    rig.round(3)
    assert (rig.worker.health().state, rig.mark(old)) == ("off", "live")
    rig.clocks.erp_known = True
    rig.round()
    assert (rig.worker.health().state, rig.mark(old)) == ("running", "doomed")


def test_the_sum_of_what_is_held_follows_the_holds_at_once_and_recording_later(rig: Rig) -> None:
    first = rig.record(DAY_US)
    rig.begin()
    hold = rig.erp.hold((7,), 0)
    rig.round(2)
    assert rig.worker.health().held_bytes == first.bytes
    second = rig.record(0)
    rig.clocks.pass_by(600 * SECOND_US)
    rig.round(2)
    assert rig.worker.health().held_bytes == first.bytes + second.bytes
    rig.erp.release(hold)
    rig.round(2)
    assert rig.worker.health().held_bytes == 0


def test_the_disk_away_stops_everything(rig: Rig) -> None:
    old = rig.record(31 * DAY_US)
    rig.begin()
    rig.round()
    away = rig.root.with_name("away")
    rig.root.rename(away)
    rig.round(3)
    assert rig.worker.health().state == "off"
    assert rig.mark(old) != "gone"
    rig.erp.hold((7,), old.start_us)
    rig.round()
    assert rig.erp.receipts == [] or rig.erp.receipts[-1].kept == 1
    away.rename(rig.root)
    rig.round(4)
    assert rig.there(old)


@pytest.mark.parametrize("moment", ["recover", "doom", "carry_out"])
def test_a_disk_that_goes_away_at_any_moment_makes_nothing_gone(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Looked for a moment before, it was there."""
    old = [rig.record((31 + n) * DAY_US) for n in range(3)]
    rig.begin()
    if moment != "doom":
        rig.round()
        rig.sync()
    if moment == "recover":
        rig.restart()
    away, real, looks = rig.root.with_name("away"), MediaRoot.read_only, []

    def leaves(self: MediaRoot) -> str:
        said = real(self)
        looks.append(said)
        if len(looks) == (2 if moment == "recover" else 1):
            rig.root.rename(away)
        return said

    if moment == "carry_out":
        real_unlink = Path.unlink

        def unlink(self: Path, missing_ok: bool = False) -> None:
            real_unlink(self, missing_ok)
            if rig.root.exists() and not (rig.root / old[0].file).exists():
                rig.root.rename(away)

        monkeypatch.setattr(Path, "unlink", unlink)
    else:
        monkeypatch.setattr(MediaRoot, "read_only", leaves)
    rig.worker.tick()
    monkeypatch.undo()
    there = [s for s in old if (away / s.file).exists()]
    assert there
    assert all(rig.mark(s) in ("live", "doomed", "confirmed") for s in there)
    assert all((rig.index.segments.get(s.path, s.start_us) or s).status == "ok" for s in old)
    rig.erp.hold((7,), min(s.start_us for s in old))
    away.rename(rig.root)
    rig.round(5)
    assert all(map(rig.there, there)), "the hold came before anything else could go"
    assert rig.index.purges.open() is None
    assert all(rig.mark(s) == ("live" if s in there else "gone") for s in old)


def refuse(monkeypatch: pytest.MonkeyPatch, file: str, number: int) -> None:
    """The disk does not let that file go."""
    real = Path.unlink

    def unlink(self: Path, missing_ok: bool = False) -> None:
        if str(self).endswith(file):
            raise OSError(number, os.strerror(number))
        real(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)


def test_a_disk_that_takes_no_change_for_a_moment_ends_no_purge(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, other = rig.record(31 * DAY_US), rig.record(32 * DAY_US, camera=8)
    rig.begin()
    refuse(monkeypatch, stuck.file, errno.EROFS)
    rig.round(3)
    assert (rig.there(stuck), rig.there(other)) == (True, False)
    assert rig.erp.ended == []
    monkeypatch.undo()
    rig.round(4)
    assert not rig.there(stuck)
    assert rig.erp.ended[0][1:3] == ("done", 2)


def events(rig: Rig) -> list[tuple[str, dict[str, object]]]:
    rows = rig.index.database.read().execute("SELECT code, args FROM event ORDER BY seq")
    return [(row["code"], json.loads(row["args"])) for row in rows]


@pytest.mark.parametrize("number", [errno.EPERM, errno.EACCES, errno.EIO])
def test_a_file_that_cannot_be_deleted_holds_up_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    stuck, other = rig.record(31 * DAY_US), rig.record(32 * DAY_US, camera=8)
    rig.begin()
    refuse(monkeypatch, stuck.file, number)
    rig.round(5)
    assert (rig.there(stuck), rig.mark(stuck), rig.there(other)) == (True, "live", False)
    ((_run, state, segments, _freed),) = rig.erp.ended
    assert (state, segments) == ("done", 1)
    later = rig.record(31 * DAY_US, camera=8)
    rig.round(5)
    assert not rig.there(later), "what becomes due after it goes"
    told = {"code": "files_stuck", "args": {"count": 1, "words": os.strerror(number)}}
    health = rig.worker.health()
    assert (health.state, health.due_segments, coded(health.reason)) == ("ready", 0, told)
    assert events(rig) == [("files_stuck", {"count": 1, "words": os.strerror(number), "file": stuck.file})]
    assert os.strerror(number) in rig.index.purges.list()[1][0].reason
    monkeypatch.undo()
    rig.clocks.pass_by(DAY_US)
    rig.round(5)
    assert not rig.there(stuck)
    assert rig.worker.health().reason == ""


def test_what_could_not_be_deleted_is_tried_again_after_a_start(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = rig.record(31 * DAY_US)
    rig.begin()
    refuse(monkeypatch, stuck.file, errno.EPERM)
    rig.round(5)
    monkeypatch.undo()
    rig.round(3)
    assert rig.there(stuck)
    rig.restart()
    rig.round(5)
    assert not rig.there(stuck)


def test_a_file_that_went_by_itself_is_missing_not_deleted(rig: Rig) -> None:
    lost, old = rig.record(31 * DAY_US), rig.record(32 * DAY_US)
    (rig.root / lost.file).unlink()
    rig.begin()
    rig.round(4)
    assert set(rig.erp.deleted) == {old.key}
    found = rig.index.segments.get(lost.path, lost.start_us)
    assert found is not None
    assert found.status == "missing"


def test_only_old_empty_folders_go(rig: Rig) -> None:
    old, older = rig.record(31 * DAY_US), rig.record(40 * DAY_US)
    rig.begin()
    rig.round(4)
    assert not (rig.root / older.file).parent.exists()
    assert (rig.root / old.file).parent.exists(), "the newest day of a camera, however old"
    assert (rig.root / "acme-cam-07").exists()


def test_rows_are_forgotten_late_and_never_the_newest(rig: Rig) -> None:
    first, last = rig.record(33 * DAY_US), rig.record(31 * DAY_US)
    rig.begin()
    rig.round(4)
    assert rig.mark(first) == rig.mark(last) == "gone"
    rig.clocks.pass_by(41 * DAY_US)
    rig.round(2)
    assert (rig.mark(first), rig.mark(last)) == ("none", "gone")
