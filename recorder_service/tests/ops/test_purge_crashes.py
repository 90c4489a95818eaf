"""A purge that ends in its midst: the account is exact, and what a hold keeps is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder_service.domain.purge import PurgeState, PurgeWord
from recorder_service.domain.times import DAY_US

from .purge_rig import Rig


@pytest.mark.parametrize("place", ["unlink", "fsync", "settle", "end"])
def test_a_crash_at_each_step_leaves_an_exact_account(rig: Rig, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    class Crash(BaseException):
        pass

    old = [rig.record(31 * DAY_US + n * DAY_US) for n in range(3)]
    rig.begin()
    rig.round()

    def crash(*_args: object, **_kwargs: object) -> None:
        raise Crash

    targets = {
        "unlink": (Path, "unlink"),
        "fsync": ("recorder_service.ops.unlink", "fsync_dir"),
        "settle": (type(rig.index.purges), "settle"),
        "end": (type(rig.index.purges), "end"),
    }
    owner, name = targets[place]
    if isinstance(owner, str):
        monkeypatch.setattr(f"{owner}.{name}", crash)
    else:
        monkeypatch.setattr(owner, name, crash)
    rig.sync()
    with pytest.raises(Crash):
        rig.worker.tick()
    monkeypatch.undo()
    rig.restart()
    for segment in old:
        assert rig.there(segment) or rig.mark(segment) in ("confirmed", "gone")
    left = [segment for segment in old if rig.there(segment)]
    rig.worker.tick()
    open_run = rig.index.purges.open()
    assert open_run is None or open_run.state is PurgeState.ASKED
    assert all(map(rig.there, left)), "what is left is asked about once more"
    rig.round(4)
    assert not any(map(rig.there, old))
    assert set(rig.erp.deleted) == {s.key for s in old}
    assert all(freed > 0 for freed in rig.erp.deleted.values())


def test_a_run_refused_after_a_part_of_it_went_is_done(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until when footage is kept changed between the crash and the new start."""

    class Crash(BaseException):
        pass

    first, second = rig.record(33 * DAY_US), rig.record(31 * DAY_US)
    rig.begin()
    rig.round()
    rig.sync()
    real = Path.unlink

    def crash(self: Path, missing_ok: bool = False) -> None:
        if str(self).endswith(second.file):
            raise Crash
        real(self, missing_ok)

    monkeypatch.setattr("recorder_service.ops.unlink.BATCH", 1)
    monkeypatch.setattr(Path, "unlink", crash)
    with pytest.raises(Crash):
        rig.worker.tick()
    monkeypatch.undo()
    assert (rig.mark(first), rig.there(second)) == ("gone", True)
    rig.restart()
    rig.worker.tick()
    rig.erp.word = PurgeWord.REFUSED
    rig.round(3)
    assert (rig.there(second), rig.mark(second)) == (True, "live")
    assert [(state, segments) for _run, state, segments, _freed in rig.erp.ended] == [("done", 1)]
    assert rig.erp.ended[0][3] > 0


def test_a_hold_that_comes_while_files_are_unlinked_saves_the_rest(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = rig.record(32 * DAY_US), rig.record(31 * DAY_US)
    rig.begin()
    rig.round()
    rig.sync()
    hold = rig.erp.hold((7,), first.start_us)
    real, calls = type(rig.index.purges).may_unlink, []

    def may_unlink(self: object, row_id: int) -> bool:
        calls.append(row_id)
        if len(calls) == 2:
            # as the sync's thread would, between two files; the mutex is ours here
            rig.index.holds.mutex.release()
            rig.index.holds.take_over([hold], hold.version, rig.clocks.wall)
            rig.index.holds.mutex.acquire()
        return bool(real(self, row_id))  # type: ignore[arg-type]

    monkeypatch.setattr(type(rig.index.purges), "may_unlink", may_unlink)
    rig.worker.tick()
    monkeypatch.undo()
    assert (rig.there(first), rig.there(second)) == (False, True)
    rig.round(4)
    assert rig.there(second)
    (receipt,) = rig.erp.receipts
    assert (receipt.kept, receipt.gone, receipt.gone_rows) == (1, 1, (first.key,)), "partial is said plainly"


def test_a_hold_after_a_crash_does_not_promise_what_was_unlinked(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    first = rig.record(32 * DAY_US)
    rig.begin()
    rig.round()
    rig.sync()

    def crash(*_args: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(rig.index.purges), "settle", crash)
    with pytest.raises(KeyboardInterrupt):
        rig.worker.tick()
    monkeypatch.undo()
    rig.restart()
    rig.erp.hold((7,), first.start_us)
    rig.sync()
    rig.round(4)
    assert rig.mark(first) == "gone"
    (receipt,) = rig.erp.receipts
    assert (receipt.kept, receipt.gone) == (0, 1)
    assert set(rig.erp.deleted) == {first.key}


def test_what_a_power_cut_brings_back_under_a_hold_lives_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unlinked; a hold comes and calls it gone; the power goes before the folder is durable: the file is back."""
    first, other = rig.record(32 * DAY_US), rig.record(31 * DAY_US, camera=8)
    rig.begin()
    rig.round()
    rig.sync()
    content = (rig.root / first.file).read_bytes()
    hold = rig.erp.hold((7,), first.start_us)

    def cut(*_args: object) -> None:
        rig.index.holds.take_over([hold], hold.version, rig.clocks.wall)
        raise KeyboardInterrupt

    monkeypatch.setattr("recorder_service.ops.unlink.fsync_dir", cut)
    with pytest.raises(KeyboardInterrupt):
        rig.worker.tick()
    monkeypatch.undo()
    (rig.root / first.file).parent.mkdir(exist_ok=True)
    (rig.root / first.file).write_bytes(content)
    rig.restart()
    rig.round(5)
    assert rig.there(first)
    assert (rig.mark(first), rig.mark(other)) == ("live", "gone")
    assert rig.index.purges.open() is None, "it does not keep others from going"
    receipt = rig.erp.receipts[-1]
    assert (receipt.kept, receipt.gone) == (1, 0)
    assert [ended[1:3] for ended in rig.erp.ended] == [("done", 1)]
    assert rig.index.purges.list()[0][0].rescued == 1
