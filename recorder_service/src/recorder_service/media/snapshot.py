"""One picture of a live stream as JPEG."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import ffmpeg

from .process import ProcessTimeoutError, run

MOST_BYTES = 300_000
_QUALITIES = (4, 8, 14, 22, 31)


class SnapshotError(Exception):
    """No picture; the text is safe to show."""


@dataclass(frozen=True, slots=True)
class Picture:
    """JPEG bytes (≤ 300 kB) and size in pixels."""

    jpeg: bytes
    width: int
    height: int


def snapshot(program: str, url: str, max_width: int, timeout: float) -> Picture:
    """Take the next key frame of `url` (no camera password in it: arguments can be seen by others).

    Raises:
        SnapshotError: no picture within `timeout` seconds, or none small enough.
    """
    frame = _grab(program, url, timeout)
    for quality in _QUALITIES:
        jpeg = _encode(program, frame, max_width, quality)
        if len(jpeg) <= MOST_BYTES:
            return Picture(jpeg, *jpeg_size(jpeg))
    raise SnapshotError(f"no JPEG below {MOST_BYTES} bytes; ask for a smaller width")


def _grab(program: str, url: str, timeout: float) -> bytes:
    stream = ffmpeg.input(url, rtsp_transport="tcp", skip_frame="nokey")
    stream = stream.output("pipe:", format="image2pipe", vcodec="png", vframes=1, an=None)
    try:
        done = run(_argv(stream, program), timeout)
    except ProcessTimeoutError:
        raise SnapshotError("the stream sends no pictures") from None
    if done.code or not done.stdout:
        raise SnapshotError("the stream could not be read")
    return done.stdout


def _encode(program: str, png: bytes, max_width: int, quality: int) -> bytes:
    stream = ffmpeg.input("pipe:", format="png_pipe").filter("scale", f"min(iw,{max_width})", -2)
    stream = stream.output("pipe:", format="mjpeg", vframes=1, pix_fmt="yuvj420p", **{"q:v": quality})
    done = run(_argv(stream, program, stdin=True), 15.0, png)
    if done.code or not done.stdout:
        raise SnapshotError("the picture could not be encoded")
    return done.stdout


def _argv(stream: object, program: str, *, stdin: bool = False) -> list[str]:
    flags = ["-hide_banner", "-loglevel", "error"] if stdin else ["-hide_banner", "-loglevel", "error", "-nostdin"]
    argv: list[str] = ffmpeg.compile(stream, cmd=program)
    return [argv[0], *flags, *argv[1:]]


def jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height from the frame header (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(jpeg):
        marker, length = struct.unpack_from(">HH", jpeg, at)
        if 0xFFC0 <= marker <= 0xFFC2:
            height, width = struct.unpack_from(">HH", jpeg, at + 5)
            return width, height
        at += 2 + length
    raise SnapshotError("the picture has no frame header")
