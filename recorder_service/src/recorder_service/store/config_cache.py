"""The last configuration of the ERP, so that recording starts without it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .database import Database


class ConfigCache:
    """Holds camera passwords: the index file is 0600."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, etag: str, body: Mapping[str, Any], now_us: int) -> None:
        """Replace the stored configuration (the wire's object)."""
        self._database.write(
            lambda c: c.execute(
                "INSERT INTO config (one, etag, body, stored_us) VALUES (1, ?, ?, ?) ON CONFLICT (one) DO UPDATE "
                "SET etag = excluded.etag, body = excluded.body, stored_us = excluded.stored_us",
                (etag, json.dumps(dict(body)), now_us),
            )
        )

    def load(self) -> dict[str, Any] | None:
        """The wire's object with its ``etag``, or None before the first sync."""
        row = self._database.read().execute("SELECT body FROM config").fetchone()
        return dict(json.loads(row["body"])) if row else None

    def stored_us(self) -> int | None:
        row = self._database.read().execute("SELECT stored_us FROM config").fetchone()
        return int(row["stored_us"]) if row else None
