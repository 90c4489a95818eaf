"""Work on one file at a time, none of which may keep other cameras' files from their rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Set
from enum import Enum
from pathlib import Path
from typing import TypeVar

import structlog

from ..domain.config import CameraConfig
from ..domain.times import Clock
from ..store.database import DatabaseError
from .seal import UnsyncedError
from .telling import Telling
from .trouble import Troubles

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class Held(Enum):
    """What becomes of a file that is not taken in: later ones of its camera wait for it, or need not."""

    BACK = "back"
    ASIDE = "aside"


class Guarded:
    """Does work for a file and judges its faults; a file that is settled is not looked at again."""

    def __init__(self, telling: Telling, clock: Clock) -> None:
        self._telling = telling
        self._troubles = Troubles(clock)
        self._settled: dict[str, set[str]] = {}

    def do(self, camera: CameraConfig, file: Path, work: Callable[[Path], T]) -> T | Held:
        """What `work` returns for the file, or what becomes of it.

        Raises:
            DatabaseError: the index itself is at fault.
        """
        try:
            return work(file)
        except FileNotFoundError:
            return Held.ASIDE
        except DatabaseError:
            raise
        except sqlite3.IntegrityError as error:
            return self._refuse(camera, file, str(error))
        except UnsyncedError as error:
            self._telling.once(camera, file, "unsynced", f"was not taken by the disk ({error.strerror})")
            return self._failed(camera, file, error)
        except (OSError, sqlite3.Error) as error:
            return self._failed(camera, file, error)
        except Exception as error:
            _log.exception("segment brings about a fault", file=self._telling.name(file))
            return self._refuse(camera, file, f"it cannot be taken in ({type(error).__name__}: {error})")

    def settle(self, file: Path) -> None:
        self._settled.setdefault(str(file.parent), set()).add(file.name)

    def settled(self, folder: Path) -> Set[str]:
        """Names of the files of a folder that are."""
        return self._settled.get(str(folder), frozenset())

    def rests(self, file: Path) -> bool:
        """True while it is not its turn to be tried again."""
        return self._troubles.rests(file)

    def over(self, file: Path) -> None:
        """It was taken in."""
        self._troubles.over(file)

    def _failed(self, camera: CameraConfig, file: Path, error: Exception) -> Held:
        _log.error("segment cannot be taken in", file=self._telling.name(file), error=str(error))
        if self._troubles.failed(file, error):
            text = f"cannot be taken in ({error}); it is tried again every ten minutes"
            self._telling.once(camera, file, "trouble", text)
        return Held.BACK if self._troubles.holds(file) else Held.ASIDE

    def _refuse(self, camera: CameraConfig, file: Path, why: str) -> Held:
        # first, lest a fault in telling of it come back with each scan
        self.settle(file)
        self._telling.once(camera, file, "refused", f"is left as it is: {why}")
        return Held.ASIDE
