"""The custody ledger as the node may read it, page by page, and its verification."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.chain import Anchor, Bad, Walk
from ..domain.custody import SeenHead
from ..domain.times import iso
from .codec import pack, unpack
from .errors import ErpProtocolError
from .port import ErpPort
from .wire import SCHEMA


@dataclass(frozen=True, slots=True)
class Page:
    """Lines as (number, hash, bytes)."""

    company_id: int
    lines: tuple[tuple[int, str, bytes], ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """``lines`` are good up to ``bad``; ``met`` of the node's ``anchors`` stand in their places."""

    lines: int
    head: str
    anchors: int
    met: int
    bad: Bad | None


def pages(port: ErpPort, node: str) -> Iterator[Page]:
    """Every page from the first line on.

    Raises:
        ErpError: Odoo does not answer, refuses, or answers nonsense.
    """
    after = 0
    while True:
        page = _page(unpack(port.recorder("ledger", pack({"schema": SCHEMA, "node": node, "after": after}))))
        yield page
        if not page.more:
            return
        if page.lines[-1][0] <= after:
            raise ErpProtocolError(f"the ledger does not go on after line {after}")
        after = page.lines[-1][0]


def _page(message: dict[str, Any]) -> Page:
    try:
        columns = (message["seq"], message["hash"], message["body"])
        lines = tuple(
            (int(seq), str(digest), base64.b64decode(body, validate=True))
            for seq, digest, body in zip(*columns, strict=True)
        )
        if message["more"] and not lines:
            raise ValueError("a page without lines says that more follow")
        return Page(int(message["company_id"]), lines, bool(message["more"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ErpProtocolError(f"a page of the ledger holds a wrong value: {error}") from None


def verify(port: ErpPort, node: str, seen: Sequence[SeenHead]) -> Finding:
    """Walk through the whole ledger and look for each of the node's own anchors in its place.

    Raises:
        ErpError: the ledger could not be read to its end.
    """
    walk, mine = Walk(), 0
    for number, page in enumerate(pages(port, node)):
        if number == 0:
            anchors = _anchors(seen, page.company_id)
            walk, mine = Walk(anchors), len(anchors)
        for line in page.lines:
            if bad := walk.step(*line):
                return Finding(walk.seq, walk.hash, mine, walk.met, bad)
    return Finding(walk.seq, walk.hash, mine, walk.met, walk.end())


def _anchors(seen: Sequence[SeenHead], company_id: int) -> list[Anchor]:
    return [
        Anchor(one.head.seq, one.head.hash, f"this node at {iso(one.at_us)}")
        for one in seen
        if one.head.company_id == company_id
    ]
