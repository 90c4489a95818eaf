"""A real process is killed at each system call that changes a file or makes it durable; the account must be exact."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from recorder_service.domain.hold import Hold, HoldState
from recorder_service.domain.segment import Segment
from recorder_service.domain.times import DAY_US

from .purge_rig import NOW_US, Rig

CALLS = "unlink,unlinkat,fsync,fdatasync,pwrite64,ftruncate,rename,rmdir"
HELD = Hold("5f0c7bce-7e0f-4a5c-8a55-0d7b5a4ff001", 1, HoldState.ACTIVE, (7,), NOW_US - 36 * DAY_US,
            NOW_US - 34 * DAY_US)  # fmt: skip
PROCESS = """
import sys
from collections import Counter
from pathlib import Path
from tests.ops.test_purge_killed import opened
rig = opened(Path(sys.argv[1]))
if "file first" in sys.argv:
    doom = rig.index.purges.doom
    def file_first(*args, **kwargs):
        for file in rig.root.glob("*/*/*.mp4"):
            if file.stat().st_size and rig.index.purges.open() is None:
                file.unlink()
        return doom(*args, **kwargs)
    rig.index.purges.doom = file_first
rig.round(6)
rig.close()
print("whole")
"""


def opened(folder: Path) -> Rig:
    """The node on that folder, and an ERP that holds one of its segments."""
    rig = Rig(folder)
    rig.erp.holds[HELD.hold] = HELD
    rig.erp.version = HELD.version
    return rig


@pytest.fixture
def prepared(tmp_path: Path) -> tuple[Path, list[Segment]]:
    folder = tmp_path / "prepared"
    rig = opened(folder)
    segments = [rig.record(days * DAY_US) for days in (40, 38, 35, 33, 32, 29)]
    rig.index.cutoffs.replace((), "")
    rig.begin()
    rig.index.database.write(lambda c: c.execute("DELETE FROM hold"))
    rig.index.set_meta("holds_version", "0")
    rig.close()
    return folder, segments


def run(folder: Path, *strace: str, mutation: str = "") -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root / 'src'}:{root}", "PYTHONDONTWRITEBYTECODE": "1"}
    process = [sys.executable, "-c", PROCESS, str(folder), mutation]
    command = ["strace", "-f", "-qq", "-e", f"trace={CALLS}", *strace, *process]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=root, timeout=60, check=False)


def test_killed_anywhere_the_account_is_exact(prepared: tuple[Path, list[Segment]], tmp_path: Path) -> None:
    folder, segments = prepared
    assert shutil.which("strace"), "install strace"
    whole = tmp_path / "whole"
    shutil.copytree(folder, whole)
    log = tmp_path / "calls"
    done = run(whole, "-o", str(log))
    assert "whole" in done.stdout, done.stderr
    points = _points(log.read_text())
    assert len(points) > len(segments) * 4, "nothing to be killed at"
    print(f"killed at {len(points)} system calls")
    for number, (call, count) in enumerate(points):
        point = f"{call} {count}"
        place = tmp_path / f"killed-{number}"
        shutil.copytree(folder, place)
        killed = run(place, "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={count}")
        assert "whole" not in killed.stdout, point
        _audit(place, segments, point)
        shutil.rmtree(place)


def test_a_file_that_goes_before_its_row_is_found_out(prepared: tuple[Path, list[Segment]], tmp_path: Path) -> None:
    folder, segments = prepared
    place = tmp_path / "killed"
    shutil.copytree(folder, place)
    killed = run(place, "-o", "/dev/null", "-e", "inject=unlink:signal=KILL:when=2", mutation="file first")
    assert "whole" not in killed.stdout
    with pytest.raises(AssertionError, match="live"):
        _audit(place, segments, "the second unlink")


def _points(log: str) -> list[tuple[str, int]]:
    """Every system call to be killed at, as strace counts them: by name, in each thread anew."""
    counts = Counter(re.findall(r"^(\d+) +(\w+)\(", log, re.MULTILINE))
    most: dict[str, int] = {}
    for (_thread, call), count in counts.items():
        most[call] = max(most.get(call, 0), count)
    return [(call, number) for call in sorted(most) for number in range(1, most[call] + 1)]


def _audit(place: Path, segments: list[Segment], point: str) -> None:
    rig = opened(place)
    try:
        for segment in segments:
            mark, there = rig.mark(segment), rig.there(segment)
            assert there or mark in ("confirmed", "gone"), (point, mark)
            assert not there or mark != "gone", (point, mark)
        rig.round(6)
        held, young = segments[2], segments[5]
        assert rig.there(held)
        assert rig.there(young)
        left = [s for s in segments if rig.there(s)]
        assert left == [held, young], point
        told = {row[0] for row in rig.index.database.read().execute("SELECT start_us FROM segment WHERE gone_told = 1")}
        assert told == {s.start_us for s in segments if s not in left}, point
    finally:
        rig.close()
