"""The largest calls that a node makes, against what the ERP takes."""

from __future__ import annotations

import json
import uuid

from annotated_types import Le

from recorder_service.domain.gap import GapReason
from recorder_service.domain.health import CameraHealth, CameraState, DiskHealth, Health, Pending, ProcessHealth
from recorder_service.domain.hold import Hold, HoldReceipt, HoldState
from recorder_service.domain.job import JobResult, JobState
from recorder_service.domain.probe import Level, Result
from recorder_service.domain.purge import Deletion
from recorder_service.domain.said import Said, SaidCode
from recorder_service.domain.segment import Segment
from recorder_service.erp import wire
from recorder_service.erp.codec import MAX_UP
from recorder_service.erp.keeping import DELETIONS, RECEIPTS
from recorder_service.erp.wire_keeping import Keeping
from recorder_service.media.snapshot import MOST_BYTES
from recorder_service.settings.model import Odoo
from recorder_service.store.holds import GONE_ROWS
from recorder_service.store.outbox import Batch

NOW = 1_795_800_000_000_000
CAMERAS = 500
CLAIMED = 3  # jobs that one answer of the ERP hands out
RUN = str(uuid.UUID(int=7))
WORDS = Said("x" * 500, SaidCode.ENGINE_SAYS, words="x" * 300)


def heartbeat() -> dict[str, object]:
    line = CameraHealth(10**6, CameraState.OFFLINE, GapReason.UNKNOWN, NOW, NOW, 10**5, WORDS)
    process = ProcessHealth(True, NOW)
    disk = DiskHealth("/srv/media", 10**15, 10**15, 10**15, 10**15, 10**15)
    checks = tuple(Result(f"worker {number}", Level.FAIL, WORDS, "x" * 500) for number in range(30))
    return wire.heartbeat(
        Health({}, disk, process, process, True, (line,) * CAMERAS, checks=checks), Pending(9, 9, 9), ()
    )


def keeping() -> Keeping:
    hold = Hold(RUN, NOW, HoldState.ACTIVE, tuple(range(10**6, 10**6 + CAMERAS)), NOW, NOW)
    receipt = HoldReceipt(hold, 10**6, 10**6, 10**15, ((10**6, NOW),) * GONE_ROWS)
    deletion = Deletion(1, 10**6, NOW, NOW, RUN, 10**9)
    return Keeping(NOW, "t" * 40, (receipt,) * RECEIPTS, (deletion,) * DELETIONS)


def size(batch: Batch, kept: Keeping | None = None) -> int:
    envelope = wire.Envelope(RUN, RUN, 10**9, NOW, "e" * 40, "k" * 8)
    return len(json.dumps(wire.request(envelope, batch, heartbeat(), (), kept), separators=(",", ":")).encode())


def test_the_largest_call_is_half_of_what_the_erp_takes() -> None:
    segment = Segment(10**6, "p", NOW, NOW + 10**6, 10**9, "a" * 32, 10**5, "b" * 64)
    picture = JobResult(10**6, JobState.DONE, {"jpeg_base64": "a" * (MOST_BYTES * 4 // 3)})
    rows = max(limit.le for name in ("batch", "batch_behind") for limit in Odoo.model_fields[name].metadata
               if isinstance(limit, Le) and isinstance(limit.le, int))  # fmt: skip
    largest = size(Batch(segments=(segment,) * (rows - CLAIMED), jobs=(picture,) * CLAIMED), keeping())
    assert rows == 10_000
    assert 0.4 * MAX_UP < largest < 0.55 * MAX_UP
