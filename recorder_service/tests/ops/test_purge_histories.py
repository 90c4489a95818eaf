"""Random histories: holds, clocks, crashes at any step. What must be true is written in docs/retention.md."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from recorder_service.domain.hold import Hold
from recorder_service.domain.segment import Segment
from recorder_service.domain.times import DAY_US, SECOND_US
from recorder_service.ops import unlink as unlinking
from recorder_service.store.database import Database

from .purge_rig import CAMERAS, HOUR_US, Rig


class CrashError(BaseException):
    """The process ends here."""


class Fuse:
    """Counts what is made durable or removed; burns through at the chosen one, before or after it."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.after = False

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if self.left is None:
                return call(*args, **kwargs)
            self.left -= 1
            if self.left < 0 and not self.after:
                raise CrashError
            result = call(*args, **kwargs)
            if self.left < 0:
                raise CrashError
            return result

        return guarded


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.rig = Rig(self.folder)
        self.rig.begin(3650)
        self.segments: list[Segment] = []
        self.acknowledged: dict[str, Hold] = {}
        self.gone: set[tuple[int, int]] = set()
        self.fuse = Fuse()
        self.patches = [
            mock.patch.object(Path, "unlink", self.fuse.around(Path.unlink)),
            mock.patch.object(unlinking, "fsync_dir", self.fuse.around(unlinking.fsync_dir)),
            mock.patch.object(Database, "write", self.fuse.around(Database.write)),
        ]
        for patch in self.patches:
            patch.start()

    def teardown(self) -> None:
        for patch in self.patches:
            patch.stop()
        self.rig.close()
        shutil.rmtree(self.folder)

    def _do(self, what: Callable[[], None]) -> None:
        try:
            what()
        except CrashError:
            self.fuse.left = None
            self.rig.restart()
        self.fuse.left = None

    @rule(days=st.integers(25, 35), camera=st.sampled_from(sorted(CAMERAS)))
    def record(self, days: int, camera: int) -> None:
        self.segments.append(self.rig.record(days * DAY_US + len(self.segments) * 11 * SECOND_US, camera))

    @precondition(lambda self: self.segments)
    @rule(data=st.data(), wide=st.booleans())
    def hold(self, data: st.DataObject, wide: bool) -> None:
        one = data.draw(st.sampled_from(self.segments))
        self.rig.erp.hold((one.camera_id,), one.start_us, None if wide else one.stop_us)

    @precondition(lambda self: self.rig.erp.holds)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        hold = data.draw(st.sampled_from(sorted(self.rig.erp.holds)))
        self.acknowledged.pop(hold, None)
        self.rig.erp.release(self.rig.erp.holds[hold])

    @rule(fuse=st.none() | st.integers(0, 12), after=st.booleans())
    def sync(self, fuse: int | None, after: bool) -> None:
        self.fuse.left, self.fuse.after = fuse, after
        self._do(self._sync)

    def _sync(self) -> None:
        before = len(self.rig.erp.receipts)
        self.rig.sync()
        for receipt in self.rig.erp.receipts[before:]:
            known = self.rig.erp.holds[receipt.hold.hold]
            if known.version == receipt.hold.version:
                self.acknowledged[known.hold] = known

    @rule(fuse=st.none() | st.integers(0, 25), after=st.booleans())
    def tick(self, fuse: int | None, after: bool) -> None:
        self.fuse.left, self.fuse.after = fuse, after
        before = {s.key for s in self.segments if self.rig.there(s)}
        held = self.rig.index.holds.list()
        self._do(self.rig.worker.tick)
        for segment in self.segments:
            if segment.key in before and not self.rig.there(segment):
                assert not any(_touches(hold, segment) for hold in held), "held on the node, and gone"

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.rig.clocks.pass_by(hours * HOUR_US)

    @rule()
    def restart(self) -> None:
        self.rig.restart()

    @invariant()
    def what_is_gone_is_accounted_for(self) -> None:
        for segment in self.segments:
            mark, there = self.rig.mark(segment), self.rig.there(segment)
            assert there or mark in ("confirmed", "gone", "none"), (mark, segment)
            assert not there or mark not in ("gone", "none"), (mark, segment)

    @invariant()
    def what_the_erp_heard_is_true(self) -> None:
        deleted = set(self.rig.erp.deleted)
        assert not any(self.rig.there(s) for s in self.segments if s.key in deleted)
        assert self.gone <= deleted
        self.gone = deleted

    @invariant()
    def what_a_receipt_promised_is_there(self) -> None:
        promised = [r for r in self.rig.erp.receipts if r.hold.hold in self.acknowledged]
        for receipt in promised:
            inside = [s for s in self.segments if _touches(receipt.hold, s)]
            assert sum(map(self.rig.there, inside)) >= receipt.kept


def _touches(hold: Hold, segment: Segment) -> bool:
    return (
        segment.camera_id in hold.cameras
        and segment.stop_us > hold.from_us
        and (hold.to_us is None or segment.start_us < hold.to_us)
    )


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
