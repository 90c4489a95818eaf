"""A node's index and disk with clocks that a test sets, and the ERP's half of the deletion protocol in a few lines."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path

from recorder_service.domain.hold import Hold, HoldReceipt, HoldState
from recorder_service.domain.purge import Cutoff, PurgeAnswer, PurgeState, PurgeWord
from recorder_service.domain.segment import Segment, SegmentState
from recorder_service.domain.times import DAY_US, SECOND_US, ErpTime
from recorder_service.domain.verdict import Verdict
from recorder_service.erp import keeping
from recorder_service.erp.wire_keeping import Keeping, Orders
from recorder_service.media.seal import seal, sha256, stamp
from recorder_service.ops.lived import LivedClock
from recorder_service.ops.purge import PurgeWorker
from recorder_service.store import Index, MediaRoot

NODE = "0b8f7f7e-5f0a-4a53-9d8e-0f6b7f0c1a11"
NOW_US = 1_790_000_000_000_000 // (3600 * SECOND_US) * 3600 * SECOND_US
HOUR_US = 3600 * SECOND_US
CAMERAS = {7: "acme-cam-07", 8: "acme-cam-08"}


class Clocks(ErpTime):
    """The host's clock, lived time and the ERP's clock, each set on its own (µs)."""

    def __init__(self) -> None:
        super().__init__()
        self.wall = self.erp = NOW_US
        self.boottime = 10 * SECOND_US
        self.boot = "boot-1"
        self.erp_known = True

    def pass_by(self, us: int) -> None:
        self.wall += us
        self.erp += us
        self.boottime += us

    def now_us(self) -> int:  # as the node's own clock
        return self.wall

    def monotonic(self) -> float:
        return self.boottime / SECOND_US


class ErpClock(ErpTime):
    def __init__(self, clocks: Clocks) -> None:
        super().__init__()
        self._clocks = clocks

    def now_us(self) -> int | None:
        return self._clocks.erp if self._clocks.erp_known else None


@dataclass
class Erp:
    """What Odoo knows; `answer` is what it says to a call."""

    clocks: Clocks
    days: dict[int, int] = field(default_factory=lambda: dict.fromkeys(CAMERAS, 30))
    holds: dict[str, Hold] = field(default_factory=dict)
    word: PurgeWord | None = None  # to everything; None: go for what is asked, wait for what is parked
    person: bool = True  # refuses, not the ERP itself
    receipts: list[HoldReceipt] = field(default_factory=list)
    deleted: dict[tuple[int, int], int] = field(default_factory=dict)
    ended: list[tuple[str, str, int, int]] = field(default_factory=list)
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    released: set[str] = field(default_factory=set)
    version: int = 0

    def hold(self, cameras: tuple[int, ...], from_us: int, to_us: int | None = None) -> Hold:
        self.version += 1
        made = Hold(str(uuid.uuid4()), self.version, HoldState.ACTIVE, cameras, from_us, to_us)
        self.holds[made.hold] = made
        return made

    def release(self, hold: Hold) -> None:
        self.version += 1
        self.holds[hold.hold] = Hold(
            hold.hold, self.version, HoldState.RELEASED, hold.cameras, hold.from_us, hold.to_us
        )

    def answer(self, asked: Keeping) -> Orders:
        newer = tuple(h for h in self.holds.values() if h.version > asked.holds_version)
        hour = self.clocks.erp // HOUR_US * HOUR_US
        tag = f"{hour}-{sorted(self.days.items())}"
        cutoffs = tuple(Cutoff(c, hour - days * DAY_US, days) for c, days in self.days.items())
        self.receipts += asked.receipts
        self.deleted.update({(d.camera_id, d.start_us): d.freed for d in asked.deletions})
        self.ended += [(p.run, p.state.value, p.segments, p.freed) for p in asked.ended]
        return Orders(
            holds=newer or None,
            holds_version=self.version,
            cutoffs=cutoffs if tag != asked.cutoffs_tag else None,
            cutoffs_tag=tag,
            purge=self._purge(asked),
            receipts=(Verdict(),) * len(asked.receipts),
            deletions=(Verdict(),) * len(asked.deletions),
            ended=(Verdict(),) * len(asked.ended),
        )

    def _purge(self, asked: Keeping) -> PurgeAnswer | None:
        if asked.purge is None:
            return None
        parked = asked.purge.state is PurgeState.PARKED
        self.asked.append((asked.purge.run, "parked" if parked else "ask", asked.purge.segments))
        free = not parked or asked.purge.run in self.released
        word = self.word or (PurgeWord.GO if free else PurgeWord.WAIT)
        return PurgeAnswer(asked.purge.run, word, "", self.person and word is PurgeWord.REFUSED)


class Rig:
    """`restart()` is what a crash and a new start leave: the files and the index, nothing of memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clocks = Clocks()
        self.erp = Erp(self.clocks)
        self.root = folder / "media"
        self.root.mkdir(parents=True, exist_ok=True)
        self.media = MediaRoot(self.root, NODE)
        self.media.adopt()
        self.count = 0
        self.look_seconds = 0.0
        self._open()

    def _open(self) -> None:
        self.index = Index(self.folder / "index.sqlite", NODE)
        lived = LivedClock(self.index, lambda: self.clocks.boottime, self.clocks.boot)
        self.worker = PurgeWorker(self.index, self.media, ErpClock(self.clocks), self.clocks, self.look_seconds, lived)

    def restart(self) -> None:
        self.index.close()
        self._open()

    def close(self) -> None:
        self.index.close()

    def record(self, age_us: int, camera: int = 7, *, seen_us: int | None = None) -> Segment:
        """One sealed, indexed file that ended `age_us` ago."""
        self.count += 1
        stop = self.clocks.wall - age_us
        path = CAMERAS[camera]
        segment = Segment(camera, path, stop - 10 * SECOND_US, stop, 0, "ab" * 16, self.count)
        file = self.root / segment.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self.count.to_bytes(4, "big") * 2000)
        seal(file)
        digest, size = sha256(file)
        whole = Segment(
            camera, path, segment.start_us, stop, size, segment.run, self.count, digest, state=SegmentState.HASHED
        )
        self.index.segments.add(whole, 0)
        seen = stop if seen_us is None else seen_us
        stamp(file, seen)
        self.index.database.write(
            lambda c: c.execute(
                "UPDATE segment SET first_seen_us = ?, state = 'synced' WHERE path = ? AND start_us = ?",
                (seen, path, whole.start_us),
            )
        )
        self.index.database.write(lambda c: c.execute("DELETE FROM outbox"))
        return whole

    def sync(self) -> None:
        asked = keeping.gather(self.index)
        orders = self.erp.answer(asked)
        keeping.take_holds(self.index, orders, self.clocks.wall)
        keeping.note_told(self.index, asked, orders, self.clocks.wall)
        keeping.take_rest(self.index, asked, orders, self.clocks.wall)

    def round(self, times: int = 1) -> None:
        for _ in range(times):
            self.sync()
            self.worker.tick()

    def begin(self, lived_days: int = 40) -> None:
        """A node that has run for long: clocks are known, cutoffs have come along."""
        self.sync()
        self.index.database.write(
            lambda c: c.execute("UPDATE advance SET lived_us = lived_us - ?", (lived_days * DAY_US,))
        )

    def there(self, segment: Segment) -> bool:
        return (self.root / segment.file).exists()

    def mark(self, segment: Segment) -> str:
        row = (
            self.index.database.read()
            .execute("SELECT purge FROM segment WHERE path = ? AND start_us = ?", (segment.path, segment.start_us))
            .fetchone()
        )
        return str(row["purge"]) if row else "none"
