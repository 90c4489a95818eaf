"""Work that the ERP asks of the node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class JobKind(StrEnum):
    TEST_STREAM = "test_stream"
    SNAPSHOT = "snapshot"


class JobState(StrEnum):
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """``params`` may carry a trial password: it never shows in ``repr``."""

    id: int
    kind: JobKind
    camera_id: int
    params: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class JobResult:
    """``result`` is plain JSON; ``error`` one sentence, empty when done."""

    id: int
    state: JobState
    result: Mapping[str, Any] = field(default_factory=dict, repr=False)
    error: str = ""
