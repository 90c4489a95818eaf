"""Read the engine's log file while others write, cap and rotate it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from .client import _rfc3339_us

_CHUNK = 1 << 20
_LONGEST = 64 * 1024
_PATH = re.compile(r"^\[path ([^\]]+)\] ?")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. `at_us` is None for a line without a time (ffmpeg's words between MediaMTX's)."""

    at_us: int | None
    level: str
    path: str
    text: str


def parse(line: str) -> LogLine:
    """A line of MediaMTX (JSON or plain text) or of one of its children."""
    at_us: int | None = None
    level, text = "", line.strip()
    if text.startswith("{"):
        try:
            data = json.loads(text)
            at_us, level, text = _rfc3339_us(str(data["timestamp"])), str(data["level"]), str(data["message"])
        except (ValueError, KeyError, TypeError):
            level = ""
    else:
        match = re.match(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ([A-Z]{3}) (.*)$", text)
        if match:
            level, text = match[1], match[2]
    path = _PATH.match(text)
    if path is None:
        return LogLine(at_us, level, "", text)
    return LogLine(at_us, level, path[1], text[path.end() :])


class LogTail:
    """Follows one file through truncation (copy and truncate) and replacement (rename). Not thread-safe."""

    def __init__(self, path: Path, backlog: int = 256 * 1024) -> None:
        self._path = path
        self._fd = -1
        self._inode = 0
        self._offset = 0
        self._rest = b""
        self._backlog = backlog

    def read(self) -> list[str]:
        """New whole lines since the last call; empty when there is no file."""
        out: list[str] = []
        if self._fd >= 0:
            out += self._drain()
        if self._replaced():
            self._open()
            out += self._drain()
        return out

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _replaced(self) -> bool:
        try:
            return self._fd < 0 or self._path.stat().st_ino != self._inode
        except OSError:
            return False

    def _open(self) -> None:
        first = self._fd < 0 and self._inode == 0
        self.close()
        try:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return
        stat = os.fstat(self._fd)
        self._inode, self._rest, self._offset = stat.st_ino, b"", 0
        if first and stat.st_size > self._backlog:
            self._offset = stat.st_size - self._backlog
            self._rest = b"\0"  # marks a line whose beginning was skipped

    def _drain(self) -> list[str]:
        if self._fd < 0:
            return []
        if os.fstat(self._fd).st_size < self._offset:
            self._offset, self._rest = 0, b""
        lines: list[bytes] = []
        while chunk := os.pread(self._fd, _CHUNK, self._offset):
            self._offset += len(chunk)
            *whole, self._rest = (self._rest + chunk).split(b"\n")
            self._rest = self._rest[:_LONGEST]
            lines += whole
        return [line.decode("utf-8", "replace") for line in lines if line and not line.startswith(b"\0")]
