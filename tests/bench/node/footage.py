"""Segment files by the thousand, made of one that the engine has recorded."""

import os
import struct

_MARK = b"mtxi"


class Pattern:
    """A recorded segment; others are it with another run, number and time."""

    def __init__(self, file):
        self._content = file.read_bytes()
        # behind the name: version and flags, run (16 bytes), number, decoding time, time since 1970 in ns
        self._at = self._content.index(_MARK) + len(_MARK) + 4

    def write(self, file, segment):
        """Put a file of that segment's identity on disk, as closed by the engine."""
        content = bytearray(self._content)
        content[self._at : self._at + 16] = bytes.fromhex(segment.run)
        struct.pack_into(">Q", content, self._at + 16, segment.number)
        struct.pack_into(">q", content, self._at + 32, segment.start_us * 1000)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def link_all(root, segments):
    """Make a file for each of a camera's segments: names of one and the same, since nobody opens them."""
    first, *others = [root / segment.file for segment in segments]
    first.parent.mkdir(parents=True, exist_ok=True)
    first.write_bytes(bytes(segments[0].bytes))
    first.chmod(0o440)
    for file in others:
        file.parent.mkdir(exist_ok=True)
        os.link(first, file)
