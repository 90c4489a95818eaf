"""Take the sound out of a segment that must not hold any.

The last resort behind the republished stream: a camera that gains a microphone between two looks at its tracks writes
sound into at most one segment. Before that segment is sealed and hashed its sound samples are overwritten with zeros
and the boxes that describe them become `free` boxes. Sizes and picture bytes stay as they are; the result is a valid
picture-only file.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from .boxes import Box, boxes, file_boxes, find, samples

_ZEROS = b"\0" * 65536


@dataclass(slots=True)
class Muted:
    """`wiped`: bytes of sound that were overwritten; `lost`: fragments whose pictures went with it, for their tables
    contradict each other and do not tell which is which.
    """

    wiped: int = 0
    lost: int = 0


def mute(path: Path) -> Muted:
    """Remove all sound from a closed segment, in place, and fsync it.

    The tracks go last: a file that still declares sound is muted anew, whatever interrupted this.

    Raises:
        OSError: not writable, a link, disk trouble.
        struct.error: the header contradicts itself; nothing is changed then.
    """
    fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = list(file_boxes(fd, os.fstat(fd).st_size))
        headers = [(box, *_sound_boxes(fd, box)) for box in found if box.type == b"moov"]
        tracks = {track for _, sound, _ in headers for track in sound}
        out = Muted()
        if tracks:
            _mute_fragments(fd, found, tracks, out)
            os.fsync(fd)
        for _, _, declared in headers:
            for start in declared:
                _make_free(fd, start)
        os.fsync(fd)
        return out
    finally:
        os.close(fd)


def _mute_fragments(fd: int, found: list[Box], tracks: set[int], out: Muted) -> None:
    broken = False
    for box in found:
        if box.type == b"moof":
            try:
                out.wiped += _free_fragments(fd, box, tracks)
                broken = False
            except (struct.error, IndexError):
                broken = True
        elif box.type == b"mdat" and broken:
            out.wiped += _zero(fd, box.body, box.end)
            out.lost += 1
    # what the engine did not finish is no part of the footage, yet may hold sound
    end = found[-1].end
    out.wiped += _zero(fd, end + 8, os.fstat(fd).st_size)


def _sound_boxes(fd: int, moov: Box) -> tuple[set[int], list[int]]:
    """The sound tracks of a header, and where the boxes start that declare them."""
    data = os.pread(fd, moov.end - moov.body, moov.body)
    tracks: set[int] = set()
    starts: list[int] = []
    for box in boxes(data):
        if box.type != b"trak":
            continue
        hdlr = find(data, b"mdia", b"hdlr", start=box.body, end=box.end)
        tkhd = find(data, b"tkhd", start=box.body, end=box.end)
        if hdlr is None or tkhd is None or data[hdlr.body + 8 : hdlr.body + 12] != b"soun":
            continue
        tracks.add(_track_id(data, tkhd))
        starts.append(moov.body + box.start)
    return tracks, _extends(moov, data, tracks) + starts


def _extends(moov: Box, data: bytes, tracks: set[int]) -> list[int]:
    mvex = find(data, b"mvex")
    found = boxes(data, mvex.body, mvex.end) if mvex else ()
    return [
        moov.body + box.start
        for box in found
        if box.type == b"trex" and struct.unpack_from(">I", data, box.body + 4)[0] in tracks
    ]


def _free_fragments(fd: int, moof: Box, tracks: set[int]) -> int:
    data = os.pread(fd, moof.end - moof.body, moof.body)
    wiped = 0
    for traf in boxes(data):
        if traf.type != b"traf":
            continue
        tfhd = find(data, b"tfhd", start=traf.body, end=traf.end)
        if tfhd is None or struct.unpack_from(">I", data, tfhd.body + 4)[0] not in tracks:
            continue
        for trun in boxes(data, traf.body, traf.end):
            if trun.type == b"trun":
                wiped += _wipe(fd, moof, data, trun)
        _make_free(fd, moof.body + traf.start)
    return wiped


def _wipe(fd: int, moof: Box, data: bytes, trun: Box) -> int:
    flags = int.from_bytes(data[trun.body + 1 : trun.body + 4], "big")
    if not flags & 1:
        raise struct.error("sound without a data offset")
    # MediaMTX writes default-base-is-moof: offsets count from the moof's first byte (ISO/IEC 14496-12, 8.8.8)
    at = moof.start + struct.unpack_from(">i", data, trun.body + 8)[0]
    size = sum(sample[1] for sample in samples(data, trun))
    return _zero(fd, at, min(at + size, os.fstat(fd).st_size))


def _zero(fd: int, start: int, end: int) -> int:
    for at in range(start, end, len(_ZEROS)):
        os.pwrite(fd, _ZEROS[: end - at], at)
    return max(0, end - start)


def _make_free(fd: int, box_start: int) -> None:
    os.pwrite(fd, b"free", box_start + 4)


def _track_id(data: bytes, tkhd: Box) -> int:
    offset = 20 if data[tkhd.body] == 1 else 12
    return int(struct.unpack_from(">I", data, tkhd.body + offset)[0])
