"""What is due of a node's cameras and held by nobody, at two sizes of its index."""

import random
import time
from pathlib import Path

from recorder_service.domain.purge import Cutoff
from recorder_service.domain.times import SystemClock
from recorder_service.store import Index

from . import job, rows

NODE = "00000000-0000-4000-8000-000000000001"
DUE_MINUTES = 60
HOLDS = 200
HELD_MINUTES = 240
EARLIER_DAYS = 300
BYTES = 15_000_000
CHUNK = 1000
#: Rows as a sync leaves them; the database makes them itself, for there are millions.
FILL = f"""
WITH RECURSIVE minute(m) AS (SELECT :first UNION ALL SELECT m + 1 FROM minute WHERE m + 1 < :last),
               camera(c) AS (SELECT :camera UNION ALL SELECT c + 1 FROM camera WHERE c < :last_camera)
INSERT INTO segment (camera_id, path, start_us, stop_us, bytes, sha256, run, number, status, state, test, first_seen_us)
SELECT c, printf('bench-cam-%04d', c), :from_us + m * {rows.MINUTE}, :from_us + (m + 1) * {rows.MINUTE}, {BYTES},
       randomblob(32), x'{rows.RUN}', m, 'ok', 'synced', 0, :from_us + (m + 1) * {rows.MINUTE}
  FROM minute CROSS JOIN camera
 WHERE true ON CONFLICT DO NOTHING
"""


class Node:
    """An index of ``size`` rows up to now. What is older than the cutoff is due since an hour at most, or held."""

    def __init__(self, folder, size, cameras, seed):
        self._draw, self._cameras = random.Random(seed), cameras
        minutes = size // cameras
        now_us = SystemClock().now_us()
        self._begin_us = now_us - minutes * rows.MINUTE
        self._cutoff_us = self._begin_us + DUE_MINUTES * rows.MINUTE
        self.index = Index(Path(folder) / f"index-{size}.sqlite", NODE)
        # for filling alone: the decision is read by another connection
        self.index.database.write(lambda c: c.execute("PRAGMA cache_size=-131072").fetchall())
        holds = [
            self._earlier(number) if number % 2 else self._later(number, minutes) for number in range(1, HOLDS + 1)
        ]
        for first in range(0, minutes, CHUNK):
            self._fill(self._begin_us, first, min(first + CHUNK, minutes), 1, cameras)
        self.index.holds.take_over(holds, HOLDS, now_us)

    def _fill(self, from_us, first, last, camera, last_camera):
        values = {"from_us": from_us, "first": first, "last": last, "camera": camera, "last_camera": last_camera}
        self.index.database.write(lambda c: c.execute(FILL, values))

    def _earlier(self, number):
        """A hold of footage that would have gone long ago; that footage is there."""
        camera = self._draw.randrange(1, self._cameras)
        before = self._draw.randrange(HELD_MINUTES, EARLIER_DAYS * 1440)
        from_us = self._begin_us - before * rows.MINUTE
        self._fill(from_us, 0, HELD_MINUTES, camera, camera + 1)
        return rows.hold(number, [camera, camera + 1], from_us, from_us + HELD_MINUTES * rows.MINUTE)

    def _later(self, number, minutes):
        """A hold of footage that is kept anyway, or of some that is due."""
        first = self._draw.randrange(DUE_MINUTES // 2) if number % 20 == 0 else self._draw.randrange(minutes)
        from_us = self._begin_us + first * rows.MINUTE
        camera = self._draw.randrange(1, self._cameras)
        return rows.hold(number, [camera, camera + 1], from_us, from_us + HELD_MINUTES * rows.MINUTE)

    def decide(self):
        """Return seconds that the decision takes, and how many segments it finds."""
        cutoffs = {camera: Cutoff(camera, self._cutoff_us, 1) for camera in range(1, self._cameras + 1)}
        begun = time.perf_counter()
        due = self.index.cutoffs.due(cutoffs)
        return time.perf_counter() - begun, sum(share.segments for share in due)


def measure(folder, sizes, cameras, rounds, seed):
    """Return seconds of each round by size; the first of each, which fills the cache, is not counted."""
    nodes = {size: Node(folder, size, cameras, seed) for size in sizes}
    spent, due = {size: [] for size in sizes}, {}
    for number in range(rounds + 1):
        for size, node in nodes.items():
            seconds, due[size] = node.decide()
            if number:
                spent[size].append(seconds)
    for node in nodes.values():
        node.index.close()
    return {"spent": [spent[size] for size in sizes], "due": [due[size] for size in sizes]}


if __name__ == "__main__":
    job.run(measure)
