"""Pictures that say which one they are, so that a test sees by content what was recorded."""

from __future__ import annotations

import subprocess
from pathlib import Path

WIDTH, HEIGHT, BLOCK, COUNT = 128, 64, 16, 200


def picture(number: int) -> bytes:
    """A grey picture; bit i of `number` is the i-th block of 16 pixels."""
    row = b"".join((b"\xff" if number >> bit & 1 else b"\0") * BLOCK for bit in range(8))
    return row * HEIGHT


def numbers(file: Path) -> list[int]:
    """Decode a file and read the number of each picture."""
    argv = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(file), "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    data = subprocess.run(argv, capture_output=True, check=True, timeout=60).stdout
    size = WIDTH * HEIGHT
    return [_number(data[at : at + size]) for at in range(0, len(data), size)]


def _number(frame: bytes) -> int:
    middle = (HEIGHT // 2) * WIDTH + BLOCK // 2
    return sum((frame[middle + bit * BLOCK] > 127) << bit for bit in range(8))
