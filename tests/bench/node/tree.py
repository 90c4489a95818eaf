"""A media folder with a day and more of small files a camera, and what plainly walking it costs."""

import os
import time
from pathlib import Path

from recorder_service.store import MediaRoot

from . import footage, job, rows


def measure(folder, root, node, cameras, begin_us, minutes, size):
    """Make the files of ``cameras`` (number -> path), unless ``minutes`` is 0; return seconds of a walk with stat."""
    place = Path(root)
    place.mkdir(exist_ok=True)
    MediaRoot(place, node).adopt()
    for camera, path in cameras.items():
        made = [rows.minute(int(camera), begin_us + n * rows.MINUTE, n, size, path) for n in range(minutes)]
        for first in range(0, len(made), 1000):
            footage.link_all(place, made[first : first + 1000])
    begun = time.perf_counter()
    files = sum(_walk(place / path) for path in cameras.values())
    return {"seconds": time.perf_counter() - begun, "files": files}


def _walk(folder):
    found = 0
    for parent, _folders, names in os.walk(folder):
        for name in names:
            os.stat(os.path.join(parent, name))
            found += 1
    return found


if __name__ == "__main__":
    job.run(measure)
