"""What a look for due footage costs beside the holds: their sums are taken seldom, and follow what changes them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from recorder_service.domain.purge import Cutoff
from recorder_service.domain.times import DAY_US, SECOND_US

from .purge_rig import Rig


@pytest.fixture
def looks(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A sum for each time that the rows under holds were added up."""
    real, found = rig.index.cutoffs.held_back, list[int]()

    def held_back(cutoffs: Mapping[int, Cutoff]) -> int:
        found.append(real(cutoffs))
        return found[-1]

    monkeypatch.setattr(rig.index.cutoffs, "held_back", held_back)
    return found


def test_what_holds_alone_keep_is_not_added_up_at_each_look(rig: Rig, looks: list[int]) -> None:
    first, second = (rig.record((31 + n) * DAY_US, camera=7 + n) for n in range(2))
    rig.erp.hold((7,), first.start_us)
    rig.begin()
    rig.round(3)
    for _look in range(9):
        rig.clocks.pass_by(30 * SECOND_US)
        rig.worker.tick()
    assert rig.worker.held_bytes() == first.bytes
    assert len(looks) == 1
    rig.clocks.pass_by(600 * SECOND_US)
    rig.worker.tick()
    assert len(looks) == 2, "ten minutes later it is"
    rig.erp.hold((8,), second.start_us)
    rig.round()
    assert rig.worker.held_bytes() == first.bytes, "it had gone before"
    assert len(looks) == 3, "a hold changes it"


def test_another_cutoff_changes_it_at_once(rig: Rig, looks: list[int]) -> None:
    old, young = rig.record(31 * DAY_US), rig.record(29 * DAY_US)
    rig.erp.hold((7,), old.start_us)
    rig.begin()
    rig.round(2)
    assert rig.worker.held_bytes() == old.bytes
    rig.erp.days[7] = 20
    rig.round(2)
    assert rig.worker.held_bytes() == old.bytes + young.bytes
    assert len(looks) == 2
