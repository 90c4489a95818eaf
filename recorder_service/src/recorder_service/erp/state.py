"""What the link knows of itself: shown by ``recorder status``, health and metrics."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class LinkState:
    """``word``: ``starting``, ``connected``, or the kind of trouble (``sync._WORDS``)."""

    word: str = "starting"
    message: str = ""
    since_us: int = 0
    last_ok_us: int | None = None
    transport: str = ""
    server_offset_ms: int | None = None
    key_expires_us: int | None = None
    stepped_back: str = ""
    failures: int = 0


class LinkBoard:
    """The link's state, read from any thread."""

    def __init__(self) -> None:
        self._state = LinkState()
        self._lock = threading.Lock()

    @property
    def state(self) -> LinkState:
        return self._state

    def update(self, **changes: Any) -> LinkState:
        with self._lock:
            self._state = replace(self._state, **changes)
            return self._state

    def as_dict(self) -> dict[str, Any]:
        return asdict(self._state)
