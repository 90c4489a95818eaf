"""One sync call and what follows from its answer."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from ..domain.config import Configuration
from ..domain.event import Code, EventKind, Told
from ..domain.health import Alarm, Health, Pending
from ..domain.probe import index_written
from ..domain.said import Said, SaidCode
from ..domain.times import DAY_US, SECOND_US, Clock, ErpTime, iso
from ..domain.verdict import Verdict, VerdictCode
from ..settings.model import Odoo
from ..store import Index
from ..store.epoch import renew_epoch
from ..store.outbox import Batch, Parked, Ticket
from ..store.refused import RefusedRow
from . import keeping, wire
from .codec import TooLargeError, pack, unpack
from .configuration import ConfigurationError, parse
from .errors import ErpFaultError, ErpRefusedError
from .port import ErpPort
from .state import LinkBoard
from .wire_keeping import Keeping

_log = structlog.get_logger(__name__)

_WARN_KEY_US = 14 * DAY_US
_FAULTS = 3  # times that a batch may break the server before a row of it is suspected
_SET_US = 3600 * SECOND_US
_SUSPECT_US = 300 * SECOND_US  # before a row that the server broke on goes again
_EMPTY = Batch()


@dataclass(frozen=True, slots=True)
class Received:
    """``again``: rows were answered "retry"."""

    interval: float
    again: bool


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the link asks of and tells the rest of the service; no health makes an empty heartbeat."""

    health: Callable[[], Health | None]
    config: Callable[[Configuration], None]
    jobs: Callable[[], None]
    time: ErpTime = field(default_factory=ErpTime)


