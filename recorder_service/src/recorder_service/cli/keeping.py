"""``recorder backup`` and ``recorder restore``."""

from __future__ import annotations

from pathlib import Path

from ..ops import backup as keeping
from ..settings import Settings
from .output import say, show_json


def backup(settings: Settings, target: Path, as_json: bool) -> None:
    manifest = keeping.backup(settings, target)
    if as_json:
        show_json({"folder": str(target), **manifest})
        return
    for name, part in manifest["parts"].items():
        say(f"{part['bytes']:>14,}  {name}")
    days = [day for by_day in manifest["segments"].values() for day in by_day.values()]
    rows = sum(int(day[0]) for day in days)
    say(f"{target}: {rows} segments of {len(manifest['segments'])} cameras; no footage in it")


def restore(folder: Path, file: Path, as_json: bool) -> None:
    done = keeping.restore(folder, file)
    if as_json:
        show_json(done)
        return
    for name, place in done["put"].items():
        say(f"{name}: {place}")
    say(f"{done['segments']} segments as of {done['made']}, new epoch {done['epoch']}")
