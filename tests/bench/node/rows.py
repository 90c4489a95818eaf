"""Segments, holds and the ERP's word, as a node comes to know them."""

import secrets
import uuid

from recorder_service.domain.hold import Hold, HoldState
from recorder_service.domain.purge import PurgeAnswer, PurgeWord
from recorder_service.domain.segment import Segment
from recorder_service.domain.verdict import Verdict
from recorder_service.erp import keeping
from recorder_service.erp.wire_keeping import Orders

SECOND = 10**6
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
RUN = "ab" * 16


def path_of(camera):
    """Return a camera's path by its number."""
    return f"bench-cam-{camera:04}"


def minute(camera, start_us, number, size, path=""):
    """Return one minute of a camera."""
    path = path or path_of(camera)
    return Segment(camera, path, start_us, start_us + MINUTE, size, RUN, number, sha256=secrets.token_hex(32))


def hold(version, cameras, from_us, to_us):
    """Return a hold in force."""
    return Hold(str(uuid.uuid4()), version, HoldState.ACTIVE, tuple(cameras), from_us, to_us)


def exchange(index, now_us, **orders):
    """What a sync does of retention, without the way to the ERP: it says *go* to what is asked and *ok* to the rest.

    :param orders: fields of ``Orders`` that the answer brings
    """
    asked = keeping.gather(index)
    go = PurgeAnswer(asked.purge.run, PurgeWord.GO) if asked.purge else None
    verdicts = {name: (Verdict(),) * len(getattr(asked, name)) for name in ("receipts", "deletions", "ended")}
    answer = Orders(purge=go, **verdicts, **orders)
    keeping.take_holds(index, answer, now_us)
    keeping.take_rest(index, asked, answer, now_us)
