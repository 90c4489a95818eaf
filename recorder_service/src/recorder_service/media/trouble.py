"""Files that could not be taken in: which hold the camera's later ones back, and when they are tried again."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from ..domain.times import Clock

#: The file's own trouble; a full disk, a lost mount or too many open files are not, and pass for all files at once.
_ITS_OWN = frozenset({errno.EIO, errno.EBADMSG, errno.EUCLEAN, errno.EPERM, errno.EACCES, errno.ELOOP})
_TRIES = 3
_REST_SECONDS = 600.0


@dataclass(slots=True)
class _Trouble:
    tries: int = 0
    again_at: float = 0.0


class Troubles:
    """Order matters, so a file that cannot be read or stored holds back what was recorded after it. One that fails
    `_TRIES` times by its own fault is let alone, lest it hold them back for good, and tried every ten minutes.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._files: dict[str, _Trouble] = {}

    def rests(self, file: Path) -> bool:
        """True while it is not its turn to be tried again."""
        known = self._files.get(str(file))
        return known is not None and self._clock.monotonic() < known.again_at

    def failed(self, file: Path, error: Exception) -> bool:
        """Note a failure; True when the file is let alone from now on (told once)."""
        if not isinstance(error, OSError) or error.errno not in _ITS_OWN:
            return False
        known = self._files.setdefault(str(file), _Trouble())
        known.tries += 1
        if known.tries < _TRIES:
            return False
        known.again_at = self._clock.monotonic() + _REST_SECONDS
        return known.tries == _TRIES

    def holds(self, file: Path) -> bool:
        """True when a failure of this file must hold the camera's later files back."""
        known = self._files.get(str(file))
        return known is None or known.tries < _TRIES

    def over(self, file: Path) -> None:
        """It was taken in."""
        self._files.pop(str(file), None)
