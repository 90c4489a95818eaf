"""Takes secrets out of whatever is about to be logged or shown."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

REDACTED = "***"

_SHORTEST = 4  # a shorter literal would blank half of every line
_URL = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/@'\"<>]*(?:@[^\s/@'\"<>]*)*@", re.IGNORECASE)
_NAMES = r"pass(?:word|wd|phrase)?|pwd|secret|token|jwt|api[_-]?key|key|authorization|credentials?"
_ASSIGNED = re.compile(
    rf"(?P<name>[\"']?\b(?:[a-z_]*_)?(?:{_NAMES})[\"']?\s*[=:]\s*)(?P<quote>[\"']?)(?:bearer |basic )?[^\s\"',;&)}}]+",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer|basic) [A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_FIELD = re.compile(rf"^(?:.*_)?(?:{_NAMES})$", re.IGNORECASE)

_known: set[str] = set()
_lock = threading.Lock()


def keep_secret(*values: str) -> None:
    """From now on these values (and their URL-quoted forms) appear nowhere."""
    with _lock:
        for value in values:
            if len(value) >= _SHORTEST:
                _known.update({value, quote(value, safe="")})


def forget_secrets() -> None:
    """For tests."""
    with _lock:
        _known.clear()


def redact(text: str) -> str:
    """``text`` without credentials in URLs, assigned passwords, bearer tokens and known secrets."""
    with _lock:
        known = sorted(_known, key=len, reverse=True)
    for value in known:
        text = text.replace(value, REDACTED)
    text = _URL.sub(rf"\g<scheme>{REDACTED}@", text)
    text = _BEARER.sub(rf"\1 {REDACTED}", text)
    return _ASSIGNED.sub(rf"\g<name>\g<quote>{REDACTED}", text)


def redact_value(value: Any) -> Any:
    """The same for nested values; unknown objects are shown by their redacted ``str``."""
    if isinstance(value, str):
        return redact(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {redact(str(k)): REDACTED if _is_secret(str(k), v) else redact_value(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(item) for item in value]
    if isinstance(value, bytes):
        return redact(value.decode("utf-8", "replace"))
    return redact(str(value))


def _is_secret(name: str, value: Any) -> bool:
    return bool(_FIELD.match(name)) and value not in (None, "", 0)


def processor(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Last structlog processor before a renderer: exceptions are text by then."""
    return {
        name: value if name.startswith("_") else REDACTED if _is_secret(name, value) else redact_value(value)
        for name, value in event.items()
    }
