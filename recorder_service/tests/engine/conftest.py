from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import numbers_in_pictures as numbers
from rig import Camera, Node

_COUNTED = "testsrc2=size=320x240:rate=10:duration=20"
_CLIPS = {
    "plain": ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-bf", "0", "-g", "10"],
    "bframes": ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "10"],
    "h265": ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=10:bframes=0"],
}


def _encode(file: Path, *args: str) -> Path:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *args, str(file)], check=True, timeout=60)
    return file


def _numbered(folder: Path) -> Path:
    """Pictures that carry their number (0…199) as eight black or white blocks."""
    raw = folder / "numbered.gray"
    raw.write_bytes(b"".join(numbers.picture(n) for n in range(numbers.COUNT)))
    size = f"{numbers.WIDTH}x{numbers.HEIGHT}"
    source = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-r", "10", "-i", str(raw), "-pix_fmt", "yuv420p"]
    return _encode(folder / "numbered.mp4", *source, *_CLIPS["plain"])


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Generated clips of 20 s: 10 pictures a second, a key frame each second."""
    folder = tmp_path_factory.mktemp("clips")
    out = {n: _encode(folder / f"{n}.mp4", "-f", "lavfi", "-i", _COUNTED, *args) for n, args in _CLIPS.items()}
    out["numbered"] = _numbered(folder)
    sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=20", "-c:v", "copy", "-c:a", "aac", "-ac", "1"]
    out["sound"] = _encode(folder / "sound.mp4", "-i", str(out["plain"]), *sound)
    return out


@pytest.fixture
def camera(tmp_path: Path, clips: dict[str, Path]) -> Iterator[Callable[..., Camera]]:
    made: list[Camera] = []

    def make(clip: str = "plain", port: int | None = None) -> Camera:
        made.append(Camera(tmp_path / f"camera{len(made)}", clips[clip], port))
        return made[-1].start()

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    # not below tmp_path, whose name is too long for sockets
    with tempfile.TemporaryDirectory(prefix="node-") as folder:
        made = Node(Path(folder), tmp_path / "media")
        try:
            yield made.start()
        finally:
            made.stop()
