"""Legal holds: footage that must stay whatever its age (SOP S4: Penahanan Hukum)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HoldState(StrEnum):
    """What the ERP says of a hold."""

    ACTIVE = "active"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Hold:
    """Footage of ``cameras`` that touches [``from_us``, ``to_us``) stays; ``to_us`` None = without end.

    ``hold`` is its UUID; ``version`` grows with each change, over a restored ERP too.
    """

    hold: str
    version: int
    state: HoldState
    cameras: tuple[int, ...]
    from_us: int
    to_us: int | None = None


@dataclass(frozen=True, slots=True)
class HoldReceipt:
    """What a node found when it stored a hold: the proof that it holds, and of what had gone before.

    ``kept``/``gone``: segments in its window on disk / deleted. ``gone_rows``: the first of these, camera and start.
    """

    hold: Hold
    kept: int
    gone: int
    kept_bytes: int
    gone_rows: tuple[tuple[int, int], ...] = ()
