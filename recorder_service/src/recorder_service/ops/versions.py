"""Versions of the programs around us."""

from __future__ import annotations

from functools import lru_cache

from ..media.process import ProcessTimeoutError, run


@lru_cache(maxsize=8)
def tool_version(program: str) -> str:
    """`5.1.9` of ffmpeg or ffprobe; empty when it cannot be started."""
    try:
        done = run([program, "-version"], 5.0)
    except (OSError, ProcessTimeoutError):
        return ""
    words = done.stdout.decode("utf-8", "replace").split()
    return words[2] if len(words) > 2 else ""
