"""What others put below the media root: told of once, and in nobody's way."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from bench import OTHER, PATH, SECOND, T0, A, B, Bench

from recorder_service.domain.segment import segment_file
from recorder_service.domain.times import utc_day
from recorder_service.media.intake import Intake
from recorder_service.media.telling import Telling

DAY = utc_day(T0)


def _take_in(bench: Bench) -> int:
    """One look at all folders, by an intake that was just started."""
    cameras = {PATH: bench.camera, OTHER: replace(bench.camera, id=8, path=OTHER)}
    intake = Intake(bench.root, bench.index, bench.ledger, lambda: cameras, bench.host)
    return sum(intake.scan(path).added for path in intake.paths())


def _two_cameras(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.put(B, 0, T0, name=segment_file(OTHER, T0))


def test_a_file_whose_name_is_not_utf8_is_told_of_once(bench: Bench) -> None:
    _two_cameras(bench)
    strange = bench.root / PATH / DAY / os.fsdecode(b"kopie \xe9.mp4")
    strange.write_bytes(bytes(500))
    assert [_take_in(bench), _take_in(bench)] == [2, 0]
    assert bench.events() == [f"{PATH}/{DAY}/kopie \\udce9.mp4 is not a segment: its name is not UTF-8; left as it is"]
    assert strange.exists()


def test_only_regular_files_are_opened(bench: Bench) -> None:
    _two_cameras(bench)
    day = bench.root / PATH / DAY
    (day / "0.mp4").mkdir()
    os.mkfifo(day / "1.mp4")
    (day / "2.mp4").symlink_to(bench.put(B, 1, T0, name="elsewhere.mp4"))
    (day / "3.mp4").symlink_to("nowhere")
    assert [_take_in(bench), _take_in(bench)] == [2, 0]
    told = "{}/{}/{}.mp4 is not a segment: it is not a regular file; left as it is"
    assert bench.events() == [told.format(PATH, DAY, number) for number in range(4)]


def test_folders_of_others_are_passed_over(bench: Bench) -> None:
    _two_cameras(bench)
    camera, copy = os.fsdecode(b"Kamera \xe9"), os.fsdecode(b"kopie \xe9")
    for name in (camera, f"{PATH}/{copy}", f"{PATH}/2026-W48-2", f"{PATH}/lost+found", f"{PATH}/2026-13-45"):
        (bench.root / name).mkdir()
    assert _take_in(bench) == 2
    for path, day in ((camera, DAY), (PATH, copy), (PATH, "lost+found")):
        assert bench.intake.scan(path, [day]).added == 0, "as the kernel's signal of a new folder asks"
    assert bench.events() == []


def test_a_fault_that_cannot_be_told_does_not_come_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = bench.put(A, 0, T0)
    bench.put(A, 1, T0 + 2 * SECOND)

    def fails(_telling: Telling, *_told: object) -> None:
        raise RuntimeError

    def judge(file: object) -> None:
        raise ValueError(file)

    with monkeypatch.context() as patch:
        patch.setattr(Telling, "once", fails)
        patch.setattr("recorder_service.media.intake.judge", judge)
        with pytest.raises(RuntimeError):
            bench.scan()
    assert bench.scan() == 1
    assert bad.exists()
