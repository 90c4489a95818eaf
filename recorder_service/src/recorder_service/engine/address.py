"""Addresses that MediaMTX would refuse, told before it sees them.

MediaMTX repeats a refused address whole, password included, in its answers and in its log. Its rules are those of Go's
`url.Parse` and of gortsplib's `base.ParseURL`; Python's `urlsplit` takes more. Nothing may pass here that they refuse.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from ..domain.said import Said, SaidCode

_SCHEMES = ("rtsp", "rtsps")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PORT = re.compile(r":[0-9]*\Z")
_NAME = re.compile(r"[A-Za-z0-9._~-]+")
_IPV6 = re.compile(r"\[([0-9A-Fa-f:.]+)(?:%25[A-Za-z0-9._~-]+)?\]")  # with a zone, RFC 6874


def mistake(url: str) -> str:
    """What is wrong with a stream's address, in a sentence that shows nothing of it, or an empty text."""
    if not url.isprintable() or " " in url:
        return Said("the address holds a space or a control character", SaidCode.ADDRESS_BLANK)
    if _BARE_PERCENT.search(url):
        text = "a % in the address must be followed by two hexadecimal digits; a % itself is written %25"
        return Said(text, SaidCode.ADDRESS_PERCENT)
    if "#" in url:
        return Said("the address must not hold a #; inside a name it is written %23", SaidCode.ADDRESS_HASH)
    try:
        return _of_parts(urlsplit(url))
    except ValueError:
        return Said("the address is not a valid one: look at brackets and at the port", SaidCode.ADDRESS_INVALID)


def _of_parts(parts: SplitResult) -> str:
    _port = parts.port  # raises ValueError for what is no port
    if parts.scheme not in _SCHEMES or not parts.hostname:
        return Said("the address must begin with rtsp:// or rtsps:// and name a host", SaidCode.ADDRESS_SCHEME)
    if "@" in parts.netloc:
        return Said("user and password belong into their own fields, not into the address", SaidCode.ADDRESS_LOGIN)
    if not _is_host(_PORT.sub("", parts.netloc)):
        return Said("the address's host must be a name or an IP address (IPv6 in brackets)", SaidCode.ADDRESS_HOST)
    return ""


def _is_host(text: str) -> bool:
    if found := _IPV6.fullmatch(text):
        return ipaddress.ip_address(found[1]).version == 6
    return _NAME.fullmatch(text) is not None
