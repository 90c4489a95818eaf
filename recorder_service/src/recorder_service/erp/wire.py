"""Messages of the sync call, as docs/wire.md describes them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..domain.custody import Head, SeenHead
from ..domain.event import Event
from ..domain.gap import Gap
from ..domain.health import CameraHealth, DiskHealth, Health, Pending, ProcessHealth
from ..domain.job import Job, JobKind, JobResult
from ..domain.probe import Level, Result
from ..domain.purge import PurgeHealth
from ..domain.said import Args, Said
from ..domain.segment import Segment
from ..domain.verdict import Verdict
from ..logs import redact
from ..store.outbox import Batch
from .errors import ErpProtocolError
from .wire_keeping import Keeping, Orders, orders, told, verdict

SCHEMA = 1
_PLAIN = ("hours_left", "hours_left_without_purge")  # of the disk: numbers or null
_MOST_HOURS = 1e15
_KINDS = tuple(JobKind)
_MOST = 10**18 - 1  # of a count of bytes: a longer one would be refused with all that goes beside it
_CHECKS = 20  # in one heartbeat, at most
_WORDS = 500  # characters of a check's sentence
_ARG = 200  # characters of an argument: a list of cameras may be long


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a call says of its sender. ``key``: the key's first characters, by which the ERP sees a rotation through."""

    node: str
    epoch: str
    seq: int
    sent_us: int
    etag: str
    key: str


@dataclass(frozen=True, slots=True)
class Reply:
    """``last_seq``: the newest call of this epoch that the ERP knows (0: it does not tell); ``verdicts`` by outbox
    kind; ``config`` the wire's object, checked later; ``strange``: ids of jobs of a kind unknown here.
    """

    server_us: int
    database: str
    counter: int
    interval: float
    last_seq: int = 0
    verdicts: dict[str, Sequence[Verdict]] = field(default_factory=dict)
    config: dict[str, Any] | None = None
    queue: tuple[Job, ...] = ()
    strange: tuple[int, ...] = ()
    key_expires_us: int | None = None
    custody: Head | None = None
    orders: Orders = field(default_factory=Orders)


def request(
    envelope: Envelope,
    batch: Batch,
    heartbeat: dict[str, Any],
    anchors: Sequence[SeenHead] = (),
    keeping: Keeping | None = None,
) -> dict[str, Any]:
    """The message up."""
    return {
        **(told(keeping) if keeping else {}),
        "schema": SCHEMA,
        "node": envelope.node,
        "epoch": envelope.epoch,
        "seq": str(envelope.seq),
        "sent_us": str(envelope.sent_us),
        "etag": envelope.etag,
        "key": envelope.key,
        "heartbeat": heartbeat,
        "segments": _segments(batch.segments),
        "gaps": _gaps(batch.gaps),
        "events": [_event(event) for event in batch.events],
        "jobs": [_job_result(result) for result in batch.jobs],
        # only to an ERP that has told a head: an older one knows no such field
        **({"custody_anchors": [_anchor(seen) for seen in anchors]} if anchors else {}),
    }


def _segments(segments: Sequence[Segment]) -> dict[str, list[Any]]:
    return {
        "camera_id": [s.camera_id for s in segments],
        "start_us": [str(s.start_us) for s in segments],
        "stop_us": [str(s.stop_us) for s in segments],
        "bytes": [str(s.bytes) for s in segments],
        "sha256": [s.sha256 for s in segments],
        "run": [s.run for s in segments],
        "number": [s.number for s in segments],
        "status": [s.status.value for s in segments],
        "test": [int(s.test) for s in segments],
    }


def _gaps(gaps: Sequence[Gap]) -> dict[str, list[Any]]:
    return {
        "camera_id": [g.camera_id for g in gaps],
        "start_us": [str(g.start_us) for g in gaps],
        "stop_us": [_text(g.stop_us) for g in gaps],
        "reason": [g.reason.value for g in gaps],
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "seq": str(event.seq),
        "at_us": str(event.at_us),
        "kind": event.kind.value,
        "camera_id": event.camera_id,
        "detail": redact(event.detail),
        **({"code": event.code, "args": _args(event.args)} if event.code else {}),
    }


def _args(args: Args) -> dict[str, str | int]:
    return {name: _cut(redact(value)) if isinstance(value, str) else value for name, value in args.items()}


def _coded(said: str) -> dict[str, Any]:
    return {"code": said.code.value, "args": _args(said.args)} if isinstance(said, Said) else {}


def _cut(text: str) -> str:
    return text if len(text) <= _ARG else text[: _ARG - 1] + "…"


def _anchor(seen: SeenHead) -> dict[str, Any]:
    head = seen.head
    return {"company_id": head.company_id, "seq": head.seq, "hash": head.hash, "at_us": str(seen.at_us)}


def _job_result(result: JobResult) -> dict[str, Any]:
    values = dict(result.result)
    # only what is written for people: in a picture's base64 a short password could stand by chance
    if isinstance(words := values.get("message"), str):
        values["message"] = redact(words)
    if "args" in values:
        values["args"] = _args(values["args"])
    return {"id": result.id, "state": result.state.value, "result": values, "error": redact(result.error)}


