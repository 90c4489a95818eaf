"""What may go by the cutoffs, and what holds keep of it."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace

from recorder_service.domain.hold import Hold, HoldState
from recorder_service.domain.purge import Cutoff
from recorder_service.store import Index
from recorder_service.store.cutoffs import DUE
from recorder_service.store.holds import HELD

from ..conftest import hashed

CAMERA, SEGMENT = 7, 10
CUTOFF = Cutoff(CAMERA, 2000, 1)


def fill(index: Index, draw: random.Random) -> None:
    """Two hundred segments, some of them longer than the others, and holds that overlap, touch and have no end."""
    made = [replace(hashed(n), camera_id=CAMERA, start_us=n * SEGMENT, stop_us=(n + 1) * SEGMENT) for n in range(200)]
    index.segments.restore([replace(s, stop_us=s.stop_us + draw.choice((0, 0, 300)), file="") for s in made])
    holds = []
    for number in range(1, draw.randrange(2, 9)):
        start = draw.randrange(2100)
        stop = start + draw.randrange(1, 300) if draw.random() < 0.9 else None
        holds.append(Hold(str(uuid.UUID(int=number)), number, HoldState.ACTIVE, (CAMERA,), start, stop))
    index.holds.take_over(holds, len(holds), 1)


def unheld(index: Index) -> list[int]:
    """Starts of what may go, each row and each hold looked at."""
    sql = f"SELECT start_us FROM segment s WHERE {DUE} AND NOT {HELD} ORDER BY start_us"
    return [row[0] for row in index.database.read().execute(sql, (CAMERA, CUTOFF.cutoff_us, CUTOFF.cutoff_us))]


def test_what_is_due_is_all_that_no_hold_touches(index: Index) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)
    fill(index, random.Random(seed))
    wanted = unheld(index)
    due = index.cutoffs.due({CAMERA: CUTOFF})
    assert sum(share.segments for share in due) == len(wanted)
    assert [share.first_us for share in due] == wanted[:1]
    purge = index.purges.doom({CAMERA: CUTOFF}, 30, lambda _file: 1, 5)
    doomed = index.database.read().execute("SELECT start_us FROM segment WHERE purge = 'doomed' ORDER BY start_us")
    assert [row[0] for row in doomed] == wanted[:30]
    assert (purge.segments if purge else 0) == len(wanted[:30])
