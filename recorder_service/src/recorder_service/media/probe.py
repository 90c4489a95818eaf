"""Measure a live stream with ffprobe."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from ..domain.said import Said, SaidCode, SaidError
from .listing import AS_LIST, listing
from .process import ProcessTimeoutError, run

_SECONDS = 6


class ProbeError(SaidError):
    """The stream could not be read; the text is safe to show."""


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """`keyframe_seconds`: median distance; 0 when fewer than two key frames came. `audio`: codec or empty."""

    codec: str
    width: int
    height: int
    fps: float
    kbps: int
    keyframe_seconds: float
    has_b_frames: bool
    audio: str


def probe(ffprobe: str, url: str, timeout: float) -> StreamFacts:
    """Read some seconds of `url`.

    Raises:
        ProbeError: no stream, no picture, or no end within `timeout` seconds.
    """
    argv = [
        ffprobe, "-v", "error", "-read_intervals", f"%+{_SECONDS}",
        "-show_entries", "stream=index,codec_type,codec_name,width,height,has_b_frames"
        ":packet=stream_index,pts_time,dts_time,size,flags", "-of", "json",
        *AS_LIST, "pipe:",
    ]  # fmt: skip
    try:
        done = run(argv, timeout, listing(url))
    except ProcessTimeoutError:
        raise ProbeError(Said("the stream sends no pictures", SaidCode.STREAM_SILENT)) from None
    if done.code:
        raise ProbeError(Said("the stream could not be read", SaidCode.STREAM_UNREADABLE))
    data = json.loads(done.stdout or b"{}")
    return _facts(data.get("streams", []), data.get("packets", []))


def _facts(streams: Sequence[dict[str, Any]], packets: Sequence[dict[str, Any]]) -> StreamFacts:
    video = next((s for s in streams if s.get("codec_type") == "video"), None)
    if video is None:
        raise ProbeError(Said("the stream holds no picture track", SaidCode.STREAM_BLIND))
    audio = next((s for s in streams if s.get("codec_type") == "audio"), None)
    mine = [p for p in packets if p.get("stream_index") == video["index"] and "pts_time" in p]
    times = sorted(float(p["pts_time"]) for p in mine)
    span = times[-1] - times[0] if len(times) > 1 else 0.0
    keys = sorted(float(p["pts_time"]) for p in mine if "K" in str(p.get("flags", "")))
    total = sum(int(p.get("size", 0)) for p in mine)
    return StreamFacts(
        codec=str(video.get("codec_name", "")),
        width=int(video.get("width", 0)),
        height=int(video.get("height", 0)),
        fps=round((len(times) - 1) / span, 2) if span else 0.0,
        kbps=round(total * 8 / 1000 / span) if span else 0,
        keyframe_seconds=round(median(b - a for a, b in pairwise(keys)), 2) if len(keys) > 1 else 0.0,
        has_b_frames=bool(int(video.get("has_b_frames", 0))),
        audio=str(audio.get("codec_name", "")) if audio else "",
    )
