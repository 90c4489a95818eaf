"""Retention, hold and deletion in the messages of the sync call (docs/wire.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..domain.hold import Hold, HoldReceipt, HoldState
from ..domain.purge import Cutoff, Deletion, Purge, PurgeAnswer, PurgeState, PurgeWord
from ..domain.said import coded
from ..domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a call says and asks of retention and holds."""

    holds_version: int
    cutoffs_tag: str
    receipts: tuple[HoldReceipt, ...] = ()
    deletions: tuple[Deletion, ...] = ()
    purge: Purge | None = None
    ended: tuple[Purge, ...] = ()


@dataclass(frozen=True, slots=True)
class Orders:
    """What the ERP answers to that; ``holds`` None: nothing newer, ``cutoffs`` None: the tag fits."""

    holds: tuple[Hold, ...] | None = None
    holds_version: int = 0
    cutoffs: tuple[Cutoff, ...] | None = None
    cutoffs_tag: str = ""
    purge: PurgeAnswer | None = None
    receipts: tuple[Verdict, ...] = ()
    deletions: tuple[Verdict, ...] = ()
    ended: tuple[Verdict, ...] = ()


def told(keeping: Keeping) -> dict[str, Any]:
    """The part of the message up."""
    return {
        "holds_version": str(keeping.holds_version),
        "cutoffs_tag": keeping.cutoffs_tag,
        "hold_acks": [_receipt(receipt) for receipt in keeping.receipts],
        "deletions": {
            "camera_id": [d.camera_id for d in keeping.deletions],
            "start_us": [str(d.start_us) for d in keeping.deletions],
            "at_us": [str(d.at_us) for d in keeping.deletions],
            "run": [d.run for d in keeping.deletions],
            "freed": [str(d.freed) for d in keeping.deletions],
        },
        "purge": _purge(keeping.purge) if keeping.purge else None,
        "purge_ended": [_ended(purge) for purge in keeping.ended],
    }


def _receipt(receipt: HoldReceipt) -> dict[str, Any]:
    hold = receipt.hold
    return {
        "hold": hold.hold,
        "version": str(hold.version),
        "cameras": list(hold.cameras),
        "from_us": str(hold.from_us),
        "to_us": None if hold.to_us is None else str(hold.to_us),
        "kept": receipt.kept,
        "gone": receipt.gone,
        "kept_bytes": str(receipt.kept_bytes),
        "gone_rows": [[camera, str(start)] for camera, start in receipt.gone_rows],
    }


def _purge(purge: Purge) -> dict[str, Any]:
    return {
        "run": purge.run,
        "kind": "retention",
        "state": "parked" if purge.state is PurgeState.PARKED else "ask",
        "reason": purge.reason,
        **coded(purge.reason),
        "cutoffs_tag": purge.tag,
        "cameras": [
            {
                "camera_id": share.camera_id,
                "segments": share.segments,
                "bytes": str(share.bytes),
                "first_us": str(share.first_us),
                "last_us": str(share.last_us),
            }
            for share in purge.shares
        ],
    }


def _ended(purge: Purge) -> dict[str, Any]:
    done = purge.state is PurgeState.DONE
    return {
        "run": purge.run,
        "state": purge.state.value,
        "segments": purge.segments if done else 0,
        "bytes": str(purge.bytes if done else 0),
        "freed": str(purge.freed),
        "rescued": purge.rescued,
    }


def orders(message: dict[str, Any], keeping: Keeping) -> Orders:
    """The part of the message down, checked against what it answers.

    Raises:
        KeyError, TypeError, ValueError: something is missing or wrong.
    """
    holds, cutoffs, purge = message["holds"], message["cutoffs"], message["purge"]
    return Orders(
        holds=None if holds is None else tuple(map(_hold, holds["rows"])),
        holds_version=0 if holds is None else int(holds["version"]),
        cutoffs=None if cutoffs is None else tuple(map(_cutoff, cutoffs["rows"])),
        cutoffs_tag="" if cutoffs is None else str(cutoffs["tag"]),
        purge=None if purge is None else _answer(purge),
        receipts=_answers(message["hold_acks"], len(keeping.receipts)),
        deletions=_answers(message["deletions"], len(keeping.deletions)),
        ended=_answers(message["purge_ended"], len(keeping.ended)),
    )


def _answer(row: dict[str, Any]) -> PurgeAnswer:
    return PurgeAnswer(row["run"], PurgeWord(row["verdict"]), row["reason"], row.get("person") is True)


def _answers(values: list[Any], wanted: int) -> tuple[Verdict, ...]:
    if len(values) != wanted:
        raise ValueError(f"{len(values)} verdicts for {wanted} rows")
    return tuple(map(verdict, values))


def _hold(row: dict[str, Any]) -> Hold:
    to_us = row["to_us"]
    return Hold(
        hold=str(row["hold"]),
        version=int(row["version"]),
        state=HoldState(row["state"]),
        cameras=tuple(int(camera) for camera in row["cameras"]),
        from_us=int(row["from_us"]),
        to_us=None if to_us is None else int(to_us),
    )


def _cutoff(row: dict[str, Any]) -> Cutoff:
    return Cutoff(int(row["camera_id"]), int(row["cutoff_us"]), int(row["days"]))


def verdict(value: Any) -> Verdict:
    """The answer to one row."""
    if value == "ok":
        return Verdict()
    code, message = value
    return Verdict(str(code), str(message))
