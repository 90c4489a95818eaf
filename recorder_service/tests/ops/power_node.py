"""The process whose power is cut: it purges hour by hour and records beside it. What it told others is outside."""

from __future__ import annotations

import os
import pickle
import random
import sys
import threading
from dataclasses import dataclass, field, fields
from pathlib import Path

from recorder_service.domain.hold import Hold
from recorder_service.domain.segment import Segment
from recorder_service.domain.times import DAY_US, SECOND_US
from recorder_service.erp.wire_keeping import Keeping, Orders
from recorder_service.ops import unlink

from .purge_rig import CAMERAS, HOUR_US, NOW_US, Clocks, Erp, Rig

HOURS = 20
_EACH_HOUR = 6  # segments of a camera that come of age
_OLDER = 90
_YOUNG = 8
Key = tuple[int, int]


@dataclass
class KeptErp(Erp):
    """Another machine: its memory outlives the cut. ``protected``: on disk when a hold on them was made."""

    protected: set[Key] = field(default_factory=set)
    tellings: list[tuple[Key, str, int, int]] = field(default_factory=list)
    file: Path | None = None

    def answer(self, asked: Keeping) -> Orders:
        self.tellings += [((d.camera_id, d.start_us), d.run, d.freed, d.at_us) for d in asked.deletions]
        orders = super().answer(asked)
        if self.file:
            self.keep(self.file)
        return orders

    def protect(self, cameras: tuple[int, ...], from_us: int, to_us: int, there: set[Key]) -> Hold:
        made = self.hold(cameras, from_us, to_us)
        self.protected |= {key for key in there if touches(made, key)}
        return made

    def keep(self, file: Path) -> None:
        memory = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("clocks", "file")}
        new = file.with_suffix(".new")
        new.write_bytes(pickle.dumps((self.clocks.wall, memory)))
        new.replace(file)


def remembered(file: Path) -> KeptErp:
    """Odoo as it was when the power went, and its clock."""
    wall, memory = pickle.loads(file.read_bytes())
    clocks = Clocks()
    clocks.pass_by(wall - clocks.wall)
    return KeptErp(clocks, **memory)


def touches(hold: Hold, key: Key) -> bool:
    camera, start = key
    return camera in hold.cameras and start + 10 * SECOND_US > hold.from_us and start < (hold.to_us or 2**62)


def use(rig: Rig, erp: KeptErp) -> None:
    """Let a node talk to that Odoo, by its clock."""
    rig.erp = erp
    rig.clocks.pass_by(erp.clocks.wall - rig.clocks.wall)
    erp.clocks = rig.clocks


def prepare(folder: Path) -> tuple[list[Segment], KeptErp]:
    """Footage that is due, comes due in the next hours, or is young; some of it is held."""
    rig = Rig(folder)
    use(rig, erp := KeptErp(rig.clocks))
    try:
        segments = [rig.record(age, camera) for camera in CAMERAS for age in _ages()]
        rig.begin()
        there = {s.key for s in segments}
        erp.protect((7,), NOW_US - 33 * DAY_US, NOW_US - 32 * DAY_US, there)
        rig.sync()
        erp.protect((8,), NOW_US - 30 * DAY_US + HOUR_US, NOW_US - 30 * DAY_US + 3 * HOUR_US, there)
    finally:
        rig.close()
    return segments, erp


def _ages() -> list[int]:
    late = [(number + 1) * HOUR_US // _EACH_HOUR for number in range(HOURS * _EACH_HOUR)]
    old = [(number + 1) * 6 * DAY_US // _OLDER for number in range(_OLDER)]
    young = [number * DAY_US for number in range(5, 5 + _YOUNG)]
    return [30 * DAY_US + age for age in reversed(old)] + [30 * DAY_US - age for age in late] + young


class Living:
    """The node at work, until its power is cut or its hours are over."""

    def __init__(self, folder: Path, outside: Path, seed: int, pause: float) -> None:
        self.rig = Rig(folder)
        self.rig.count = 10_000
        self._recorded = outside / "recorded"
        self._erp = remembered(outside / "erp")
        self._erp.file = outside / "erp"
        use(self.rig, self._erp)
        self._random = random.Random(seed)
        self._ended = threading.Event()
        self._pause = pause

    def run(self) -> None:
        recorder = threading.Thread(target=self._record)
        recorder.start()
        print("begun", flush=True)
        try:
            for _ in range(HOURS):
                for _ in range(3):
                    self._round()
                self.rig.clocks.pass_by(HOUR_US)
        finally:
            self._ended.set()
            recorder.join()
        print("whole", flush=True)

    def _round(self) -> None:
        purge = self.rig.index.purges.open()
        if purge is not None and self._random.random() < 0.4:
            share = self._random.choice(purge.shares)
            first = self._random.randint(share.first_us, share.last_us)
            self._erp.protect((share.camera_id,), first, first + HOUR_US // 2, self._there())
        self.rig.sync()
        self.rig.worker.tick()

    def _there(self) -> set[Key]:
        rows = self.rig.index.segments.list(limit=100_000)
        return {row.key for row in rows if self.rig.there(row)}

    def _record(self) -> None:
        """Each is told once its row is committed: from then on it must be there."""
        number = 0
        with self._recorded.open("ab", buffering=0) as told:
            while self._pause and not self._ended.wait(self._pause):
                number += 1
                stop = NOW_US - 10 * DAY_US + number * 11 * SECOND_US
                segment = self.rig.record(self.rig.clocks.wall - stop, number % 2 + 7)
                told.write(f"{segment.file} {segment.sha256}\n".encode())


def without_folder_fsync(_living: Living) -> None:
    unlink.fsync_dir = lambda _path: None


def without_full_sync(living: Living) -> None:
    living.rig.index.database._writer.execute("PRAGMA synchronous=NORMAL")


def as_it_is(_living: Living) -> None:
    pass


if __name__ == "__main__":
    os.umask(0o022)
    node = Living(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
    globals()[sys.argv[5]](node)
    node.run()
