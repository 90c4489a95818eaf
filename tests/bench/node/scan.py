"""The intake's scan of few and of many cameras: when nothing is new, and when each has new segments."""

import random
import time
import uuid
from pathlib import Path

from recorder_service.domain.config import CameraConfig, StreamSource
from recorder_service.domain.gap import GapReason
from recorder_service.domain.times import SystemClock, day_start_us, utc_day
from recorder_service.media.intake import Intake
from recorder_service.media.ledger import Ledger
from recorder_service.store import Index

from . import footage, job, rows

MINUTES = 1440
NEW = 4
BYTES = 512


class Host(SystemClock):
    """This machine's clock, which nobody sets; nothing is missing, so nobody is asked for reasons."""

    def forward(self, _from_us, _to_us):
        """Not set."""
        return 0

    def back(self, _from_us):
        """Not set."""
        return 0

    def reason(self, _path, _start_us, _stop_us):
        """Nobody knows."""
        return GapReason.UNKNOWN


class Disk:
    """Yesterday of so many cameras: files and their rows, but for the last minutes that ``rounds`` will bring."""

    def __init__(self, folder, cameras, pattern, rounds):
        self._pattern = pattern
        host = Host()
        self._root = Path(folder) / f"media-{cameras}"
        self._day = utc_day(host.now_us() - rows.DAY)
        self._index = Index(Path(folder) / f"index-{cameras}.sqlite", str(uuid.uuid4()))
        self._next = MINUTES - rounds * NEW
        self.files = 0
        known = {}
        for camera in range(1, cameras + 1):
            path = rows.path_of(camera)
            known[path] = CameraConfig(camera, path, path, path, True, StreamSource("rtsp://127.0.0.1/"))
            made = [self._minute(camera, number) for number in range(self._next)]
            footage.link_all(self._root, made)
            self.files += self._index.segments.restore(made)
        self._paths = known
        self._intake = Intake(
            self._root, self._index, Ledger(self._index, host, host), lambda: known, host, verified=lambda: True
        )

    def _minute(self, camera, number):
        return rows.minute(camera, day_start_us(self._day) + number * rows.MINUTE, number, BYTES)

    def look(self):
        """Return seconds of a scan of every camera as the service does it, and how many files were taken in."""
        added, begun = 0, time.perf_counter()
        for path in self._intake.paths():
            added += self._intake.scan(path, [self._day]).added
        return time.perf_counter() - begun, added

    def record(self):
        """Every camera closes some segments."""
        for camera in range(1, len(self._paths) + 1):
            for number in range(self._next, self._next + NEW):
                segment = self._minute(camera, number)
                self._pattern.write(self._root / segment.file, segment)
        self._next += NEW

    def close(self):
        """Close the index."""
        self._index.close()


def measure(folder, few, many, pattern, rounds, seed):
    """Return by number of cameras, seconds of each scan a file: of those there, and of those taken in."""
    draw, content = random.Random(seed), footage.Pattern(Path(pattern))
    disks = {cameras: Disk(folder, cameras, content, rounds) for cameras in (few, many)}
    found = {cameras: {"quiet": [], "new": []} for cameras in disks}
    for disk in disks.values():
        disk.look()
    for _number in range(rounds):
        for cameras in draw.sample(sorted(disks), len(disks)):
            disk = disks[cameras]
            seconds, added = disk.look()
            assert added == 0, f"{added} files are new"
            found[cameras]["quiet"].append(seconds / disk.files)
            disk.record()
            seconds, added = disk.look()
            assert added == cameras * NEW, f"{added} files were taken in"
            found[cameras]["new"].append(seconds / added)
            disk.files += added
    for disk in disks.values():
        disk.close()
    return {"few": found[few], "many": found[many], "files": disks[many].files}


if __name__ == "__main__":
    job.run(measure)
