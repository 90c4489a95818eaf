"""The rule of the custody ledger: ``hash(n) = SHA-256(bytes of entry n)``; the entry names ``hash(n-1)`` as ``prev``.

Nothing of Odoo and nothing of the recorder service in here: both carry this file, byte for byte, and a test compares
them. The bytes are canonical JSON as RFC 8785 has it, for a part of JSON where ``json.dumps`` is enough: objects,
arrays, strings, booleans, null and whole numbers below 2^53; ASCII keys; no floats.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

GENESIS = "0" * 64
LARGEST = 2**53 - 1
KEYS = frozenset(("action", "actor", "at", "object", "prev", "seq"))


class ChainError(ValueError):
    """Cannot stand in the ledger; the text names the place."""


class Bad(NamedTuple):
    """The first row that is wrong.

    ``why``: ``missing`` (the row is not there), ``order`` (a number twice or none), ``hash`` (the bytes are not those
    that were hashed), ``body`` (not canonical or no entry), ``prev`` (does not follow the row before), ``anchor``
    (another row was seen here), ``tail`` (rows were seen from here on and are gone). ``seen_by``: who keeps the anchor,
    for the last two.
    """

    seq: int
    why: str
    seen_by: str = ""


class Anchor(NamedTuple):
    """A head that somebody outside the database has seen."""

    seq: int
    hash: str
    seen_by: str = ""


def canonical(value: Any) -> bytes:
    """The one way to write a value.

    Raises:
        ChainError: it holds a float, a number from 2^53 on, a key that is not ASCII, NUL, or half a character.
    """
    _check(value, "entry")
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise ChainError("entry: a text holds half a character (a lone surrogate)") from None


def _check(value: Any, where: str) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ChainError(f"{where}: {key!r} is no key of ASCII letters")
            _check(item, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _check(item, f"{where}[{number}]")
    else:
        _check_plain(value, where)


def _check_plain(value: Any, where: str) -> None:
    if value is not None and not isinstance(value, str | int):
        raise ChainError(f"{where}: {type(value).__name__} has no place here, write it as a text or a whole number")
    if isinstance(value, str) and "\0" in value:
        raise ChainError(f"{where}: NUL in a text")
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ChainError(f"{where}: {value} passes 2^53 - 1, write it as a text")


def digest(body: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(body).hexdigest()


def read(body: bytes) -> dict[str, Any]:
    """The entry that these bytes are.

    Raises:
        ChainError: not an entry, or not its canonical bytes.
    """
    try:
        entry = json.loads(body.decode(), object_pairs_hook=_unique)
        if not isinstance(entry, dict) or entry.keys() - {"data"} != KEYS:
            raise ChainError("not the keys of an entry")
        if type(entry["seq"]) is not int or not all(isinstance(entry[key], str) for key in KEYS - {"seq"}):
            raise ChainError("a value has a wrong type")
        if canonical(entry) != body:
            raise ChainError("not written canonically")
    except (ValueError, RecursionError) as error:
        raise ChainError(str(error)) from None
    return entry


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ChainError("a key stands twice")
    return found


class Walk:
    """Goes through a chain row by row from the first. ``seq`` and ``hash`` are those of the last good row."""

    def __init__(self, anchors: Iterable[Anchor] = ()) -> None:
        self.seq = 0
        self.hash = GENESIS
        self.met = 0  # anchors found in their places
        self.entry: dict[str, Any] = {}
        self._anchors: dict[int, list[Anchor]] = defaultdict(list)
        for anchor in anchors:
            self._anchors[anchor.seq].append(anchor)

    def step(self, seq: int | None, told: str, body: bytes) -> Bad | None:
        """Judge the next row by its number, hash and bytes; after a bad one the walk is over."""
        due = self.seq + 1
        if seq != due:
            return Bad(due, "missing") if seq is not None and seq > due else Bad(self.seq, "order")
        if digest(body) != told:
            return Bad(due, "hash")
        try:
            entry = read(body)
        except ChainError:
            return Bad(due, "body")
        if entry["seq"] != due or entry["prev"] != self.hash:
            return Bad(due, "prev")
        for anchor in self._anchors.get(due, ()):
            if anchor.hash != told:
                return Bad(due, "anchor", anchor.seen_by)
            self.met += 1
        self.seq, self.hash, self.entry = due, told, entry
        return None

    def end(self) -> Bad | None:
        """After the last row: is an anchor left that stands beyond it?"""
        beyond = [anchor for seq, found in self._anchors.items() if seq > self.seq for anchor in found]
        return Bad(self.seq + 1, "tail", max(beyond).seen_by) if beyond else None
