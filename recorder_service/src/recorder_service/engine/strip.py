"""Taking a camera's sound out: what the ffmpeg between its raw path and its own path reads and writes.

Everybody on the machine can read that ffmpeg's command line. It names a list (0600) that holds the login for the raw
path, and a socket in a folder that only this user enters: the engine listens there, and nobody else can send pictures.
"""

from __future__ import annotations

import errno
import hashlib
import shlex
from collections.abc import Collection
from pathlib import Path
from urllib.parse import quote

import ffmpeg
import structlog

from ..domain.secret import Secret
from ..media.listing import FORMAT, listing
from ..store.files import write_atomic
from .options import EngineOptions
from .secret import RAW_PREFIX, loopback_url, view_login

_log = structlog.get_logger(__name__)

#: The engine listens on and off while a camera is away, each time for longer than its pause of five seconds.
_LISTENS_WITHIN = 6
_LONGEST_SOCKET = 107  # bytes, unix(7)
#: Nothing is probed: each second of it would be lost after a restart, and what is copied need not be understood.
_UNPROBED = {"analyzeduration": 0, "probesize": 32}
#: Only the time of display counts, since the engine works out the decoding order anew. ffmpeg's own guess, made before
#: it has seen how many pictures depend on later ones, would bend it; the first picture has no time at all.
_TIMES = r"noise=drop=eq(pts\,nopts),setts=pts=PTS:dts=max(PREV_OUTDTS+1\,PTS-2/TB)"


def socket(path: str, options: EngineOptions) -> Path:
    """Where the engine listens for a camera's pictures: of one short length, since the kernel takes no long ones."""
    return options.strip_folder / f"{hashlib.sha256(path.encode()).hexdigest()[:12]}.sock"


def source(path: str, options: EngineOptions) -> str:
    """The same in MediaMTX's words."""
    return f"unix+mpegts://{quote(str(socket(path, options)))}"


def command(path: str, options: EngineOptions) -> str:
    """The ffmpeg that sends `path`'s pictures without sound to the engine, as soon as that listens."""
    name = str(socket(path, options))
    waiting = f"until test -S {shlex.quote(name)}; do sleep 0.1; done"
    wait = shlex.join(["timeout", "--foreground", str(_LISTENS_WITHIN), "sh", "-c", waiting])
    return shlex.join(["sh", "-c", f"{wait}; exec {shlex.join(_copy(path, options))}"])


def _copy(path: str, options: EngineOptions) -> list[str]:
    stream = ffmpeg.input(_list(path, options), **FORMAT, **_UNPROBED, fflags="nofillin")
    output = ffmpeg.output(
        stream["v:0"],
        f"unix:{socket(path, options)}",
        **{"format": "mpegts", "vcodec": "copy", "copytb": 1, "bsf:v": _TIMES, "an": None},
    )
    # fatal: in lesser messages ffmpeg repeats the address
    argv: list[str] = output.global_args("-nostdin", "-hide_banner", "-loglevel", "fatal").compile(cmd=options.ffmpeg)
    return argv


def _list(path: str, options: EngineOptions) -> str:
    return str(options.strip_folder / f"{path}.ffconcat")


def prepare(paths: Collection[str], options: EngineOptions, media: Secret) -> None:
    """Have folder and lists ready for all cameras whose sound is taken out; their names are `paths`.

    What goes wrong is logged: cameras without sound record all the same, and the next verification tries again.
    """
    try:
        _prepare(paths, options, media)
    except OSError as error:
        _log.error("sound cannot be taken out", why=str(error))


def _prepare(paths: Collection[str], options: EngineOptions, media: Secret) -> None:
    if paths and len(bytes(socket("", options))) > _LONGEST_SOCKET:
        text = f"{options.strip_folder} is too long a name for sockets: move node.secret to a shorter folder"
        raise OSError(errno.ENAMETOOLONG, text)
    options.strip_folder.mkdir(mode=0o700, exist_ok=True)
    options.strip_folder.chmod(0o700)
    for path in paths:
        url = loopback_url(options.rtsp_port, RAW_PREFIX + path, view_login(media, path))
        _write(Path(_list(path, options)), listing(url, allowed_media_types="video", **_UNPROBED))
    for file in options.strip_folder.glob("*.ffconcat"):
        if file.stem not in paths:
            file.unlink(missing_ok=True)


def _write(file: Path, data: bytes) -> None:
    if not file.exists() or file.read_bytes() != data:
        write_atomic(file, data)
