"""The walk over whole and damaged files."""

from __future__ import annotations

from pathlib import Path

import clip
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recorder_service.media.accept import Verdict, judge
from recorder_service.media.boxes import walk
from recorder_service.media.mute import mute
from recorder_service.media.seal import seal, sha256
from recorder_service.media.writers import written_by_anyone


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "1795521349-963101.mp4"


def test_whole(file: Path) -> None:
    file.write_bytes(clip.segment(number=7, seconds=3))
    found = walk(file)
    assert (found.parts, found.duration_us, found.header_ms, found.trailing) == (3, 3_000_000, 3000, 0)
    assert (found.samples, found.sync_samples, found.reordered) == (30, 3, False)
    assert found.mtxi is not None
    assert (found.mtxi.run, found.mtxi.number, found.mtxi.ntp_ns) == ("ab" * 16, 7, 1_795_521_349_963_101_000)
    assert found.video is not None
    assert (found.video.width, found.video.height, found.video.codec) == (320, 240, "avc1")
    assert judge(file).status == "ok"


def test_b_frames_are_seen(file: Path) -> None:
    file.write_bytes(clip.segment(cts=900))
    assert walk(file).reordered


def test_every_cut_keeps_whole_parts_only(file: Path) -> None:
    data = clip.segment(seconds=3)
    borders = [len(data) - k * len(clip.part(0)) for k in range(4)]
    for cut in {b + d for b in borders for d in (-1, 0, 1)} - {len(data) + 1}:
        file.write_bytes(data[:cut])
        found = walk(file)
        whole = sum(1 for b in borders if b <= cut) - 1
        assert found.parts == max(whole, 0), cut
        assert found.duration_us == found.parts * 1_000_000
        verdict = judge(file)
        if cut == len(data):
            assert verdict.status == "ok"
        elif found.mtxi:
            assert verdict.status == "damaged"


def test_crashed_file_is_recovered(file: Path) -> None:
    file.write_bytes(clip.segment(seconds=3, closed=False)[:-5])
    assert judge(file).status == "recovered"
    assert judge(file).walk.duration_us == 2_000_000


def test_a_link_is_neither_muted_nor_sealed(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(clip.segment())
    target.chmod(0o644)
    file.symlink_to(target)
    for touch in (mute, seal, sha256):
        with pytest.raises(OSError, match="symbolic links"):
            touch(file)
    assert target.stat().st_mode & 0o777 == 0o644
    assert target.read_bytes() == clip.segment()


def test_zeroed_tail_is_not_footage(file: Path) -> None:
    data = bytearray(clip.segment(seconds=3, closed=False))
    half = len(clip.part(0)) // 2
    data[-half - len(clip.part(0)) :] = b"\0" * (half + len(clip.part(0)))
    file.write_bytes(bytes(data))
    assert walk(file).parts == 1


def test_file_with_a_writer_is_growing(file: Path) -> None:
    file.write_bytes(clip.segment())
    with file.open("ab"):
        assert written_by_anyone(file) is True
        assert judge(file).verdict is Verdict.GROWING
    assert written_by_anyone(file) is False
    assert judge(file).verdict is Verdict.SEGMENT


def test_foreign_and_empty(file: Path) -> None:
    file.write_bytes(b"hello, I am no film")
    assert judge(file).verdict is Verdict.FOREIGN
    file.write_bytes(b"")
    assert judge(file).verdict is Verdict.GROWING


def test_mute_leaves_pictures_and_no_sound(file: Path) -> None:
    sound = b"spoken words" * 5
    file.write_bytes(clip.segment(seconds=2, sound=sound))
    before = walk(file)
    assert before.has_audio
    assert mute(file).wiped == 2 * len(sound)
    after = walk(file)
    assert not after.has_audio
    assert b"spoken" not in file.read_bytes()
    assert file.read_bytes().count(b"\x5a" * 1000) == 2
    assert (after.parts, after.size, after.samples, after.duration_us) == (2, before.size, 20, 2_000_000)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_makes_the_walk_fail(file: Path, data: st.DataObject) -> None:
    whole = bytearray(clip.segment())
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    file.unlink(missing_ok=True)
    file.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    found = walk(file)
    assert 0 <= found.whole_bytes <= found.size
