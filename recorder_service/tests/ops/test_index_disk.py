"""The disk of the index takes nothing any more: that is said, nothing is deleted or lost, and all goes on after it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from recorder_service.checks.watch import CheckWorker
from recorder_service.domain.purge import PurgeWord
from recorder_service.domain.said import coded
from recorder_service.domain.segment import segment_file
from recorder_service.domain.times import DAY_US, SECOND_US
from recorder_service.ops.index_disk import IndexDiskWorker
from recorder_service.settings import load
from recorder_service.store import Index, MediaRoot

from ..conftest import NODE, hashed
from ..media import clip
from ..service.test_process import Process
from .power_disks import mount, run
from .purge_rig import NOW_US, Rig

_SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN
_AT_ONCE = struct.pack("I", 2)  # without writing what is in memory


def turn(index: Index, *, read_only: bool) -> None:
    """Let SQLite refuse what the index writes, as on a disk that was mounted read-only."""
    index.database._writer.execute(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")


def test_trouble_is_noted_logged_once_and_over_with_the_first_real_write(index: Index) -> None:
    with capture_logs() as log:
        turn(index, read_only=True)
        for number in range(3):
            with pytest.raises(sqlite3.OperationalError):
                index.set_meta("a", str(number))
        assert "readonly" in index.database.trouble
        assert not index.database.prove()
        turn(index, read_only=False)
        assert index.database.prove()
        assert index.database.trouble == ""
    assert [(line["log_level"], line["event"]) for line in log] == [
        ("critical", "the index cannot be written; footage is recorded all the same"),
        ("warning", "the index can be written again"),
    ]


def test_what_contradicts_a_row_is_no_trouble_of_the_disk(index: Index) -> None:
    index.segments.add(hashed(0), 1)
    with pytest.raises(sqlite3.IntegrityError):
        index.segments.add(hashed(0, sha256="f" * 64), 1)
    assert index.database.trouble == ""


def test_nothing_is_deleted_meanwhile(rig: Rig) -> None:
    old = [rig.record(31 * DAY_US + n * 10 * SECOND_US) for n in range(5)]
    rig.erp.word = PurgeWord.GO
    rig.begin()
    rig.worker.tick()
    rig.sync()
    assert {rig.mark(s) for s in old} == {"confirmed"}
    turn(rig.index, read_only=True)
    assert not rig.index.database.prove()
    for _look in range(3):
        with pytest.raises(sqlite3.OperationalError):
            rig.worker.tick()
    assert all(map(rig.there, old))
    turn(rig.index, read_only=False)
    rig.round(4)
    assert not any(map(rig.there, old))
    assert set(rig.erp.deleted) == {s.key for s in old}


def test_the_checks_tell_it_at_once(index: Index, tmp_path: Path) -> None:
    process = Process(tmp_path)
    worker = CheckWorker(load(process.folder / "recorder.toml"), index, dict)
    turn(index, read_only=True)
    assert not index.database.prove()
    (told,) = worker.found() or ()
    assert told.failed
    assert coded(told.message) == {"code": "index_unwritable", "args": {"words": index.database.trouble}}
    turn(index, read_only=False)
    assert index.database.prove()
    assert worker.found() is None


def test_another_start_is_asked_for_only_where_it_would_help(tmp_path: Path) -> None:
    disk, away, ended = tmp_path / "disk", tmp_path / "away", list[int]()
    with Index(disk / "index.sqlite", NODE) as index:
        worker = IndexDiskWorker(index, lambda: ended.append(1))
        worker.look()
        assert not ended, "nothing is wrong"
        turn(index, read_only=True)
        disk.rename(away)
        worker.look()
        assert not ended, "there is no index"
        disk.mkdir()
        worker.look()
        assert not list(disk.iterdir()), "none is made"
        Index(disk / "index.sqlite", NODE).close()
        worker.look()
        assert not ended, "it is another index"
        shutil.rmtree(disk)
        away.rename(disk)
        worker.look()
        assert ended == [1]


def test_an_index_deleted_under_the_service_is_written_anew(tmp_path: Path) -> None:
    file, ended = tmp_path / "disk" / "index.sqlite", list[int]()
    with Index(file, NODE) as index:
        index.set_meta("mine", "here")
        epoch = index.epoch
        worker = IndexDiskWorker(index, lambda: ended.append(1))
        for name in list(file.parent.iterdir()):
            name.unlink()
        worker.look()
        assert ended == [1], "another start opens it"
    with Index(file, NODE) as index:
        assert (index.meta("mine"), index.epoch) == ("here", epoch)
        rows = index.database.read().execute("SELECT code FROM event").fetchall()
        assert [row["code"] for row in rows] == ["index_deleted"]
    assert file.stat().st_mode & 0o777 == 0o600


class Disk:
    """A small disk that can fail as a whole, with the index on it; it comes back as another device."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "disk"
        self.folder.mkdir()
        self._image = folder / "disk.img"
        self._image.touch()
        os.truncate(self._image, 64 * 2**20)
        run("mkfs.ext4", "-q", "-F", self._image)
        mount(self._image, self.folder)

    def fail(self) -> None:
        fd = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, _SHUTDOWN, _AT_ONCE)
        finally:
            os.close(fd)

    def come_back(self) -> None:
        run("umount", "-l", self.folder)
        copy = self._image.with_name("copy.img")
        shutil.copyfile(self._image, copy)
        mount(copy, self.folder)

    def close(self) -> None:
        run("umount", "-l", self.folder)


def until(condition: Callable[[], object], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def put(process: Process, number: int) -> str:
    start = NOW_US + number * 10 * SECOND_US
    name = segment_file("acme-cam-07", start)
    file = process.folder / "footage" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(clip.segment("ab" * 16, number, start))
    return name


def rows(process: Process) -> set[str]:
    return {row["file"] for row in json.loads(process.cli("segments", "--json").stdout) if row["status"] == "ok"}


def the_disk_of_the_index_fails_and_comes_back(tmp_path: Path) -> None:
    disk, process = Disk(tmp_path), Process(tmp_path)
    try:
        settings = tmp_path / "recorder.toml"
        settings.write_text(f'{settings.read_text()}[index]\nfile = "{disk.folder}/index.sqlite"\n')
        MediaRoot(tmp_path / "footage", NODE).adopt()
        with Index(disk.folder / "index.sqlite", NODE) as index:
            index.segments.add(hashed(0), 1)  # so that the path is known without a configuration
        child = process.start()
        process.status()
        first = put(process, 1)
        until(lambda: first in rows(process))
        os.sync()
        disk.fail()
        second = put(process, 2)
        until(lambda: process.status()["index"])
        shown = process.cli("status")
        assert shown.returncode == 0
        assert "the index cannot be written" in shown.stdout
        assert "the index cannot be written" in process.log()
        checks = {check["name"]: check for check in json.loads(process.cli("check", "--json").stdout)["checks"]}
        assert checks["index"]["level"] == "fail"
        assert "mount it writable again" in checks["index"]["fix"]
        assert child.poll() is None, "it goes on"
        third = put(process, 3)
        disk.come_back()
        assert child.wait(60) == os.EX_TEMPFAIL
        process.start()
        process.status()
        until(lambda: {first, second, third} <= rows(process))
        assert process.status()["index"] == ""
    finally:
        process.close()
        disk.close()


if os.geteuid() == 0:
    # a file system has to be mounted
    test_the_disk_of_the_index_fails_and_comes_back = the_disk_of_the_index_fails_and_comes_back
