"""The deletion protocol's real code on a disk that forgets what no fsync has made lasting.

Two segments in two folders, both past their time; the ERP may hold the first. The purge and the sync are actors: who
goes next, who is killed and when power fails is chosen from outside.
"""

from __future__ import annotations

import copy
import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from recorder_service.domain.hold import Hold, HoldReceipt, HoldState
from recorder_service.domain.purge import PurgeWord
from recorder_service.domain.segment import Segment
from recorder_service.domain.times import DAY_US
from recorder_service.erp import keeping
from recorder_service.erp.wire_keeping import Keeping, Orders

from .protocol_actor import START, Actor, NoMutex, TurnMutex
from .purge_rig import Erp, Rig

KEYS = ("holds_version", "holds_pulled", "purge_refused_tag")


class ViolationError(AssertionError):
    """What must never be true."""


@dataclass(frozen=True)
class Moment:
    """What outlives a crash: the node's folder, what the ERP knows, and what it was promised.

    `limbo`: files that are unlinked, their folders not fsynced. `heard`: keys of segments that the ERP calls deleted.
    """

    folder: Path
    erp: Erp | None = None
    crashes: int = 1
    may_release: bool = False
    hold: Hold | None = None
    promised: frozenset[tuple[int, int]] = frozenset()
    heard: frozenset[tuple[int, int]] = frozenset()
    limbo: frozenset[str] = field(default=frozenset())


