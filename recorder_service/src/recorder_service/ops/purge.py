"""Which footage goes, and when: the thread that looks for what is due and waits for the ERP's word."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import structlog

from ..domain.event import Code, EventKind, Told
from ..domain.ports import WorkerContext
from ..domain.purge import Cutoff, Purge, PurgeHealth, PurgeState, Share
from ..domain.said import Said, SaidCode, retold
from ..domain.times import DAY_US, SECOND_US, Clock, ErpTime
from ..domain.trust import Reading, Trust, judge, leaps, moved
from ..store.index import Index
from ..store.media_root import MediaRoot, MediaRootError
from .lived import LivedClock
from .unlink import Unlinker

_log = structlog.get_logger(__name__)

_TICK = 2.0
#: Rows that one purge takes at most.
RUN_ROWS = 5000
#: A row stays so long after its file went, so that an ERP restored from a backup can be told again.
_KEEP_ROWS_US = 40 * DAY_US
_FORGET = 2000
_HELD_SECONDS = 600.0
#: What the disk would not let go, or a person, is tried or asked for again after so long, and after each start.
_AGAIN_SECONDS = 86400.0


@dataclass(frozen=True, slots=True)
class Ready:
    """May footage go now? ``problem`` says why not; ``locked``: until holds are known, or a person vouched."""

    lived_us: int
    problem: str = ""
    locked: bool = False
    trust: Trust | None = None

    @property
    def lasting(self) -> bool:
        """A clock that was set and stays so: a person is asked."""
        return self.trust is not None and self.trust.lasting


class PurgeWorker:
    """``look_seconds``: how often it looks for footage that is due."""

    name = "purge"
    patience = 120.0

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it joins
        self,
        index: Index,
        media: MediaRoot,
        erp_time: ErpTime,
        clock: Clock,
        look_seconds: float = 60.0,
        lived: LivedClock | None = None,
    ) -> None:
        self._index = index
        self._erp_time = erp_time
        self._clock = clock
        self._look_seconds = look_seconds
        self._lived = lived or LivedClock(index)
        self._unlinker = Unlinker(index, media, clock)
        self._looked_at = float("-inf")
        self._recovered = False
        self._stuck = False
        self._hindered = False
        self._unstuck_at = 0.0
        self._refused: dict[int, float] = {}
        self._advanced = ""
        self._held = (-1, -1, 0)
        self._past = (-1, "", -1, 0)
        self._lock = threading.Lock()
        self._health = PurgeHealth()
        self._held_back = 0

    def health(self) -> PurgeHealth:
        """As of the last look."""
        with self._lock:
            return self._health

    def due_bytes(self) -> int:
        """Footage that may go now, as of the last look."""
        told = self.health()
        return told.due_bytes if told.state in ("ready", "running") else 0

    def held_bytes(self) -> int:
        """Footage past its time that a hold alone keeps, as of the last look."""
        with self._lock:
            return self._held_back

    def run(self, ctx: WorkerContext) -> None:
        self._recovered = False  # after an error of the disk as after a start
        while not ctx.stopping:
            self.tick(ctx)
            ctx.wait(_TICK)

    def tick(self, ctx: WorkerContext | None = None) -> None:
        """Carry on with the purge under way; look for more when it is time."""
        ready = self._ready()
        self._recover()
        purge = self._index.purges.open()
        if not ready.problem and purge is not None and not self._stuck:
            self._carry_on(purge, ready, ctx)
        now = self._clock.monotonic()
        # what kept footage from going is over, or has come: that is told, and acted on, at once
        turned = bool(ready.problem) != self._hindered
        if turned or now - self._looked_at >= self._look_seconds:
            self._looked_at = now
            self._hindered = bool(ready.problem)
            self._stuck = False
            self._look(ready)

    def _recover(self) -> None:
        if self._recovered or self._unlinker.hindrance():
            return
        purge = self._index.purges.open()
        if purge is not None and purge.state is PurgeState.CONFIRMED and not self._unlinker.recover(purge):
            return
        self._recovered = True
        self._unstick()
        self._index.purges.ask_again(self._index.purges.refused())

    # -- the purge under way -------------------------------------------------------------------------------

    def _carry_on(self, purge: Purge, ready: Ready, ctx: WorkerContext | None) -> None:
        if purge.state is PurgeState.RELEASED:
            self._begin_released(purge, ready)
        elif purge.state is PurgeState.CONFIRMED:
            # what cannot be deleted now is tried again at the next look
            before = self._index.purges.stuck().count
            done = self._unlinker.carry_out(purge, lambda: _go_on(ctx))
            self._stuck = not done
            self._recovered = done is not None
            self._tell_stuck(before)

    def _begin_released(self, purge: Purge, ready: Ready) -> None:
        """A person said that this much may go, and no more: the guard begins anew from there."""
        cutoffs = self._cutoffs()
        mine = {}
        for share in purge.shares:
            if (cutoff := cutoffs.get(share.camera_id)) is not None:
                shown = cutoff.cutoff_us if share.cutoff_us is None else share.cutoff_us
                mine[share.camera_id] = cutoff.until(shown)
        shown_segments = {share.camera_id: share.segments for share in purge.shares}
        if any(share.segments > shown_segments[share.camera_id] for share in self._index.cutoffs.due(mine)):
            # a hold has ended meanwhile: more than what was shown is another question
            self._index.purges.park_again(purge.run)
            return
        self._advance(mine, ready.lived_us)
        self._doom(mine, purge.run)

    def _doom(self, cutoffs: Mapping[int, Cutoff], run: str | None = None) -> None:
        now_us, blocks = self._clock.now_us(), self._unlinker.blocks
        try:
            purge = self._index.purges.doom(cutoffs, RUN_ROWS, blocks, now_us, run=run)
        except MediaRootError as error:
            _log.warning("nothing is chosen for deletion", error=str(error))
            return
        if purge is not None:
            _log.info("purge asked for", run=purge.run, segments=purge.segments, bytes=purge.bytes)

    def _advance(self, cutoffs: Mapping[int, Cutoff], lived_us: int) -> None:
        before = self._index.cutoffs.advances()
        self._index.cutoffs.set_advances({c: moved(before.get(c), x.cutoff_us, lived_us) for c, x in cutoffs.items()})

    # -- looking for more ----------------------------------------------------------------------------------

    def _look(self, ready: Ready) -> None:
        cutoffs = self._cutoffs()
        due = self._index.cutoffs.due(cutoffs)
        if ready.problem and not ready.lasting:
            self._tell("locked" if ready.locked else "off", ready.problem, due)
            return
        if ready.lasting:
            self._park(self._unrefused(due), retold(f"{ready.problem}: is it right now?", ready.problem))
        else:
            self._look_trusted(cutoffs, due, ready.lived_us)
            self._tidy()
        parked = self._index.purges.parked()
        if ready.lasting and parked is None:
            text = f"{ready.problem}: is it right now? What is due next waits for a person"
            self._tell("off", retold(text, ready.problem), due)
            return
        state = "parked" if parked else "running" if self._index.purges.open() else "ready"
        self._tell(state, parked.reason if parked else self._stuck_words() or self._refused_words(due), due)

    def _look_trusted(self, cutoffs: Mapping[int, Cutoff], due: Sequence[Share], lived_us: int) -> None:
        ahead = leaps(cutoffs, self._index.cutoffs.advances(), lived_us)
        waiting = self._unrefused([share for share in due if share.camera_id in ahead])
        self._park(waiting, _leap_words({share.camera_id: ahead[share.camera_id] for share in waiting}))
        if self._index.purges.open() is not None:
            return
        steady = {camera: cutoff for camera, cutoff in cutoffs.items() if camera not in ahead}
        chosen = {share.camera_id: steady[share.camera_id] for share in due if share.camera_id in steady}
        tag = self._index.cutoffs.tag()
        # the same cutoffs would be refused again
        if chosen and self._index.meta("purge_refused_tag") != tag:
            self._doom(chosen)
        elif self._advanced != tag:
            self._advance(steady, lived_us)
            self._advanced = tag

    def _park(self, shares: Sequence[Share], reason: str) -> None:
        parked = self._index.purges.parked()
        now_us = self._clock.now_us()
        if shares:
            if parked is None:
                self._event(Told(f"deletion waits for a person: {reason}", Code.DELETION_WAITS))
            self._index.purges.park(shares, reason, now_us)
        elif parked is not None:
            self._index.purges.cancel(parked.run, "nothing of it is due any more", now_us)

    def _unrefused(self, shares: Sequence[Share]) -> list[Share]:
        """Without the cameras of which a person refused it: these are not asked for again for a day."""
        now = self._clock.monotonic()
        refused = self._index.purges.refused()
        self._refused = {camera: self._refused.get(camera, now) for camera in refused}
        over = {camera for camera, at in self._refused.items() if now - at >= _AGAIN_SECONDS}
        self._index.purges.ask_again(over)
        return [share for share in shares if share.camera_id not in refused - over]

    def _refused_words(self, due: Sequence[Share]) -> str:
        text = "the deletion of what is due was refused; it is asked for again after a day"
        refused = self._index.purges.refused()
        return Said(text, SaidCode.DELETION_REFUSED) if any(share.camera_id in refused for share in due) else ""

    def _unstick(self) -> None:
        if self._index.purges.stuck().count:
            self._index.purges.unstick()
        self._unstuck_at = self._clock.monotonic()

    def _tidy(self) -> None:
        if self._clock.monotonic() - self._unstuck_at >= _AGAIN_SECONDS:
            self._unstick()
        now_us = self._now_us()
        self._index.purges.unfuture(now_us)
        self._index.purges.forget(now_us - _KEEP_ROWS_US, _FORGET)

    # -- may footage go now? -------------------------------------------------------------------------------

    def _ready(self) -> Ready:
        lived_us = self._lived.tick()
        if problem := self._unlinker.hindrance():
            return Ready(lived_us, problem)
        if problem := self._lock_problem():
            return Ready(lived_us, problem, locked=True)
        reading = Reading(self._clock.now_us(), lived_us, self._erp_time.now_us(), self._lived.boot)
        trust = judge(reading, self._lived.baseline())
        if trust.lasting and self._released():
            trust = judge(reading, None)
        self._lived.keep_baseline(trust.baseline)
        return Ready(lived_us, trust.problem, trust=trust)

    def _released(self) -> bool:
        purge = self._index.purges.open()
        return purge is not None and purge.state is PurgeState.RELEASED

    def _lock_problem(self) -> str:
        if lock := self._index.meta("purge_lock"):
            return Said(lock.partition("\n")[2], SaidCode.DATABASE_UNCONFIRMED)
        if self._index.meta("holds_pulled") != self._index.epoch or not self._index.cutoffs.tag():
            return Said("holds and cutoffs of Odoo are not known yet", SaidCode.HOLDS_UNKNOWN)
        return ""

    def _cutoffs(self) -> dict[int, Cutoff]:
        """The ERP's, never later than both clocks allow."""
        now_us = self._now_us()
        return {camera: cutoff.lowered(now_us) for camera, cutoff in self._index.cutoffs.all().items()}

    def _now_us(self) -> int:
        return min(self._clock.now_us(), self._erp_time.now_us() or 0)

    # -- telling -------------------------------------------------------------------------------------------

    def _tell(self, state: str, reason: str, due: Sequence[Share]) -> None:
        segments, size = sum(share.segments for share in due), sum(share.bytes for share in due)
        told = PurgeHealth(state, retold(reason[:500], reason), segments, size, self._held_bytes())
        held_back = self._past_bytes() if told.held_bytes else 0
        with self._lock:
            before, self._health, self._held_back = self._health, told, held_back
        if (before.state, before.reason) != (told.state, told.reason):
            _log.info("retention", state=state, reason=reason, due=told.due_segments)

    def _held_bytes(self) -> int:
        """Footage under a hold, as of the newest holds or ten minutes ago: it is a sum over all of their segments."""
        version, turn = self._index.holds.version(), int(self._clock.monotonic() // _HELD_SECONDS)
        if self._held[:2] != (version, turn):
            self._held = (version, turn, self._index.holds.held_bytes())
        return self._held[2]

    def _past_bytes(self) -> int:
        """What holds alone keep, as of the newest holds and cutoffs or ten minutes ago: a sum like the one above."""
        if self._erp_time.now_us() is None:
            return 0  # nothing is past its time by a clock that is not known: not kept for ten minutes
        holds, cutoffs = self._index.holds.version(), self._index.cutoffs.tag()
        turn = int(self._clock.monotonic() // _HELD_SECONDS)
        if self._past[:3] != (holds, cutoffs, turn):
            self._past = (holds, cutoffs, turn, self._index.cutoffs.held_back(self._cutoffs()))
        return self._past[3]

    def _stuck_words(self) -> str:
        stuck = self._index.purges.stuck()
        text = f"{stuck.count} file(s) cannot be deleted: {stuck.words}"
        return Said(text, SaidCode.FILES_STUCK, count=stuck.count, words=stuck.words) if stuck.count else ""

    def _tell_stuck(self, before: int) -> None:
        stuck = self._index.purges.stuck()
        if stuck.count > before:
            args = asdict(stuck)
            self._event(Told(f"{self._stuck_words()}: {stuck.file}", Code.FILES_STUCK, args))

    def _event(self, told: Told) -> None:
        _log.warning(told.text)
        self._index.events.add(told.event(self._clock.now_us(), EventKind.INTEGRITY))


def _go_on(ctx: WorkerContext | None) -> bool:
    if ctx is not None:
        ctx.beat()
    return ctx is None or not ctx.stopping


def _leap_words(ahead: Mapping[int, int]) -> str:
    if not ahead:
        return ""
    hours = round(max(ahead.values()) / SECOND_US / 3600)
    text = (
        f"the retention limit of {len(ahead)} camera(s) moved {hours} h further than this machine has run: "
        "it was off, its clock was set, or footage is to be kept for a shorter time than before"
    )
    return Said(text, SaidCode.LIMIT_LEAPT, count=len(ahead), hours=hours)
