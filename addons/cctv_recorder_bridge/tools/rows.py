"""Rows of a batch: judged one by one, so that a bad row never sinks its batch (docs/wire.md, "verdict")."""

import re
from operator import sub
from types import MappingProxyType
from typing import NamedTuple

from .schema.rows import GAP_COLUMNS, GAP_REASONS, SEGMENT_COLUMNS, SEGMENT_STATUSES
from .schema.shape import DIGITS

SHA256 = re.compile(r"[0-9a-f]{64}")
RUN = re.compile(r"[0-9a-f]{32}")
INT32 = 2**31 - 1
LARGEST_FILE = 2**44  # bytes; those of a whole call together stay below 2^63
_DECIMAL, _HEXADECIMAL = b"0123456789", b"0123456789abcdef"
_DIGIT_LENGTHS, _HASH_LENGTH = frozenset(range(1, 19)), {64}
_TEXTS = ("start_us", "stop_us", "bytes", "sha256", "run", "status")
PRESENT = frozenset(("ok", "recovered", "damaged"))


class Segment(NamedTuple):
    """A segment row that passed; times in µs, ``sha256`` empty only for a missing file."""

    position: int
    camera: int
    start: int
    stop: int
    bytes: int
    sha256: str
    run: str
    number: int
    status: str
    test: int

    @property
    def key(self):
        return self.camera, self.start

    @property
    def recorded(self):
        """A file that existed: a missing one without a hash was only expected."""
        return bool(self.sha256)

    @property
    def kept(self):
        return self.status in PRESENT


class Stored(NamedTuple):
    """A row that the table holds already."""

    camera: int
    start: int
    stop: int
    bytes: int
    sha256: str | None
    status: str
    recorder: int

    key = Segment.key
    recorded = Segment.recorded
    kept = Segment.kept

    def agrees(self, row):
        """Whether a row of the same key is the same file; a hash unknown on one side does not contradict."""
        if self.sha256 and row.sha256:
            return (self.stop, self.bytes, self.sha256) == (row.stop, row.bytes, row.sha256)
        return not row.sha256 or not self.sha256

    def may_become(self, row):
        """Whether the row brings news. Deleted is final."""
        return self.status != "deleted" and (row.status != self.status or bool(row.sha256 and not self.sha256))


class Gap(NamedTuple):
    """A gap row that passed; ``stop`` is None while the gap is open."""

    position: int
    camera: int
    start: int
    stop: int | None
    reason: str

    @property
    def key(self):
        return self.camera, self.start


def judge_segments(table, cameras, window, longest, _, left=MappingProxyType({})):
    """Judge a batch of segments.

    :param dict table: columns as on the wire
    :param cameras: container of the node's camera ids
    :param tuple window: first and last start accepted, µs
    :param int longest: longest segment accepted, µs
    :param _: translator of sentences
    :param dict left: camera id -> µs from which on a former camera's rows are another node's
    :return tuple: (verdict per row, list of :class:`Segment` that passed)
    """
    rows = _all_good(table, cameras, window, longest)
    if rows is not None and not (left and any(_after_leaving(row, left) for row in rows)):
        return ["ok"] * len(rows), rows
    verdicts, rows, seen = [], [], set()
    refusals = Refusals(_)
    for position, values in enumerate(zip(*(table[name] for name in SEGMENT_COLUMNS), strict=True)):
        row = _segment(position, values)
        if isinstance(row, str):
            verdict = refusals.bad_value(row)
        else:
            verdict = _judge_time(row, cameras, window, refusals, left) or (
                refusals.too_long if row.stop - row.start > longest else None
            )
        if not verdict and row.key in seen:
            verdict = refusals.duplicate
        if not verdict:
            seen.add(row.key)
            rows.append(row)
        verdicts.append(verdict or "ok")
    return verdicts, rows


def judge_gaps(table, cameras, window, _, left=MappingProxyType({})):
    """Judge a batch of gaps; like :func:`judge_segments`, without a longest length."""
    verdicts, rows, seen = [], [], set()
    refusals = Refusals(_)
    for position, values in enumerate(zip(*(table[name] for name in GAP_COLUMNS), strict=True)):
        row = _gap(position, values)
        wrong = isinstance(row, str)
        verdict = refusals.bad_value(row) if wrong else _judge_time(row, cameras, window, refusals, left)
        if not verdict and row.key in seen:
            verdict = refusals.duplicate
        if not verdict:
            seen.add(row.key)
            rows.append(row)
        verdicts.append(verdict or "ok")
    return verdicts, rows


