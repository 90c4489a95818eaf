"""Retention and holds on the wire: what a call says of them, and what its answer changes in the index."""

from __future__ import annotations

from collections.abc import Iterator

import structlog

from ..domain.purge import Purge, PurgeAnswer, PurgeState, PurgeWord
from ..domain.times import iso
from ..domain.verdict import Verdict, VerdictCode
from ..store import Index
from ..store.refused import Refusal, RefusedKind, RefusedRow
from .wire_keeping import Keeping, Orders

_log = structlog.get_logger(__name__)

DELETIONS = 500  # in one call, at most
RECEIPTS = 50


def gather(index: Index) -> Keeping:
    """For the next call."""
    return Keeping(
        holds_version=index.holds.version(),
        cutoffs_tag=index.cutoffs.tag(),
        receipts=tuple(index.holds.receipts(RECEIPTS)),
        deletions=tuple(index.purges.untold(DELETIONS)),
        purge=_asking(index),
        ended=tuple(index.purges.ended()),
    )


def _asking(index: Index) -> Purge | None:
    under_way = index.purges.open()
    if under_way is not None and under_way.state is PurgeState.ASKED:
        return under_way
    return index.purges.parked()


def take_holds(index: Index, orders: Orders, now_us: int, *, trusted: bool = True) -> None:
    """Before anything else of an answer is believed: what must stay is stored.

    Of a database that is not ``trusted`` no hold ends.
    """
    if orders.holds is None:
        return
    for receipt in index.holds.take_over(orders.holds, orders.holds_version, now_us, trusted=trusted):
        _log.info("hold stored", hold=receipt.hold.hold, kept=receipt.kept, gone=receipt.gone)


def note_told(index: Index, keeping: Keeping, orders: Orders, now_us: int) -> list[RefusedRow]:
    """What was answered to receipts, deletions and purges that ended. Returns what was refused.

    A database that is locked out hears of each once as well: else those behind the first of them would never arrive.
    """
    _settle(index, keeping, orders)
    refusals = list(_refusals(keeping, orders))
    return index.refused.park(refusals, now_us) if refusals else []


def take_rest(index: Index, keeping: Keeping, orders: Orders, now_us: int) -> None:
    """Cutoffs and the purge's word, of a database that may order deletions; the holds of the same answer are stored."""
    if orders.cutoffs is not None:
        index.cutoffs.replace(orders.cutoffs, orders.cutoffs_tag)
    if index.meta("holds_pulled") != index.epoch:
        index.set_meta("holds_pulled", index.epoch)
    if orders.purge is not None and keeping.purge is not None and orders.purge.run == keeping.purge.run:
        _take_word(index, keeping.purge, orders.purge, now_us)


def _settle(index: Index, keeping: Keeping, orders: Orders) -> None:
    if receipts := [r for r, v in zip(keeping.receipts, orders.receipts, strict=True) if _settles(v)]:
        index.holds.acknowledged(receipts)
    if runs := [p.run for p, v in zip(keeping.ended, orders.ended, strict=True) if _settles(v)]:
        index.purges.ended_told(runs)
    if ids := [d.id for d, v in zip(keeping.deletions, orders.deletions, strict=True) if _settles(v)]:
        index.purges.told(ids)


def _refusals(keeping: Keeping, orders: Orders) -> Iterator[Refusal]:
    for receipt, verdict in zip(keeping.receipts, orders.receipts, strict=True):
        if not _settles(verdict) and verdict.parks:
            hold = receipt.hold
            yield Refusal(RefusedKind.HOLD, hold.hold, hold.hold, verdict, hold.version)
    for deletion, verdict in zip(keeping.deletions, orders.deletions, strict=True):
        if not _settles(verdict) and verdict.parks:
            name = f"camera {deletion.camera_id} {iso(deletion.start_us)}"
            yield Refusal(RefusedKind.DELETION, str(deletion.id), name, verdict)
    for purge, verdict in zip(keeping.ended, orders.ended, strict=True):
        if not _settles(verdict) and verdict.parks:
            yield Refusal(RefusedKind.PURGE, purge.run, purge.run, verdict)


def _settles(verdict: Verdict) -> bool:
    """A duplicate is told by its twin of the same call."""
    return verdict.ok or verdict.code == VerdictCode.DUPLICATE


def _take_word(index: Index, purge: Purge, answer: PurgeAnswer, now_us: int) -> None:
    if answer.word is PurgeWord.REFUSED:
        index.purges.cancel(purge.run, answer.reason or "Odoo refused it", now_us)
        if answer.person and purge.state is PurgeState.PARKED:
            index.purges.refuse([share.camera_id for share in purge.shares])
        else:
            index.set_meta("purge_refused_tag", purge.tag)
        _log.warning("purge refused", run=purge.run, reason=answer.reason)
    elif answer.word is PurgeWord.GO and purge.state is PurgeState.PARKED:
        index.purges.release(purge.run)
        _log.info("purge released by a person", run=purge.run)
    elif answer.word is PurgeWord.GO:
        index.purges.confirm(purge.run)
        _log.info("purge confirmed", run=purge.run)
