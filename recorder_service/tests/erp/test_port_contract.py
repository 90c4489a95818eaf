"""Both transports against a real Odoo with the bridge: one contract."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from recorder_service.domain.config import Configuration
from recorder_service.domain.gap import Gap, GapReason
from recorder_service.domain.job import Job, JobKind, JobResult, JobState
from recorder_service.domain.times import DAY_US, SystemClock
from recorder_service.erp import wire
from recorder_service.erp.codec import pack, unpack
from recorder_service.erp.errors import ErpDeniedError, ErpMisdirectedError, ErpRefusedError
from recorder_service.erp.exchange import Exchange, Hooks
from recorder_service.erp.port import ErpPort
from recorder_service.erp.state import LinkBoard
from recorder_service.store import Index
from recorder_service.store.outbox import Batch

from ..conftest import hashed
from .conftest import RealOdoo, Registered, open_port

pytestmark = pytest.mark.odoo

STEP_US = 10_000_000


class Link:
    """An index of the node and its exchange with Odoo over one port."""

    def __init__(self, file: Path, node: Registered, port: ErpPort) -> None:
        self.node = node
        self.port = port
        self.index = Index(file, node.node)
        self.configs: list[Configuration] = []
        self.board = LinkBoard()
        hooks = Hooks(lambda: None, self.configs.append, lambda: None)
        self.exchange = Exchange(self.index, node.odoo, hooks, self.board, SystemClock())
        # An hour of its own for each test, since all share one camera.
        self.start = SystemClock().now_us() - DAY_US * random.randrange(10, 300) - random.randrange(DAY_US)

    def add(self, number: int, **changes: Any) -> None:
        start = self.start + number * STEP_US
        values = {"camera_id": self.node.camera_id, "path": self.node.path, "start_us": start,
                  "stop_us": start + STEP_US, "file": "", **changes}  # fmt: skip
        self.index.segments.add(hashed(number, **values), 1)

    def envelope(self, **changes: Any) -> wire.Envelope:
        envelope = wire.Envelope(
            self.node.node, self.index.epoch, self.index.next_seq(), self.exchange.now_us(), "", ""
        )
        return replace(envelope, **changes)


@pytest.fixture
def link(odoo: RealOdoo, transport: str, tmp_path: Path) -> Iterator[Link]:
    port = open_port(transport, odoo.ours.odoo)
    made = Link(tmp_path / "index.sqlite", odoo.ours, port)
    yield made
    made.index.close()
    port.close()


def test_version_and_login(link: Link) -> None:
    assert link.port.version().startswith("19.")
    assert link.port.login() > 0


def test_rows_arrive_once_however_often_they_are_sent(link: Link, odoo: RealOdoo) -> None:
    for number in range(20):
        link.add(number)
    link.exchange.once(link.port)
    link.index.outbox.requeue_all()
    link.exchange.once(link.port)
    assert link.index.outbox.pending().segments == link.index.outbox.pending().parked == 0
    stop = link.start + 20 * STEP_US
    found = odoo.run(
        f"rows = env['cctv.segment'].search([('camera_id', '=', {link.node.camera_id})])\n"
        f"mine = [r for r in rows if {link.start} <= int(r.start_us) < {stop}]\n"
        "answer = [[r.start_us, r.stop_us, int(r.bytes), r.sha256, r.number] for r in mine]"
    )
    want = [
        [str(s.start_us), str(s.stop_us), s.bytes, s.sha256, s.number]
        for s in link.index.segments.iterate(link.node.path)
    ]
    assert sorted(map(str, found)) == sorted(map(str, want))


def test_a_bad_row_is_parked_and_its_neighbours_arrive(link: Link, odoo: RealOdoo) -> None:
    link.add(0)
    link.add(1, camera_id=odoo.theirs.camera_id)
    link.add(2, start_us=1_000_000, stop_us=2_000_000)
    link.add(3, stop_us=link.start + 3 * STEP_US + 3600 * 1_000_000)
    link.add(4)
    link.exchange.once(link.port)
    parked = {p.row.number: p.code for p in link.index.outbox.parked()}  # type: ignore[union-attr]
    assert parked == {1: "not_yours", 2: "bad_time", 3: "too_long"}
    events = link.index.outbox.batch(10).events
    assert [event.kind for event in events] == ["parked"]
    assert {s.number: str(s.state) for s in link.index.segments.list(path=link.node.path)} == {
        0: "synced", 1: "indexed", 2: "indexed", 3: "indexed", 4: "synced",
    }  # fmt: skip


def test_other_bytes_for_a_known_start_are_a_conflict(link: Link, tmp_path: Path) -> None:
    link.add(0)
    link.exchange.once(link.port)
    with Index(tmp_path / "rebuilt.sqlite", link.node.node) as rebuilt:
        link.exchange._index, before = rebuilt, link.index
        link.index = rebuilt
        link.add(0, sha256="f" * 64)
        link.exchange.once(link.port)
        assert [p.code for p in rebuilt.outbox.parked()] == ["conflict"]
        link.index = before


def test_a_gap_opens_and_closes(link: Link, odoo: RealOdoo) -> None:
    gap = link.index.gaps.add(Gap(link.node.camera_id, link.node.path, link.start, None, GapReason.UNKNOWN))
    link.exchange.once(link.port)
    link.index.gaps.close(gap, link.start + 5_000_000, GapReason.AUTH_FAILED)
    link.exchange.once(link.port)
    found = odoo.run(
        f"g = env['cctv.gap'].search([('camera_id', '=', {link.node.camera_id})], order='id desc', limit=1)\n"
        "answer = [g.reason, (g.stop - g.start).total_seconds()]"
    )
    assert found == ["auth_failed", 5.0]
    assert link.index.outbox.pending().parked == 0


def test_the_configuration_comes_once_and_is_complete(link: Link) -> None:
    link.exchange.once(link.port)
    link.exchange.once(link.port)
    assert len(link.configs) == 1
    camera = link.configs[0].by_id()[link.node.camera_id]
    assert (camera.path, camera.record) == (link.node.path, True)
    assert (camera.main.url, camera.main.user, camera.main.password.reveal()) == (
        "rtsp://127.0.0.1:9/main", "viewer", "s3cret-pw",
    )  # fmt: skip


def test_an_unknown_field_is_refused_by_name(link: Link) -> None:
    message = wire.request(link.envelope(), Batch(), {})
    with pytest.raises(ErpRefusedError, match="surprise"):
        link.port.sync(pack({**message, "surprise": 1}))


def test_another_nodes_name_is_refused(link: Link, odoo: RealOdoo) -> None:
    message = wire.request(link.envelope(node=odoo.theirs.node), Batch(), {})
    with pytest.raises(ErpRefusedError, match="node"):
        link.port.sync(pack(message))


def test_rubbish_is_refused(link: Link) -> None:
    with pytest.raises(ErpRefusedError):
        link.port.sync("not base64!")


def test_a_poison_row_is_found_by_halving_and_parked(link: Link) -> None:
    for number in range(5):
        link.add(number)
    link.index.jobs.claim([Job(1, JobKind.SNAPSHOT, link.node.camera_id)], 1)
    link.index.jobs.finish(JobResult(1, JobState.DONE, {"no_such_field": 1}))
    for _ in range(20):
        try:
            link.exchange.once(link.port)
        except ErpRefusedError:
            continue
        if not link.index.outbox.has_waiting():
            break
    assert [p.kind for p in link.index.outbox.parked()] == ["job"]
    assert "no_such_field" in link.index.outbox.parked()[0].message
    assert {str(s.state) for s in link.index.segments.list(path=link.node.path)} == {"synced"}


def test_a_wrong_key_is_told(odoo: RealOdoo, transport: str) -> None:
    settings = odoo.ours.odoo.model_copy(update={"key": SecretStr("0" * 40)})
    port = open_port(transport, settings)
    with pytest.raises(ErpDeniedError) as caught:
        port.login()
    assert "0000" not in str(caught.value)
    with pytest.raises(ErpDeniedError):
        port.sync("x")


def test_an_unknown_database_is_told(odoo: RealOdoo, transport: str) -> None:
    port = open_port(transport, odoo.ours.odoo.model_copy(update={"db": "no_such_database"}))
    with pytest.raises(ErpMisdirectedError, match="no_such_database"):
        port.login()


def test_a_copied_database_is_noticed_and_rows_go_again(link: Link) -> None:
    link.add(0)
    link.exchange.once(link.port)
    assert link.index.outbox.pending().segments == 0
    counter = int(link.index.meta("erp_counter") or 0)
    link.index.set_meta("erp_counter", str(counter + 50))
    link.exchange.once(link.port)
    assert link.index.outbox.pending().segments == 1
    assert "older than before" in link.board.state.stepped_back
    assert int(link.index.meta("erp_counter") or 0) == counter + 1
    link.exchange.once(link.port)
    assert link.index.outbox.pending().segments == 0


def test_the_reply_tells_when_the_key_ends(link: Link) -> None:
    answer = unpack(link.port.sync(pack(wire.request(link.envelope(), Batch(), {}))))
    assert int(answer["key_expires_us"]) > time.time_ns() // 1000
