"""Segments, gaps and parked rows of the index."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..domain.event import Event
from ..domain.gap import Gap
from ..domain.job import JobResult
from ..domain.segment import Segment
from ..domain.times import iso
from ..settings import Settings
from ..store.outbox import Parked
from .output import show_json, show_rows
from .reading import open_index


def segments(settings: Settings, path: str | None, limit: int, as_json: bool) -> None:
    with open_index(settings) as index:
        rows = [_segment(segment) for segment in index.segments.list(path=path, limit=limit)]
    if as_json:
        show_json(rows)
    else:
        for row in rows:
            row["sha256"] = row["sha256"][:12]  # the whole hash is in --json
        show_rows("Segments, newest first", ("path", "start", "seconds", "bytes", "status", "state", "sha256"), rows)


def _segment(segment: Segment) -> dict[str, Any]:
    return {
        **asdict(segment),
        "start": iso(segment.start_us),
        "stop": iso(segment.stop_us),
        "seconds": round(segment.duration_us / 1e6, 3),
    }


def gaps(settings: Settings, path: str | None, limit: int, as_json: bool) -> None:
    with open_index(settings) as index:
        rows = [_gap(gap) for gap in index.gaps.list(path=path, limit=limit)]
    if as_json:
        show_json(rows)
    else:
        show_rows("Gaps, newest first", ("path", "start", "stop", "reason"), rows)


def _gap(gap: Gap) -> dict[str, Any]:
    return {**asdict(gap), "start": iso(gap.start_us), "stop": iso(gap.stop_us)}


def parked(settings: Settings, as_json: bool) -> None:
    with open_index(settings) as index:
        rows = [_parked(row) for row in index.outbox.parked()]
    if as_json:
        show_json(rows)
    else:
        show_rows("Rows that Odoo refused", ("id", "kind", "row", "code", "message", "since"), rows)


def _parked(parked: Parked) -> dict[str, Any]:
    return {
        "id": parked.id,
        "kind": parked.kind,
        "row": _name(parked.row),
        "code": parked.code,
        "message": parked.message,
        "tries": parked.tries,
        "since": iso(parked.parked_us),
    }


def _name(row: Segment | Gap | Event | JobResult | str) -> str:
    match row:
        case str():
            return row
        case Segment():
            return row.file
        case Gap():
            return f"{row.path} {iso(row.start_us)} {row.reason}"
        case Event():
            return f"{row.kind} {iso(row.at_us)}"
        case JobResult():
            return f"job {row.id}"


def retry(settings: Settings, ids: list[int] | None) -> int:
    """How many rows are queued again."""
    with open_index(settings) as index:
        return index.outbox.retry(ids)
