"""What each sample camera is: port, login, clips, faults; kept in ``cameras.json``."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from .paths import cameras_dir, first_port

SAMPLES = (
    ("cam-01", "yard", None, False),
    ("cam-02", "counter", None, False),
    ("cam-03", "hevc", "hevc-sub", False),
    ("cam-04", "sound", None, False),
    ("cam-05", "bframes", None, False),
    ("cam-06", "gate", None, True),
)
CLIPS = {clip for _name, main, sub, _dropout in SAMPLES for clip in (main, sub) if clip}


@dataclass(frozen=True)
class Camera:
    """A camera to be played. ``dropout``: it vanishes now and then by itself."""

    name: str
    port: int
    user: str
    password: str
    clip: str
    sub_clip: str | None = None
    dropout: bool = False

    @property
    def main(self) -> str:
        """Return the main stream's address, without credentials."""
        return f"rtsp://127.0.0.1:{self.port}/main"

    @property
    def sub(self) -> str | None:
        """Return the sub-stream's address, or None."""
        return f"rtsp://127.0.0.1:{self.port}/sub" if self.sub_clip else None

    def as_dict(self) -> dict:
        """Return everything, the password too, for ``cameras.json``."""
        return {**asdict(self), "main": self.main, "sub": self.sub}


def file() -> Path:
    """Return the path of ``cameras.json``."""
    return cameras_dir() / "cameras.json"


def load() -> list[Camera]:
    """Read ``cameras.json``; ``FileNotFoundError`` before ``prepare``."""
    names = Camera.__dataclass_fields__
    rows = json.loads(file().read_text())["cameras"]
    return [Camera(**{key: row[key] for key in names}) for row in rows]


def prepare() -> list[Camera]:
    """Write ``cameras.json`` with generated passwords, keeping those that exist."""
    known = {camera.name: camera for camera in load()} if file().exists() else {}
    first = first_port(len(SAMPLES))
    cameras = [
        Camera(
            name=name,
            port=first + index,
            user="recorder",
            password=known[name].password if name in known else secrets.token_urlsafe(12),
            clip=clip,
            sub_clip=sub,
            dropout=dropout,
        )
        for index, (name, clip, sub, dropout) in enumerate(SAMPLES)
    ]
    write_private(file(), {"cameras": [camera.as_dict() for camera in cameras]})
    return cameras


def write_private(target: Path, content: dict) -> None:
    """Write JSON that only the owner reads."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(content, indent=1))
    partial.replace(target)