def heartbeat(health: Health, pending: Pending, alarms: Iterable[str]) -> dict[str, Any]:
    """The node's state; ``alarms`` are the link's own, added to those of ``health``."""
    return {
        "versions": dict(health.versions),
        "clock_offset_ms": health.clock_offset_ms,
        "disk": _disk(health.disk),
        "engine": _process(health.engine),
        "gate": _process(health.gate),
        "recording": health.recording,
        "alarms": sorted({alarm.value for alarm in health.alarms} | set(alarms)),
        "pending": {"segments": pending.segments, "gaps": pending.gaps, "parked": pending.parked},
        "cameras": [_camera(camera) for camera in health.cameras],
        **({"purge": _purge_health(health.purge)} if health.purge else {}),
        **({} if health.checks is None else {"checks": _checks(health.checks)}),
    }


def wrong(result: Result) -> dict[str, Any]:
    """A heartbeat that tells one thing; all else is as it was told before."""
    return {"checks": _checks([result])}


def _checks(results: Iterable[Result]) -> list[dict[str, Any]]:
    """The worst first: what does not fit is what matters least."""
    wrong = [result for result in results if result.level is not Level.OK]
    wrong.sort(key=lambda result: not result.failed)
    return [
        {
            "name": result.name,
            "level": result.level.value,
            "message": redact(result.message)[:_WORDS],
            "fix": redact(result.fix)[:_WORDS],
            **_coded(result.message),
        }
        for result in wrong[:_CHECKS]
    ]


def _purge_health(purge: PurgeHealth) -> dict[str, Any]:
    return {
        "state": purge.state,
        "reason": purge.reason,
        **_coded(purge.reason),
        "due_segments": purge.due_segments,
        "due_bytes": _bytes(purge.due_bytes),
        "held_bytes": _bytes(purge.held_bytes),
    }


def _disk(disk: DiskHealth) -> dict[str, Any]:
    found = asdict(disk)
    hours = {name: _hours(found[name]) for name in _PLAIN}
    return {name: _bytes(value) if isinstance(value, int) else value for name, value in found.items()} | hours


def _bytes(count: int) -> str:
    return str(min(max(count, 0), _MOST))


def _hours(hours: float | None) -> float | None:
    return None if hours is None or math.isnan(hours) else min(max(hours, 0.0), _MOST_HOURS)


def _process(process: ProcessHealth) -> dict[str, Any]:
    return {"state": "up" if process.up else "down", "started_us": _text(process.started_us)}


def _camera(camera: CameraHealth) -> dict[str, Any]:
    return {
        "camera_id": camera.camera_id,
        "state": camera.state.value,
        "reason": camera.reason,
        "since_us": str(camera.since_us),
        "last_stop_us": _text(camera.last_stop_us),
        "kbps": camera.kbps,
        "detail": redact(camera.detail),
        **_coded(camera.detail),
    }


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def reply(message: dict[str, Any], batch: Batch, keeping: Keeping | None = None) -> Reply:
    """The message down, checked against the batch (and what was asked of retention) that it answers.

    Raises:
        ErpProtocolError: names the field that is missing or wrong.
    """
    if message.get("schema") != SCHEMA:
        raise ErpProtocolError(f"Odoo answers in schema {message.get('schema')!r}, this service speaks {SCHEMA}")
    try:
        return Reply(
            server_us=int(message["server_us"]),
            database=str(message["database"]),
            counter=int(message["counter"]),
            interval=float(message["interval"]),
            last_seq=int(message.get("last_seq", 0)),
            verdicts={kind: _verdicts(message, batch, kind) for kind in batch.tickets},
            config=message["config"],
            queue=tuple(_jobs(message["queue"])),
            strange=tuple(int(job["id"]) for job in message["queue"] if job["kind"] not in _KINDS),
            key_expires_us=None if message["key_expires_us"] is None else int(message["key_expires_us"]),
            orders=orders(message, keeping) if keeping else Orders(),
            custody=_head(message.get("custody")),
        )
    except KeyError as error:
        raise ErpProtocolError(f"the answer lacks {error}") from None
    except (TypeError, ValueError) as error:
        raise ErpProtocolError(f"the answer holds a wrong value: {error}") from None


def _head(value: dict[str, Any] | None) -> Head | None:
    if value is None:
        return None
    head = Head(int(value["company_id"]), int(value["seq"]), str(value["head"]))
    if head.seq < 1 or len(bytes.fromhex(head.hash)) != 32:
        raise ValueError(f"{value} is no head of the custody ledger")
    return head


def _verdicts(message: dict[str, Any], batch: Batch, kind: str) -> list[Verdict]:
    verdicts = [verdict(value) for value in message[f"{kind}s"]]
    if len(verdicts) != len(batch.tickets[kind]):
        raise ValueError(f"{len(verdicts)} verdicts for {len(batch.tickets[kind])} {kind} rows")
    return verdicts


def _jobs(queue: list[dict[str, Any]]) -> Iterable[Job]:
    for job in queue:
        if job["kind"] in _KINDS:
            yield Job(int(job["id"]), JobKind(job["kind"]), int(job["camera_id"]), dict(job["params"]))
