"""Walk the boxes of a fragmented MP4 segment as MediaMTX writes it.

The walk, not the header and not the file's name, decides what a segment holds: the header (`mvhd`) is patched at an
orderly close even when the disk was full, and stays 0 after a crash. Only box headers and `moof` bodies are read
(about a quarter of a millisecond for a minute of video); no media bytes.

Sources: ISO/IEC 14496-12 (boxes, fragments); MediaMTX's `mtxi` user-data box (run UUID, number, DTS, NTP).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_MAX_MOOV = 16 * 1024 * 1024
_MAX_MOOF = 16 * 1024 * 1024
_TAIL_PROBE = 64
#: What no segment comes near. A damaged field may say anything, and the index holds 63 bits.
_LONGEST_US = 24 * 3600 * 1_000_000
_MOST_SAMPLES = 100_000
_LAST_NUMBER = 2**31 - 1

_TRUN_DATA_OFFSET = 0x000001
_TRUN_FIRST_FLAGS = 0x000004
_TRUN_DURATION = 0x000100
_TRUN_SIZE = 0x000200
_TRUN_FLAGS = 0x000400
_TRUN_CTS = 0x000800
_TFHD_BASE_OFFSET = 0x000001
_TFHD_DESCRIPTION = 0x000002
_TFHD_DURATION = 0x000008
_TFHD_SIZE = 0x000010
_TFHD_FLAGS = 0x000020
_NON_SYNC = 0x00010000


@dataclass(frozen=True, slots=True)
class Mtxi:
    """MediaMTX's own mark in each file: `run` is 32 hex digits, times are nanoseconds."""

    run: str
    number: int
    dts_ns: int
    ntp_ns: int


@dataclass(frozen=True, slots=True)
class Track:
    """One track of the header. `handler` is `vide` or `soun`; `codec` the sample entry's four characters."""

    id: int
    handler: str
    codec: str
    timescale: int
    width: int = 0
    height: int = 0
    sample_entry: bytes = b""


@dataclass(slots=True)
class Walk:
    """What a file holds. Sizes in bytes, `duration_us` = end of the last whole sample relative to the file's start."""

    size: int
    whole_bytes: int = 0
    parts: int = 0
    header_ms: int = 0
    duration_us: int = 0
    samples: int = 0
    sync_samples: int = 0
    reordered: bool = False
    mtxi: Mtxi | None = None
    tracks: tuple[Track, ...] = ()
    problem: str = ""
    _clocks: dict[int, int] = field(default_factory=dict)

    @property
    def closed(self) -> bool:
        """True when MediaMTX closed the file in order (it patches the header's duration as its last act)."""
        return self.header_ms > 0

    @property
    def trailing(self) -> int:
        """Bytes after the last whole part."""
        return self.size - self.whole_bytes

    @property
    def video(self) -> Track | None:
        """The first picture track."""
        return next((t for t in self.tracks if t.handler == "vide"), None)

    @property
    def has_audio(self) -> bool:
        """True when the header declares a sound track, whether or not it carries samples."""
        return any(t.handler == "soun" for t in self.tracks)


@dataclass(frozen=True, slots=True)
class Box:
    """A box in a buffer or file: `start` is its header's offset, `body` its payload's, `end` the first byte after."""

    type: bytes
    start: int
    body: int
    end: int


def walk(path: Path) -> Walk:
    """Read `path`'s structure. Never raises for broken content (see `Walk.problem`); OSError for an unreadable file."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return _walk_fd(fd)
    finally:
        os.close(fd)


def _walk_fd(fd: int) -> Walk:
    out = Walk(size=os.fstat(fd).st_size)
    if out.size == 0:
        out.problem = "empty file"
        return out
    previous: _Part | None = None
    for box in file_boxes(fd, out.size):
        if box.type == b"moov":
            _read_header(out, os.pread(fd, min(box.end - box.body, _MAX_MOOV), box.body))
            out.whole_bytes = box.end
        elif box.type == b"moof":
            previous = _read_part(out, fd, box)
        elif box.type == b"mdat" and previous is not None:
            _accept_part(out, fd, previous, box)
            previous = None
        elif box.type == b"ftyp":
            out.whole_bytes = box.end
    _judge(out)
    return out


def file_boxes(fd: int, size: int) -> Iterator[Box]:
    """Whole top-level boxes of a file; stops at the first one that is cut, or is not a box (zeros)."""
    at = 0
    while at + 8 <= size:
        head = os.pread(fd, 16, at)
        if len(head) < 8:
            return
        length, kind = struct.unpack_from(">I4s", head)
        body = at + 8
        if length == 1 and len(head) == 16:
            length = struct.unpack_from(">Q", head, 8)[0]
            body = at + 16
        if length < body - at or at + length > size:
            return
        yield Box(kind, at, body, at + length)
        at += length


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Whole boxes inside a buffer between `start` and `end`."""
    limit = len(data) if end is None else end
    at = start
    while at + 8 <= limit:
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8 or at + length > limit:
            return
        yield Box(kind, at, at + 8, at + length)
        at += length


