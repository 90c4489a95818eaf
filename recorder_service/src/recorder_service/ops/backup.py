"""What makes this machine this node, kept elsewhere: index, settings, keys. Footage is not in it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from .. import __version__
from ..domain.times import SystemClock, iso
from ..settings import Settings, SettingsError, load
from ..store import Index
from ..store.copy import check_index, copy_index, schema_of
from ..store.database import DatabaseError, migrations
from ..store.digest import segment_digests
from ..store.epoch import renew_epoch
from ..store.files import write_atomic

MANIFEST = "manifest.json"
KIND = "cctv-recorder"
FORMAT = 1
INDEX = "index.sqlite"
SETTINGS = "recorder.toml"
_CHUNK = 1 << 20


class BackupError(Exception):
    """Nothing was kept, or nothing was put back; the text says why and what to do."""


def _files(settings: Settings) -> dict[str, Path]:
    """Small files of the node by their name in a backup."""
    return {
        "node.secret": settings.node_secret_file,
        "engine.yml": settings.engine_config,
        "gate.yml": settings.gate_config,
    }


def backup(settings: Settings, target: Path) -> dict[str, Any]:
    """Make the new folder ``target`` (mode 0700) with a copy of index, settings and keys; the service may run.

    Returns:
        The manifest: versions, size and SHA-256 of each part, rows and their digest by camera and day.

    Raises:
        BackupError: ``target`` exists or cannot be written.
        DatabaseError: the index cannot be copied.
    """
    try:
        target.mkdir(mode=0o700)
    except FileExistsError:
        raise BackupError(f"{target} exists and is not replaced: name a new folder") from None
    except OSError as error:
        raise BackupError(f"{target} cannot be made ({error.strerror}): name a place open to this user") from None
    try:
        copy_index(settings.index_file, target / INDEX)
        for name, source in {SETTINGS: settings.file, **_files(settings)}.items():
            with suppress(FileNotFoundError):  # engine and gate are configured once they have run
                write_atomic(target / name, source.read_bytes())
        manifest = _manifest(settings, target)
        write_atomic(target / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise BackupError(f"nothing is kept in {target}: {error}") from error
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return manifest


def _manifest(settings: Settings, folder: Path) -> dict[str, Any]:
    names = sorted(entry.name for entry in folder.iterdir())
    return {
        "kind": KIND,
        "format": FORMAT,
        "made": iso(SystemClock().now_us()),
        "node": settings.node.uuid,
        "versions": {"service": __version__, "index": schema_of(folder / INDEX)},
        "parts": {name: describe(folder / name) for name in names},
        "segments": segment_digests(folder / INDEX),
    }


def describe(file: Path) -> dict[str, Any]:
    """Size and SHA-256 of one part."""
    total = hashlib.sha256()
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            total.update(chunk)
    return {"bytes": file.stat().st_size, "sha256": total.hexdigest()}


def verify(folder: Path) -> dict[str, Any]:
    """Compare each part with the manifest.

    Returns:
        The manifest.

    Raises:
        BackupError: no backup of a recorder, one of a newer service, or a part differs.
        DatabaseError: the index in it is damaged.
    """
    manifest = _read_manifest(folder)
    for name, told in manifest["parts"].items():
        part = folder / name
        if not part.is_file():
            raise BackupError(f"{part} is missing: the backup is incomplete, take another one")
        if describe(part) != told:
            raise BackupError(f"{part} is not what was kept (size or SHA-256 differ): take another backup")
    check_index(folder / INDEX)
    return manifest


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        raise BackupError(f"{folder} holds no {MANIFEST}: name a folder that `recorder backup` has made") from None
    except (OSError, ValueError) as error:
        raise BackupError(f"{folder / MANIFEST} cannot be read: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise BackupError(f"{folder} is no backup of a recorder")
    if manifest["format"] > FORMAT or manifest["versions"]["index"] > migrations()[-1][0]:
        version = manifest["versions"]["service"]
        raise BackupError(f"{folder} was made by the newer service {version}: install that one or a newer one first")
    return manifest


def restore(folder: Path, file: Path) -> dict[str, Any]:
    """Put a backup in place, with ``file`` as its settings; the index gets a new epoch.

    Nothing that is there is replaced. Rows of footage that is not on the media disk stay: they say what was recorded.

    Returns:
        What was put where, the new epoch, and the number of rows.

    Raises:
        BackupError: the backup is not whole, the settings in it are wrong, or a file is in the way.
        DatabaseError: the index cannot be opened.
    """
    manifest = verify(folder)
    _refuse_existing(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(file, (folder / SETTINGS).read_bytes())
    try:
        settings = _settings(file)
        places = {INDEX: settings.index_file, **_files(settings)}
        for place in (*places.values(), *_logs(settings.index_file)):
            _refuse_existing(place)
        epoch = _place_index(folder / INDEX, settings)
    except BaseException:
        file.unlink()
        raise
    put = {SETTINGS: file, INDEX: settings.index_file}
    for name, place in _files(settings).items():
        if (folder / name).exists():
            write_atomic(place, (folder / name).read_bytes())
            put[name] = place
    rows = sum(int(day[0]) for days in manifest["segments"].values() for day in days.values())
    return {"made": manifest["made"], "node": settings.node.uuid, "epoch": epoch, "segments": rows,
            "put": {name: str(place) for name, place in put.items()}}  # fmt: skip


def _refuse_existing(file: Path) -> None:
    if os.path.lexists(file):
        raise BackupError(f"{file} exists and is not replaced: restore into a place without a recorder")


def _logs(index: Path) -> tuple[Path, Path]:
    """What SQLite would read together with a new index of that name."""
    return index.with_name(index.name + "-wal"), index.with_name(index.name + "-shm")


def _settings(file: Path) -> Settings:
    try:
        return load(file)
    except SettingsError as error:
        raise BackupError(f"the settings in the backup are refused: {error}") from None


def _place_index(copy: Path, settings: Settings) -> str:
    place = settings.index_file
    place.parent.mkdir(parents=True, exist_ok=True)
    copy_index(copy, place)
    try:
        with Index(place, settings.node.uuid) as index:
            return renew_epoch(index)
    except DatabaseError:
        place.unlink()
        raise
