"""The clips: each is encoded once and kept in the cache under the key of its content."""

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import counter, sources
from .paths import cache_dir

H264 = "-c:v libx264 -preset veryfast -crf 23 -bf 0 -pix_fmt yuv420p"
H265 = "-c:v libx265 -preset veryfast -crf 26 -pix_fmt yuv420p -tag:v hvc1"
GOP_MAIN = "-g 20 -keyint_min 20 -sc_threshold 0"
GOP_SUB = "-g 10 -keyint_min 10 -sc_threshold 0"
X265_MAIN = "-x265-params bframes=0:keyint=20:min-keyint=20:scenecut=0:log-level=error"


@dataclass(frozen=True)
class Clip:
    """One file to be played: its footage and ffmpeg's words for it."""

    source: str
    video: str
    offset_s: int = 0
    filters: str = "null"
    audio: str = ""

    def key(self) -> str:
        """Return the cache key: footage and every argument."""
        told = json.dumps([sources.sha256(sources.fetch(self.source)), self._arguments()])
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def _arguments(self) -> list[str]:
        words = ["-ss", str(self.offset_s), "-i", "@source"]
        if self.audio:
            words += ["-stream_loop", "-1", "-i", "@audio"]
            words += ["-map", "0:v", "-map", "1:a", "-shortest", *self.audio.split()]
        else:
            words += ["-an"]
        return [*words, "-vf", self.filters, *self.video.split()]

    def command(self, target: Path) -> list[str]:
        """Return the ffmpeg call that encodes the clip into ``target``."""
        files = {"@source": str(sources.fetch(self.source))}
        if self.audio:
            files["@audio"] = str(sources.fetch("bigbuckbunny.mp4"))
        words = [files.get(word, word) for word in self._arguments()]
        base = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y"]
        return [*base, *words, "-f", "mp4", "-movflags", "+faststart", str(target)]


CLIPS = {
    "yard": Clip("vtest.avi", f"{H264} {GOP_MAIN}", filters="crop=704:528:0:0"),
    "counter": Clip(
        "vtest.avi",
        f"{H264} {GOP_MAIN}",
        offset_s=20,
        filters=f"crop=640:480:64:48,{counter.drawing()}",
    ),
    "hevc": Clip("vtest.avi", f"{H265} {X265_MAIN}", offset_s=35),
    "hevc-sub": Clip("vtest.avi", f"{H264} {GOP_SUB}", offset_s=35, filters="scale=384:288"),
    "sound": Clip(
        "vtest.avi",
        f"{H264} {GOP_MAIN}",
        offset_s=50,
        filters="crop=640:480:128:96",
        audio="-c:a aac -b:a 64k -ac 1 -ar 44100",
    ),
    "bframes": Clip(
        "bikes.mp4",
        "-c:v libx264 -preset veryfast -crf 23 -bf 2 -pix_fmt yuv420p -g 50 -keyint_min 50 -sc_threshold 0",
    ),
    # for scripts/bench: 1080p, 25 frames a second, a steady 4 Mbit/s
    "load": Clip(
        "vtest.avi",
        "-c:v libx264 -preset ultrafast -bf 0 -pix_fmt yuv420p -g 50 -keyint_min 50 -sc_threshold 0"
        " -b:v 4M -minrate 4M -maxrate 4M -bufsize 4M -x264-params nal-hrd=cbr -t 40",
        filters="scale=1920:1080,fps=25",
    ),
    "gate": Clip("vtest.avi", f"{H264} {GOP_MAIN}", offset_s=10, filters="crop=640:480:0:96"),
}


def path_of(name: str) -> Path:
    """Return the clip's file, encoding it when the cache has none.

    :raises KeyError: no such clip
    :raises RuntimeError: ffmpeg failed
    """
    clip = CLIPS[name]
    target = cache_dir() / "clips" / f"{name}-{clip.key()}.mp4"
    if not target.exists():
        _encode(clip, target)
    return target


def _encode(clip: Clip, target: Path) -> None:
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    done = subprocess.run(clip.command(partial), capture_output=True, text=True, check=False)
    if done.returncode:
        partial.unlink(missing_ok=True)
        raise RuntimeError(f"{target.name}: ffmpeg failed: {done.stderr.strip()[-400:]}")
    partial.chmod(0o644)
    partial.replace(target)
