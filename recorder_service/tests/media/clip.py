"""Builds small segments as MediaMTX lays them out, box by box, so that tests can break them anywhere."""

from __future__ import annotations

import struct

SCALE = 90_000
KEY, DELTA = 0x02000000, 0x01010000


def box(kind: bytes, *body: bytes) -> bytes:
    data = b"".join(body)
    return struct.pack(">I4s", len(data) + 8, kind) + data


def full(kind: bytes, version: int, flags: int, *body: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *body)


def track(number: int, handler: bytes, codec: bytes) -> bytes:
    entry = box(codec, b"\0" * 24, struct.pack(">HH", 320, 240), b"\0" * 50)
    stbl = box(b"stbl", full(b"stsd", 0, 0, struct.pack(">I", 1), entry))
    mdhd = full(b"mdhd", 0, 0, struct.pack(">IIIII", 0, 0, SCALE, 0, 0))
    hdlr = full(b"hdlr", 0, 0, b"\0" * 4, handler, b"\0" * 13)
    tkhd = full(b"tkhd", 0, 3, struct.pack(">III", 0, 0, number), b"\0" * 68)
    return box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, box(b"minf", stbl)))


def header(run: str, number: int, ntp_ns: int, duration_ms: int, *, sound: bool = False) -> bytes:
    mvhd = full(b"mvhd", 0, 0, struct.pack(">IIII", 0, 0, 1000, duration_ms), b"\0" * 80)
    mtxi = full(b"mtxi", 0, 0, bytes.fromhex(run), struct.pack(">Qqq", number, 0, ntp_ns))
    tracks = track(1, b"vide", b"avc1") + (track(2, b"soun", b"mp4a") if sound else b"")
    return box(b"ftyp", b"mp42\0\0\0\1") + box(b"moov", mvhd, tracks, box(b"udta", mtxi))


def _traf(number: int, base: int, flags: list[int], size: int, cts: int, offset: int) -> bytes:
    rows = b"".join(struct.pack(">IIIi", SCALE // 10, size, f, cts) for f in flags)
    trun = full(b"trun", 1, 0xF01, struct.pack(">Ii", len(flags), offset), rows)
    tfhd = full(b"tfhd", 0, 0x020000, struct.pack(">I", number))
    return box(b"traf", tfhd, full(b"tfdt", 1, 0, struct.pack(">Q", base)), trun)


def part(index: int, *, cts: int = 0, sound: bytes = b"", fill: bytes = b"\x5a") -> bytes:
    """One second: ten samples of 100 bytes, the first a key frame."""
    flags = [KEY] + [DELTA] * 9

    def moof(video_at: int, sound_at: int) -> bytes:
        trafs = _traf(1, index * SCALE, flags, 100, cts, video_at)
        if sound:
            trafs += _traf(2, index * SCALE, [KEY], len(sound), 0, sound_at)
        return box(b"moof", full(b"mfhd", 0, 0, struct.pack(">I", index + 1)), trafs)

    size = len(moof(0, 0))
    return moof(size + 8, size + 8 + 1000) + box(b"mdat", fill * 1000, sound)


def segment(
    run: str = "ab" * 16, number: int = 0, ntp_us: int = 1_795_521_349_963_101, seconds: int = 2,
    *, closed: bool = True, sound: bytes = b"", cts: int = 0,
) -> bytes:  # fmt: skip
    """A whole file of `seconds` parts."""
    head = header(run, number, ntp_us * 1000, seconds * 1000 if closed else 0, sound=bool(sound))
    return head + b"".join(part(i, cts=cts, sound=sound) for i in range(seconds))
