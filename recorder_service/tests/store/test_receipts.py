"""What the ERP is told of holds that were stored."""

from __future__ import annotations

import uuid

from recorder_service.domain.hold import Hold, HoldState
from recorder_service.store import Index


def test_receipts_go_some_at_a_time_the_oldest_first(index: Index) -> None:
    """All at once could be more than the ERP takes, and would then never go."""
    holds = [Hold(str(uuid.UUID(int=n)), n, HoldState.ACTIVE, (1,), 0) for n in range(1, 6)]
    index.holds.take_over(holds, 5, 1)
    told: list[int] = []
    while receipts := index.holds.receipts(2):
        assert len(receipts) <= 2
        index.holds.acknowledged(receipts)
        told += [receipt.hold.version for receipt in receipts]
    assert told == [1, 2, 3, 4, 5]
