"""A stream's address for ffmpeg and ffprobe that no command line shows.

Everybody on the machine can read command lines, and an address holds a login. Both programs take a list of addresses
(ffconcat) from a file or their standard input instead.
"""

from __future__ import annotations

from typing import Any

#: How ffmpeg opens a list: it has to be told that the addresses may be of other protocols than the list.
FORMAT: dict[str, Any] = {"format": "concat", "safe": 0, "protocol_whitelist": "file,pipe,rtsp,rtp,tcp"}

#: The same as arguments.
AS_LIST = ("-f", "concat", "-safe", str(FORMAT["safe"]), "-protocol_whitelist", FORMAT["protocol_whitelist"])


def listing(url: str, **options: object) -> bytes:
    """The list with one RTSP stream, opened over TCP and with further `options` of ffmpeg's RTSP reader."""
    words = [f"option {name} {value}" for name, value in {"rtsp_transport": "tcp", **options}.items()]
    return "\n".join(["ffconcat version 1.0", f"file '{url}'", *words, ""]).encode()
