"""Probes of this machine: disk, index, programs, ports, clock."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..domain.config import Configuration
from ..domain.said import Said, SaidCode, retold
from ..engine.volume import collision
from ..media.process import ProcessTimeoutError
from ..media.process import run as run_process
from ..ops.clock import offset_ms
from ..settings import Settings
from ..store import Index, MediaRoot, MediaRootError
from ..store.database import DatabaseError
from .result import Result, fail, ok, warn

_LOW_FREE = 2 * 10**9  # bytes; warn below, whatever the node's reserve
_CLOCK_MS = 1000.0


def media_root(settings: Settings, adopt: bool) -> Result:
    """There, ours, writable."""
    root = MediaRoot(settings.media.root, settings.node.uuid)
    if collides := collision(root.path, settings.engine_config):
        return _refused(collides)
    try:
        volume = root.adopt() if adopt else root.verify()
    except MediaRootError as error:
        return _refused(error.said)
    except OSError as error:
        return fail("media root", _unreadable(root.path, error), "give the folder to the user that runs the service")
    try:
        with tempfile.TemporaryFile(dir=root.path) as file:
            file.write(b"\0")
    except OSError as error:
        return fail("media root", _unwritable(root.path, error), "correct owner, mode or mount")
    mode = stat.S_IMODE(root.path.stat().st_mode)
    if mode & 0o007:
        text = f"every user of this machine can open {root.path} (mode {mode:o})"
        said = Said(text, SaidCode.MEDIA_OPEN, folder=str(root.path), mode=f"{mode:o}")
        return warn("media root", said, f"chmod 750 {root.path}")
    return ok("media root", f"{root.path} is this node's (volume {volume})")


def _refused(said: str) -> Result:
    problem, _, fix = said.partition(": ")
    return fail("media root", retold(problem, said), fix)


def _unreadable(folder: Path, error: OSError) -> Said:
    text = f"{folder}: {error.strerror}"
    return Said(text, SaidCode.MEDIA_UNREADABLE, folder=str(folder), words=str(error.strerror))


def _unwritable(folder: Path, error: OSError) -> Said:
    text = f"{folder} cannot be written: {error.strerror}"
    return Said(text, SaidCode.MEDIA_UNWRITABLE, folder=str(folder), words=str(error.strerror))


def free_space(settings: Settings, config: Configuration | None) -> Result:
    """Enough left above the reserve."""
    try:
        usage = shutil.disk_usage(settings.media.root)
    except OSError as error:
        return fail("free space", _unreadable(settings.media.root, error), "mount the disk")
    reserve = config.node.reserve_bytes if config else 0
    free, total, kept = (f"{size / 1e9:.1f}" for size in (usage.free, usage.total, reserve))
    sizes = {"free": free, "total": total, "reserve": kept}
    text = Said(f"{free} of {total} GB free, reserve {kept} GB", SaidCode.SPACE_LEFT, **sizes)
    if usage.free <= reserve:
        return fail("free space", text, "recording has stopped: free space, add a disk, or lower the reserve in Odoo")
    if usage.free < reserve + _LOW_FREE:
        return warn("free space", text, "add a disk or shorten retention before recording stops")
    return ok("free space", text)


def quota(settings: Settings, config: Configuration | None) -> Iterator[Result]:
    """Below the node's quota; silent where the index cannot be read, which its own probe tells."""
    if not settings.index_file.exists():
        return
    try:
        with Index(settings.index_file, settings.node.uuid) as index:
            result = quota_of(index, config)
    except DatabaseError:
        return
    yield result


def quota_of(index: Index, config: Configuration | None) -> Result:
    """How much of the quota is used."""
    used, limit = index.segments.used_bytes(), config.node.quota_bytes if config else 0
    if not limit:
        return ok("quota", f"{used / 1e9:.2f} GB of footage, no quota")
    full, whole = f"{used / 1e9:.2f}", f"{limit / 1e9:.2f}"
    text = Said(f"{full} of {whole} GB", SaidCode.QUOTA_USED, used=full, quota=whole)
    if used >= limit:
        return fail("quota", text, "recording has stopped: raise the quota on the recorder's form in Odoo")
    if used > 0.9 * limit:
        return warn("quota", text, "raise the quota on the recorder's form in Odoo, or add a recorder")
    return ok("quota", text)


def index_file(settings: Settings) -> Iterator[Result]:
    """Opens, sound, nothing parked."""
    if not settings.index_file.exists():
        yield warn("index", f"{settings.index_file} is not there yet", "it is made at the first `recorder run`")
        return
    try:
        with Index(settings.index_file, settings.node.uuid) as index:
            yield _integrity(index)
            yield parked(index)
            yield database(index)
            yield footage(index)
    except DatabaseError as error:
        yield fail("index", str(error), "keep the file, restore a backup or move it away: a new index is made then")


def _integrity(index: Index) -> Result:
    if problems := index.check():
        return fail("index", "; ".join(problems[:3]), "stop the service, keep a copy of the file, restore a backup")
    return ok("index", f"sound, {index.segments.count()} segments, epoch {index.epoch}")


