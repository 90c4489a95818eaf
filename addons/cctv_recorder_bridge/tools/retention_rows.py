"""Rows of retention and hold: judged one by one (docs/wire.md, "Retention, hold and deletion")."""

from types import MappingProxyType
from typing import NamedTuple

from .intervals import FAR_FUTURE
from .rows import LARGEST_FILE, Refusals, is_id, is_number, is_us
from .schema.retention import LARGEST_RUN
from .schema.rows import DELETION_COLUMNS
from .schema.shape import UUID

GONE_ROWS = 500
# a hold's window lies between the years 2000 and 2095
HOLD_TIMES = (946_684_800_000_000, 3_944_678_400_000_000)


class Deletion(NamedTuple):
    """A segment that its node deleted; times in µs, ``freed`` in bytes."""

    position: int
    camera: int
    start: int
    at: int
    run: str
    freed: int

    @property
    def key(self):
        return self.camera, self.start


def judge_deletions(table, cameras, _, left=MappingProxyType({})):
    """Judge a batch of deletions.

    :param dict table: columns as on the wire
    :param cameras: container of the node's present and former camera ids
    :param _: translator of sentences
    :param dict left: camera id -> µs from which on a former camera's rows are another node's
    :return tuple: (verdict per row, list of :class:`Deletion` that passed)
    """
    verdicts, rows, seen = [], [], set()
    refusals = Refusals(_)
    for position, values in enumerate(zip(*(table[name] for name in DELETION_COLUMNS), strict=True)):
        row = _deletion(position, values)
        if isinstance(row, str):
            verdict = refusals.bad_value(row)
        elif row.camera not in cameras or (row.camera in left and row.start >= left[row.camera]):
            verdict = refusals.not_yours
        else:
            verdict = refusals.duplicate if row.key in seen else None
        if not verdict:
            seen.add(row.key)
            rows.append(row)
        verdicts.append(verdict or "ok")
    return verdicts, rows


def _deletion(position, values):
    """Return a Deletion, or the name of the first column that is not valid."""
    camera, start, at, run, freed = values
    if not is_id(camera):
        return "camera_id"
    if not _is_time(start):
        return "start_us"
    if not _is_time(at):
        return "at_us"
    if not _is_uuid(run):
        return "run"
    if not is_us(freed) or int(freed) > LARGEST_FILE:
        return "freed"
    return Deletion(position, camera, int(start), int(at), run, int(freed))


def wrong_in_ack(row):
    """Return the name of the first field of a hold's acknowledgement that is missing or not valid, or None."""
    cameras, gone_rows = row.get("cameras"), row.get("gone_rows")
    checks = {
        "hold": _is_uuid(row.get("hold")),
        "version": is_us(row.get("version")),
        "cameras": isinstance(cameras, list) and bool(cameras) and all(map(is_id, cameras)),
        "from_us": _is_hold_time(row.get("from_us")),
        "to_us": "to_us" in row and _is_end(row["to_us"], row.get("from_us")),
        "kept": is_number(row.get("kept")),
        "gone": is_number(row.get("gone")),
        "kept_bytes": _is_size(row.get("kept_bytes")),
        "gone_rows": isinstance(gone_rows, list) and len(gone_rows) <= GONE_ROWS and all(map(_is_gone, gone_rows)),
    }
    return next((name for name, good in checks.items() if not good), None)


def wrong_in_end(row):
    """Return the name of the first field of an ended purge that is missing or not valid, or None."""
    segments, rescued = row.get("segments"), row.get("rescued")
    checks = {
        "run": _is_uuid(row.get("run")),
        "state": row.get("state") in ("done", "cancelled"),
        "segments": is_number(segments),
        "bytes": _is_size(row.get("bytes")),
        "freed": _is_size(row.get("freed")),
        "rescued": is_number(rescued) and is_number(segments) and is_number(segments + rescued),
    }
    return next((name for name, good in checks.items() if not good), None)


def _is_size(value):
    return is_us(value) and int(value) <= LARGEST_RUN


def _is_uuid(value):
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def _is_time(value):
    return is_us(value) and int(value) < FAR_FUTURE


def _is_hold_time(value):
    return is_us(value) and HOLD_TIMES[0] <= int(value) < HOLD_TIMES[1] - 10**6


def _is_end(stop, start):
    return stop is None or (_is_hold_time(stop) and is_us(start) and int(stop) > int(start))


def _is_gone(pair):
    return isinstance(pair, list) and len(pair) == 2 and is_id(pair[0]) and _is_time(pair[1])
