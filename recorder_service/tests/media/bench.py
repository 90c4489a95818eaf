"""A folder of segments with its index, ledger and intake, and a clock that can be set."""

from __future__ import annotations

import time
from pathlib import Path

import clip

from recorder_service.domain.config import CameraConfig, StreamSource
from recorder_service.domain.gap import GapReason
from recorder_service.domain.segment import segment_file
from recorder_service.media.intake import Intake
from recorder_service.media.ledger import Ledger
from recorder_service.store import Index

T0 = 1_795_521_349_963_101
SECOND = 1_000_000
A, B, C = "aa" * 16, "bb" * 16, "cc" * 16
PATH = "acme-cam-01"
OTHER = "acme-cam-02"


class Reasons:
    answer = GapReason.SOURCE_LOST

    def reason(self, path: str, start_us: int, stop_us: int | None) -> GapReason:
        return self.answer


class Host:
    """A clock that people set: `step` µs forward or back at `stepped_us` of its time before, `at_us` now."""

    def __init__(self) -> None:
        self.step = 0
        self.stepped_us = T0
        self.at_us: int | None = None

    def now_us(self) -> int:
        return self.at_us or time.time_ns() // 1000

    def monotonic(self) -> float:
        return time.monotonic()

    def forward(self, from_us: int, to_us: int) -> int:
        return max(self.step, 0)

    def back(self, from_us: int) -> int:
        return max(-self.step, 0) if self.stepped_us >= from_us else 0


class Bench:
    def __init__(self, folder: Path) -> None:
        self.root = folder / "media"
        self.root.mkdir()
        self.index = Index(folder / "index.sqlite", "6a0e8d2c-52b8-4a0f-9a35-1f5a5f8f0c11")
        self.reasons = Reasons()
        self.host = Host()
        self.erp_us: int | None = None
        self.mounted = True
        self.camera = CameraConfig(7, PATH, "cam-01", "Gate", True, StreamSource("rtsp://c/x"))
        self.ledger = Ledger(self.index, self.reasons, self.host)
        self.intake = self.fresh()

    def fresh(self) -> Intake:
        return Intake(self.root, self.index, self.ledger, lambda: {PATH: self.camera}, self.host,
                      erp_us=lambda: self.erp_us, verified=lambda: self.mounted)  # fmt: skip

    def put(self, run: str, number: int, start_us: int, name: str = "", **more: object) -> Path:
        file = self.root / (name or segment_file(PATH, start_us))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(clip.segment(run, number, start_us, **more))  # type: ignore[arg-type]
        return file

    def scan(self) -> int:
        added = 0
        while (scan := self.intake.scan(PATH)).more:
            added += scan.added
        return added + scan.added

    def gaps(self) -> list[tuple[int, int | None, str]]:
        return sorted((g.start_us - T0, g.stop_us and g.stop_us - T0, g.reason.value) for g in self.index.gaps.list())

    def events(self) -> list[str]:
        return [row["detail"] for row in self.index.database.read().execute("SELECT detail FROM event ORDER BY seq")]
