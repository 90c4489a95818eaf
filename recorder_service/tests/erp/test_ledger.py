"""Reading and judging the custody ledger, page by page."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from recorder_service.domain import chain
from recorder_service.domain.custody import Head, SeenHead
from recorder_service.erp import wire
from recorder_service.erp.codec import pack, unpack
from recorder_service.erp.errors import ErpProtocolError
from recorder_service.erp.ledger import Finding, pages, verify
from recorder_service.store.outbox import Batch

from .conftest import StandIn

Line = tuple[int, str, bytes]


def lines(count: int, mark: str = "") -> list[Line]:
    found: list[Line] = []
    prev = chain.GENESIS
    for seq in range(1, count + 1):
        entry = {"action": "purge.done", "actor": f"a{mark}", "at": "2026-11-20T02:15:00Z", "object": "x", "prev": prev}
        body = chain.canonical({**entry, "seq": seq})
        prev = chain.digest(body)
        found.append((seq, prev, body))
    return found


class Pages(StandIn):
    """The wire's other end: pages of three lines of company 1."""

    def __init__(self, found: list[Line], **changes: Any) -> None:
        self.found = found
        self.changes = changes
        self.calls: list[dict[str, Any]] = []

    def sync(self, payload: str) -> str:
        raise NotImplementedError

    def recorder(self, method: str, payload: str) -> str:
        assert method == "ledger"
        call = unpack(payload)
        self.calls.append(call)
        left = [line for line in self.found if line[0] > call["after"]]
        page = left[:3]
        answer = {
            "schema": 1, "company_id": 1, "more": len(left) > 3, "seq": [line[0] for line in page],
            "hash": [line[1] for line in page], "body": [base64.b64encode(line[2]).decode() for line in page],
        }  # fmt: skip
        return pack({**answer, **self.changes})


def seen(line: Line, company: int = 1) -> SeenHead:
    return SeenHead(Head(company, line[0], line[1]), 1)


def judged(found: list[Line], *anchors: SeenHead) -> Finding:
    return verify(Pages(found), "n", anchors)


def test_an_intact_ledger_with_its_anchors() -> None:
    good = lines(8)
    port = Pages(good)
    assert verify(port, "n", [seen(good[7]), seen(good[2])]) == Finding(8, good[7][1], 2, 2, None)
    assert [call["after"] for call in port.calls] == [0, 3, 6]


def test_a_changed_byte_names_its_line() -> None:
    good = lines(8)
    good[4] = (5, good[4][1], good[4][2].replace(b"purge", b"purgf"))
    assert judged(good).bad == (5, "hash", "")


@pytest.mark.parametrize("left", [0, 3, 5])
def test_a_cut_tail_is_found_by_the_anchor_alone(left: int) -> None:
    good = lines(8)
    assert judged(good[:left]).bad is None
    bad = judged(good[:left], seen(good[7])).bad
    assert bad is not None
    assert bad[:2] == (left + 1, "tail")


def test_a_chain_made_anew_is_found_by_an_older_anchor() -> None:
    bad = judged(lines(9, "forged"), seen(lines(8)[3])).bad
    assert bad is not None
    assert bad[:2] == (4, "anchor")


def test_anchors_of_another_company_say_nothing() -> None:
    assert judged(lines(2), seen(lines(8)[7], company=2)) == Finding(2, lines(2)[1][1], 0, 0, None)


@pytest.mark.parametrize(
    "changes",
    [{"seq": [1]}, {"seq": "x"}, {"body": ["!", "!", "!"]}, {"company_id": None},
     {"more": True, "seq": [], "hash": [], "body": []}],
)  # fmt: skip
def test_a_page_that_is_none_is_told(changes: dict[str, Any]) -> None:
    with pytest.raises(ErpProtocolError):
        verify(Pages(lines(3), **changes), "n", [])


def test_pages_that_never_end_are_told() -> None:
    with pytest.raises(ErpProtocolError, match="go on"):
        list(pages(Pages(lines(3), more=True, seq=[0, 0, 0]), "n"))


def reply(**changes: Any) -> dict[str, Any]:
    return {"schema": 1, "server_us": "1", "database": "d", "counter": "1", "interval": 2, "config": None,
            "queue": [], "key_expires_us": None, **changes}  # fmt: skip


def test_the_head_of_an_answer() -> None:
    assert wire.reply(reply(), Batch()).custody is None
    assert wire.reply(reply(custody=None), Batch()).custody is None
    head = {"company_id": 1, "seq": 3, "head": "ab" * 32}
    assert wire.reply(reply(custody=head), Batch()).custody == Head(1, 3, "ab" * 32)
    for wrong in (
        {**head, "seq": 0},
        {**head, "head": "zz"},
        {**head, "head": "ab"},
        {"seq": 1},
        {**head, "seq": None},
    ):
        with pytest.raises(ErpProtocolError):
            wire.reply(reply(custody=wrong), Batch())


def test_anchors_go_up_only_when_there_are_any() -> None:
    envelope = wire.Envelope("n", "e", 1, 1, "", "k")
    assert "custody_anchors" not in wire.request(envelope, Batch(), {})
    told = wire.request(envelope, Batch(), {}, [SeenHead(Head(1, 3, "ab" * 32), 9)])["custody_anchors"]
    assert told == [{"company_id": 1, "seq": 3, "hash": "ab" * 32, "at_us": "9"}]
