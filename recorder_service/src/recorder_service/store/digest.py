"""What an index holds, in figures that another index or the ERP can be compared with."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

Digests = dict[str, dict[str, list[int | str]]]


def segment_digests(file: Path) -> Digests:
    """Count and SHA-256 of the segment rows by camera path and UTC day: ``{path: {day: [rows, hex]}}``.

    A row counts as the line ``start_us stop_us bytes sha256 status`` in order of start.
    """
    found: Digests = {}
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT path, start_us, stop_us, bytes, coalesce(lower(hex(sha256)), ''), status FROM segment"
            " ORDER BY path, start_us"
        )
        for (path, day), group in groupby(rows, key=_path_and_day):
            found.setdefault(path, {})[day] = _digest(_line(row) for row in group)
    return found


def _path_and_day(row: tuple[str, int]) -> tuple[str, str]:
    return row[0], datetime.fromtimestamp(row[1] // 10**6, UTC).strftime("%Y-%m-%d")


def _line(row: Iterable[object]) -> bytes:
    _path, *values = row
    return (" ".join(map(str, values)) + "\n").encode()


def _digest(lines: Iterator[bytes]) -> list[int | str]:
    total, count = hashlib.sha256(), 0
    for line in lines:
        total.update(line)
        count += 1
    return [count, total.hexdigest()]
