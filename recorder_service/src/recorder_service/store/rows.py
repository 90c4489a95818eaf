"""Rows of the index as domain objects."""

from __future__ import annotations

import json
import sqlite3

from ..domain.event import Event, EventKind
from ..domain.gap import Gap, GapReason
from ..domain.job import Job, JobKind, JobResult, JobState
from ..domain.segment import Place, Segment, SegmentState, SegmentStatus


def segment(row: sqlite3.Row) -> Segment:
    return Segment(
        camera_id=row["camera_id"],
        path=row["path"],
        start_us=row["start_us"],
        stop_us=row["stop_us"],
        bytes=row["bytes"],
        run=row["run"].hex(),
        number=row["number"],
        sha256=row["sha256"].hex() if row["sha256"] else "",
        status=SegmentStatus(row["status"]),
        state=SegmentState(row["state"]),
        test=bool(row["test"]),
        file=row["file"] or "",
    )


def place(row: sqlite3.Row) -> Place:
    return Place(row["run"].hex(), row["number"], row["start_us"], row["stop_us"])


def gap(row: sqlite3.Row) -> Gap:
    return Gap(row["camera_id"], row["path"], row["start_us"], row["stop_us"], GapReason(row["reason"]))


def event(row: sqlite3.Row) -> Event:
    kind, args = EventKind(row["kind"]), json.loads(row["args"])
    return Event(row["at_us"], kind, row["camera_id"], row["detail"], row["seq"], row["code"], args)


def job(row: sqlite3.Row) -> Job:
    return Job(row["id"], JobKind(row["kind"]), row["camera_id"], json.loads(row["params"]))


def job_result(row: sqlite3.Row) -> JobResult:
    return JobResult(row["id"], JobState(row["state"]), json.loads(row["result"]), row["error"])
