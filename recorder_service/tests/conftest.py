"""Shared builders; tests of one package live in the folder of its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from recorder_service.domain.segment import Segment, SegmentState
from recorder_service.store import Index

# how long an example takes says more about the machine than about the code
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

NODE = "0b8f7f7e-5f0a-4a53-9d8e-0f6b7f0c1a11"
BASE_US = 1_760_000_000_000_000


def hashed(number: int, **changes: object) -> Segment:
    """A segment as the intake hands it over: ten seconds, one run."""
    values: dict[str, object] = {
        "camera_id": 7, "path": "acme-cam-07", "start_us": BASE_US + number * 10_000_000,
        "stop_us": BASE_US + (number + 1) * 10_000_000, "bytes": 1000 + number, "run": "ab" * 16, "number": number,
        "sha256": f"{number:064x}", "state": SegmentState.HASHED,
    }  # fmt: skip
    return Segment(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Index(tmp_path / "index.sqlite", NODE) as opened:
        yield opened