class Exchange:
    """Builds a call from the index, brings the answer back into it."""

    def __init__(self, index: Index, odoo: Odoo, hooks: Hooks, board: LinkBoard, clock: Clock) -> None:
        self._index = index
        self._odoo = odoo
        self._hooks = hooks
        self._board = board
        self._clock = clock
        self._limit = odoo.batch
        self._narrowed = False
        self._faults = 0
        self._refused_etag = ""
        #: the newest number given, and the configuration that is kept: the disk of the index may go away
        self._beyond = int(index.meta("seq") or 0)
        self._etag = ""

    def now_us(self) -> int:
        return self._clock.now_us()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def due(self) -> bool:
        """Rows wait to be sent."""
        return self._index.outbox.has_waiting()

    def narrowed(self) -> bool:
        """The last refusal was answered by a smaller batch, so trying again at once makes sense."""
        return self._narrowed

    def probe(self, port: ErpPort) -> None:
        """A call without rows: is the ERP there again, and does it take this node at all?"""
        self._narrowed = False
        try:
            self._take(*self._call(port, _EMPTY), _EMPTY)
        except sqlite3.DatabaseError:
            if not self._index.database.trouble:
                raise
            self._beat(port)

    def _beat(self, port: ErpPort) -> Received:
        """The disk of the index takes nothing: the ERP hears that. What it answers is told anew once it can be kept."""
        try:
            told = self._heartbeat(_EMPTY)
        except sqlite3.DatabaseError:
            told = wire.wrong(index_written(self._index.database.trouble))
        self._beyond += 1
        message = wire.request(self._envelope(self._beyond), _EMPTY, told)
        return Received(wire.reply(unpack(port.sync(pack(message))), _EMPTY).interval, again=False)

    def once(self, port: ErpPort) -> Received:
        """Send what waits (at most one batch).

        Raises:
            ErpError: nothing was settled; every row stays queued (a row that alone is refused is parked first).
        """
        try:
            return self._send(port)
        except sqlite3.DatabaseError:
            if not self._index.database.trouble:
                raise
            return self._beat(port)

    def _send(self, port: ErpPort) -> Received:
        self._narrowed = False
        batch = self._index.outbox.batch(self._size())
        try:
            reply, asked = self._call(port, batch)
        except (ErpRefusedError, TooLargeError) as error:
            self._narrow(port, batch, Verdict(VerdictCode.BAD_VALUE, str(error)))
            raise ErpRefusedError(str(error)) from None
        except ErpFaultError as error:
            self._suspect(port, batch, str(error))
            raise
        self._faults = 0
        self._limit = min(self._limit * 2, self._odoo.batch)
        received = self._take(reply, asked, batch)
        self._try_suspect(port, after_rows=len(batch) > 0)
        return received

    def _size(self) -> int:
        if self._limit < self._odoo.batch:
            return self._limit
        behind = self._index.outbox.behind(2 * self._odoo.batch)
        return self._odoo.batch_behind if behind else self._odoo.batch

    def _call(self, port: ErpPort, batch: Batch) -> tuple[wire.Reply, Keeping]:
        seq = self._beyond = self._index.next_seq(self._beyond)
        asked = keeping.gather(self._index)
        message = wire.request(self._envelope(seq), batch, self._heartbeat(batch), self._index.anchors.told(), asked)
        return wire.reply(unpack(port.sync(pack(message))), batch, asked), asked

    def _envelope(self, seq: int) -> wire.Envelope:
        with contextlib.suppress(sqlite3.DatabaseError):
            config = self._index.config.load()
            self._etag = str(config["etag"]) if config else ""
        return wire.Envelope(
            node=self._index.node,
            epoch=self._index.epoch,
            seq=seq,
            sent_us=self.now_us(),
            etag=self._etag,
            key=self._odoo.key.get_secret_value()[:8],
        )

    def _heartbeat(self, batch: Batch) -> dict[str, Any]:
        health = self._hooks.health()
        if health is None:
            return {}
        pending = _left(self._index.outbox.pending(), batch)
        alarms = [Alarm.PARKED.value] if pending.parked else []
        expires = self._board.state.key_expires_us
        if expires is not None and expires - self.now_us() < _WARN_KEY_US:
            alarms.append(Alarm.KEY_EXPIRING.value)
        return wire.heartbeat(health, pending, alarms)

    def _narrow(self, port: ErpPort, batch: Batch, verdict: Verdict) -> None:
        """Halve; a batch of one is parked, unless the ERP refuses this node's calls without any row as well."""
        if len(batch) > 1:
            self._limit = max(1, len(batch) // 2)
            self._narrowed = True
        elif len(batch) == 1:
            self.probe(port)
            self._park(batch, verdict)
            self._narrowed = True

    def _suspect(self, port: ErpPort, batch: Batch, message: str) -> None:
        """An ERP that takes empty calls and breaks on these rows again and again is treated as if it refused them.

        That may pass (its disk is full), so the row goes again by itself.
        """
        self._faults += 1
        if self._faults > _FAULTS:
            self._narrow(port, batch, Verdict(VerdictCode.FAULT, message))
            if len(batch) == 1:
                self._faults = 0

    def _try_suspect(self, port: ErpPort, *, after_rows: bool) -> None:
        """Send one suspected row, alone. When it is taken the server's trouble has passed: all others go again."""
        now_us = self.now_us()
        batch = self._index.outbox.suspect(now_us - _SUSPECT_US, now_us, soon=after_rows)
        if batch is None:
            return
        try:
            self._take(*self._call(port, batch), batch)
        except ErpFaultError as error:
            self._park(batch, Verdict(VerdictCode.FAULT, str(error)))
            return
        except ErpRefusedError as error:
            self._park(batch, Verdict(VerdictCode.BAD_VALUE, str(error)))
            return
        rows = self._index.outbox.release(VerdictCode.FAULT)
        _log.info("odoo takes a row again that it broke on", others=rows)

    def _park(self, batch: Batch, verdict: Verdict) -> None:
        kind, ticket = _only(batch)
        self._index.outbox.park(kind, ticket, verdict, self.now_us())
        _log.error("row parked", kind=kind, code=verdict.code, error=verdict.message)

    def _take(self, reply: wire.Reply, asked: Keeping, batch: Batch) -> Received:
        if reply.last_seq > int(self._index.meta("seq") or 0):
            return self._start_anew(reply)
        problem = self._database_problem(reply)
        if problem:
            self._lock(reply, problem)
        # before what the answer says of holds: an older database knows less of them
        keeping.take_holds(self._index, reply.orders, self.now_us(), trusted=not self._index.meta("purge_lock"))
        parked = self._index.outbox.settle(batch, reply.verdicts, self.now_us())
        self._report([*parked, *keeping.note_told(self._index, asked, reply.orders, self.now_us())])
        if problem:
            self._stepped_back(problem)
        # last of it: after a crash in between the step back is noticed once more
        self._index.commit(lambda: self._remember(reply))
        if reply.custody is not None:
            self._index.anchors.note(reply.custody, self.now_us())
        self._note_clock_and_key(reply)
        if reply.config is not None:
            self._adopt(reply.config)
        if self._unlocked(reply):
            keeping.take_rest(self._index, asked, reply.orders, self.now_us())
        self._claim(reply)
        again = any(v.code == VerdictCode.RETRY for found in reply.verdicts.values() for v in found)
        return Received(reply.interval, again)

    def _claim(self, reply: wire.Reply) -> None:
        if reply.queue:
            self._index.jobs.claim(reply.queue, self.now_us())
            self._hooks.jobs()
        if reply.strange:
            text = Said("this recorder does not know such work: update its service", SaidCode.JOB_UNKNOWN)
            self._index.jobs.refuse(reply.strange, text, self.now_us())

    def _start_anew(self, reply: wire.Reply) -> Received:
        """A newer copy of this index was in use: its numbers are taken, and what goes under them again is passed over.

        Nothing of the answer counts but the jobs, which are handed out once; all rows go again in a new epoch.
        """
        before, epoch = self._index.epoch, renew_epoch(self._index)
        self._index.holds.ask_anew()
        text = f"this index is an older copy ({reply.last_seq} calls were made of it); it goes on in a new epoch"
        _log.error(text, before=before, epoch=epoch)
        self._event(EventKind.INTEGRITY, Told(text, Code.INDEX_OLDER, {"calls": reply.last_seq}))
        self._claim(reply)
        return Received(0.0, again=False)

    def _report(self, parked: Sequence[Parked | RefusedRow]) -> None:
        for row in parked:
            _log.error("row parked", id=row.id, kind=row.kind, code=row.code, message=row.message)
        # An event about a refused event would be refused as well, without end.
        rows = [row for row in parked if row.kind != "event"]
        if rows:
            codes = sorted({row.code for row in rows})
            text = f"{len(rows)} rows parked ({', '.join(codes)}): {rows[0].message}"
            self._event(EventKind.PARKED, Told(text, Code.ROWS_PARKED, {"count": len(rows)}))

    def _event(self, kind: EventKind, told: Told) -> None:
        self._index.events.add(told.event(self.now_us(), kind))

    def _database_problem(self, reply: wire.Reply) -> str:
        """An older or copied database says so by its UUID or by a counter that steps back (contract of sync)."""
        known, counter = self._index.meta("erp_database"), int(self._index.meta("erp_counter") or 0)
        if known and known != reply.database:
            return f"Odoo's database is another one ({reply.database}, was {known})"
        if reply.counter <= counter:
            return f"Odoo's database is older than before (call {reply.counter} after {counter})"
        return ""

    def _lock(self, reply: wire.Reply, problem: str) -> None:
        self._index.set_meta("purge_lock", f"{reply.database} {reply.counter}\n{problem}; IT confirms it in Odoo")

    def _unlocked(self, reply: wire.Reply) -> bool:
        """Whether this database may order deletions: it never stepped back, or a person vouched for it since."""
        lock = self._index.meta("purge_lock")
        if not lock:
            return True
        database, counter = lock.partition("\n")[0].split()
        confirmed = self._confirmed()
        if confirmed is None or {confirmed[0], reply.database} != {database} or confirmed[1] < int(counter):
            return False
        if self._index.holds.receipts(1):
            return False  # it may have ended what it does not know to be wider, until it has heard of each
        self._index.holds.pull_anew()
        self._index.set_meta("purge_lock", "")
        self._index.set_meta("erp_stepped_back", "")
        self._board.update(stepped_back="")
        _log.warning("a person vouched for odoo's database: deletion goes on", database=database)
        return True

    def _confirmed(self) -> tuple[str, int] | None:
        body = self._index.config.load()
        try:
            return parse(body).node.confirmed if body else None
        except ConfigurationError:
            return None

    def _remember(self, reply: wire.Reply) -> None:
        self._index.set_meta("erp_database", reply.database)
        self._index.set_meta("erp_counter", str(reply.counter))

    def _stepped_back(self, problem: str) -> None:
        # What the ERP acknowledged may be gone there: everything goes again, and is "ok" where it is still known.
        rows = self._index.outbox.requeue_all()
        text = f"{problem}: a restored or copied database; {rows} rows are sent again"
        self._board.update(stepped_back=text)
        self._index.set_meta("erp_stepped_back", f"{iso(self.now_us())} {text}")
        # An older database knows less of what must stay: nothing goes until a person vouches for it.
        self._index.holds.ask_anew()
        self._index.purges.tell_again()
        self._event(EventKind.INTEGRITY, Told(text, Code.DATABASE_BACK, {"count": rows}))
        _log.error("odoo database stepped back", detail=text)

    def _note_clock_and_key(self, reply: wire.Reply) -> None:
        before = self._board.state.key_expires_us
        self._judge_anew(self._hooks.time.heard(reply.server_us))
        self._board.update(
            server_offset_ms=(self.now_us() - reply.server_us) // 1000, key_expires_us=reply.key_expires_us
        )
        expires = reply.key_expires_us
        if expires is not None and expires != before and expires - self.now_us() < _WARN_KEY_US:
            _log.warning("the key to odoo expires soon: make a new one on the recorder's form", expires=iso(expires))

    def _judge_anew(self, moved_us: int | None) -> None:
        """Rows that the ERP refused by a clock that was set since, or may have been while this service was down."""
        unsure = moved_us is None
        if not unsure and abs(moved_us or 0) <= _SET_US:
            return
        if rows := self._index.outbox.release(VerdictCode.BAD_TIME, quietly=unsure):
            why = "was set" if not unsure else "may have been set while this service was down"
            _log.info(f"odoo's clock {why}: rows that it refused for their time go again", rows=rows)

    def _adopt(self, body: dict[str, Any]) -> None:
        try:
            config = parse(body)
        except ConfigurationError as error:
            self._refuse(str(body.get("etag", "")), str(error))
            return
        self._index.config.save(config.etag, body, self.now_us())
        self._refused_etag = ""
        _log.info("configuration taken over", etag=config.etag, cameras=len(config.cameras))
        self._hooks.config(config)

    def _refuse(self, etag: str, problem: str) -> None:
        if etag == self._refused_etag:
            return
        self._refused_etag = etag
        _log.error("configuration refused, the last good one stays in force", etag=etag, error=problem)
        self._event(EventKind.CONFIG_REFUSED, Told(problem, Code.CONFIG_REFUSED))


def _left(pending: Pending, batch: Batch) -> Pending:
    """What still waits once this batch has arrived: a row on its way is no backlog."""
    return replace(
        pending,
        segments=max(0, pending.segments - len(batch.segments)),
        gaps=max(0, pending.gaps - len(batch.gaps)),
    )


def _only(batch: Batch) -> tuple[str, Ticket]:
    return next((kind, tickets[0]) for kind, tickets in batch.tickets.items() if tickets)
