from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_service.domain.secret import Secret
from recorder_service.domain.segment import Segment, SegmentState, StateError, segment_file, start_from_name
from recorder_service.domain.verdict import Verdict

ORDER = list(SegmentState)


def at(state: SegmentState, **changes: object) -> Segment:
    return Segment(1, "a-b", 10, 20, 5, "0" * 32, 0, state=state, **changes)  # type: ignore[arg-type]


@given(st.integers(min_value=0, max_value=4 * 10**15))
def test_a_name_tells_its_start(start_us: int) -> None:
    file = segment_file("acme-cam-07", start_us)
    assert start_from_name(file.rsplit("/", 1)[1]) == start_us


@pytest.mark.parametrize(
    "name", ["1-000001.mp4\n", "x.mp4", "1-2.mp4", "1-000000.mp4.tmp", "-1-000000.mp4", "1_000000.mp4", ""]
)
def test_an_odd_name_tells_nothing(name: str) -> None:
    assert start_from_name(name) is None


def test_folder_is_the_utc_day() -> None:
    assert segment_file("p", 86_400_000_000 - 1) == "p/1970-01-01/86399-999999.mp4"


@pytest.mark.parametrize("before", ORDER)
@pytest.mark.parametrize("after", ORDER)
def test_no_state_is_skipped_or_taken_back(before: SegmentState, after: SegmentState) -> None:
    segment = at(before, sha256="a" * 64)
    if ORDER.index(after) == ORDER.index(before) + 1:
        assert segment.advance(after).state is after
    else:
        with pytest.raises(StateError):
            segment.advance(after)


def test_hashed_needs_a_hash() -> None:
    with pytest.raises(StateError, match="SHA-256"):
        at(SegmentState.SEALED).advance(SegmentState.HASHED)


def test_a_secret_does_not_show() -> None:
    secret = Secret("hunter22")
    assert "hunter22" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "hunter22"


@pytest.mark.parametrize(
    ("code", "ok", "parks"), [("ok", True, False), ("retry", False, False), ("new_code", False, True)]
)
def test_unknown_verdicts_park(code: str, ok: bool, parks: bool) -> None:
    assert (Verdict(code).ok, Verdict(code).parks) == (ok, parks)