def find(data: bytes, *names: bytes, start: int = 0, end: int | None = None) -> Box | None:
    """The first box at the path `names` (for example `b"mdia", b"hdlr"`), or None."""
    for box in boxes(data, start, end):
        if box.type == names[0]:
            if len(names) == 1:
                return box
            return find(data, *names[1:], start=box.body, end=box.end)
    return None


def _read_header(out: Walk, moov: bytes) -> None:
    try:
        out.tracks = tuple(_track(moov, b) for b in boxes(moov) if b.type == b"trak")
        mvhd = find(moov, b"mvhd")
        if mvhd is not None:
            out.header_ms = _mvhd_ms(moov, mvhd)
        mark = find(moov, b"udta", b"mtxi")
        if mark is not None:
            out.mtxi = _mtxi(moov, mark)
    except (struct.error, IndexError):
        out.problem = "broken header"


def _mvhd_ms(moov: bytes, box: Box) -> int:
    if moov[box.body] == 1:
        scale, duration = struct.unpack_from(">IQ", moov, box.body + 20)
    else:
        scale, duration = struct.unpack_from(">II", moov, box.body + 12)
    return int(duration * 1000 // scale) if scale else 0


def _mtxi(moov: bytes, box: Box) -> Mtxi:
    run, number, dts, ntp = struct.unpack_from(">16sQqq", moov, box.body + 4)
    if number > _LAST_NUMBER or ntp < 0:
        raise struct.error("a number or time that the engine does not write")
    return Mtxi(run.hex(), number, dts, ntp)


def _track(moov: bytes, trak: Box) -> Track:
    inside = {"start": trak.body, "end": trak.end}
    tkhd = find(moov, b"tkhd", **inside)
    mdhd = find(moov, b"mdia", b"mdhd", **inside)
    hdlr = find(moov, b"mdia", b"hdlr", **inside)
    stsd = find(moov, b"mdia", b"minf", b"stbl", b"stsd", **inside)
    if tkhd is None or mdhd is None or hdlr is None or stsd is None:
        raise struct.error("track without its boxes")
    track_id = struct.unpack_from(">I", moov, tkhd.body + (20 if moov[tkhd.body] == 1 else 12))[0]
    timescale = struct.unpack_from(">I", moov, mdhd.body + (20 if moov[mdhd.body] == 1 else 12))[0]
    handler = moov[hdlr.body + 8 : hdlr.body + 12].decode("latin-1")
    codec, width, height = "", 0, 0
    if stsd.end - stsd.body >= 16:
        codec = moov[stsd.body + 12 : stsd.body + 16].decode("latin-1")
        if handler == "vide" and stsd.end - stsd.body >= 44:
            width, height = struct.unpack_from(">HH", moov, stsd.body + 16 + 24)
    return Track(track_id, handler, codec, timescale or 1, width, height, moov[stsd.body : stsd.end])


@dataclass(slots=True)
class _Part:
    ends: dict[int, int] = field(default_factory=dict)
    samples: int = 0
    sync: int = 0
    reordered: bool = False


def _read_part(out: Walk, fd: int, moof: Box) -> _Part | None:
    data = os.pread(fd, min(moof.end - moof.body, _MAX_MOOF), moof.body)
    part = _Part()
    try:
        for traf in boxes(data):
            if traf.type == b"traf":
                _read_traf(out, data, traf, part)
    except (struct.error, IndexError):
        out.problem = "a fragment is broken"
        return None
    return part


def _read_traf(out: Walk, data: bytes, traf: Box, part: _Part) -> None:
    tfhd = find(data, b"tfhd", start=traf.body, end=traf.end)
    tfdt = find(data, b"tfdt", start=traf.body, end=traf.end)
    if tfhd is None or tfdt is None:
        raise struct.error("fragment without its boxes")
    track_id, default_duration, default_flags = _tfhd(data, tfhd)
    base: int
    if data[tfdt.body] == 1:
        base = struct.unpack_from(">Q", data, tfdt.body + 4)[0]
    else:
        base = struct.unpack_from(">I", data, tfdt.body + 4)[0]
    video = any(t.id == track_id and t.handler == "vide" for t in out.tracks)
    for trun in boxes(data, traf.body, traf.end):
        if trun.type != b"trun":
            continue
        for duration, _size, flags, cts in samples(data, trun, default_duration, default_flags):
            base += duration
            if video:
                part.samples += 1
                part.sync += not flags & _NON_SYNC
                part.reordered |= cts != 0
    part.ends[track_id] = base


def _tfhd(data: bytes, box: Box) -> tuple[int, int, int]:
    flags = int.from_bytes(data[box.body + 1 : box.body + 4], "big")
    track_id = struct.unpack_from(">I", data, box.body + 4)[0]
    at = box.body + 8
    at += 8 if flags & _TFHD_BASE_OFFSET else 0
    at += 4 if flags & _TFHD_DESCRIPTION else 0
    duration = sample_flags = 0
    if flags & _TFHD_DURATION:
        duration = struct.unpack_from(">I", data, at)[0]
        at += 4
    at += 4 if flags & _TFHD_SIZE else 0
    if flags & _TFHD_FLAGS:
        sample_flags = struct.unpack_from(">I", data, at)[0]
    return track_id, duration, sample_flags


def samples(
    data: bytes, trun: Box, default_duration: int = 0, default_flags: int = 0
) -> Iterator[tuple[int, int, int, int]]:
    """`(duration, size, flags, composition offset)` of each sample of a `trun` box, in the track's time scale."""
    flags = int.from_bytes(data[trun.body + 1 : trun.body + 4], "big")
    count = struct.unpack_from(">I", data, trun.body + 4)[0]
    at = trun.body + 8
    at += 4 if flags & _TRUN_DATA_OFFSET else 0
    first_flags = None
    if flags & _TRUN_FIRST_FLAGS:
        first_flags = struct.unpack_from(">I", data, at)[0]
        at += 4
    names = (_TRUN_DURATION, _TRUN_SIZE, _TRUN_FLAGS, _TRUN_CTS)
    width = 4 * sum(1 for n in names if flags & n)
    if at + count * width > trun.end or count > _MOST_SAMPLES:
        raise struct.error("sample table longer than its box")
    for index in range(count):
        duration, size, sample_flags, cts = default_duration, 0, default_flags, 0
        if flags & _TRUN_DURATION:
            duration = struct.unpack_from(">I", data, at)[0]
            at += 4
        if flags & _TRUN_SIZE:
            size = struct.unpack_from(">I", data, at)[0]
            at += 4
        if flags & _TRUN_FLAGS:
            sample_flags = struct.unpack_from(">I", data, at)[0]
            at += 4
        elif index == 0 and first_flags is not None:
            sample_flags = first_flags
        if flags & _TRUN_CTS:
            cts = struct.unpack_from(">i", data, at)[0]
            at += 4
        yield duration, size, sample_flags, cts


def _accept_part(out: Walk, fd: int, part: _Part, mdat: Box) -> None:
    # A power cut can leave the right length with zeros in it: a part whose last bytes are all zero was not written out.
    tail = os.pread(fd, min(_TAIL_PROBE, mdat.end - mdat.body), max(mdat.body, mdat.end - _TAIL_PROBE))
    if mdat.end < out.size and tail and not any(tail) and _zero_after(fd, mdat.end):
        return
    out.parts += 1
    out.whole_bytes = mdat.end
    out.samples += part.samples
    out.sync_samples += part.sync
    out.reordered |= part.reordered
    out._clocks.update(part.ends)


def _zero_after(fd: int, at: int) -> bool:
    return not any(os.pread(fd, _TAIL_PROBE, at))


def _judge(out: Walk) -> None:
    scales = {t.id: t.timescale for t in out.tracks}
    out.duration_us = max(
        (end * 1_000_000 // scales[track] for track, end in out._clocks.items() if track in scales), default=0
    )
    if out.duration_us > _LONGEST_US:
        out.duration_us = out.header_ms * 1000 if out.header_ms * 1000 <= _LONGEST_US else 0
        out.problem = out.problem or "its fragments tell times that cannot be"
    if out.problem:
        return
    if not out.tracks:
        out.problem = "no header"
    elif out.mtxi is None:
        out.problem = "no mtxi box: not written by the engine"
    elif out.parts == 0:
        out.problem = "no whole part"
