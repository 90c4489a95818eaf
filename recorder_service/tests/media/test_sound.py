"""Sound that is not approved is erased before a file is hashed."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import replace

import clip
import pytest
from bench import PATH, SECOND, T0, A, Bench

from recorder_service.domain.config import AudioMode, CameraConfig, StreamSource
from recorder_service.media.intake import Intake


def test_sound_is_erased_before_the_hash(bench: Bench) -> None:
    file = bench.put(A, 0, T0, sound=b"spoken words" * 4)
    bench.scan()
    row = bench.index.segments.get(PATH, T0)
    assert row is not None
    assert b"spoken" not in file.read_bytes()
    assert row.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert "bytes of sound were erased" in bench.events()[0]


def test_approved_sound_is_kept(bench: Bench) -> None:
    bench.camera = CameraConfig(7, PATH, "", "", True, StreamSource("rtsp://c/x"), audio=AudioMode.KEEP)
    file = bench.put(A, 0, T0, sound=b"spoken words" * 4)
    bench.scan()
    assert b"spoken" in file.read_bytes()


def test_a_camera_that_left_keeps_its_approved_sound(bench: Bench) -> None:
    bench.camera = replace(bench.camera, audio=AudioMode.KEEP)
    bench.put(A, 0, T0, sound=b"spoken words" * 4)
    bench.scan()
    kept = bench.put(A, 1, T0 + 2 * SECOND, sound=b"spoken words" * 4)
    gone = Intake(bench.root, bench.index, bench.ledger, lambda: {}, bench.host)
    assert gone.scan(PATH).added == 1
    assert b"spoken" in kept.read_bytes()
    bench.camera = replace(bench.camera, audio=AudioMode.STRIP)
    bench.scan()
    erased = bench.put(A, 2, T0 + 4 * SECOND, sound=b"spoken words" * 4)
    assert gone.scan(PATH).added == 1
    assert b"spoken" not in erased.read_bytes()


@pytest.mark.parametrize("closed", [True, False])
def test_sound_goes_whenever_muting_is_interrupted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, *, closed: bool
) -> None:
    real, left = os.pwrite, [0]

    def failing(fd: int, data: bytes, at: int) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "stopped here")
        return real(fd, data, at)

    monkeypatch.setattr(os, "pwrite", failing)
    for writes in range(12):
        file = bench.put(f"{writes:032x}", 0, T0 + writes * 10 * SECOND, sound=b"spoken words" * 4, closed=closed)
        with file.open("ab") as end:
            end.write(clip.part(2, sound=b"spoken words" * 4)[:-9])  # the engine was killed here
        left[0] = writes
        bench.scan()
        left[0] = 100
        bench.fresh().scan(PATH)
        assert b"spoken" not in file.read_bytes(), writes
        assert bench.index.segments.get(PATH, T0 + writes * 10 * SECOND) is not None


def test_a_part_whose_tables_contradict_each_other_loses_its_sound_too(bench: Bench) -> None:
    file = bench.put(A, 0, T0, sound=b"spoken words" * 4)
    data = bytearray(file.read_bytes())
    second = data.index(b"trun", data.index(b"trun") + 4)
    data[second + 7] &= 0xFE  # the sound of the first part no longer tells where it is
    file.write_bytes(data)
    bench.scan()
    row = bench.index.segments.get(PATH, T0)
    assert row is not None
    assert row.status == "damaged"
    assert b"spoken" not in file.read_bytes()
    assert b"\x5a" * 1000 in file.read_bytes(), "the other part keeps its pictures"
