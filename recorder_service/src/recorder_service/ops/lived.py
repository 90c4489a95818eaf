"""Lived time: how long this machine has run while the service knew it, over restarts of the service."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from ..domain.times import boottime_us
from ..domain.trust import Baseline
from ..store.index import Index

_KEEP_US = 60_000_000
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class LivedClock:
    """Kept in the index. Inside one boot the time between two looks counts, also when the service was down."""

    def __init__(self, index: Index, boottime: Callable[[], int] = boottime_us, boot: str = "") -> None:
        self._index = index
        self._boottime = boottime
        self.boot = boot or _BOOT_ID.read_text().strip()

    def tick(self) -> int:
        """µs until now; kept once a minute.

        Raises:
            sqlite3.OperationalError: it cannot be kept, so nobody may go by it.
        """
        now = self._boottime()
        lived = int(self._index.meta("lived_us") or 0)
        seen = json.loads(self._index.meta("lived_seen") or "{}")
        grown = max(0, now - int(seen["at_us"])) if seen.get("boot") == self.boot else None
        if grown is None or grown >= _KEEP_US or self._index.database.trouble:
            self._index.commit(lambda: self._keep(lived + (grown or 0), now))
        return lived + (grown or 0)

    def _keep(self, lived_us: int, now: int) -> None:
        self._index.set_meta("lived_us", str(lived_us))
        self._index.set_meta("lived_seen", json.dumps({"boot": self.boot, "at_us": now}))

    def baseline(self) -> Baseline | None:
        """As it was kept in this boot or an earlier one."""
        kept = self._index.meta("clock_baseline")
        return Baseline(**json.loads(kept)) if kept else None

    def keep_baseline(self, baseline: Baseline | None) -> None:
        """Keep it; None forgets it, so that trust is built anew."""
        text = json.dumps(asdict(baseline)) if baseline else ""
        if text != (self._index.meta("clock_baseline") or ""):
            self._index.set_meta("clock_baseline", text)
