"""What the ERP says to one row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class VerdictCode(StrEnum):
    OK = "ok"
    NOT_YOURS = "not_yours"
    BAD_TIME = "bad_time"
    TOO_LONG = "too_long"
    BAD_VALUE = "bad_value"
    CONFLICT = "conflict"
    DUPLICATE = "duplicate"
    RETRY = "retry"
    FAULT = "fault"  # the node's own word: the ERP breaks on this row, perhaps for a reason that passes


@dataclass(frozen=True, slots=True)
class Verdict:
    """``code`` is text, so that a code newer than this service parks the row instead of breaking the call."""

    code: str = VerdictCode.OK.value
    message: str = ""

    @property
    def ok(self) -> bool:
        return self.code == VerdictCode.OK

    @property
    def parks(self) -> bool:
        return self.code not in (VerdictCode.OK, VerdictCode.RETRY)