def _all_good(table, cameras, window, longest):
    """Judge whole columns at once: a tenth of the time of row by row. None when any row needs a closer look."""
    camera, run, number, status, test = (table[name] for name in ("camera_id", "run", "number", "status", "test"))
    if set(map(type, camera)) != {int} or not set(camera) <= cameras.keys() or set(map(type, number)) != {int}:
        return None
    if not all(set(map(type, table[name])) == {str} for name in _TEXTS) or not set(map(type, test)) <= {int, bool}:
        return None
    if not all(_each(_DECIMAL, _DIGIT_LENGTHS, table[name]) for name in ("start_us", "stop_us", "bytes")):
        return None
    if not _each(_HEXADECIMAL, _HASH_LENGTH, table["sha256"]) or not all(map(RUN.fullmatch, set(run))):
        return None
    start, stop, size = (list(map(int, table[name])) for name in ("start_us", "stop_us", "bytes"))
    lengths = list(map(sub, stop, start))
    if min(lengths) <= 0 or max(lengths) > longest or min(start) < window[0] or max(stop) > window[1]:
        return None
    if max(size) > LARGEST_FILE:
        return None
    if not (set(status) <= SEGMENT_STATUSES and set(test) <= {0, 1} and min(number) >= 0 and max(number) <= INT32):
        return None
    if len(set(zip(camera, start, strict=True))) != len(start):
        return None
    columns = (camera, start, stop, size, table["sha256"], run, number, status, test)
    return list(map(Segment._make, zip(range(len(start)), *columns, strict=True)))


def _each(characters, lengths, texts):
    """Whether every text has one of the lengths and nothing but these (ASCII) characters."""
    others = "".join(texts).encode(errors="replace").translate(None, characters)
    return not others and lengths.issuperset(map(len, texts))


class Refusals:
    """Verdicts with their sentences, made once a batch."""

    def __init__(self, _):
        self._ = _
        self.not_yours = ["not_yours", _("This camera is not recorded by this node.")]
        self.anothers = ["not_yours", _("Another recorder has told of this already.")]
        self.bad_time = ["bad_time", _("The time lies outside the accepted window.")]
        self.too_long = ["too_long", _("The segment is longer than accepted.")]
        self.duplicate = ["duplicate", _("The same camera and start came earlier in this batch.")]

    def bad_value(self, column):
        return ["bad_value", self._("The value of %s is not valid.", column)]


def _after_leaving(row, left):
    return row.camera in left and row.start >= left[row.camera]


def _judge_time(row, cameras, window, refusals, left):
    if row.camera not in cameras or _after_leaving(row, left):
        return refusals.not_yours
    if not window[0] <= row.start <= window[1] or (row.stop is not None and row.stop > window[1]):
        return refusals.bad_time
    return None


def _segment(position, values):
    """Return a Segment, or the name of the first column that is not valid."""
    camera, start, stop, size, sha256, run, number, status, test = values
    if not is_id(camera):
        return "camera_id"
    if not is_us(start):
        return "start_us"
    if not is_us(stop) or int(stop) <= int(start):
        return "stop_us"
    if not is_us(size) or int(size) > LARGEST_FILE:
        return "bytes"
    if not (isinstance(status, str) and status in SEGMENT_STATUSES):
        return "status"
    if not isinstance(sha256, str) or not (SHA256.fullmatch(sha256) or (not sha256 and status == "missing")):
        return "sha256"
    if not (isinstance(run, str) and RUN.fullmatch(run)):
        return "run"
    if not is_number(number):
        return "number"
    if test not in (0, 1):
        return "test"
    return Segment(position, camera, int(start), int(stop), int(size), sha256, run, number, status, int(test))


def _gap(position, values):
    camera, start, stop, reason = values
    if not is_id(camera):
        return "camera_id"
    if not is_us(start):
        return "start_us"
    if stop is not None and (not is_us(stop) or int(stop) < int(start)):
        return "stop_us"
    if not (isinstance(reason, str) and reason in GAP_REASONS):
        return "reason"
    return Gap(position, camera, int(start), None if stop is None else int(stop), reason)


def is_us(value):
    return isinstance(value, str) and DIGITS.fullmatch(value) is not None


def is_id(value):
    return type(value) is int and 0 < value <= INT32


def is_number(value):
    return type(value) is int and 0 <= value <= INT32
