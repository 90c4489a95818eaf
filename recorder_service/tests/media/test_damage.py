"""Faults of a file or of the disk: which hold later files back, which are told, none of which stops the intake."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import sqlite3
import struct
from pathlib import Path

import clip
import pytest
from bench import PATH, SECOND, T0, A, B, Bench


def test_a_file_that_fails_holds_the_later_ones_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bad = bench.put(A, 1, T0 + 2 * SECOND)
    bench.put(A, 2, T0 + 4 * SECOND)
    failing = [True]

    def digest(file: Path) -> tuple[str, int]:
        if file == bad and failing[0]:
            raise OSError(errno.EIO, "Input/output error")
        return hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size

    monkeypatch.setattr("recorder_service.media.intake.sha256", digest)
    assert [bench.scan(), bench.scan()] == [0, 0]
    failing[0] = False
    assert bench.scan() == 2
    assert (bench.gaps(), bench.events()) == ([], [])


def test_a_file_that_always_fails_lets_the_later_ones_pass(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = bench.put(A, 0, T0)
    bench.put(A, 1, T0 + 2 * SECOND)

    def digest(file: Path) -> tuple[str, int]:
        if file == bad:
            raise OSError(errno.EIO, "Input/output error")
        return hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size

    monkeypatch.setattr("recorder_service.media.intake.sha256", digest)
    assert [bench.scan() for _ in range(4)] == [0, 0, 1, 0]
    assert ["cannot be taken in" in event for event in bench.events()] == [True]


def test_what_the_disk_did_not_take_is_damaged(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real, told = os.fdatasync, []

    def once(fd: int) -> None:
        if not told:
            told.append(1)
            raise OSError(errno.EIO, "Input/output error")  # Linux forgets it then
        real(fd)

    monkeypatch.setattr(os, "fdatasync", once)
    bench.put(A, 0, T0)
    bench.put(A, 1, T0 + 2 * SECOND)
    assert bench.scan() == 0
    assert bench.fresh().scan(PATH).added == 2, "also after a restart"
    assert sorted((s.number, s.status.value) for s in bench.index.segments.list()) == [(0, "damaged"), (1, "ok")]
    assert any("not taken by the disk" in event for event in bench.events())


def test_a_full_disk_lets_no_file_pass(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        bench.put(A, number, T0 + 2 * number * SECOND)
    real = bench.ledger.admit
    full = sqlite3.OperationalError("database or disk is full")
    monkeypatch.setattr(bench.ledger, "admit", lambda *_args: (_ for _ in ()).throw(full))
    assert [bench.scan() for _ in range(5)] == [0] * 5
    monkeypatch.setattr(bench.ledger, "admit", real)
    assert bench.scan() == 2
    assert bench.gaps() == []


def test_changed_bytes_under_a_known_start_are_told_not_taken(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bench.put(B, 0, T0, name=f"{PATH}/2026-11-24/copy.mp4")
    assert bench.scan() == 0
    assert bench.index.segments.count() == 1
    assert any("another hash" in e for e in bench.events())


def _breaks(data: bytes, where: str) -> bytes:
    out = bytearray(data)
    if where == "mvhd":  # a header that ends with an empty box
        out = bytearray(clip.box(b"ftyp", b"mp42\0\0\0\1"))
        out += clip.box(b"moov", clip.track(1, b"vide", b"avc1"), clip.box(b"mvhd"))
    if where == "tfdt":
        out[out.rindex(b"tfdt") + 8] = 0x7F
    if where == "number":
        out[out.index(b"mtxi") + 8 + 16] = 0x90
    if where == "time":
        out[out.index(b"mtxi") + 8 + 16 + 16] = 0x90
    if where == "samples":  # four thousand million samples without a byte each
        at = out.index(b"trun") + 4
        out[at : at + 8] = struct.pack(">II", 0x01000001, 0xFFFFFFFF)
    return bytes(out)


@pytest.mark.parametrize("where", ["mvhd", "tfdt", "number", "time", "samples"])
def test_a_corrupt_file_keeps_no_other_from_its_row(bench: Bench, where: str) -> None:
    broken = bench.put(A, 0, T0)
    broken.write_bytes(_breaks(broken.read_bytes(), where))
    bench.put(B, 0, T0 + 10 * SECOND)
    bench.scan()
    assert bench.index.segments.get(PATH, T0 + 10 * SECOND) is not None
    assert any(broken.name in event for event in bench.events())
    told = len(bench.events())
    bench.fresh().scan(PATH)
    assert len(bench.events()) == told, "told once"
    assert broken.exists()


def test_no_damage_stops_the_intake(bench: Bench) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    for number in range(200):
        file = bench.put(f"{number:032x}", 0, T0 + number * 10 * SECOND, seconds=1)
        data = bytearray(file.read_bytes())
        for _ in range(dice.randint(1, 20)):
            data[dice.randrange(len(data) - 1000)] = dice.choice((0, 0xFF, dice.randrange(256)))
        file.write_bytes(data)
    bench.put(A, 0, T0 + 10_000 * SECOND)
    bench.scan()
    assert bench.index.segments.get(PATH, T0 + 10_000 * SECOND) is not None


def test_a_file_whose_fault_nobody_foresaw_is_told_and_left(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = bench.put(A, 0, T0)
    good = bench.put(B, 0, T0 + 10 * SECOND)

    def digest(file: Path) -> tuple[str, int]:
        return "zz" if file == bad else hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size

    monkeypatch.setattr("recorder_service.media.intake.sha256", digest)
    assert bench.scan() == 1
    assert bench.index.segments.get(PATH, T0 + 10 * SECOND) is not None
    assert [bad.name in event for event in bench.events()] == [True]
    assert good.exists()
