"""What clocks do to retention: a camera that records all the time, kept seven days, and the real code of a node.

The events are those that machines really meet; none may delete footage inside its retention. Each of the four rules of
docs/retention.md is taken out once, and some event then does.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from unittest import mock

import pytest

from recorder_service.domain import trust
from recorder_service.domain.segment import Segment, SegmentState
from recorder_service.domain.times import DAY_US, SECOND_US
from recorder_service.media.seal import seal
from recorder_service.ops import purge as purging
from recorder_service.store import segments

from .purge_rig import HOUR_US, NOW_US, Clocks, Rig

DAYS = 7
STEP_US = 20 * 60 * SECOND_US
ROUNDS = 3


class Node:
    """A rig whose clocks may stand wrong, and the true time; one segment each twenty minutes."""

    def __init__(self, folder: Path) -> None:
        self.rig = Rig(folder)
        self.clocks: Clocks = self.rig.clocks
        self.rig.erp.days = {7: DAYS}
        self.true_us = NOW_US
        self.wrong_wall = self.wrong_erp = 0
        self.ended: dict[Path, int] = {}
        self.early: list[Path] = []

    @property
    def gone(self) -> int:
        return sum(not file.exists() for file in self.ended)

    @property
    def waits(self) -> bool:
        return self.rig.index.purges.parked() is not None

    def run(self, hours: float, *, recording: bool = True) -> None:
        for _ in range(round(hours * HOUR_US / STEP_US)):
            self.true_us += STEP_US
            if recording:
                self._step()

    def _step(self) -> None:
        self.clocks.boottime += STEP_US
        self.clocks.wall, self.clocks.erp = self.true_us + self.wrong_wall, self.true_us + self.wrong_erp
        self._record()
        there = [file for file in self.ended if file.exists()]
        for _ in range(ROUNDS):
            if self.clocks.erp_known:
                self.rig.sync()
            self.rig.worker.tick()
        self.early += [f for f in there if self.true_us - self.ended[f] < DAYS * DAY_US and not f.exists()]

    def _record(self) -> None:
        stop = self.clocks.wall
        number = len(self.ended) + 1
        segment = Segment(7, "acme-cam-07", stop - STEP_US, stop, 4, "ab" * 16, number, "cd" * 32,
                          state=SegmentState.HASHED)  # fmt: skip
        file = self.rig.root / segment.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"mdat")
        seal(file)
        seen = max(self.clocks.wall, self.clocks.erp if self.clocks.erp_known else 0)
        self.rig.index.segments.add(segment, seen)
        self.rig.index.database.write(lambda c: c.execute("DELETE FROM outbox"))
        self.ended[file] = self.true_us

    def copied(self, folder: Path) -> Node:
        """The same node at the same moment, in another folder."""
        shutil.copytree(self.rig.folder, folder)
        made = Node(folder)
        for name in ("wall", "erp", "boottime", "boot"):
            setattr(made.clocks, name, getattr(self.clocks, name))
        made.true_us = self.true_us
        made.ended = {folder / file.relative_to(self.rig.folder): us for file, us in self.ended.items()}
        made.rig.restart()
        return made

    def reboot(self) -> None:
        self.clocks.boot += "+"
        self.clocks.boottime = SECOND_US
        self.rig.restart()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """In memory where there is such a place: it is about order, not about disks."""
    memory = Path("/dev/shm")
    folder = Path(mkdtemp(dir=memory)) if os.access(memory, os.W_OK) else tmp_path_factory.mktemp("clocks")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def lived(place: Path) -> Node:
    """It has run for longer than its retention, and has ended."""
    made = Node(place / "lived")
    made.run(DAYS * 24 + 12)
    assert made.gone > 20
    assert made.early == []
    made.rig.close()
    return made


@pytest.fixture
def node(place: Path, lived: Node) -> Iterator[Node]:
    made = lived.copied(place / "node")
    yield made
    made.rig.close()
    shutil.rmtree(place / "node")


def node_a_day_ahead_for_an_hour(n: Node) -> None:
    n.wrong_wall = DAY_US
    n.run(1)
    n.wrong_wall = 0


def node_a_day_ahead_for_good(n: Node) -> None:
    n.wrong_wall = DAY_US


def node_a_year_behind_for_an_hour(n: Node) -> None:
    n.wrong_wall = -365 * DAY_US
    n.run(1)
    n.wrong_wall = 0


def erp_a_day_ahead_for_an_hour(n: Node) -> None:
    n.wrong_erp = DAY_US
    n.run(1)
    n.wrong_erp = 0


def both_a_day_ahead_for_an_hour(n: Node) -> None:
    n.wrong_wall = n.wrong_erp = DAY_US
    n.run(1)
    n.wrong_wall = n.wrong_erp = 0


def both_thirty_days_ahead_for_an_hour(n: Node) -> None:
    n.wrong_wall = n.wrong_erp = 30 * DAY_US
    n.run(1)
    n.wrong_wall = n.wrong_erp = 0


def boot_into_1970_and_ntp_after_twenty_minutes(n: Node) -> None:
    n.reboot()
    n.clocks.erp_known = False
    n.wrong_wall = -n.true_us + 2 * STEP_US
    n.run(1 / 3)
    n.wrong_wall, n.clocks.erp_known = 0, True


def reboot_with_a_clock_a_day_ahead(n: Node) -> None:
    n.reboot()
    n.wrong_wall = DAY_US


def reboot_with_both_clocks_a_day_ahead(n: Node) -> None:
    n.reboot()
    n.wrong_wall = n.wrong_erp = DAY_US


def off_for_three_days(n: Node) -> None:
    n.run(72, recording=False)
    n.reboot()


def erp_away_for_a_day(n: Node) -> None:
    n.clocks.erp_known = False
    n.run(24)
    n.clocks.erp_known = True


EVENTS: tuple[Callable[[Node], None], ...] = (
    node_a_day_ahead_for_an_hour, node_a_day_ahead_for_good, node_a_year_behind_for_an_hour,
    erp_a_day_ahead_for_an_hour, both_a_day_ahead_for_an_hour, both_thirty_days_ahead_for_an_hour,
    boot_into_1970_and_ntp_after_twenty_minutes, reboot_with_a_clock_a_day_ahead, reboot_with_both_clocks_a_day_ahead,
    off_for_three_days, erp_away_for_a_day,
)  # fmt: skip
#: After these a person is asked, or the two clocks have to be set right.
STAYS = {
    node_a_day_ahead_for_good, reboot_with_a_clock_a_day_ahead, reboot_with_both_clocks_a_day_ahead, off_for_three_days,
}  # fmt: skip


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.__name__)
def test_no_event_deletes_early(node: Node, event: Callable[[Node], None]) -> None:
    event(node)
    before = node.gone
    node.run(6)
    assert node.early == []
    if event in STAYS:
        assert node.gone == before
        told = node.rig.worker.health()
        assert (told.state, bool(told.reason)) == ("parked" if node.waits else "off", True)
    else:
        assert node.gone > before, "it catches up by itself"


@contextmanager
def without(rule: str) -> Iterator[None]:
    """The real code with one rule taken out, and what another would catch left out with it where that is said."""
    with ExitStack() as stack:
        if rule == "both clocks":
            stack.enter_context(mock.patch.object(purging.PurgeWorker, "_now_us", return_value=2**62))
        if rule == "first seen":
            stack.enter_context(mock.patch.object(segments, "_insert", _unseen(segments._insert)))
        if rule in ("trust", "both clocks"):
            stack.enter_context(mock.patch.object(purging, "judge", return_value=trust.Trust(None)))
        if rule in ("lived time", "both clocks", "trust"):
            stack.enter_context(mock.patch.object(purging, "leaps", return_value={}))
        yield


def _unseen(real: Callable[..., None]) -> Callable[..., None]:
    def insert(connection: object, segment: Segment, _first_seen_us: int) -> None:
        real(connection, segment, 0)
        connection.execute("UPDATE segment SET first_seen_us = 0")  # type: ignore[attr-defined]

    return insert


@pytest.mark.parametrize(
    ("rule", "event"),
    [
        ("both clocks", erp_a_day_ahead_for_an_hour),
        ("first seen", node_a_year_behind_for_an_hour),
        ("trust", both_a_day_ahead_for_an_hour),
        ("lived time", reboot_with_both_clocks_a_day_ahead),
    ],
)
def test_without_a_rule_an_event_does(node: Node, rule: str, event: Callable[[Node], None]) -> None:
    with without(rule):
        event(node)
        node.run(3)
    assert node.early
