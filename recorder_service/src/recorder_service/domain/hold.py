"""Legal holds: footage that must stay whatever its age (SOP S4: Penahanan Hukum)."""

from __future__ import annotations

from dataclasses import dataclass, replace
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

    def joined(self, other: Hold) -> Hold:
        """All that this or another state of the same hold keeps, under the later version."""
        endless = self.to_us is None or other.to_us is None
        return replace(
            self,
            version=max(self.version, other.version),
            cameras=tuple(sorted({*self.cameras, *other.cameras})),
            from_us=min(self.from_us, other.from_us),
            to_us=None if endless else max(self.to_us or 0, other.to_us or 0),
        )


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
