"""Which paths the engine should have: a pure function of configuration and decisions.

A camera is one path of its own name. Where sound must not be stored and the camera sends some, two: a raw path that
pulls the camera and records nothing, and the camera's path, fed by an ffmpeg that copies the pictures only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from ..domain.config import AudioMode, CameraConfig, StreamSource
from ..domain.said import Said, SaidCode
from . import strip
from .address import mistake
from .options import EngineOptions
from .secret import RAW_PREFIX, TRIAL_PREFIX

__all__ = ["RAW_PREFIX", "TRIAL_PREFIX", "PathPlan", "Sound", "plan", "problem", "same", "source_url", "stripped"]

_PATH = re.compile(r"[a-z0-9-]+")

#: Keys that we ever send; a path is compared by these alone, since the engine returns some ninety more.
DEFAULTS: dict[str, Any] = {
    "source": "publisher",
    "sourceOnDemand": False,
    "record": False,
    "rtspTransport": "automatic",
    "runOnAvailable": "",
    "runOnAvailableRestart": False,
}


class Sound(StrEnum):
    """What is known of a camera's sound."""

    UNKNOWN = "unknown"
    SILENT = "silent"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class PathPlan:
    """One path: its name, what to send, and the camera's own path that it belongs to."""

    name: str
    body: Mapping[str, Any]
    camera: str

    def full(self) -> dict[str, Any]:
        return {**DEFAULTS, **self.body}


def problem(camera_path: str, source: StreamSource) -> str:
    """Why a camera cannot be given to the engine, or an empty text. One bad camera must not stop the others."""
    if not _PATH.fullmatch(camera_path):
        text = f"its path {camera_path!r} is not of small letters, digits and hyphens"
        return Said(text, SaidCode.PATH_INVALID, path=camera_path)
    return address_problem(source)


def address_problem(source: StreamSource) -> str:
    """What is wrong with an address, in a sentence, or an empty text."""
    return mistake(source.url)


def source_url(source: StreamSource) -> str:
    """The address with its credentials in it, as MediaMTX takes it. Secret: never log it."""
    parts = urlsplit(source.url)
    if not source.user:
        return urlunsplit(parts)
    login = f"{quote(source.user, safe='')}:{quote(source.password.reveal(), safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))


def plan(
    cameras: Iterable[CameraConfig],
    sounds: Mapping[str, Sound],
    stopped: frozenset[str],
    options: EngineOptions,
) -> dict[str, PathPlan]:
    """Paths by name.

    Args:
        stopped: cameras that may not record now although their configuration says so (quota).
    """
    out: dict[str, PathPlan] = {}
    for camera in cameras:
        sound = sounds.get(camera.path, Sound.UNKNOWN)
        for path in _camera_paths(camera, sound, camera.path in stopped, options):
            out[path.name] = path
    return out


def _camera_paths(camera: CameraConfig, sound: Sound, stopped: bool, options: EngineOptions) -> list[PathPlan]:
    if not camera.record or problem(camera.path, camera.main):
        return []
    pull = {"source": source_url(camera.main), "rtspTransport": camera.main.transport.value}
    record = not stopped
    if camera.audio is AudioMode.KEEP:
        return [PathPlan(camera.path, {**pull, "record": record}, camera.path)]
    if sound is Sound.PRESENT:
        raw = RAW_PREFIX + camera.path
        taken = {"runOnAvailable": strip.command(camera.path, options), "runOnAvailableRestart": True}
        return [
            PathPlan(raw, {**pull, "record": False, **taken}, camera.path),
            PathPlan(camera.path, {"source": strip.source(camera.path, options), "record": record}, camera.path),
        ]
    # unknown: look at the tracks first, so that no sound is stored meanwhile
    return [PathPlan(camera.path, {**pull, "record": record and sound is Sound.SILENT}, camera.path)]


def stripped(paths: Iterable[str]) -> set[str]:
    """The cameras among these paths whose sound is taken out."""
    return {name.removeprefix(RAW_PREFIX) for name in paths if name.startswith(RAW_PREFIX)}


def same(configured: Mapping[str, Any], wanted: PathPlan) -> bool:
    """True when the engine already holds `wanted`, by the keys that we send."""
    return all(configured.get(key, default) == wanted.full()[key] for key, default in DEFAULTS.items())
