"""Why a camera does not record: from the engine's log lines and from what this service did itself.

The engine's API does not tell (a path that never connected calls itself online); its log does.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import dataclass

from ..domain.gap import GapReason
from .log import LogLine
from .secret import TRIAL_PREFIX

#: First match wins. Texts of MediaMTX 1.20 and of Go's net package.
_PATTERNS: tuple[tuple[re.Pattern[str], GapReason], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), reason)
    for pattern, reason in (
        (r"detected drift between", GapReason.DRIFT_RESET),
        (r"no space left on device|disk quota exceeded", GapReason.DISK_FULL),
        (r"\[recorder\].*(input/output error|read-only file system|permission denied|maximum part size)",
         GapReason.WRITE_ERROR),
        (r"status code: 40[13]|unauthorized|authentication failed|invalid credentials", GapReason.AUTH_FAILED),
        # a session that ended, a transport that is refused: nothing of the path
        (r"status code: (454|461)", GapReason.SOURCE_LOST),
        # cameras differ in what they answer to a path that they do not know
        (r"status code: (40[0456]|41[05]|45[179]|46[02])|not found", GapReason.NOT_FOUND),
        (r"connection refused", GapReason.REFUSED),
        (r"no such host|i/o timeout|TCP timeout|UDP timeout|no route to host|network is unreachable|timed out"
         r"|deadline exceeded|server misbehaving|request timeout",
         GapReason.TIMEOUT),
        (r"\bEOF\b|connection reset|broken pipe|torn down|teardown|terminated|source .*(lost|closed)|use of closed"
         r"|status code: \d{3}|invalid (header|frame|response)|unexpected",
         GapReason.SOURCE_LOST),
    )
)  # fmt: skip

_SOURCE = re.compile(r"^\[(RTSP source|recorder|RTMP source|HLS source)\]")
_KEEP_US = 6 * 3600 * 1_000_000
_KEEP_NOTES = 2000
_KEEP_TRIALS_US = 600 * 1_000_000
#: Notes this long before the last sample still count: a stall is logged after it, a configuration change just before.
_LEAD_US = 3_000_000
_LAG_US = 1_000_000
_RESTART_US = 8_000_000
#: Our own doing explains a cut only when the camera itself says nothing.
_WEAK = (GapReason.CONFIG_CHANGE, GapReason.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Note:
    """`text` is one sentence without credentials."""

    at_us: int
    reason: GapReason
    text: str


def classify(line: LogLine) -> GapReason | None:
    """The reason that a log line of a path tells, or None when it tells none."""
    if not line.path or line.level not in {"ERR", "WAR"} or not _SOURCE.match(line.text):
        return None
    for pattern, reason in _PATTERNS:
        if pattern.search(line.text):
            return reason
    return GapReason.SOURCE_LOST if line.level == "ERR" and "[recorder]" not in line.text else None


class ReasonBook:
    """Notes per path, newest last. Thread-safe; forgets after six hours."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notes: dict[str, deque[Note]] = {}
        self._common: deque[Note] = deque(maxlen=_KEEP_NOTES)

    def note(self, path: str, at_us: int, reason: GapReason, text: str) -> None:
        """Something about one camera's path."""
        with self._lock:
            if path not in self._notes:
                self._forget_trials(at_us)
            notes = self._notes.setdefault(path, deque(maxlen=_KEEP_NOTES))
            notes.append(Note(at_us, reason, text))
            while notes and notes[0].at_us < at_us - _KEEP_US:
                notes.popleft()

    def _forget_trials(self, at_us: int) -> None:
        # each has a name of its own, which never comes again
        old = at_us - _KEEP_TRIALS_US
        for name in [n for n in self._notes if n.startswith(TRIAL_PREFIX) and self._notes[n][-1].at_us < old]:
            del self._notes[name]

    def note_all(self, at_us: int, reason: GapReason, text: str) -> None:
        """Something about the whole engine."""
        with self._lock:
            self._common.append(Note(at_us, reason, text))

    def latest(self, path: str) -> Note | None:
        """The newest note of a path."""
        with self._lock:
            notes = self._notes.get(path)
            return notes[-1] if notes else None

    def reason(self, path: str, start_us: int, stop_us: int | None) -> GapReason:
        """Why nothing was recorded between `start_us` and `stop_us` (None = until now).

        The first cause counts, for what follows it is its consequence (a camera that went away then refuses). Two
        exceptions: refused credentials are told whenever they come, since only they need a person; and our own
        configuration change explains nothing once the camera itself complains.
        """
        notes = self._between(path, start_us - _LEAD_US, None if stop_us is None else stop_us + _LAG_US)
        if any(n.reason is GapReason.AUTH_FAILED for n in notes):
            return GapReason.AUTH_FAILED
        strong = [n for n in notes if n.reason not in _WEAK]
        if not strong:
            return notes[0].reason if notes else GapReason.UNKNOWN
        if strong[0].reason is GapReason.ENGINE_RESTART:
            # a restart explains seconds; a camera that still complains after that has its own cause
            later = [n for n in strong if n.at_us > strong[0].at_us + _RESTART_US and n.reason is not strong[0].reason]
            return later[0].reason if later else GapReason.ENGINE_RESTART
        return strong[0].reason

    def _between(self, path: str, from_us: int, to_us: int | None) -> list[Note]:
        with self._lock:
            notes = [*self._notes.get(path, ()), *self._common]
        found = [n for n in notes if n.at_us >= from_us and (to_us is None or n.at_us <= to_us)]
        return sorted(found, key=lambda n: n.at_us)
