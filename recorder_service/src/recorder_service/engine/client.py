"""MediaMTX's Control API (v3) over one `requests` session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

from ..domain.secret import Secret
from ..logs import redact
from .secret import USER

_TIMEOUT = (2.0, 10.0)
_PAGE = 1000


class EngineError(Exception):
    """The engine did not do what was asked."""


class EngineDownError(EngineError):
    """Nobody answers, or not in time."""


class EngineRefusedError(EngineError):
    """The engine answered and said no; the text is its own, without credentials."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """`started_us`: µs since 1970 UTC; it changes when the process does."""

    version: str
    started_us: int


@dataclass(frozen=True, slots=True)
class LivePath:
    """State of a path as the engine tells it. `available` (not `online`) means that media arrive."""

    name: str
    available: bool
    inbound_bytes: int
    codecs: tuple[str, ...]
    source_id: str = ""


class EngineApi:
    """Calls to one MediaMTX. Not for use by two threads at once (a session is not)."""

    def __init__(self, url: str, secret: Secret) -> None:
        self._url = url
        self._session = requests.Session()
        # proxies and .netrc of the surroundings have no business on loopback
        self._session.trust_env = False
        self._session.auth = (USER, secret.reveal())
        self._asked: dict[str, requests.PreparedRequest] = {}

    def close(self) -> None:
        self._session.close()

    def info(self) -> EngineInfo:
        """Version and start time. Raises EngineDownError."""
        data = self._json("GET", "/v3/info")
        return EngineInfo(str(data["version"]).lstrip("v"), _rfc3339_us(str(data["started"])))

    def live_paths(self) -> dict[str, LivePath]:
        """All paths' live state. Raises EngineDownError, EngineRefusedError."""
        return {item["name"]: _live(item) for item in self._pages("/v3/paths/list")}

    def configured_paths(self) -> dict[str, dict[str, Any]]:
        """Name to the engine's whole configuration of it; holds camera passwords in clear: never log it."""
        return {item["name"]: item for item in self._pages("/v3/config/paths/list")}

    def users(self) -> list[dict[str, Any]]:
        """Who may do what in the engine; it shows no passwords."""
        return list(self._json("GET", "/v3/config/global/get")["authInternalUsers"] or [])

    def set_users(self, users: Sequence[Mapping[str, Any]]) -> None:
        """Replace them; no stream is cut. Raises EngineRefusedError with the engine's text."""
        self._json("PATCH", "/v3/config/global/patch", {"authInternalUsers": list(users)})

    def replace(self, name: str, body: dict[str, Any]) -> None:
        """Create or replace a path. Raises EngineRefusedError with the engine's text."""
        self._json("POST", f"/v3/config/paths/replace/{quote(name)}", body)

    def delete(self, name: str) -> None:
        """Remove a path; one that is not there is fine."""
        try:
            self._json("DELETE", f"/v3/config/paths/delete/{quote(name)}")
        except EngineRefusedError as error:
            if "not found" not in str(error):
                raise

    def _pages(self, url: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        page = 0
        while True:
            data = self._json("GET", f"{url}?page={page}&itemsPerPage={_PAGE}")
            items += data["items"] or []
            page += 1
            if page >= int(data["pageCount"]):
                return items

    def _json(self, method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = self._session.send(self._prepared(method, url, body), timeout=_TIMEOUT)
        except requests.RequestException as error:
            raise EngineDownError(f"MediaMTX at {self._url} does not answer ({type(error).__name__})") from None
        if answer.status_code == requests.codes.unauthorized:
            raise EngineRefusedError(f"MediaMTX at {self._url} refuses this node's secret: not ours, or an old one")
        if not answer.ok:
            raise EngineRefusedError(_error_text(answer))
        try:
            data = answer.json() if answer.content else {}
        except ValueError:
            raise EngineRefusedError(f"{self._url} is not a MediaMTX Control API") from None
        if not isinstance(data, dict):
            raise EngineRefusedError(f"{self._url} is not a MediaMTX Control API")
        return data

    def _prepared(self, method: str, url: str, body: dict[str, Any] | None) -> requests.PreparedRequest:
        # The same few questions are asked each second; to prepare one costs about as much as to ask it.
        known = self._asked.get(url) if method == "GET" else None
        if known is None:
            known = self._session.prepare_request(requests.Request(method, self._url + url, json=body))
            if method == "GET":
                self._asked[url] = known
        return known


def _error_text(answer: requests.Response) -> str:
    try:
        # it repeats a refused source whole, with the camera's password
        return redact(str(answer.json()["error"]))
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status_code}"


def _live(item: dict[str, Any]) -> LivePath:
    # `ready`, `bytesReceived`, `tracks`: the names before 1.19
    tracks2 = item.get("tracks2")
    codecs = [t["codec"] for t in tracks2] if tracks2 else (item.get("tracks") or [])
    return LivePath(
        name=item["name"],
        available=bool(item.get("available", item.get("ready", False))),
        inbound_bytes=int(item.get("inboundBytes", item.get("bytesReceived", 0))),
        codecs=tuple(str(c) for c in codecs),
        source_id=str((item.get("source") or {}).get("id", "")),
    )


def _rfc3339_us(text: str) -> int:
    """µs of an RFC 3339 time with up to nine digits of fraction."""
    head, _, fraction = text.rstrip("Z").partition(".")
    seconds = int(datetime.fromisoformat(head + "+00:00").timestamp())
    return seconds * 1_000_000 + int((fraction + "000000")[:6])
