"""Rows of segments in the binary form of COPY, which PostgreSQL takes in at much less cost than an INSERT of arrays."""

import struct
from datetime import datetime
from io import BytesIO

from .intervals import to_us
from .schema.rows import SEGMENT_STATUSES

COLUMNS = ("camera_id", "recorder_id", "start", "stop", "bytes", "run", "number", "test", "sha256", "status")
_HEADER, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), struct.pack(">h", -1)
_EPOCH_US = to_us(datetime(2000, 1, 1))  # PostgreSQL's
_SHA256, _NULL = struct.Struct(">i32s"), struct.pack(">i", -1)
# the number of columns, then columns of fixed size, each value after its length
_WHEN, _WHAT = struct.Struct(">h ii ii iq iq"), struct.Struct(">iq i16s ii i?")
_WORDS = {word: struct.pack(">i", len(word)) + word.encode() for word in SEGMENT_STATUSES}


def packed(rows, recorder):
    """Return the file for ``COPY … FROM STDIN (FORMAT binary)`` of :data:`COLUMNS`.

    :param list rows: of :class:`~.rows.Segment`
    :param int recorder: id of their node
    """
    parts, width = [_HEADER], len(COLUMNS)
    for row in rows:
        parts.append(_WHEN.pack(width, 4, row.camera, 4, recorder, 8, row.start - _EPOCH_US, 8, row.stop - _EPOCH_US))
        parts.append(_WHAT.pack(8, row.bytes, 16, bytes.fromhex(row.run), 4, row.number, 1, row.test))
        parts.append(_SHA256.pack(32, bytes.fromhex(row.sha256)) if row.sha256 else _NULL)
        parts.append(_WORDS[row.status])
    parts.append(_END)
    return BytesIO(b"".join(parts))
