"""The ERP's rows of this node, and their digests by camera and day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..domain.digest import DayDigest
from ..domain.segment import Segment, SegmentState, SegmentStatus
from ..domain.times import DAY_US
from .codec import pack, unpack
from .errors import ErpProtocolError
from .port import ErpPort
from .wire import SCHEMA

_MONTH_US = 30 * DAY_US


class ErpIndex:
    """Reads; every method raises `ErpError` when Odoo does not answer, refuses, or answers nonsense."""

    def __init__(self, port: ErpPort, node: str) -> None:
        self._port = port
        self._node = node

    def days(self) -> Iterator[DayDigest]:
        """Every camera and day of which the ERP has rows of this node, oldest month first."""
        first, last = self._span()
        while first is not None and last is not None and first <= last:
            yield from self.digests(first, first + _MONTH_US)
            first += _MONTH_US

    def rows(self, camera_id: int, path: str, from_us: int, to_us: int) -> Iterator[Segment]:
        """The segments of one camera that start in that time, oldest first."""
        more = True
        while more:
            message = self._ask("index_rows", from_us, to_us, camera_id=camera_id)
            found = _segments(message, camera_id, path)
            yield from found
            more = bool(message["more"])
            if more:
                if not found or found[-1].start_us < from_us:
                    raise ErpProtocolError(f"the rows of camera {camera_id} do not go on")
                from_us = found[-1].start_us + 1

    def _span(self) -> tuple[int | None, int | None]:
        message = self._ask("index_digests", 0, 0)
        try:
            first, last = message["first_us"], message["last_us"]
            day = None if first is None else int(first) // DAY_US * DAY_US
            return day, None if last is None else int(last)
        except (KeyError, TypeError, ValueError) as error:
            raise ErpProtocolError(f"digests hold a wrong value: {error}") from None

    def digests(self, from_us: int, to_us: int) -> list[DayDigest]:
        """Those of whole days in that time, at most 32 days."""
        message = self._ask("index_digests", from_us, to_us)
        try:
            columns = [message[name] for name in ("camera_id", "path", "day", "segments", "bytes", "sha256")]
            return [
                DayDigest(int(camera), str(path), str(day), int(segments), int(size), str(digest))
                for camera, path, day, segments, size, digest in zip(*columns, strict=True)
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise ErpProtocolError(f"digests hold a wrong value: {error}") from None

    def _ask(self, method: str, from_us: int, to_us: int, **more: int) -> dict[str, Any]:
        asked = {"schema": SCHEMA, "node": self._node, "from_us": str(from_us), "to_us": str(to_us), **more}
        return unpack(self._port.recorder(method, pack(asked)))


def _segments(message: dict[str, Any], camera_id: int, path: str) -> list[Segment]:
    names = ("start_us", "stop_us", "bytes", "sha256", "run", "number", "status", "test")
    try:
        return [
            Segment(
                camera_id, path, int(start), int(stop), int(size), str(run), int(number), str(digest),
                SegmentStatus(status), SegmentState.SYNCED, bool(test),
            )
            for start, stop, size, digest, run, number, status, test in zip(
                *(message[name] for name in names), strict=True
            )
        ]  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise ErpProtocolError(f"rows of the index hold a wrong value: {error}") from None
