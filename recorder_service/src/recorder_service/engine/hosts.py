"""Takes addresses of cameras out of the engine's words: who may see a camera's state may not see where it is.

The full lines stay in the engine's own log.
"""

from __future__ import annotations

import ipaddress
import re

from ..logs import REDACTED

_URL = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s\"'<>]*[^\s\"'<>):,;.]", re.IGNORECASE)
_IPV6 = re.compile(
    r"\[[0-9A-F:.]*:[0-9A-F:.]*(?:%[^\]\s]*)?\](?::\d+)?|(?<![\w:.])[0-9A-F:]*:[0-9A-F:.]*(?:%\w+)?", re.I
)
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?!\d)")
#: Longer texts are cut first: searching grows with the square of the length.
_LONGEST = 2000
#: What Go's net package names a host after.
_NAME = re.compile(
    r"(?P<before>\b(?:lookup|(?:dial|read|write|listen) (?:tcp|udp|ip)[46]?|address(?= \S+: )|wanted to match) )"
    r"[\w.-]+(?::\d+)?",
    re.IGNORECASE,
)
_NAME_AND_PORT = re.compile(r"(?<![\w./-])(?=[\w.-]*[a-z])\w[\w.-]*:\d{1,5}(?![\w.])", re.IGNORECASE)
_CERTIFICATE = re.compile(
    r"(?P<before>\bcertificate (?:is (?:not )?valid )?for )(?!any ).*?(?= because|$)", re.IGNORECASE
)


def hostless(text: str) -> str:
    """The first 2,000 characters of ``text`` without URLs, IP addresses, names of hosts and their ports."""
    text = _URL.sub(rf"\g<scheme>{REDACTED}", text[:_LONGEST])
    text = _CERTIFICATE.sub(rf"\g<before>{REDACTED}", text)
    text = _IPV6.sub(_ipv6, text)
    text = _IPV4.sub(REDACTED, text)
    text = _NAME.sub(rf"\g<before>{REDACTED}", text)
    return _NAME_AND_PORT.sub(REDACTED, text)


def _ipv6(found: re.Match[str]) -> str:
    """What looks like an address may be a time or the end of a word."""
    text = found[0]
    if text.startswith("["):
        return REDACTED
    end = ":" if text.endswith(":") and not text.endswith("::") else ""
    try:
        ipaddress.IPv6Address(text.removesuffix(":") if end else text)
    except ValueError:
        return text
    return REDACTED + end
