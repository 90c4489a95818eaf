"""Footage that looks as if it had been recorded long ago: real files with another time inside."""

import os
import pwd
import shutil
import sqlite3
import struct
import uuid

from . import media

US = 10**6
_MARK = b"mtxi"


def age(system, path, files, first_us):
    """Copy these files into their camera's folder as one unbroken run that begins at ``first_us``.

    :return list: the new files, oldest first
    """
    run, start, made = uuid.uuid4().bytes, first_us, []
    for number, file in enumerate(files):
        data = bytearray(file.read_bytes())
        body = data.index(_MARK) + len(_MARK) + 4
        struct.pack_into(">16sQ", data, body, run, number)
        struct.pack_into(">q", data, body + 32, start * 1000)
        target = media.file_of(system.media_root, path, start)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        made.append(target)
        start += round(media.seconds(file) * US)
    _own(target.parent, *made)
    return made


def _own(*paths):
    for path in paths:
        path.chmod(0o750 if path.is_dir() else 0o640)
        if os.geteuid() == 0:
            user = pwd.getpwnam("cctv")
            os.chown(path, user.pw_uid, user.pw_gid)


def seen_long_ago(system, path, before_us):
    """Let the node's index say that it saw this camera's footage when it ended. The service must not run."""
    with sqlite3.connect(system.run / "recorder" / "index.sqlite") as index:
        index.execute("UPDATE segment SET first_seen_us = stop_us WHERE path = ? AND stop_us < ?", (path, before_us))
    own_index(system)


def ran_ahead(system, camera_id, us):
    """Let the node's index say that the camera's limit moved by ``us`` since the last purge, the machine being off."""
    with sqlite3.connect(system.run / "recorder" / "index.sqlite") as index:
        index.execute("UPDATE advance SET cutoff_us = cutoff_us - ? WHERE camera_id = ?", (us, camera_id))
    own_index(system)


def own_index(system):
    """Give the index back to the service's user."""
    for name in ("index.sqlite", "index.sqlite-wal", "index.sqlite-shm"):
        file = system.run / "recorder" / name
        if file.exists() and os.geteuid() == 0:
            shutil.chown(file, "cctv", "cctv")
