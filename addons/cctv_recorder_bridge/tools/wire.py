"""Envelope of the sync call: ``base64(gzip(utf-8 JSON))`` in one string (docs/wire.md)."""

import base64
import binascii
import json
import zlib

SCHEMA = 1
MAX_RAW = 8 * 1024 * 1024  # twice the largest call of a node; what it unpacks to may cost many times that in memory
_GZIP = 31


class WireError(ValueError):
    """A payload that is refused whole.

    ``field`` names the place, ``reason`` says why: a plain English sentence, its blanks filled by ``args``. Its words
    in the reader's language stand in ``models/recording/cctv_recorder_refusal.py``.
    """

    def __init__(self, field, reason, **args):
        super().__init__(f"{field}: {reason % args}")
        self.field = field
        self.reason = reason
        self.blanks = args


def pack(value):
    """Return the envelope of a JSON-able value as ASCII text."""
    raw = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    packer = zlib.compressobj(level=1, wbits=_GZIP)
    return base64.b64encode(packer.compress(raw) + packer.flush()).decode()


def unpack(text):
    """Return the JSON object inside an envelope; at most :data:`MAX_RAW` bytes are ever unpacked.

    :raises WireError: not text, not base64, not one gzip member, too large, not a JSON object
    """
    if not isinstance(text, str) or len(text) > 2 * MAX_RAW:
        raise WireError(
            "payload",
            "must be a base64 string of at most %(most)s characters: send fewer rows a call ([odoo] batch and "
            "batch_behind in the recorder's settings)",
            most=2 * MAX_RAW,
        )
    try:
        value = json.loads(_inflate(base64.b64decode(text, validate=True)), parse_constant=_no_constant)
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        if isinstance(error, WireError):
            raise
        raise WireError("payload", "is not base64(gzip(JSON))") from error
    if not isinstance(value, dict):
        raise WireError("payload", "must be a JSON object")
    return value


def _inflate(packed):
    opener = zlib.decompressobj(wbits=_GZIP)
    raw = opener.decompress(packed, MAX_RAW + 1)
    if len(raw) > MAX_RAW:
        raise WireError(
            "payload",
            "unpacks to more than %(most)s bytes: send fewer rows a call ([odoo] batch and batch_behind in the "
            "recorder's settings)",
            most=MAX_RAW,
        )
    if not opener.eof or opener.unused_data:
        raise WireError("payload", "is cut short or has bytes after its end")
    return raw


def _no_constant(name):
    raise WireError("payload", "%(word)s is not a JSON number", word=name)