class World:
    """A node that has just started at that moment, in a folder of its own."""

    def __init__(self, moment: Moment, folder: Path, mutation: str = "") -> None:
        shutil.copytree(moment.folder, folder)
        self.mutation = mutation
        self.now = moment
        self.rig = Rig(folder)
        if moment.erp is not None:
            self.rig.erp = _copied(moment.erp)
        rows = "SELECT camera_id, path, start_us, stop_us, bytes, run, number FROM segment ORDER BY id"
        self.segments = [Segment(*row) for row in self.rig.index.database.read().execute(rows)]
        self.authority: tuple[Hold, ...] | None = None
        mutex: Any = NoMutex() if mutation == "no mutex" else TurnMutex()
        self.rig.index.holds.mutex = mutex
        self.purge = Actor(lambda _actor: self.rig.worker.tick())
        self.sync = Actor(self._call)
        self.purge.world = self.sync.world = self  # type: ignore[attr-defined]

    def _set(self, **what: object) -> None:
        self.now = replace(self.now, **what)  # type: ignore[arg-type]

    def _call(self, actor: Actor) -> None:
        rig = self.rig
        asked = keeping.gather(rig.index)
        orders = rig.erp.answer(asked)
        held = tuple(hold for hold in rig.erp.holds.values() if hold.state is HoldState.ACTIVE)
        self._heard(asked.receipts)
        actor.note(*_told(asked, orders))
        actor.point("answered")
        if self.mutation != "holds of the answer forgotten":
            keeping.take_holds(rig.index, orders, rig.clocks.wall)
        actor.point("holds stored")
        if orders.purge is not None and orders.purge.word is PurgeWord.GO:
            self.authority = held
        keeping.note_told(rig.index, asked, orders, rig.clocks.wall)
        keeping.take_rest(rig.index, asked, orders, rig.clocks.wall)

    def _heard(self, receipts: tuple[HoldReceipt, ...]) -> None:
        self._set(heard=frozenset(self.rig.erp.deleted))
        for receipt in receipts:
            if self.now.hold is not None and receipt.hold.version == self.now.hold.version:
                inside = {s.key for s in self.segments if touches(receipt.hold, s)}
                self._set(promised=frozenset(inside - set(receipt.gone_rows)))

    # -- what may happen next ----------------------------------------------------------------------------

    def choices(self) -> list[str]:
        """What goes on without a crash."""
        found = [name for name in ("purge", "sync") if getattr(self, name).free()]
        if self.now.hold is None:
            found.append("hold")
        elif self.now.may_release and self.now.hold.state is HoldState.ACTIVE:
            found.append("release")
        return found

    def crashes(self) -> Iterator[tuple[str, frozenset[str] | None]]:
        """Each way to end here: what to call it, and which files a power cut brings back (None: a kill)."""
        if self.now.crashes:
            if self.purge.at != START or self.sync.at != START:
                yield "killed", None
            limbo = sorted(self.now.limbo)
            for number in range(len(limbo) + 1 if limbo else 0):
                for back in itertools.combinations(limbo, number):
                    yield f"power cut, {number} of {len(limbo)} files are back", frozenset(back)

    def do(self, choice: str) -> None:
        """Go on by one step, and look."""
        if choice == "hold":
            first = self.segments[0]
            self._set(hold=self.rig.erp.hold((7,), first.start_us, first.stop_us))
        elif choice == "release":
            assert self.now.hold is not None
            self.rig.erp.release(self.now.hold)
            self._set(hold=self.rig.erp.holds[self.now.hold.hold], promised=frozenset())
        else:
            getattr(self, choice).step()
        self.check()

    def left(self, back: frozenset[str] | None, folder: Path) -> Moment:
        """What a crash here leaves, copied to `folder`; the world goes on."""
        shutil.copytree(self.rig.folder, folder)
        for file in back or ():
            aside(folder, file).rename(folder / "media" / file)
        limbo = self.now.limbo if back is None else frozenset()
        return replace(self.now, folder=folder, erp=_copied(self.rig.erp), crashes=self.now.crashes - 1, limbo=limbo)

    def end(self) -> None:
        self.purge.kill()
        self.sync.kill()
        self.rig.close()

    # -- the disk ------------------------------------------------------------------------------------------

    def unlink(self, path: Path) -> None:
        file = str(path.relative_to(self.rig.root))
        (segment,) = [s for s in self.segments if s.file == file]
        if not path.exists():
            return
        if self.authority is None:
            raise ViolationError("unlinked without the ERP's word")
        if any(touches(hold, segment) for hold in self.authority):
            raise ViolationError("unlinked what the ERP held before it said go")
        path.rename(aside(self.rig.folder, file))
        self._set(limbo=self.now.limbo | {file})

    def fsync(self, folder: Path) -> None:
        self._set(limbo=frozenset(f for f in self.now.limbo if (self.rig.root / f).parent != folder))

    # -- what must be true ---------------------------------------------------------------------------------

    def check(self) -> None:
        """Raises: ViolationError."""
        for segment in self.segments:
            mark, there = self.rig.mark(segment), self.rig.there(segment)
            if not there and mark not in ("confirmed", "gone"):
                raise ViolationError(f"absent and {mark}")
            if mark == "gone" and (there or segment.file in self.now.limbo):
                raise ViolationError("gone, and there or coming back")
            if not there and segment.key in self.now.promised:
                raise ViolationError("a hold's receipt promised it")
            if there and segment.key in self.now.heard:
                raise ViolationError("the ERP heard that it went")

    def settle(self) -> None:
        """Left alone, it comes to an end: what is left is held, and what is not left is told.

        A hold that came after the ERP's word may find nothing left; what it then does not promise is gone.

        Raises:
            ViolationError: it does not.
        """
        before = None
        while before != (before := self.state()):
            for actor in (self.sync, self.purge):
                self._round(actor)
        self.check()
        hold = self.now.hold
        held = hold is not None and hold.state is HoldState.ACTIVE
        left = [s for s in self.segments if self.rig.there(s)]
        if any(not (held and hold and touches(hold, s)) for s in left):
            raise ViolationError("what nobody holds stays for ever")
        if self.now.heard != {s.key for s in self.segments if s not in left}:
            raise ViolationError("the ERP does not hear of all that went")
        if held and self.now.promised != {s.key for s in left}:
            raise ViolationError("the ERP does not hear of all that its hold keeps")

    def _round(self, actor: Actor) -> None:
        other = self.purge if actor is self.sync else self.sync
        while True:
            (actor if actor.free() else other).step()
            if actor.at == START:
                return

    def state(self) -> int:
        """Everything that the future depends on."""
        worker, now = self.rig.worker, self.now
        memory = [getattr(worker, name) for name in ("_recovered", "_stuck", "_hindered", "_advanced")]
        actors = [(actor.at, actor.past) for actor in (self.purge, self.sync)]
        authority = None if self.authority is None else len(self.authority)
        hold = now.hold and (now.hold.version, now.hold.state.value)
        known = (hold, sorted(now.promised), sorted(now.heard), sorted(now.limbo), now.crashes)
        disk = [self.rig.there(s) for s in self.segments]
        return hash(repr((self._tables(), disk, known, memory, actors, authority)))

    def _tables(self) -> object:
        read = self.rig.index.database.read().execute
        runs = {row[0]: number for number, row in enumerate(read("SELECT run FROM purge ORDER BY id"))}
        segments = read("SELECT purge_run, purge, gone_told, status FROM segment ORDER BY id")
        return (
            [(runs.get(run), *rest) for run, *rest in segments],
            [tuple(row) for row in read("SELECT state, told, rescued, freed FROM purge ORDER BY id")],
            [tuple(row) for row in read("SELECT version, receipt FROM hold")],
            [tuple(row) for row in read(f"SELECT key, value FROM meta WHERE key IN {KEYS} ORDER BY key")],
        )


def _told(asked: Keeping, orders: Orders) -> Iterator[object]:
    """What a call said and was answered, without the names drawn for it."""
    yield asked.holds_version
    yield [receipt.hold.version for receipt in asked.receipts]
    yield [deletion.id for deletion in asked.deletions]
    yield asked.purge and asked.purge.state.value, len(asked.ended)
    yield [(hold.version, hold.state.value) for hold in orders.holds or ()]
    yield orders.purge and orders.purge.word.value


def _copied(erp: Erp) -> Erp:
    """Its clocks stand still, so they are shared."""
    return replace(
        erp, **{what.name: copy.copy(getattr(erp, what.name)) for what in fields(erp) if what.name != "clocks"}
    )


def aside(folder: Path, file: str) -> Path:
    """Where an unlinked file lies until its folder is fsynced."""
    return folder / file.replace("/", "_")


def touches(hold: Hold, segment: Segment) -> bool:
    return segment.stop_us > hold.from_us and (hold.to_us is None or segment.start_us < hold.to_us)


def begun(folder: Path) -> Moment:
    """A node with two old segments in two folders, known to its ERP."""
    rig = Rig(folder)
    for days in (40, 35):
        rig.record(days * DAY_US)
    rig.begin()
    rig.sync()
    assert rig.index.purges.open() is None
    rig.close()
    return Moment(folder, rig.erp)
