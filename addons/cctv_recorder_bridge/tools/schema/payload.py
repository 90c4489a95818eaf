"""Shape of the sync payload (docs/wire.md). Whatever is unknown, missing or of another type is refused by its name."""

import re

from ..intervals import FAR_FUTURE
from ..wire import SCHEMA, WireError
from .events import EVENT_FIELDS
from .heartbeat import check_heartbeat
from .jobs import check_jobs
from .retention import ACK_FIELDS, END_FIELDS, check_retention
from .rows import DELETION_COLUMNS, GAP_COLUMNS, SEGMENT_COLUMNS
from .shape import DIGITS, INT32, UUID, check, check_columns, check_list

ANCHOR_FIELDS = frozenset(("company_id", "seq", "hash", "at_us"))
ANCHORS = 10  # in one call, at most
HASH = re.compile(r"[0-9a-f]{64}")

_TOP = {
    "schema": int,
    "node": str,
    "epoch": str,
    "seq": str,
    "sent_us": str,
    "etag": str,
    "key": str,
    "heartbeat": dict,
    "segments": dict,
    "gaps": dict,
    "events": list,
    "jobs": list,
    "custody_anchors": list,
    "holds_version": str,
    "cutoffs_tag": str,
    "hold_acks": list,
    "deletions": dict,
    "purge": (dict, type(None)),
    "purge_ended": list,
}
_REQUIRED = ("schema", "node", "epoch", "seq", "sent_us")


def check_payload(payload):
    """Check the frame of a payload; rows are judged one by one later.

    :raises WireError: naming the first field that is unknown, missing or of a wrong type
    """
    check(payload, _TOP, "")
    for name in _REQUIRED:
        if name not in payload:
            raise WireError(name, "is missing")
    if payload["schema"] != SCHEMA:
        raise WireError("schema", "%(found)s is not known here, %(known)s is", found=payload["schema"], known=SCHEMA)
    for name in ("node", "epoch"):
        if not UUID.fullmatch(payload[name]):
            raise WireError(name, "must be a lower-case UUID")
    for name in ("seq", "sent_us"):
        if not DIGITS.fullmatch(payload[name]):
            raise WireError(name, "must be a decimal string")
    check_heartbeat(payload.get("heartbeat") or {})
    _check_rows(payload)
    check_retention(payload)


def _check_rows(payload):
    for name, columns in (("segments", SEGMENT_COLUMNS), ("gaps", GAP_COLUMNS), ("deletions", DELETION_COLUMNS)):
        check_columns(payload.get(name) or {}, columns, name)
    for name, known in (
        ("events", EVENT_FIELDS),
        ("custody_anchors", ANCHOR_FIELDS),
        ("hold_acks", ACK_FIELDS),
        ("purge_ended", END_FIELDS),
    ):
        check_list(payload.get(name) or [], known, name)
    check_jobs(payload.get("jobs") or [])
    _check_anchors(payload.get("custody_anchors") or [])


def _check_anchors(anchors):
    if len(anchors) > ANCHORS:
        raise WireError("custody_anchors", "holds more than %(most)s", most=ANCHORS)
    for position, anchor in enumerate(anchors):
        for name in ("company_id", "seq"):
            if not (type(anchor.get(name)) is int and 0 < anchor[name] <= INT32):
                raise WireError(f"custody_anchors[{position}].{name}", "is no whole number above zero")
        if not (isinstance(anchor.get("hash"), str) and HASH.fullmatch(anchor["hash"])):
            raise WireError(f"custody_anchors[{position}].hash", "must be 64 lower-case hexadecimal digits")
        at = anchor.get("at_us")
        if not (isinstance(at, str) and DIGITS.fullmatch(at) and int(at) < FAR_FUTURE):
            raise WireError(f"custody_anchors[{position}].at_us", "must be a decimal string before the year 2096")
