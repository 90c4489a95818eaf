"""First signal of a closed file: inotify on the camera and day folders below the media root."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from inotify_simple import INotify, flags

_NEW = flags.CREATE | flags.MOVED_TO | flags.ONLYDIR
_DAY = flags.CLOSE_WRITE | flags.MOVED_TO


@dataclass(slots=True)
class Signals:
    """`days`: (path, day) folders in which a file was closed. `lost`: the kernel dropped events; look everywhere."""

    days: set[tuple[str, str]] = field(default_factory=set)
    lost: bool = False


class FolderWatch:
    """Watches root, camera folders and the day folders it is told of. One thread only."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._inotify = INotify()
        self._folders: dict[int, tuple[str, ...]] = {}
        self._known: set[tuple[str, ...]] = set()
        self._add(())

    def __enter__(self) -> FolderWatch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inotify.close()

    def watch_camera(self, path: str) -> None:
        """Watch a camera's folder for new days; fine when it is not there yet."""
        self._add((path,))

    def watch_day(self, path: str, day: str) -> None:
        """Watch a day's folder for closed files; list it after this call, for what came before counts too."""
        self._add((path, day))

    def wait(self, seconds: float) -> Signals:
        """Collect what happened, waiting at most `seconds` for the first event."""
        out = Signals()
        for event in self._inotify.read(timeout=int(seconds * 1000)):
            if event.mask & flags.Q_OVERFLOW:
                out.lost = True
            elif event.mask & flags.IGNORED:
                self._known.discard(self._folders.pop(event.wd, ()))
            else:
                self._take(out, self._folders.get(event.wd), event.name)
        return out

    def _take(self, out: Signals, folder: tuple[str, ...] | None, name: str) -> None:
        if folder is None or name.startswith("."):
            return
        if len(folder) == 2:
            out.days.add((folder[0], folder[1]))
            return
        child = (*folder, name)
        self._add(child)
        # files may have been made and closed before the watch stood
        if len(child) == 2:
            out.days.add((child[0], child[1]))
        else:
            for day in _subfolders(self._root / name):
                self._add((name, day))
                out.days.add((name, day))

    def _add(self, folder: tuple[str, ...]) -> None:
        if folder in self._known:
            return
        mask = _DAY | flags.ONLYDIR if len(folder) == 2 else _NEW
        try:
            descriptor = self._inotify.add_watch(self._root.joinpath(*folder), mask)
        except (FileNotFoundError, NotADirectoryError):
            return
        self._folders[descriptor] = folder
        self._known.add(folder)


def _subfolders(folder: Path) -> list[str]:
    try:
        return sorted(e.name for e in folder.iterdir() if e.is_dir() and not e.name.startswith("."))
    except OSError:
        return []
