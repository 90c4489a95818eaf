"""``recorder check``: all probes, in the order in which a newcomer meets them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from ..checks import local, remote
from ..checks.result import Level, Result, fail
from ..domain.config import Configuration
from ..domain.probe import index_written
from ..erp.configuration import ConfigurationError
from ..settings import Settings, SettingsError
from ..store.database import DatabaseError
from . import configuration
from .output import complain, say, show_json
from .status import ask

_MARKS = {Level.OK: "ok  ", Level.WARN: "warn", Level.FAIL: "FAIL"}


def settings_failed(error: SettingsError) -> list[Result]:
    """One result a mistake."""
    fix = "correct it as recorder_service/README.md, Settings, tells"
    return [fail("settings", problem, fix) for problem in error.problems]


def run(settings: Settings, adopt_media: bool = False) -> list[Result]:
    """Every probe's result."""
    return list(_probes(settings, adopt_media))


def _probes(settings: Settings, adopt_media: bool) -> Iterator[Result]:
    live = ask(settings)
    config = _config(settings)
    yield local.settings_mode(settings.file)
    yield local.media_root(settings, adopt_media)
    yield local.free_space(settings, config)
    if trouble := (live or {}).get("index"):
        yield index_written(trouble)
    else:
        yield from local.index_file(settings)
    yield from local.quota(settings, config)
    yield from local.programs(settings)
    yield local.clock()
    yield from local.ports(settings, live is not None)
    yield from local.workers(live)
    yield remote.engine(settings)
    yield remote.gate(settings, live is not None)
    yield from remote.odoo(settings, live)


def _config(settings: Settings) -> Configuration | None:
    try:
        return configuration.stored(settings)[0]
    except (DatabaseError, ConfigurationError):
        return None  # said by the index's own probe


def show(results: list[Result], as_json: bool) -> None:
    if as_json:
        show_json({"ok": not any(r.failed for r in results), "checks": [asdict(result) for result in results]})
        return
    for result in results:
        line = f"{_MARKS[result.level]}  {result.name}: {result.message}"
        (complain if result.failed else say)(line)
        if result.fix:
            (complain if result.failed else say)(f"      → {result.fix}")
