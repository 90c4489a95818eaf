"""Segments that leave by the service's own worker, and as many files that are plainly unlinked."""

import os
import random
import shutil
import time
import uuid
from pathlib import Path

from recorder_service.domain.purge import Cutoff
from recorder_service.domain.times import ErpTime, SystemClock
from recorder_service.domain.trust import Advance
from recorder_service.ops.lived import LivedClock
from recorder_service.ops.purge import PurgeWorker
from recorder_service.ops.unlink import BATCH
from recorder_service.store import Index, MediaRoot
from recorder_service.store.files import fsync_dir

from . import job, rows

DAYS = 30
HOLDS = 200
BYTES = 8192


def measure(folder, segments, cameras, rounds, seed):
    """Return seconds of each round, by way; the order of both is drawn anew for each round."""
    draw, spent = random.Random(seed), {"purge": [], "plain": []}
    for _number in range(rounds):
        for way in draw.sample(sorted(spent), len(spent)):
            place = Path(folder) / way
            shutil.rmtree(place, ignore_errors=True)
            spent[way].append(WAYS[way](place, segments, cameras))
            shutil.rmtree(place)
    return {**spent, "batch": BATCH}


def _old_segments(segments, cameras, before_us):
    """Every camera's minutes up to then, in the order in which a node records them."""
    minutes = segments // cameras
    for number in range(minutes):
        for camera in range(1, cameras + 1):
            yield rows.minute(camera, before_us - (minutes + 1 - number) * rows.MINUTE, number, BYTES)


def _store(root, made):
    """Put the files on disk, sealed, so that their blocks are there to be freed."""
    content = os.urandom(BYTES)
    for segment in made:
        file = root / segment.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o440)
    os.sync()


def _plain(place, segments, cameras):
    made = list(_old_segments(segments, cameras, SystemClock().now_us() - DAYS * rows.DAY))
    _store(place, made)
    begun = time.perf_counter()
    for first in range(0, len(made), BATCH):
        batch = made[first : first + BATCH]
        for segment in batch:
            (place / segment.file).unlink()
        for parent in {(place / segment.file).parent for segment in batch}:
            fsync_dir(parent)
    return time.perf_counter() - begun


def _purge(place, segments, cameras):
    """From the first look for what is due to the last row that is gone."""
    root, node, clock = place / "media", str(uuid.uuid4()), SystemClock()
    root.mkdir(parents=True)
    media = MediaRoot(root, node)
    media.adopt()
    with Index(place / "index.sqlite", node) as index:
        cutoff_us = clock.now_us() - DAYS * rows.DAY
        made = list(_old_segments(segments, cameras, cutoff_us))
        _store(root, made)
        index.segments.restore(made)
        _settle_in(index, cameras, cutoff_us, clock.now_us())
        erp_time = ErpTime()
        erp_time.heard(clock.now_us())
        worker = PurgeWorker(index, media, erp_time, clock, look_seconds=0)
        begun = time.perf_counter()
        while index.segments.count():
            worker.tick()
            rows.exchange(index, clock.now_us())
        spent = time.perf_counter() - begun
    left = sum(1 for _file in root.glob("*/*/*.mp4"))
    assert not left, f"{left} files are still there"
    return spent


def _settle_in(index, cameras, cutoff_us, now_us):
    """A node that has run for long: it knows cutoffs and holds, and has followed its cutoffs to here."""
    cutoffs = tuple(Cutoff(camera, cutoff_us, DAYS) for camera in range(1, cameras + 1))
    holds = tuple(
        rows.hold(number, [number % cameras + 1], now_us - (number + 1) * rows.HOUR, now_us - number * rows.HOUR)
        for number in range(1, HOLDS + 1)
    )
    rows.exchange(index, now_us, holds=holds, holds_version=HOLDS, cutoffs=cutoffs, cutoffs_tag="bench")
    rows.exchange(index, now_us)
    lived_us = LivedClock(index).tick()
    index.cutoffs.set_advances({cutoff.camera_id: Advance(cutoff_us, lived_us) for cutoff in cutoffs})


WAYS = {"purge": _purge, "plain": _plain}

if __name__ == "__main__":
    job.run(measure)