def parked(index: Index) -> Result:
    """Rows that Odoo refused."""
    if count := index.outbox.pending().parked:
        return warn("parked rows", Said(f"{count} rows were refused by Odoo", SaidCode.ROWS_REFUSED, count=count),
                    "see `recorder segments --parked`, correct the cause, then `recorder retry`")  # fmt: skip
    return ok("parked rows", "none")


def database(index: Index) -> Result:
    """Odoo's database is the one that it was."""
    if stepped := index.meta("erp_stepped_back"):
        said = Said(stepped, SaidCode.DATABASE_STEPPED, at=stepped.partition(" ")[0])
        return warn("odoo database", said, "make sure that this node talks to the right Odoo database; IT confirms it")
    return ok("odoo database", "never stepped back")


def footage(index: Index) -> Result:
    """Stored files can be read again, as the thread that compares them found."""
    if words := index.verified.failing():
        said = Said(f"the disk of the footage cannot be read: {words}", SaidCode.FOOTAGE_UNREADABLE, words=words)
        return fail("footage", said, "see the kernel's log; save what the disk still gives before it is replaced")
    return ok("footage", "what was read again came back")


def programs(settings: Settings) -> Iterator[Result]:
    """ffmpeg, ffprobe, mediamtx can be run."""
    for name, arguments in (("ffmpeg", ["-version"]), ("ffprobe", ["-version"]), ("mediamtx", ["--version"])):
        command = str(getattr(settings.programs, name))
        yield _absent(name, command) or _program(name, command, arguments)


def programs_there(settings: Settings) -> Iterator[Result]:
    """ffmpeg and ffprobe are installed; nothing is run."""
    for name in ("ffmpeg", "ffprobe"):
        if absent := _absent(name, str(getattr(settings.programs, name))):
            yield absent


def _absent(name: str, command: str) -> Result | None:
    if shutil.which(command) is not None:
        return None
    # The service only talks to MediaMTX; its keeper may know a binary that we do not.
    said = Said(f"{command} is not found", SaidCode.PROGRAM_ABSENT, program=command)
    return (warn if name == "mediamtx" else fail)(name, said, _install(name))


def _install(name: str) -> str:
    return f"install {name} or set [programs] {name}"


def _program(name: str, command: str, arguments: list[str]) -> Result:
    try:
        done = run_process([command, *arguments], seconds=10)
    except (OSError, ProcessTimeoutError) as error:
        return fail(name, f"{command} cannot be run: {error}", _install(name))
    lines = (done.stdout.decode("utf-8", "replace") or done.stderr).splitlines()
    return ok(name, lines[0][:80] if lines else command)


def clock() -> Result:
    """Synchronised, and near its time source."""
    offset = offset_ms()
    if offset is None:
        said = Said("the kernel calls the clock unsynchronised", SaidCode.CLOCK_ALONE)
        return warn("clock", said, "run chrony or systemd-timesyncd")
    if abs(offset) > _CLOCK_MS:
        said = Said(f"{offset:.0f} ms off its time source", SaidCode.CLOCK_OFF, ms=round(offset))
        return fail("clock", said, "correct the clock: footage is dated by it")
    return ok("clock", f"{offset:.1f} ms off its time source")


def ports(settings: Settings, running: bool) -> Iterator[Result]:
    """Free while the service is down, answering while it runs."""
    for name, host, port in (
        ("http port", settings.http.host, settings.http.port),
        ("auth port", "127.0.0.1", settings.http.auth_port),
    ):
        taken = _answers("127.0.0.1" if host in ("", "0.0.0.0", "::") else host, port)  # noqa: S104
        if running and not taken:
            yield fail(name, f"{port} does not answer although the service runs", "see the service's log")
        elif not running and taken:
            yield fail(name, f"{port} is taken by another program", f"stop it, or set another port ([http], {name})")
        else:
            yield ok(name, f"{port} {'answers' if taken else 'is free'}")


def _answers(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((host, port)) == 0


def workers(live: dict[str, Any] | None) -> Iterator[Result]:
    """Each of the running service's threads does its work."""
    known = (live or {}).get("workers", {})
    ill = {name: found for name, found in known.items() if found.get("failing") or found.get("hung")}
    for name, found in ill.items():
        yield fail(f"worker {name}", _ill(found.get("last_error")), "see the service's log")
    if known and not ill:
        yield ok("workers", f"all {len(known)} do their work")


def _ill(error: str | None) -> Said:
    text = f"fails again and again: {error or 'it hangs'}"
    return Said(text, SaidCode.WORKER_FAILS, words=error) if error else Said(text, SaidCode.WORKER_HANGS)


def settings_mode(file: Path) -> Result:
    """The file holds a key."""
    mode = file.stat().st_mode & 0o777
    if mode & 0o077:
        text = f"{file} can be read by others (mode {mode:o})"
        said = Said(text, SaidCode.SETTINGS_OPEN, file=str(file), mode=f"{mode:o}")
        return warn("settings", said, f"chmod 600 {file}")
    if file.stat().st_uid != os.geteuid() and os.geteuid() != 0:
        said = Said(f"{file} belongs to another user", SaidCode.SETTINGS_OWNER, file=str(file))
        return warn("settings", said, "give it to the user that runs the service")
    return ok("settings", f"{file}")
