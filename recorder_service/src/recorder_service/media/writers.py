"""Does anybody still write a file? The kernel knows."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from pathlib import Path

_BUSY = (errno.EAGAIN, errno.EACCES)


def written_by_anyone(path: Path) -> bool | None:
    """True while some process has `path` open for writing; None where the kernel cannot tell.

    A read lease (fcntl(2), F_SETLEASE) is granted only when there is no writer. It tells a segment that the engine is
    filling from one that a crash left behind, whatever clocks and names say. Needs the file's owner, or CAP_LEASE.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        # The default signal of a broken lease (SIGIO) would end the process; this one is ignored by default.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return True if error.errno in _BUSY and _owned(fd) else None
    finally:
        os.close(fd)
    return False


def _owned(fd: int) -> bool:
    # EACCES also means "not the owner and no CAP_LEASE"
    return os.geteuid() in (0, os.fstat(fd).st_uid)
