"""Files of footage, looked at with outsiders' tools: sha256sum, stat, ffmpeg."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from .system import ROOT

sys.path.insert(0, str(ROOT / "scripts" / "lib"))

from sample_cameras import counter  # noqa: E402

WIDTH = 640


def file_of(media_root, path, start_us):
    """Return the file that a row of that camera path and start implies (docs/wire.md)."""
    start_us = int(start_us)
    day = datetime.fromtimestamp(start_us / 1e6, UTC).strftime("%Y-%m-%d")
    return Path(media_root) / path / day / f"{start_us // 10**6}-{start_us % 10**6:06d}.mp4"


def start_us_of(file):
    """Return the start that a file's name tells."""
    seconds, micros = file.stem.split("-")
    return int(seconds) * 10**6 + int(micros)


def files(media_root, path, from_us=0):
    """Return the camera's files that start at ``from_us`` or later, oldest first."""
    found = sorted((Path(media_root) / path).glob("*/*.mp4"), key=start_us_of)
    return [file for file in found if start_us_of(file) >= from_us]


def sha256sum(file):
    """Return what coreutils' sha256sum says."""
    return _run("sha256sum", "--", file).split()[0]


def size(file):
    """Return what stat says."""
    return int(_run("stat", "-c", "%s", "--", file))


def frame_numbers(file):
    """Decode a file of the counter camera and read each frame's burnt-in number; None where it is unreadable."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-i", str(file), "-map", "0:v", "-fps_mode", "passthrough"]
        + ["-vf", f"crop={WIDTH}:{counter.BLOCK}:0:0", "-pix_fmt", "gray", "-f", "rawvideo", "-"],
        capture_output=True,
        check=True,
        timeout=120,
    )
    frame = WIDTH * counter.BLOCK
    assert len(done.stdout) % frame == 0
    return [counter.read(done.stdout[at : at + frame], WIDTH) for at in range(0, len(done.stdout), frame)]


def streams(file):
    """Return the codecs in a file by kind, as ffprobe tells: ``{"video": "h264"}``."""
    words = _run("ffprobe", "-v", "error", "-show_entries", "stream=codec_type,codec_name", "-of", "csv=p=0", file)
    return {kind: codec for codec, kind in (line.split(",")[:2] for line in words.split())}


def seconds(file):
    """Return how long a file plays, as ffprobe tells."""
    return float(_run("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file))


def _run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout
