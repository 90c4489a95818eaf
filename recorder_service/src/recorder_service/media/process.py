"""Run a child with a deadline, and end its whole process group."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

_STDERR_KEPT = 4000


class ProcessTimeoutError(Exception):
    """The child did not end in time and was killed with its group."""


@dataclass(frozen=True, slots=True)
class Finished:
    """`stderr` holds the last words only."""

    code: int
    stdout: bytes
    stderr: str


def run(argv: Sequence[str], seconds: float, data: bytes | None = None) -> Finished:
    """Run `argv` without a shell; `data` is its standard input (None = none).

    Raises:
        ProcessTimeoutError: after `seconds`; nothing of the group is left.
        OSError: the program cannot be started.
    """
    process = subprocess.Popen(
        list(argv),
        stdin=subprocess.DEVNULL if data is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(data, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise ProcessTimeoutError(f"no end after {seconds:g} s") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    return Finished(process.returncode, stdout, stderr.decode("utf-8", "replace")[-_STDERR_KEPT:].strip())
