"""What each of the engine's users may do with streams."""

from __future__ import annotations

import base64
import socket
import subprocess
from pathlib import Path

import pytest
from rig import Node

from recorder_service.engine.secret import (
    GATE_USER,
    MEDIA_USER,
    USER,
    gate_secret,
    loopback_url,
    media_secret,
    node_secret,
)

pytestmark = pytest.mark.mediamtx

_SDP = """v=0\r
o=- 0 0 IN IP4 127.0.0.1\r
s=-\r
c=IN IP4 0.0.0.0\r
t=0 0\r
m=video 0 RTP/AVP 96\r
a=rtpmap:96 H264/90000\r
a=fmtp:96 packetization-mode=1\r
a=control:trackID=0\r
"""


class Asker:
    """Speaks RTSP to the engine as one of its users."""

    def __init__(self, node: Node, user: str, password: str) -> None:
        self._port = node.options.rtsp_port
        self._login = base64.b64encode(f"{user}:{password}".encode()).decode()

    def publish(self, path: str) -> int:
        return self._ask("ANNOUNCE", path, "Content-Type: application/sdp\r\n", _SDP)

    def read(self, path: str) -> int:
        return self._ask("DESCRIBE", path, "", "")

    def _ask(self, method: str, path: str, more: str, body: str) -> int:
        head = f"{method} rtsp://127.0.0.1:{self._port}/{path} RTSP/1.0\r\nCSeq: 1\r\n{more}"
        text = f"{head}Authorization: Basic {self._login}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        with socket.create_connection(("127.0.0.1", self._port), 15) as connection:
            connection.sendall(text.encode())
            return int(connection.recv(4096).split()[1])


@pytest.fixture
def cut_off(node: Node) -> Node:
    """A pulled camera, one without its sound with its raw path, and a trial path; nobody changes them."""
    node.unserve()
    api = node.api()
    for name in ("pulled", "raw/silenced", "trial/0a"):
        api.replace(name, {"source": "rtsp://127.0.0.1:1/x", "sourceOnDemand": True})
    for name in ("silenced", "other/place"):
        api.replace(name, {"source": "publisher"})
    return node


def test_each_user_opens_what_it_needs_and_no_more(cut_off: Node) -> None:
    secret = node_secret(cut_off.options.secret_file)
    media = Asker(cut_off, MEDIA_USER, media_secret(secret).reveal())
    gate = Asker(cut_off, GATE_USER, gate_secret(secret).reveal())
    node = Asker(cut_off, USER, secret.reveal())
    nobody = 404  # a stream that the user may read, and that nobody sends
    assert media.publish("silenced") == 200
    assert [media.publish(path) for path in ("raw/silenced", "other/place", "trial/0a")] == [401, 401, 401]
    assert [media.read("silenced"), media.read("other/place")] == [nobody, 401]
    assert [gate.read("silenced"), gate.read("raw/silenced"), gate.publish("silenced")] == [nobody, 401, 401]
    assert [node.read("silenced"), node.publish("silenced")] == [401, 401]


def test_a_pulled_camera_takes_no_other_pictures(cut_off: Node, clips: dict[str, Path]) -> None:
    secret = node_secret(cut_off.options.secret_file)

    def publish(path: str) -> int:
        url = loopback_url(cut_off.options.rtsp_port, path, secret)
        send = ["-c", "copy", "-t", "1", "-f", "rtsp", "-rtsp_transport", "tcp", url]
        argv = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(clips["plain"]), *send]
        return subprocess.run(argv, timeout=30, check=False).returncode

    assert publish("silenced") == 0
    assert publish("pulled") != 0
