"""The power goes at any moment of a purge, with index and footage on disks of their own: the account must be exact.

With both on one file system such a test proves nothing: what makes the index durable there carries the unlinks along.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from recorder_service.domain.segment import Segment
from recorder_service.domain.times import DAY_US, SECOND_US

from .power_disks import Images, frozen, remove, store
from .power_node import HOUR_US, prepare, remembered, touches, use
from .purge_rig import Rig

LONG = bool(os.environ.get("CCTV_TEST_LONG"))
CUTS = 200 if LONG else 30
#: A fault that shows at most of the cuts has to be seen by then.
MUTANT_CUTS = 60
ROOT = Path(__file__).parents[2]


@dataclass
class Cut:
    images: Images
    outside: Path


class Laboratory:
    """Prepared disks, processes that work on copies of them, and copies of those at the moment of a cut."""

    def __init__(self, folder: Path, images: Path, kind: str) -> None:
        self.folder, self.images = folder, images
        self.seed = random.randrange(10**6)
        self.random = random.Random(self.seed)
        self._prepared, self._count = Images.make(images, kind), 0
        with self._prepared.mounted(folder / "disk") as node:
            self.segments, self.erp = prepare(node)

    def cuts(self, pause: float, change: str = "as_it_is") -> Iterator[Cut]:
        """Without end: when a process is through, another one begins anew."""
        while True:
            self._count += 1
            outside = self.folder / f"outside-{self._count}"
            outside.mkdir()
            self.erp.keep(outside / "erp")
            images = self._prepared.copy(self.images / f"life-{self._count}")
            with images.mounted(self.folder / "disk") as node:
                yield from self._live(node, images, outside, [str(pause), change])
            remove(images)

    def _live(self, node: Path, images: Images, outside: Path, options: list[str]) -> Iterator[Cut]:
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
        seed = str(self.random.randrange(10**6))
        command = [sys.executable, "-m", "tests.ops.power_node", str(node), str(outside), seed, *options]
        log = outside / "log"
        with log.open("w") as out:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out, text=True)
        try:
            while process.poll() is None and "begun" not in log.read_text():
                time.sleep(0.01)
            while process.poll() is None:
                time.sleep(self.random.uniform(0.0, 0.15))
                with frozen(process) as lives:
                    if lives:
                        self._count += 1
                        yield self._cut(images, outside)
            assert "whole" in log.read_text(), log.read_text()
        finally:
            process.kill()
            process.wait()

    def _cut(self, images: Images, outside: Path) -> Cut:
        copied = images.copy(self.images / f"cut-{self._count}")
        memory = self.folder / f"cut-{self._count}"
        shutil.copytree(outside, memory)
        return Cut(copied, memory)

    def audit(self, cut: Cut) -> Audit:
        with cut.images.mounted(self.folder / "cut") as node:
            audit = Audit(node, self.segments, cut.outside, self.random)
            audit.run()
        remove(cut.images)
        return audit


class Audit:
    """What the disk says, against the index and what others were told; then recovery, and once more."""

    def __init__(self, node: Path, segments: list[Segment], outside: Path, choice: random.Random) -> None:
        self.faults: list[str] = []
        self.mid_purge = False
        self._media = node / "media"
        self._segments = {s.key: s for s in segments}
        self._erp = remembered(outside / "erp")
        self._outside, self._random = outside, choice
        self._told = {key for key, *_ in self._erp.tellings}
        self._rig = Rig(node)
        use(self._rig, self._erp)
        # a machine that has just come up again
        self._rig.clocks.boot, self._rig.clocks.boottime = "boot-2", 20 * SECOND_US
        self._rig.restart()

    def run(self) -> None:
        try:
            self._look("after the cut")
            self._committed_is_there()
            self._hold_what_is_left()
            self._rig.round(8)
            self._look("after recovery")
            self._settled()
            self._committed_is_there()
        finally:
            self._rig.close()

    def _fault(self, when: str, what: str, segment: Segment | str) -> None:
        self.faults.append(f"{what} {when}: {segment.file if isinstance(segment, Segment) else segment}")

    def _look(self, when: str) -> None:
        self.faults += [f"index damaged {when}: {found}" for found in self._rig.index.check()]
        there = self._on_disk()
        for key, segment in self._segments.items():
            mark, present = self._rig.mark(segment), there.get(segment.file) == segment.sha256
            self.mid_purge |= mark in ("doomed", "confirmed")
            if segment.file in there and not present:
                self._fault(when, "other bytes", segment)
            if not present and mark not in ("confirmed", "gone"):
                self._fault(when, "unrecorded deletion", segment)
            if not present and (key in self._erp.protected or not self._due(segment)):
                self._fault(when, "held or young, and gone", segment)
            if present and (mark == "gone" or key in self._told):
                self._fault(when, "deleted, and back", segment)

    def _on_disk(self) -> dict[str, str]:
        return {
            str(file.relative_to(self._media)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in self._media.rglob("*.mp4")
        }

    def _due(self, segment: Segment) -> bool:
        hour = self._erp.clocks.erp // HOUR_US * HOUR_US
        return segment.stop_us <= hour - self._erp.days[segment.camera_id] * DAY_US

    def _committed_is_there(self) -> None:
        """Recorded beside the purge, and its row committed."""
        recorded = self._outside / "recorded"
        there = self._on_disk()
        for line in recorded.read_text().splitlines() if recorded.exists() else ():
            file, digest = line.split()
            if there.get(file) != digest:
                self._fault("", "recorded, and gone", file)
        for row in self._rig.index.segments.list(limit=100_000):
            if row.key not in self._segments and there.get(row.file) != row.sha256:
                self._fault("", "row without its file", row)

    def _hold_what_is_left(self) -> None:
        """While the machine was down, Odoo held something of what was leaving."""
        there = {s.key for s in self._segments.values() if self._rig.there(s)}
        leaving = [
            s for s in self._segments.values() if s.key in there and self._rig.mark(s) in ("doomed", "confirmed")
        ]
        if leaving:
            one = self._random.choice(leaving)
            self._erp.protect((one.camera_id,), one.start_us, one.stop_us, there)

    def _settled(self) -> None:
        held = {key for hold in self._erp.holds.values() for key in self._segments if touches(hold, key)}
        told: dict[tuple[int, int], set[tuple[object, ...]]] = {}
        for key, *words in self._erp.tellings:
            told.setdefault(key, set()).add(tuple(words))
        for key, segment in self._segments.items():
            present = self._rig.there(segment)
            if present and self._due(segment) and key not in held:
                self._fault("after recovery", "due, and kept", segment)
            if present == (key in told):
                self._fault("after recovery", "told wrongly", segment)
            if len(told.get(key, ())) > 1:
                self._fault("after recovery", "told in two ways", segment)
        before = len(self._erp.tellings)
        self._rig.round(2)
        if len(self._erp.tellings) != before:
            self._fault("after recovery", "told again and again", "")


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with store(tmp_path_factory.mktemp("power") / "disks") as folder:
        yield folder


@pytest.fixture
def laboratory(request: pytest.FixtureRequest, images: Path, tmp_path: Path) -> Laboratory:
    place = images / tmp_path.name
    place.mkdir()
    made = Laboratory(tmp_path, place, request.param)
    print(f"{request.param}, seed {made.seed}")
    return made


def _each_kind(test: object) -> object:
    return pytest.mark.timeout(1800)(pytest.mark.parametrize("laboratory", ["ext4", "xfs"], indirect=True)(test))


@_each_kind
def power_cut_at_any_moment(laboratory: Laboratory) -> None:
    begun, mid = time.monotonic(), 0
    for number, cut in enumerate(laboratory.cuts(0.03), 1):
        audit = laboratory.audit(cut)
        assert audit.faults == [], (number, audit.faults)
        mid += audit.mid_purge
        if number >= CUTS and mid >= CUTS // 3:
            break
    print(f"{number} cuts, {mid} of them in mid-purge, {time.monotonic() - begun:.0f} s")


def _seen(laboratory: Laboratory, change: str, fault: str) -> int:
    """After how many cuts the fault is found."""
    for number, cut in enumerate(laboratory.cuts(0, change), 1):
        if any(found.startswith(fault) for found in laboratory.audit(cut).faults):
            print(f"{change}: {fault} after {number} cuts")
            return number
        assert number < MUTANT_CUTS, "the test does not see that its guard is missing"
    raise AssertionError


@_each_kind
def without_the_folders_fsync_files_come_back(laboratory: Laboratory) -> None:
    assert _seen(laboratory, "without_folder_fsync", "deleted, and back")


@_each_kind
def without_full_sync_deletions_are_unrecorded(laboratory: Laboratory) -> None:
    assert _seen(laboratory, "without_full_sync", "unrecorded deletion")


if os.geteuid() == 0:
    # file systems have to be mounted
    test_power_cut_at_any_moment = power_cut_at_any_moment
    test_power_cut_without_folder_fsync = without_the_folders_fsync_files_come_back
    test_power_cut_without_full_sync = without_full_sync_deletions_are_unrecorded
