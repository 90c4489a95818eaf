"""Empty day folders go after their footage."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from ..domain.times import DAY_US, utc_day


def sweep(root: Path, files: Sequence[str], last_start: Callable[[str], int | None]) -> list[Path]:
    """Remove the folders of these files where they are empty and old.

    A fresh folder is left alone: the engine makes it first and opens its file in it after. What is at
    least two UTC days older than the camera's newest segment is not meant any more.

    Args:
        files: below ``root``, as ``<path>/<day>/<name>``.
        last_start: start in µs of a path's newest segment.
    """
    removed = []
    for folder in sorted({Path(file).parent for file in files}):
        newest = last_start(folder.parent.name)
        if newest is None or folder.name > utc_day(newest - 2 * DAY_US):
            continue
        with contextlib.suppress(OSError):  # not empty, or gone
            (root / folder).rmdir()
            removed.append(root / folder)
    return removed
