"""What the service needs of an ERP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Credentials:
    database: str
    login: str
    key: SecretStr


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and bytes of an answer."""

    connect_timeout: float = 5.0
    read_timeout: float = 60.0
    answer_bytes: int = 48 * 1024 * 1024


class ErpPort(Protocol):
    """A connection for one thread. Every method raises only ``ErpError``."""

    @property
    def transport(self) -> str:
        """``xmlrpc`` or ``json2``."""

    def version(self) -> str:
        """The server's version, such as ``19.0``; needs no login."""

    def login(self) -> int:
        """Check the key; the id of the node's user."""

    def sync(self, payload: str) -> str:
        """``cctv.recorder.sync``: both strings are base64 of gzipped JSON."""

    def recorder(self, method: str, payload: str) -> str:
        """Another method of ``cctv.recorder`` for its node, in the same envelope."""

    def close(self) -> None:
        """Drop the connection; the port may be used again."""
