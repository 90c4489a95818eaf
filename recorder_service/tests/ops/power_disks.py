"""Two small disks that can lose power: a file system for the index, another for the footage, each in an image file."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FICLONE = 0x40049409
_LIBC = ctypes.CDLL(None, use_errno=True)
_MB = 2**20
#: Bytes, and what makes it; xfs takes nothing smaller.
MAKE = {"ext4": (96 * _MB, ("mkfs.ext4", "-q", "-F")), "xfs": (320 * _MB, ("mkfs.xfs", "-q", "-f"))}


def run(*command: str | Path) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stderr)


def mount(image: Path, folder: Path, *options: str) -> None:
    run("mount", "-o", ",".join(("loop", *options)), image, folder)


@dataclass(frozen=True, slots=True)
class Images:
    """The backing files of both disks."""

    index: Path
    media: Path
    kind: str  # of the footage's file system

    @classmethod
    def make(cls, folder: Path, kind: str) -> Images:
        made = cls(folder / "index.img", folder / "media.img", kind)
        for image, system in ((made.index, "ext4"), (made.media, kind)):
            size, command = MAKE[system]
            image.touch()
            os.truncate(image, size)
            run(*command, image)
        return made

    def copy(self, folder: Path) -> Images:
        folder.mkdir()
        copied = Images(folder / self.index.name, folder / self.media.name, self.kind)
        # Which goes first does not matter: the process stands, so nothing that needs the one to be durable has begun
        # on the other, and what the kernel writes back between the two might as well have come before or after both.
        for source, target in ((self.index, copied.index), (self.media, copied.media)):
            _clone(source, target)
        return copied

    @contextlib.contextmanager
    def mounted(self, folder: Path) -> Iterator[Path]:
        """A node's folder: the index's disk, with the footage's mounted in it. Journals are replayed by this."""
        folder.mkdir(exist_ok=True)
        mount(self.index, folder)
        try:
            media = folder / "media"
            media.mkdir(exist_ok=True)
            # a copy has the UUID of a disk that is mounted already
            mount(self.media, media, *(("nouuid",) if self.kind == "xfs" else ()))
            try:
                yield folder
            finally:
                run("umount", media)
        finally:
            run("umount", folder)


def _clone(source: Path, target: Path) -> None:
    """The image at one moment: no write passes while its extents are shared (a copy that takes time would be torn)."""
    with source.open("rb") as old, target.open("wb") as new:
        fcntl.ioctl(new, _FICLONE, old.fileno())


@contextlib.contextmanager
def store(folder: Path) -> Iterator[Path]:
    """Where images live: in memory, on a file system that shares extents.

    What a loop device's file holds is what the file system on it has submitted; its unwritten pages are not there.
    """
    folder.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=3g", "tmpfs", folder)
    try:
        image, images = folder / "store.img", folder / "store"
        images.mkdir()
        image.touch()
        os.truncate(image, 2500 * _MB)
        run("mkfs.xfs", "-q", "-m", "reflink=1", image)
        mount(image, images)
        try:
            yield images
        finally:
            run("umount", images)
    finally:
        run("umount", folder)


@contextlib.contextmanager
def frozen(process: subprocess.Popen[str]) -> Iterator[bool]:
    """No thread of it begins another system call; what is in the middle of a call may end it. False: it has ended."""
    # each thread is told: one signal to the process reaches the others only when one thread leaves its system call
    for thread in _threads(process.pid):
        _LIBC.tgkill(process.pid, int(thread.name), signal.SIGSTOP)
    try:
        while "R" in (states := _states(process.pid)):
            time.sleep(0.0002)
        yield process.poll() is None and bool(states)
    finally:
        process.send_signal(signal.SIGCONT)


def _threads(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/task").glob("*"))


def _states(pid: int) -> set[str]:
    found = set()
    for thread in _threads(pid):
        with contextlib.suppress(OSError):  # it has just ended
            found.add((thread / "stat").read_text().rpartition(")")[2].split()[0])
    return found


def remove(images: Images) -> None:
    shutil.rmtree(images.index.parent)
