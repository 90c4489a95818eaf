"""Holds and purges of the index."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..domain.hold import Hold
from ..domain.purge import Purge
from ..domain.times import iso
from ..settings import Settings
from .output import show_json, show_rows
from .reading import open_index


def holds(settings: Settings, as_json: bool) -> None:
    with open_index(settings) as index:
        rows = [_hold(hold) for hold in index.holds.list()]
    if as_json:
        show_json(rows)
    else:
        show_rows("Holds in force", ("hold", "cameras", "from", "to", "version"), rows)


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        **asdict(hold),
        "cameras": list(hold.cameras),
        "from": iso(hold.from_us),
        "to": iso(hold.to_us),
    }


def purges(settings: Settings, limit: int, as_json: bool) -> None:
    with open_index(settings) as index:
        rows = [_purge(*found) for found in index.purges.list(limit)]
    if as_json:
        show_json(rows)
    else:
        columns = ("run", "state", "segments", "bytes", "freed", "rescued", "made", "ended", "reason")
        show_rows("Purges, newest first", columns, rows)


def _purge(purge: Purge, made_us: int, ended_us: int | None) -> dict[str, Any]:
    return {
        **asdict(purge),
        "segments": purge.segments,
        "bytes": purge.bytes,
        "made": iso(made_us),
        "ended": iso(ended_us),
    }
