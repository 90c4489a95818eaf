"""The writer is killed at random moments; what it had been told was durable must be there, whole, and queued."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from recorder_service.store import Index

from ..conftest import BASE_US, NODE

WRITER = textwrap.dedent(
    """
    import sys
    from recorder_service.domain.gap import Gap, GapReason
    from recorder_service.domain.segment import Segment, SegmentState
    from recorder_service.domain.verdict import Verdict
    from recorder_service.store import Index
    from pathlib import Path

    base, step = int(sys.argv[3]), 10_000_000
    with Index(Path(sys.argv[1]), sys.argv[2]) as index:
        number = index.segments.count()
        while True:
            start = base + number * step
            segment = Segment(7, "acme-cam-07", start, start + step, 10, "ab" * 16, number,
                              sha256=f"{number:064x}", state=SegmentState.HASHED)
            def work():
                index.segments.add(segment, 1)
                index.gaps.add(Gap(7, "acme-cam-07", start, start + 1, GapReason.UNKNOWN))
            index.commit(work)
            print("kept", number, flush=True)
            if number % 3 == 2:
                batch = index.outbox.batch(4)
                index.outbox.settle(batch, {"segment": [Verdict()] * len(batch.segments),
                    "gap": [Verdict()] * len(batch.gaps), "event": [], "job": []}, 1)
            number += 1
    """
)


def killed_run(file: Path, after: float) -> int:
    """The highest number the writer said was kept before the kill."""
    command = [sys.executable, "-c", WRITER, str(file), NODE, str(BASE_US)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(after)
        writer.send_signal(signal.SIGKILL)
        lines = [first, *writer.stdout.read().splitlines()]
    # A line that the kill cut short proves nothing.
    return max(int(line.split()[1]) for line in lines if line.startswith("kept ") and line.split()[1:])


def test_kill_9_loses_and_doubles_nothing(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    draw = random.Random(seed)
    for _ in range(6):
        promised = killed_run(tmp_path / "index.sqlite", draw.uniform(0, 0.3))
        with Index(tmp_path / "index.sqlite", NODE) as index:
            numbers = [segment.number for segment in index.segments.iterate("acme-cam-07")]
            gaps = index.gaps.list(limit=10**6)
            states = {s.number: s.state for s in index.segments.iterate("acme-cam-07")}
            queued = {s.number for s in index.outbox.batch(10**6).segments}
            assert index.check() == []
        assert numbers == list(range(len(numbers)))
        assert numbers[-1] >= promised
        assert len(gaps) == len(numbers)
        # Every row is either acknowledged or still queued, never neither and never both.
        assert {number for number, state in states.items() if state == "indexed"} == queued
