"""``recorder rebuild`` and ``recorder compare``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ..domain.times import SystemClock
from ..erp.connect import connect
from ..erp.index_pages import ErpIndex
from ..lock import SingleInstance
from ..ops import rebuild as making
from ..ops.rebuild import Report
from ..settings import Settings
from ..store import Index, MediaRoot
from ..store.copy import copy_index
from ..store.epoch import renew_epoch
from ..store.inherit import inherit
from .output import complain, say, show_json
from .reading import open_index


def rebuild(settings: Settings, source: str, folder: Path | None, as_json: bool) -> int:
    """Exit status 0, or 1 when something is missing, damaged or different.

    Raises:
        AlreadyRunningError: the service runs.
        DatabaseError, MediaRootError, ErpError: nothing was changed but what the text names.
    """
    media = MediaRoot(settings.media.root, settings.node.uuid)
    media.verify()
    file = settings.index_file
    with SingleInstance(file.with_suffix(".lock")):
        old = _set_aside(file)
        try:
            report = _make(settings, source, folder, media, old)
        except BaseException:
            _put_back(file, old)
            raise
    _show(report, as_json, {"index": str(file), "kept": str(old) if old else None})
    return 1 if report.missing or report.damaged or report.differ else 0


def _make(settings: Settings, source: str, folder: Path | None, media: MediaRoot, old: Path | None) -> Report:
    report = Report()
    if folder is not None:
        copy_index(folder / settings.index_file.name, settings.index_file)
    with Index(settings.index_file, settings.node.uuid) as index, _progress() as tell:
        if folder is not None:
            renew_epoch(index)
        if old is not None:
            inherit(index, old)
        if source == "erp":
            _pull(settings, index, media, report, tell)
        making.look_at_disk(index, media, report, tell)
        if source == "disk":
            report.rows += making.take_in(index, media, SystemClock(), tell)
            report.days = sum(1 for _day in index.segments.days())
            report.unknown = making.unknown(index, media)
    return report


def _pull(settings: Settings, index: Index, media: MediaRoot, report: Report, tell: Callable[[str], None]) -> None:
    port = connect(settings.odoo)
    try:
        making.pull(index, ErpIndex(port, settings.node.uuid), media, report, tell)
    finally:
        port.close()


def _set_aside(file: Path) -> Path | None:
    """The old index under another name, with its log; None when there is none."""
    if not file.exists():
        return None
    aside = file.with_name(f"{file.name}.{SystemClock().now_us() // 1_000_000}.old")
    _move(file, aside)
    return aside


def _put_back(file: Path, old: Path | None) -> None:
    for name in (file, *_logs(file)):
        name.unlink(missing_ok=True)
    if old is not None:
        _move(old, file)


def _move(source: Path, target: Path) -> None:
    for there, then in zip((source, *_logs(source)), (target, *_logs(target)), strict=True):
        if there.exists():
            there.rename(then)


def _logs(file: Path) -> tuple[Path, Path]:
    return file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")


def compare(settings: Settings, as_json: bool) -> int:
    """Exit status 1 when a camera's day differs.

    Raises:
        DatabaseError, ErpError: it could not be done.
    """
    port = connect(settings.odoo)
    try:
        with open_index(settings) as index, _progress() as tell:
            report = making.compare(index, ErpIndex(port, settings.node.uuid), tell)
    finally:
        port.close()
    _show(report, as_json, {})
    return 1 if report.differ else 0


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, transient=True, disable=not sys.stderr.isatty()) as shown:
        task = shown.add_task("")
        yield lambda text: shown.update(task, description=text)


def _show(report: Report, as_json: bool, more: dict[str, str | None]) -> None:
    if as_json:
        show_json({**asdict(report), **more})
        return
    say(f"{report.rows} segments of {report.days} camera days")
    for words, names in (
        ("differs from Odoo", report.differ),
        ("MISSING on the disk", report.missing),
        ("DAMAGED", report.damaged),
        ("on the disk although Odoo calls it deleted", report.returned),
    ):
        for name in names:
            complain(f"{words}: {name}")
    if report.unknown:
        say(f"{report.unknown} files have no row yet; the service takes them in at its start")
    if more.get("kept"):
        say(f"the old index is kept as {more['kept']}")
