"""``recorder status``."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

import requests

from ..domain.times import iso
from ..settings import Settings
from ..store.database import DatabaseError
from .output import show_json, show_pairs, show_rows
from .reading import open_index


def collect(settings: Settings) -> dict[str, Any]:
    """The service's own word when it answers, and what its index says in any case."""
    live = ask(settings)
    found: dict[str, Any] = {"running": live is not None, "live": live or {}, "index": (live or {}).get("index", "")}
    try:
        found |= _stored(settings)
    except (DatabaseError, sqlite3.DatabaseError) as error:
        if live is None:
            raise DatabaseError(str(error)) from error
        found["index"] = found["index"] or str(error)
    return found


def _stored(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with open_index(settings) as index:
        found["node"] = index.node
        found["epoch"] = index.epoch
        found["segments"] = index.segments.count()
        found["bytes"] = index.segments.used_bytes()
        found["pending"] = asdict(index.outbox.pending())
        found["configured"] = iso(index.config.stored_us())
        found["open_gaps"] = len(index.gaps.all_open())
        found["verified"] = asdict(index.verified.told())
        found["odoo_stepped_back"] = index.meta("erp_stepped_back")
    return found


def ask(settings: Settings, timeout: float = 3.0) -> dict[str, Any] | None:
    """What the running service answers on its HTTP port, or None."""
    host = "127.0.0.1" if settings.http.host in ("0.0.0.0", "::") else settings.http.host  # noqa: S104
    try:
        answer = requests.get(f"http://{host}:{settings.http.port}/status", timeout=timeout)
        found = answer.json()
    except (requests.RequestException, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _room(disk: dict[str, Any]) -> str:
    """Level and hours, as the running service tells them."""
    hours, bare = disk.get("hours_left"), disk.get("hours_left_without_purge")
    words = [str(disk.get("level", "not known"))]
    if hours is not None:
        words.append(f"lasts for {hours:g} hours")
    if bare is not None and bare != hours:
        words.append(f"{bare:g} if nothing is deleted")
    return ", ".join(words)


def _verified(told: dict[str, int]) -> str:
    if not told["begun_us"]:
        return "not yet"
    return f"{told['done']} of {told['all']} files since {iso(told['begun_us'])}"


def show(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    live = found["live"]
    if found["index"]:
        show_pairs({"attention": f"the index cannot be written: {found['index']}"})
    if "segments" not in found:
        _show_live(live)
        return
    odoo = live.get("odoo", {})
    show_pairs(
        {
            "service": "running" if found["running"] else "down (what follows is from its index)",
            "node": found["node"],
            "odoo": " ".join(filter(None, (odoo.get("word"), odoo.get("message")))) or "not known",
            "last_answer": iso(odoo.get("last_ok_us")) or ("none since its start" if found["running"] else "not known"),
            "segments": f"{found['segments']} ({found['bytes'] / 1e9:.2f} GB)",
            "waiting": ", ".join(f"{name} {n}" for name, n in found["pending"].items() if n) or "nothing",
            "verified": _verified(found["verified"]),
            "room": _room(live.get("health", {}).get("disk", {})),
            "open_gaps": found["open_gaps"],
            "configuration": found["configured"] or "none yet",
        }
    )
    if found["odoo_stepped_back"]:
        show_pairs({"attention": found["odoo_stepped_back"]})
    _show_workers(live)


def _show_live(live: dict[str, Any]) -> None:
    """What can be told without the index."""
    odoo = live.get("odoo", {})
    link = " ".join(filter(None, (odoo.get("word"), odoo.get("message"))))
    show_pairs({"service": "running", "node": live.get("node"), "odoo": link or "not known"})
    _show_workers(live)


def _show_workers(live: dict[str, Any]) -> None:
    workers = [{"worker": name, **report} for name, report in live.get("workers", {}).items()]
    if workers:
        show_rows("Workers", ("worker", "alive", "hung", "restarts", "last_error"), workers)
