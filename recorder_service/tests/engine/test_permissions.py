"""What each of the engine's users may do with streams."""

from __future__ import annotations

import base64
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from rig import Camera, Node, until

from recorder_service.domain.secret import Secret
from recorder_service.engine import yml
from recorder_service.engine.initial import write_initial
from recorder_service.engine.paths import PathPlan
from recorder_service.engine.secret import (
    GATE_USER,
    USER,
    Login,
    gate_secret,
    loopback_url,
    node_secret,
    strip_login,
    trial_login,
    view_login,
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
    """A pulled camera, two without their sound with their raw paths, and a trial path; nobody changes them."""
    node.unserve()
    api = node.api()
    bodies: dict[str, dict[str, object]] = {
        name: {"source": "rtsp://127.0.0.1:1/x", "sourceOnDemand": True}
        for name in ("pulled", "raw/silenced", "raw/other", "trial/0a")
    }
    bodies |= {name: {"source": "publisher", "overridePublisher": False} for name in ("silenced", "other")}
    for name, body in bodies.items():
        api.replace(name, body)
    plans = {n: PathPlan(n, b, n.removeprefix("raw/")) for n, b in bodies.items() if not n.startswith("trial/")}
    api.set_users(yml.engine_users(node_secret(node.options.secret_file), _media(node), plans))
    return node


def _media(node: Node) -> Secret:
    return node_secret(node.options.media_secret_file)


def _as(node: Node, login: Login) -> Asker:
    return Asker(node, login.user, login.password.reveal())


NOBODY = 404  # a stream that the user may read, and that nobody sends


def test_each_user_opens_what_it_needs_and_no_more(cut_off: Node) -> None:
    secret = node_secret(cut_off.options.secret_file)
    gate = Asker(cut_off, GATE_USER, gate_secret(secret).reveal())
    node = Asker(cut_off, USER, secret.reveal())
    assert [gate.read("silenced"), gate.read("raw/silenced"), gate.publish("silenced")] == [NOBODY, 401, 401]
    assert [node.read("silenced"), node.publish("silenced")] == [401, 401]


def test_what_a_command_line_shows_opens_one_camera_for_one_purpose(cut_off: Node) -> None:
    strip = _as(cut_off, strip_login(_media(cut_off), "silenced"))
    assert strip.publish("silenced") == 200
    assert [strip.publish(path) for path in ("other", "raw/silenced", "pulled", "trial/0a")] == [401] * 4
    assert [strip.read(path) for path in ("silenced", "other", "raw/other", "pulled", "trial/0a")] == [401] * 5
    view = _as(cut_off, view_login(_media(cut_off), "silenced"))
    assert [view.read("silenced"), view.read("other"), view.read("raw/other"), view.publish("silenced")] == [
        NOBODY, 401, 401, 401,
    ]  # fmt: skip
    trial = _as(cut_off, trial_login(_media(cut_off)))
    assert [trial.read("silenced"), trial.read("raw/silenced"), trial.publish("trial/0a")] == [401, 401, 401]


def test_a_new_start_ends_the_logins_of_the_last(node: Node) -> None:
    before = _media(node).reveal()
    write_initial(node.options, node.gate, None, media=node.media, index=node.index)
    assert _media(node).reveal() == before, "not while the engine runs"
    node.unserve()
    node.engine.stop()
    write_initial(node.options, node.gate, None, media=node.media, index=node.index)
    assert _media(node).reveal() != before
    assert before not in node.options.config_file.read_text()


def _publish(node: Node, clip: Path, path: str, seconds: float) -> subprocess.Popen[bytes]:
    url = loopback_url(node.options.rtsp_port, path, strip_login(_media(node), path))
    send = ["-c", "copy", "-t", str(seconds), "-f", "rtsp", "-rtsp_transport", "tcp", url]
    return subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", str(clip), *send])


def test_a_camera_takes_no_other_pictures(cut_off: Node, clips: dict[str, Path]) -> None:
    assert _publish(cut_off, clips["plain"], "pulled", 1).wait(30) != 0
    first = _publish(cut_off, clips["plain"], "silenced", 6)
    until(lambda: cut_off.api().live_paths()["silenced"].available)
    source = cut_off.api().live_paths()["silenced"].source_id
    assert _publish(cut_off, clips["plain"], "silenced", 1).wait(30) != 0, "one who comes second is turned away"
    assert cut_off.api().live_paths()["silenced"].source_id == source
    assert first.wait(30) == 0


def test_new_users_cut_no_recording(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source())
    node.wait_segments("acme-cam-01", 2)
    node.add("acme-cam-02", camera("sound").source())
    until(lambda: any(u["user"] == "strip-acme-cam-02" for u in node.api().users()), 20)
    node.wait_segments("acme-cam-02", 2, 40)
    until(lambda: "strip-acme-cam-02" in node.options.config_file.read_text(), 10)
    count = len(node.segments("acme-cam-01"))
    node.wait_segments("acme-cam-01", count + 2)
    assert {row.run for row in node.segments("acme-cam-01")} == {node.segments("acme-cam-01")[0].run}


def test_pictures_of_another_while_the_camera_is_away_are_told(
    node: Node, camera: Callable[..., Camera], clips: dict[str, Path]
) -> None:
    one = camera("sound")
    node.add("acme-cam-01", one.source())
    node.wait_segments("acme-cam-01", 2, 40)
    assert not [detail for kind, detail in node.events() if kind == "integrity"]
    one.stop()
    until(lambda: not node.api().live_paths()["acme-cam-01"].available, 20)
    forger = _publish(node, clips["plain"], "acme-cam-01", 20)
    try:
        until(lambda: [d for k, d in node.events() if k == "integrity" and "not the camera's" in d], 20)
    finally:
        forger.kill()
        forger.wait()
