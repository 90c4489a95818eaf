"""The loop against a port whose moods the test sets: what is sent when, and what is kept."""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from recorder_service.domain.config import Configuration
from recorder_service.domain.event import Event, EventKind
from recorder_service.domain.health import DiskHealth, Health, ProcessHealth
from recorder_service.domain.purge import Cutoff, Purge
from recorder_service.erp.codec import pack, unpack
from recorder_service.erp.errors import ErpDeniedError, ErpError, ErpFaultError, ErpRefusedError, ErpUnreachableError
from recorder_service.erp.exchange import Hooks
from recorder_service.erp.state import LinkBoard
from recorder_service.erp.sync import SyncWorker
from recorder_service.settings.model import Odoo
from recorder_service.store import Index

from ..conftest import hashed
from .conftest import StandIn

HEALTH = Health({}, DiskHealth("/", 1, 1, 0, 0, 0), ProcessHealth(True, 1), ProcessHealth(True, 1), True)
NODE = {"name": "N", "segment_seconds": 60, "quota_bytes": "0", "reserve_bytes": "0"}


class Port(StandIn):
    """Answers like the wire's other end; ``mood`` may raise, ``refuse`` names a segment number to choke on."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.mood: ErpError | None = None
        self.refuse: int | None = None
        self.refusal: ErpError = ErpRefusedError("segments.number is odd")
        self.full = False
        self.config: dict[str, Any] | None = None
        self.retry_once = False
        self.clock_us = 0  # by which it is wrong
        self.refused: dict[str, list[str]] = {}  # kind of row to the verdict on each
        self.interval = 0.05
        self.key_expires_us: int | None = None
        self.orders: dict[str, Any] = {}
        self.database, self.count = "db-1", 0
        self.custody: dict[str, Any] | None = None
        self.last: dict[str, int] = {}
        self.queue: list[dict[str, Any]] = []

    def sync(self, payload: str) -> str:
        call = unpack(payload)
        self.calls.append(call)
        if self.mood:
            raise self.mood
        if self.full and call["segments"]["number"]:
            raise ErpFaultError("Odoo has an internal error: psycopg2.errors.DiskFull: could not extend file")
        if self.refuse in call["segments"]["number"]:
            raise self.refusal
        verdicts: dict[str, list[Any]] = {
            name: ["ok"] * len(rows["camera_id"] if isinstance(rows := call.get(name, []), dict) else rows)
            for name in ("segments", "gaps", "events", "jobs", "hold_acks", "deletions", "purge_ended")
        }
        verdicts |= {name: [said] * len(verdicts[name]) for name, said in self.refused.items()}
        self.count += 1
        self.last[call["epoch"]] = max(self.last.get(call["epoch"], 0), int(call["seq"]))
        if self.retry_once and verdicts["segments"]:
            self.retry_once = False
            verdicts["segments"][0] = ["retry", "busy"]
        return pack(
            {
                "schema": 1, "server_us": str(time.time_ns() // 1000 + self.clock_us), "database": self.database,
                "counter": str(self.count), "interval": self.interval, **verdicts,
                "last_seq": str(self.last[call["epoch"]]),
                "holds": None, "cutoffs": None, "purge": None, **self.orders,
                "config": self.config, "queue": self.queue, "custody": self.custody,
                "key_expires_us": self.key_expires_us and str(self.key_expires_us),
            }
        )  # fmt: skip


class Ctx:
    def __init__(self) -> None:
        self.stop = threading.Event()

    @property
    def stopping(self) -> bool:
        return self.stop.is_set()

    def beat(self) -> None:
        pass

    def wait(self, seconds: float) -> bool:
        return self.stop.wait(seconds)


class Loop:
    def __init__(self, index: Index, port: Port | None = None) -> None:
        self.port = port or Port()
        self.index = index
        self.board = LinkBoard()
        self.configs: list[Configuration] = []
        odoo = Odoo(url="http://x", db="d", login="l", key=SecretStr("0123456789"), batch=8, batch_behind=50,
                    backoff_max=0.2, retry_auth=0.2)  # fmt: skip
        worker = SyncWorker(
            index, odoo, Hooks(lambda: HEALTH, self.configs.append, lambda: None), self.board, lambda _odoo: self.port
        )
        self.ctx = Ctx()
        self.thread = threading.Thread(target=worker.run, args=(self.ctx,))
        self.thread.start()

    def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.board.state
            time.sleep(0.01)

    def empty(self) -> bool:
        return not self.index.outbox.has_waiting()

    def close(self) -> None:
        self.ctx.stop.set()
        self.thread.join(5)
        assert not self.thread.is_alive()


@pytest.fixture
def loop(index: Index) -> Iterator[Loop]:
    made = Loop(index)
    yield made
    made.close()


def numbers(call: dict[str, Any]) -> list[int]:
    return list(call["segments"]["number"])


def test_after_an_outage_an_empty_call_goes_first_and_every_row_arrives(loop: Loop) -> None:
    loop.until(lambda: loop.board.state.word == "connected")
    loop.port.mood = ErpUnreachableError("away")
    loop.until(lambda: loop.board.state.word == "unreachable")
    for number in range(120):
        loop.index.segments.add(hashed(number), 1)
    loop.until(lambda: loop.board.state.failures >= 3)
    away = len(loop.port.calls)
    assert [numbers(call) for call in loop.port.calls[away - 2 : away]] == [[], []]
    loop.port.mood = None
    loop.until(loop.empty)
    back = loop.port.calls[away:]
    first = next(i for i, call in enumerate(back) if numbers(call))
    assert first >= 1
    sent = [number for call in back for number in numbers(call)]
    assert sorted(sent) == list(range(120))
    assert max(len(numbers(call)) for call in back) == 50
    assert loop.index.outbox.pending().parked == 0


@pytest.mark.parametrize("refusal", [ErpRefusedError("segments.number is odd"), ErpFaultError("it broke")])
def test_a_row_that_makes_the_call_fail_is_parked_alone(loop: Loop, refusal: ErpError) -> None:
    loop.port.refusal = refusal
    loop.port.refuse = 5
    for number in range(12):
        loop.index.segments.add(hashed(number), 1)
    loop.until(lambda: loop.index.outbox.pending().parked == 1 and loop.empty())
    assert [p.row.number for p in loop.index.outbox.parked()] == [5]  # type: ignore[union-attr]
    loop.port.refuse = None
    loop.index.outbox.retry()
    loop.until(lambda: loop.index.outbox.pending().parked == 0 and loop.empty())
    assert {str(s.state) for s in loop.index.segments.list()} == {"synced"}


def test_what_a_full_server_broke_on_goes_again_by_itself(loop: Loop) -> None:
    loop.port.full = True
    for number in range(6):
        loop.index.segments.add(hashed(number), 1)
    loop.until(lambda: loop.index.outbox.pending().parked >= 2, 30)
    assert {p.code for p in loop.index.outbox.parked()} == {"fault"}
    loop.port.full = False
    loop.until(lambda: loop.index.outbox.pending().parked == 0 and loop.empty())
    assert {str(s.state) for s in loop.index.segments.list()} == {"synced"}


def test_what_a_wrong_clock_refused_goes_again_once_it_is_right(loop: Loop) -> None:
    loop.until(lambda: loop.board.state.word == "connected")
    loop.port.clock_us = -365 * 86_400 * 10**6
    loop.port.refused["segments"] = ["bad_time", "ahead of this clock"]
    calls = len(loop.port.calls)
    loop.until(lambda: len(loop.port.calls) > calls + 1)
    for number in range(3):
        loop.index.segments.add(hashed(number), 1)
    loop.until(lambda: loop.index.outbox.pending().parked == 3 and loop.empty())
    calls = len(loop.port.calls)
    loop.until(lambda: len(loop.port.calls) > calls + 3)
    assert loop.index.outbox.pending().parked == 3, "not again and again"
    loop.port.clock_us = 0
    del loop.port.refused["segments"]
    loop.until(lambda: loop.index.outbox.pending().parked == 0 and loop.empty())
    assert {str(s.state) for s in loop.index.segments.list()} == {"synced"}


def heard(port: Port, count: int = 3) -> Callable[[], bool]:
    """So many further calls came."""
    seen = len(port.calls)
    return lambda: len(port.calls) >= seen + count


def test_an_index_that_takes_nothing_is_told_and_all_goes_on_once_it_does(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop.until(lambda: loop.board.state.word == "connected")
    loop.port.interval = 0.5
    loop.index.segments.add(hashed(0), 1)
    loop.until(loop.empty)
    epoch, writer = loop.index.epoch, loop.index.database._writer
    loop.index.segments.add(hashed(1), 1)
    writer.execute("PRAGMA query_only=ON")
    assert not loop.index.database.prove()
    seen = len(loop.port.calls) + 1  # one may be on its way
    loop.until(heard(loop.port, 4))
    assert all(not numbers(call) and "holds_version" not in call for call in loop.port.calls[seen:])
    assert all(call["heartbeat"]["recording"] for call in loop.port.calls[seen:])

    def unreadable() -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(loop.index.outbox, "pending", unreadable)
    loop.until(heard(loop.port))
    (told,) = loop.port.calls[-1]["heartbeat"]["checks"]
    assert (told["name"], told["level"], told["code"]) == ("index", "fail", "index_unwritable")
    monkeypatch.undo()
    assert loop.board.state.word == "connected"
    writer.execute("PRAGMA query_only=OFF")
    loop.until(loop.empty)
    counted = [int(call["seq"]) for call in loop.port.calls]
    assert counted == sorted(set(counted))
    assert {call["epoch"] for call in loop.port.calls} == {epoch}
    assert {str(s.state) for s in loop.index.segments.list()} == {"synced"}


def told_parked(port: Port) -> int:
    """How many rows were told as refused, over all events."""
    return sum(event["args"]["count"] for call in port.calls for event in call["events"] if event["kind"] == "parked")


def start_again(index: Index, port: Port) -> Loop:
    """A start of the service, until its rows have been judged once more."""
    seen = len(port.calls)
    loop = Loop(index, port)
    loop.until(lambda: sum(len(numbers(call)) for call in port.calls[seen:]) == 3)
    loop.until(lambda: index.outbox.pending().parked == 3 and loop.empty())
    seen = len(port.calls)
    loop.until(lambda: len(port.calls) > seen + 2)
    return loop


def test_what_stays_refused_for_its_time_is_told_once_over_all_starts(loop: Loop) -> None:
    port, index = loop.port, loop.index
    port.refused["segments"] = ["bad_time", "too old"]
    for number in range(3):
        index.segments.add(hashed(number), 1)
    loop.until(lambda: told_parked(port) == 3)
    loop.close()
    start_again(index, port).close()
    last = start_again(index, port)
    try:
        assert told_parked(port) == 3
        port.clock_us = -365 * 86_400 * 10**6
        last.until(lambda: told_parked(port) == 6)
        index.outbox.retry()
        last.until(lambda: told_parked(port) == 9)
    finally:
        last.close()


def test_a_row_that_breaks_the_server_waits_before_it_goes_again(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    loop.port.refusal = ErpFaultError("it broke")
    loop.port.refuse = 0
    for number in range(2):
        loop.index.segments.add(hashed(number), 1)
    loop.until(lambda: loop.index.outbox.pending().parked == 1 and loop.empty())
    loop.until(lambda: loop.index.outbox.parked()[0].tries == 2)  # once more after the next good batch
    calls = len(loop.port.calls)
    loop.until(lambda: len(loop.port.calls) > calls + 8)
    assert all(not numbers(call) for call in loop.port.calls[calls:])
    assert loop.board.state.word == "connected"
    loop.port.refuse = None
    monkeypatch.setattr("recorder_service.erp.exchange._SUSPECT_US", 0)
    loop.until(lambda: loop.index.outbox.pending().parked == 0 and loop.empty())


def test_a_node_that_is_refused_without_any_row_parks_nothing(loop: Loop) -> None:
    loop.port.mood = ErpRefusedError("heartbeat.disk is odd")
    for number in range(4):
        loop.index.segments.add(hashed(number), 1)
    loop.until(lambda: loop.board.state.failures >= 4)
    assert loop.index.outbox.pending().parked == 0
    assert loop.board.state.word == "refused"
    loop.port.mood = None
    loop.until(loop.empty)


def test_a_refused_key_is_said_and_tried_again(loop: Loop) -> None:
    loop.port.mood = ErpDeniedError("the key is refused")
    loop.until(lambda: loop.board.state.word == "denied")
    assert "key" in loop.board.state.message
    loop.port.mood = None
    loop.until(lambda: loop.board.state.word == "connected")


def test_rows_answered_retry_stay_and_go_again(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recorder_service.erp.sync._CALM", 0.1)
    loop.port.retry_once = True
    loop.index.segments.add(hashed(0), 1)
    loop.until(loop.empty)
    assert sum(1 for call in loop.port.calls if numbers(call) == [0]) == 2
    assert loop.index.outbox.pending().parked == 0


@pytest.mark.parametrize("bad", [{"surprise": 1}, {"node": {**NODE, "quota_bytes": "500000000000000000000"}}])
def test_a_bad_configuration_is_reported_once_and_the_good_one_stays(loop: Loop, bad: dict[str, Any]) -> None:
    good = {"etag": "e1", "node": NODE, "cameras": []}
    loop.port.config = good
    loop.until(lambda: len(loop.configs) >= 1)
    loop.port.config = {**good, "etag": "e2", **bad}
    loop.until(lambda: any(e["kind"] == "config_refused" for call in loop.port.calls for e in call["events"]))
    before = len(loop.port.calls)
    loop.until(lambda: len(loop.port.calls) > before + 5)
    told = {e["seq"] for call in loop.port.calls for e in call["events"] if e["kind"] == "config_refused"}
    assert len(told) == 1
    assert loop.index.config.load() == good


def test_a_new_row_does_not_wait_for_the_interval(loop: Loop) -> None:
    loop.port.interval = 30.0
    loop.until(lambda: loop.board.state.word == "connected")
    time.sleep(0.2)
    began = time.monotonic()
    loop.index.segments.add(hashed(0), 1)
    loop.until(loop.empty)
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(("days", "alarmed"), [(13, True), (15, False)])
def test_a_key_that_ends_soon_is_an_alarm(loop: Loop, days: int, alarmed: bool) -> None:
    loop.port.key_expires_us = time.time_ns() // 1000 + days * 86_400_000_000
    loop.until(lambda: loop.board.state.key_expires_us is not None)
    calls = len(loop.port.calls)
    loop.until(lambda: len(loop.port.calls) > calls + 2)
    assert ("key_expiring" in loop.port.calls[-1]["heartbeat"]["alarms"]) is alarmed


def test_another_database_is_said_and_everything_goes_again(loop: Loop) -> None:
    loop.index.segments.add(hashed(0), 1)
    loop.until(loop.empty)
    loop.index.set_meta("erp_database", "the one before")
    loop.until(lambda: "another one" in loop.board.state.stepped_back)
    loop.until(lambda: loop.empty() and sum(numbers(call) == [0] for call in loop.port.calls) == 2)
    assert "integrity" in {e["kind"] for call in loop.port.calls for e in call["events"]}


def test_an_older_database_may_order_no_deletion_until_a_person_vouches_for_it(loop: Loop) -> None:
    index, hold = loop.index, str(uuid.uuid4())
    cutoffs = {"tag": "t1", "rows": [{"camera_id": 7, "cutoff_us": "5", "days": 30}]}
    row = {"hold": hold, "version": "9", "state": "active", "cameras": [7], "from_us": "0", "to_us": None}
    loop.port.orders = {"cutoffs": cutoffs, "holds": {"version": "9", "rows": [row]}}
    loop.until(lambda: index.cutoffs.tag() == "t1" and index.holds.version() == 9)
    loop.until(lambda: not index.holds.receipts(1))
    loop.port.orders = {}
    calls, loop.port.count = len(loop.port.calls), 0  # a backup was restored
    loop.until(lambda: bool(index.meta("purge_lock")))
    loop.until(lambda: any(c["hold_acks"] for c in loop.port.calls[calls:]), 5)
    told = next(c for c in loop.port.calls[calls:] if c["hold_acks"])["hold_acks"][0]
    assert (told["hold"], told["cameras"], told["from_us"], told["to_us"]) == (hold, [7], "0", None)
    assert loop.port.calls[-1]["holds_version"] == "0", "all are asked for anew"
    assert [h.hold for h in index.holds.list()] == [hold], "missing there is no release"
    loop.port.orders = {"cutoffs": {**cutoffs, "tag": "t2"}}
    calls = len(loop.port.calls)
    loop.until(lambda: len(loop.port.calls) > calls + 2)
    assert index.cutoffs.tag() == "t1", "nothing of it is obeyed"
    node = {"name": "n", "segment_seconds": 60, "quota_bytes": "0", "reserve_bytes": "0"}
    confirmed = {"database": "db-1", "counter": str(loop.port.count + 1)}
    loop.port.config = {"etag": "vouched", "node": {**node, "confirmed": confirmed}, "cameras": []}
    loop.until(lambda: not index.meta("purge_lock") and index.cutoffs.tag() == "t2")
    assert not index.meta("erp_stepped_back"), "the warning ends with the word"
    assert loop.board.state.stepped_back == ""


def _hold_row(
    hold: str, version: int, cameras: list[int], window: tuple[int, int | None] = (0, None)
) -> dict[str, Any]:
    to_us = None if window[1] is None else str(window[1])
    row = {"hold": hold, "version": str(version), "state": "active", "cameras": cameras}
    return {**row, "from_us": str(window[0]), "to_us": to_us}


def _hear_of(loop: Loop, *rows: dict[str, Any]) -> None:
    """All of these are stored and told."""
    newest = max(int(row["version"]) for row in rows)
    loop.port.orders = {"holds": {"version": str(newest), "rows": list(rows)}}
    loop.until(lambda: loop.index.holds.version() == newest and not loop.index.holds.receipts(1))
    loop.port.orders = {}


def _step_back(loop: Loop, *rows: dict[str, Any]) -> int:
    """A backup is restored, and its first answer tells of these holds; returns how many calls were made before."""
    loop.port.mood = ErpUnreachableError("it is being restored")
    loop.until(lambda: loop.board.state.word != "connected")
    calls, loop.port.count = len(loop.port.calls), 0
    newest = max((int(row["version"]) for row in rows), default=0)
    loop.port.orders = {"holds": {"version": str(newest), "rows": list(rows)}} if rows else {}
    loop.port.mood = None
    loop.until(lambda: bool(loop.index.meta("purge_lock")))
    return calls


def _vouch(loop: Loop) -> None:
    node = {"name": "n", "segment_seconds": 60, "quota_bytes": "0", "reserve_bytes": "0"}
    confirmed = {"database": "db-1", "counter": str(loop.port.count + 1)}
    loop.port.config = {"etag": "vouched", "node": {**node, "confirmed": confirmed}, "cameras": []}


def test_a_locked_out_database_hears_of_every_hold_and_deletion_once_the_newest_first(loop: Loop) -> None:
    _delete_one(loop)
    _hear_of(loop, *(_hold_row(str(uuid.uuid4()), version, [7]) for version in range(1, 59)))
    loop.until(lambda: not loop.index.purges.untold(1))
    calls = _step_back(loop)
    loop.until(lambda: not (loop.index.holds.receipts(1) or loop.index.purges.untold(1)))
    seen = len(loop.port.calls)
    loop.until(lambda: len(loop.port.calls) > seen + 3)
    told = [int(ack["version"]) for call in loop.port.calls[calls:] for ack in call["hold_acks"]]
    assert told == list(range(58, 0, -1))
    assert sum(len(call["deletions"]["camera_id"]) for call in loop.port.calls[calls:]) == 1
    assert loop.index.meta("purge_lock")


def test_an_older_database_narrows_no_hold(loop: Loop) -> None:
    hold = str(uuid.uuid4())
    _hear_of(loop, _hold_row(hold, 9, [7, 8], (100, 200)))
    calls = _step_back(loop, _hold_row(hold, 10, [7], (90, 130)))
    loop.until(lambda: any(call["hold_acks"] for call in loop.port.calls[calls:]))
    told = next(call for call in loop.port.calls[calls:] if call["hold_acks"])["hold_acks"][0]
    assert (told["version"], told["cameras"], told["from_us"], told["to_us"]) == ("10", [7, 8], "90", "200")


def test_a_locked_out_database_ends_no_hold_until_it_was_told_of_each_and_a_person_vouches(loop: Loop) -> None:
    hold = str(uuid.uuid4())
    _hear_of(loop, _hold_row(hold, 9, [7, 8]))
    loop.port.refused = {"hold_acks": ["retry", "not yet"]}
    released = {**_hold_row(hold, 10, [7], (0, 1)), "state": "released"}
    _step_back(loop, released)
    _vouch(loop)
    calls = len(loop.port.calls)
    loop.until(lambda: sum(bool(call["hold_acks"]) for call in loop.port.calls[calls:]) > 2)
    assert loop.index.meta("purge_lock"), "it may have ended what it does not know to be wider"
    assert [h.cameras for h in loop.index.holds.list()] == [(7, 8)]
    loop.port.refused = {}
    loop.until(lambda: not loop.index.meta("purge_lock"))
    loop.until(lambda: not loop.index.holds.list())
    assert any(call["holds_version"] == "0" for call in loop.port.calls[-20:]), "all are asked for anew"


def test_work_of_an_unknown_kind_is_answered_and_the_rest_goes_on(loop: Loop) -> None:
    known = {"id": 8, "kind": "snapshot", "camera_id": 7, "params": {}}
    loop.port.queue = [{"id": 9, "kind": "dance", "camera_id": 7, "params": {"tempo": 3}}, known]
    loop.until(lambda: any(call["jobs"] for call in loop.port.calls))
    loop.port.queue = []
    answer = next(call for call in loop.port.calls if call["jobs"])["jobs"][0]
    assert (answer["id"], answer["state"]) == (9, "failed")
    assert "does not know" in answer["error"]
    assert [job.id for job in loop.index.jobs.claimed()] == [8]
    loop.until(lambda: loop.board.state.word == "connected")


def test_an_older_copy_of_the_index_begins_a_new_epoch_and_loses_no_event(loop: Loop) -> None:
    index = loop.index
    loop.until(lambda: loop.board.state.word == "connected")
    old = index.epoch
    loop.port.last[old] = int(index.meta("seq") or 0) + 1000
    index.events.add(Event(5, EventKind.DISK_LOW, None, "the last one"))
    loop.until(lambda: index.epoch != old)
    loop.until(loop.empty)
    told = [e["detail"] for call in loop.port.calls if call["epoch"] == index.epoch for e in call["events"]]
    assert "the last one" in told
    assert any("older copy" in detail for detail in told)
    assert int(index.meta("seq") or 0) < 1000


def test_a_purge_is_asked_confirmed_and_told_over_the_wire(loop: Loop) -> None:
    index = loop.index
    index.segments.add(hashed(0), 1)
    loop.until(loop.empty)
    loop.port.orders = {"cutoffs": {"tag": "t1", "rows": [{"camera_id": 7, "cutoff_us": str(2**60), "days": 30}]}}
    loop.until(lambda: index.cutoffs.tag() == "t1")
    loop.port.orders = {}
    purge = index.purges.doom(index.cutoffs.all(), 10, lambda _file: 4096, 5)
    assert purge is not None
    loop.until(lambda: any(c["purge"] for c in loop.port.calls))
    asked = next(c for c in loop.port.calls if c["purge"])["purge"]
    first = hashed(0)
    assert asked == {
        "run": purge.run, "kind": "retention", "state": "ask", "reason": "", "cutoffs_tag": "t1",
        "cameras": [{"camera_id": 7, "segments": 1, "bytes": "1000", "first_us": str(first.start_us),
                     "last_us": str(first.stop_us)}],
    }  # fmt: skip
    loop.port.orders = {"purge": {"run": purge.run, "verdict": "go", "reason": ""}}
    loop.until(lambda: bool(index.purges.leaving(purge.run, 10)))
    index.purges.settle([row.id for row in index.purges.leaving(purge.run, 10)], 77)
    index.purges.end(purge.run, 78)
    loop.until(lambda: not index.purges.untold(10) and not index.purges.ended())
    gone = next(c for c in loop.port.calls if c["deletions"]["camera_id"])
    assert gone["deletions"] == {
        "camera_id": [7], "start_us": [str(first.start_us)], "at_us": ["77"], "run": [purge.run], "freed": ["4096"],
    }  # fmt: skip
    ended = next(c for c in loop.port.calls if c["purge_ended"])["purge_ended"]
    assert ended == [{"run": purge.run, "state": "done", "segments": 1, "bytes": "1000", "freed": "4096", "rescued": 0}]


def _delete_one(loop: Loop) -> Purge:
    """A purge that ended, and its one deletion, wait to be told."""
    index = loop.index
    index.segments.add(hashed(0), 1)
    loop.until(loop.empty)
    index.cutoffs.replace([Cutoff(7, 2**60, 30)], "t1")
    purge = index.purges.doom(index.cutoffs.all(), 10, lambda _file: 4096, 5)
    assert purge is not None
    index.purges.confirm(purge.run)
    index.purges.settle([row.id for row in index.purges.leaving(purge.run, 10)], 77)
    index.purges.end(purge.run, 78)
    return purge


def test_what_the_erp_refuses_of_holds_and_deletion_is_parked_until_retried(loop: Loop) -> None:
    index, hold = loop.index, str(uuid.uuid4())
    names = ("hold_acks", "deletions", "purge_ended")
    loop.port.refused = {name: ["bad_value", f"odd {name}"] for name in names}
    row = {"hold": hold, "version": "9", "state": "active", "cameras": [8], "from_us": "0", "to_us": None}
    loop.port.orders = {"holds": {"version": "9", "rows": [row]}}
    purge = _delete_one(loop)
    loop.until(lambda: index.outbox.pending().parked == 3)
    loop.port.orders = {}
    parked = index.outbox.parked()
    assert {(p.kind, p.code, p.message) for p in parked} == {
        ("hold", "bad_value", "odd hold_acks"), ("deletion", "bad_value", "odd deletions"),
        ("purge", "bad_value", "odd purge_ended"),
    }  # fmt: skip
    assert {p.row for p in parked if p.kind != "deletion"} == {hold, purge.run}
    calls = len(loop.port.calls)
    loop.until(lambda: len(loop.port.calls) > calls + 3)
    later = loop.port.calls[calls + 2 :]
    assert not any(c["hold_acks"] or c["deletions"]["camera_id"] or c["purge_ended"] for c in later)
    assert "parked" in later[0]["heartbeat"]["alarms"]
    assert "rows_parked" in {e["code"] for call in loop.port.calls for e in call["events"]}
    loop.port.refused = {}
    assert index.outbox.retry([p.id for p in parked[:1]]) == 1
    assert index.outbox.retry() == 2
    loop.until(lambda: not (index.holds.receipts(1) or index.purges.untold(1) or index.purges.ended()))
    assert index.outbox.pending().parked == 0


def test_what_was_refused_of_a_deletion_is_told_anew_after_a_step_back(loop: Loop) -> None:
    names = ("deletions", "purge_ended")
    loop.port.refused = {name: ["bad_value", f"odd {name}"] for name in names}
    _delete_one(loop)
    loop.until(lambda: loop.index.outbox.pending().parked == 2)
    loop.port.refused = {}
    calls = len(loop.port.calls)
    loop.port.count = 0  # a backup was restored
    loop.until(lambda: any(c["purge_ended"] and c["deletions"]["camera_id"] for c in loop.port.calls[calls:]))
    assert loop.index.outbox.pending().parked == 0


def test_a_passing_trouble_with_holds_and_deletion_parks_nothing(loop: Loop) -> None:
    loop.port.refused = {"deletions": ["retry", "not yet"], "purge_ended": ["retry", "not yet"]}
    _delete_one(loop)
    calls = len(loop.port.calls)
    loop.until(lambda: sum(bool(c["purge_ended"]) for c in loop.port.calls[calls:]) > 1)
    assert loop.index.outbox.pending().parked == 0
    loop.port.refused = {"deletions": ["duplicate", "came earlier in this batch"]}
    loop.until(lambda: not (loop.index.purges.untold(1) or loop.index.purges.ended()))
    assert loop.index.outbox.pending().parked == 0


def test_heads_of_the_ledger_are_kept_and_told_again(loop: Loop) -> None:
    loop.until(lambda: len(loop.port.calls) > 2)
    assert all("custody_anchors" not in call for call in loop.port.calls)
    for seq, digest in ((1, "1" * 64), (2, "2" * 64), (1, "a" * 64)):
        kept = len(loop.index.anchors.all())
        loop.port.custody = {"company_id": 1, "seq": seq, "head": digest}
        loop.until(lambda kept=kept: len(loop.index.anchors.all()) == kept + 1)  # type: ignore[misc]
    calls = len(loop.port.calls)
    loop.until(lambda: len(loop.port.calls) > calls + 2)
    newest, older = loop.port.calls[-1]["custody_anchors"]
    assert (newest["seq"], newest["hash"], older["seq"]) == (2, "2" * 64, 1)
