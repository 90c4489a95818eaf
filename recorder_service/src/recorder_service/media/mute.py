"""Take the sound out of a segment that must not hold any.

The last resort behind the republished stream: a camera that gains a microphone between two looks at its tracks writes
sound into at most one segment. Before that segment is sealed and hashed its sound samples are overwritten with zeros
and the boxes that describe them become `free` boxes. Sizes and picture bytes stay as they are; the result is a valid
picture-only file.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from .boxes import Box, boxes, file_boxes, find, samples

_ZEROS = b"\0" * 65536


def mute(path: Path) -> int:
    """Remove all sound from a closed segment, in place, and fsync it.

    Returns:
        Bytes of sound that were overwritten.

    Raises:
        OSError: not writable, a link, disk trouble.
        struct.error: a file whose tables contradict each other; it may be muted in part.
    """
    fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        wiped = 0
        sound: set[int] = set()
        for box in list(file_boxes(fd, os.fstat(fd).st_size)):
            if box.type == b"moov":
                sound = _free_tracks(fd, box)
            elif box.type == b"moof":
                wiped += _free_fragments(fd, box, sound)
        os.fsync(fd)
        return wiped
    finally:
        os.close(fd)


def _free_tracks(fd: int, moov: Box) -> set[int]:
    data = os.pread(fd, moov.end - moov.body, moov.body)
    found: set[int] = set()
    for box in boxes(data):
        if box.type != b"trak":
            continue
        hdlr = find(data, b"mdia", b"hdlr", start=box.body, end=box.end)
        tkhd = find(data, b"tkhd", start=box.body, end=box.end)
        if hdlr is None or tkhd is None or data[hdlr.body + 8 : hdlr.body + 12] != b"soun":
            continue
        found.add(_track_id(data, tkhd))
        _make_free(fd, moov.body + box.start)
    _free_extends(fd, moov, data, found)
    return found


def _free_extends(fd: int, moov: Box, data: bytes, tracks: set[int]) -> None:
    mvex = find(data, b"mvex")
    if mvex is None:
        return
    for box in boxes(data, mvex.body, mvex.end):
        if box.type == b"trex" and struct.unpack_from(">I", data, box.body + 4)[0] in tracks:
            _make_free(fd, moov.body + box.start)


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
    end = min(at + size, os.fstat(fd).st_size)
    for start in range(at, end, len(_ZEROS)):
        os.pwrite(fd, _ZEROS[: end - start], start)
    return max(0, int(end - at))


def _make_free(fd: int, box_start: int) -> None:
    os.pwrite(fd, b"free", box_start + 4)


def _track_id(data: bytes, tkhd: Box) -> int:
    offset = 20 if data[tkhd.body] == 1 else 12
    return int(struct.unpack_from(">I", data, tkhd.body + offset)[0])
