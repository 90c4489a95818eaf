"""Since when each camera is this node's: what was recorded elsewhere meanwhile is no gap of ours."""

from __future__ import annotations

import json
from collections.abc import Iterable

from .database import Database
from .meta import get_meta, set_meta

_KEY = "present"


class Present:
    """By path, in µs; 0 for a camera that never left since the first configuration."""

    def __init__(self, database: Database) -> None:
        self._database = database
        known = get_meta(database.read(), _KEY)
        self._since: dict[str, int] | None = None if known is None else json.loads(known)

    def note(self, paths: Iterable[str], now_us: int) -> None:
        """Take over who is in a configuration. A camera that was not in the one before has come just now."""
        known = self._since
        since = {path: 0 if known is None else known.get(path, now_us) for path in paths}
        if since != known:
            self._database.write(lambda c: set_meta(c, _KEY, json.dumps(since)))
            self._since = since

    def since_us(self, path: str) -> int:
        return (self._since or {}).get(path, 0)
