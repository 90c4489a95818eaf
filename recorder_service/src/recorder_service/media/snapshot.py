"""One picture of a live stream as JPEG."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import ffmpeg

from ..domain.said import Said, SaidCode, SaidError
from .listing import FORMAT, listing
from .process import ProcessTimeoutError, run

MOST_BYTES = 300_000
_QUALITIES = (4, 8, 14, 22, 31)


class SnapshotError(SaidError):
    """No picture; the text is safe to show."""


@dataclass(frozen=True, slots=True)
class Picture:
    """JPEG bytes (≤ 300 kB) and size in pixels."""

    jpeg: bytes
    width: int
    height: int


def snapshot(program: str, url: str, max_width: int, timeout: float) -> Picture:
    """Take the next key frame of `url`.

    Raises:
        SnapshotError: no picture within `timeout` seconds, or none small enough.
    """
    first = _grab(program, url, max_width, timeout)
    if len(first) <= MOST_BYTES:
        return Picture(first, *jpeg_size(first))
    for quality in _QUALITIES[1:]:
        jpeg = _again(program, first, quality)
        if len(jpeg) <= MOST_BYTES:
            return Picture(jpeg, *jpeg_size(jpeg))
    text = f"no JPEG below {MOST_BYTES} bytes; ask for a smaller width"
    raise SnapshotError(Said(text, SaidCode.STILL_LARGE, bytes=MOST_BYTES))


def _grab(program: str, url: str, max_width: int, timeout: float) -> bytes:
    # One process from stream to JPEG, since a picture between two costs more than all else. fpsprobesize: ffmpeg would
    # first read five seconds of the stream to learn a frame rate that a single picture does not have.
    stream = ffmpeg.input("pipe:", **FORMAT, skip_frame="nokey", fpsprobesize=0, threads=1)
    stream = stream.filter("scale", f"min(iw,{max_width})", -2)
    try:
        done = run(_argv(_jpeg(stream, _QUALITIES[0]), program), timeout, listing(url, fpsprobesize=0))
    except ProcessTimeoutError:
        raise SnapshotError(Said("the stream sends no pictures", SaidCode.STREAM_SILENT)) from None
    if done.code or not done.stdout:
        raise SnapshotError(Said("the stream could not be read", SaidCode.STREAM_UNREADABLE))
    return done.stdout


def _again(program: str, jpeg: bytes, quality: int) -> bytes:
    stream = ffmpeg.input("pipe:", format="jpeg_pipe")
    done = run(_argv(_jpeg(stream, quality), program), 15.0, jpeg)
    if done.code or not done.stdout:
        raise SnapshotError(Said("the picture could not be encoded", SaidCode.STILL_FAILED))
    return done.stdout


def _jpeg(stream: Any, quality: int) -> object:
    options = {"format": "mjpeg", "vframes": 1, "pix_fmt": "yuvj420p", "q:v": quality, "an": None}
    # without it the file begins with a comment, by which some readers do not know a JPEG
    options["flags:v"] = "+bitexact"
    return stream.output("pipe:", **options)


def _argv(stream: object, program: str) -> list[str]:
    argv: list[str] = ffmpeg.compile(stream, cmd=program)
    return [argv[0], "-hide_banner", "-loglevel", "error", *argv[1:]]


def jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height from the frame header (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(jpeg):
        marker, length = struct.unpack_from(">HH", jpeg, at)
        if 0xFFC0 <= marker <= 0xFFC2:
            height, width = struct.unpack_from(">HH", jpeg, at + 5)
            return width, height
        at += 2 + length
    raise SnapshotError(Said("the picture has no frame header", SaidCode.STILL_FAILED))
