"""base64(gzip(JSON)), with a cap on what is unpacked (docs/wire.md)."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from typing import Any

from .errors import ErpProtocolError

MAX_UP = 8 * 1024 * 1024  # as the bridge has it: it costs Odoo many times that in memory
MAX_DOWN = 32 * 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS


class TooLargeError(ValueError):
    """The payload passes the wire's cap: send fewer rows."""


def pack(message: Mapping[str, Any]) -> str:
    """Encode a message.

    Raises:
        TooLargeError: more than 8 MiB before compression.
    """
    raw = json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
    if len(raw) > MAX_UP:
        raise TooLargeError(f"{len(raw)} bytes pass the cap of {MAX_UP}")
    # Level 1: hashes do not compress, the rest does at any level.
    return base64.b64encode(_gzip(raw)).decode("ascii")


def _gzip(raw: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    return packer.compress(raw) + packer.flush()


def unpack(text: str) -> dict[str, Any]:
    """Decode a message.

    Raises:
        ErpProtocolError: not base64, gzip or JSON, cut short, larger than 32 MiB unpacked, too deep, or no object.
    """
    try:
        unpacker = zlib.decompressobj(_GZIP)
        raw = unpacker.decompress(base64.b64decode(text, validate=True), MAX_DOWN)
        if unpacker.unconsumed_tail:
            raise ErpProtocolError(f"the answer unpacks to more than {MAX_DOWN} bytes")
        if not unpacker.eof:
            raise ErpProtocolError("the answer is cut short")
        message = json.loads(raw)
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        raise ErpProtocolError(f"the answer cannot be unpacked: {error}") from None
    if not isinstance(message, dict):
        raise ErpProtocolError("the answer is not an object")
    return message
