"""Time from a segment's close on disk to its row in Odoo, on the running system."""

import time

from support import media
from support.erp import Erp

from .report import percentile

GOAL_S = 3.0


def measure(system, report, seconds):
    """Watch rows arrive for ``seconds``; a file's close is its last modification as stat tells it."""
    it = Erp(system.access, "it")
    paths = {row["id"]: row["path"] for row in it.cameras().values()}
    seen = {row["id"] for row in it.search_read("cctv.segment", [], ["id"])}
    last, delays, until = max(seen, default=0), [], time.monotonic() + seconds
    while time.monotonic() < until:
        rows = it.search_read("cctv.segment", [("id", ">", last)], ["id", "camera_id", "start_us"], order="id")
        now = time.time()
        for row in rows:
            file = media.file_of(system.media_root, paths[row["camera_id"][0]], row["start_us"])
            delays.append(now - file.stat().st_mtime)
            last = row["id"]
        time.sleep(0.1)
    assert delays, "no row arrived"
    report.add("close of a segment to its row, median", percentile(delays, 0.5), "s", raw=delays)
    slow = percentile(delays, 0.95)
    report.add("close of a segment to its row, p95", slow, "s", goal=f"< {GOAL_S:g} s", met=slow < GOAL_S, raw=delays)
