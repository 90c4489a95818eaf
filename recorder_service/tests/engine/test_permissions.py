"""What each of the engine's users may do with streams."""

from __future__ import annotations

import base64
import socket
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rig import KEEP, Camera, Node, until

from recorder_service.domain.secret import Secret
from recorder_service.engine import strip, yml
from recorder_service.engine.control import _VERIFY_SECONDS
from recorder_service.engine.initial import write_initial
from recorder_service.engine.paths import PathPlan
from recorder_service.engine.secret import (
    GATE_USER,
    USER,
    Login,
    gate_secret,
    node_secret,
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
    bodies |= {name: {"source": strip.source(name, node.options)} for name in ("silenced", "other")}
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


def test_a_login_reads_one_camera_or_what_is_tried_and_nobody_publishes(cut_off: Node) -> None:
    view = _as(cut_off, view_login(_media(cut_off), "silenced"))
    assert view.read("silenced") == NOBODY
    assert [view.read(path) for path in ("other", "raw/other", "pulled", "trial/0a")] == [401] * 4
    trial = _as(cut_off, trial_login(_media(cut_off)))
    assert [trial.read("silenced"), trial.read("raw/silenced")] == [401, 401]
    for one in (view, trial):
        assert [one.publish(path) for path in ("silenced", "raw/silenced", "pulled", "trial/0a")] == [401] * 4


def _locks_others_out(file: Path) -> bool:
    return not stat.S_IMODE(file.stat().st_mode) & 0o077


def test_a_new_start_ends_the_logins_of_the_last(node: Node) -> None:
    before = _media(node).reveal()
    write_initial(node.options, node.gate, None, media=node.media, index=node.index)
    assert _media(node).reveal() == before, "not while the engine runs"
    node.unserve()
    node.engine.stop()
    write_initial(node.options, node.gate, None, media=node.media, index=node.index)
    assert _media(node).reveal() != before
    assert before not in node.options.config_file.read_text()


def _forge(node: Node, clip: Path, path: str, seconds: float) -> subprocess.Popen[bytes]:
    send = ["-map", "0:v", "-c", "copy", "-t", str(seconds), "-f", "mpegts", f"unix:{strip.socket(path, node.options)}"]
    return subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", str(clip), *send])


def test_a_stripped_camera_is_fed_behind_a_closed_door(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera("sound").source())
    node.wait_segments("acme-cam-01", 1, 40)
    folder = node.options.strip_folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    lists = list(folder.glob("*.ffconcat"))
    assert [file.stem for file in lists] == ["acme-cam-01"]
    assert all(_locks_others_out(file) for file in lists)
    node.change("acme-cam-01", audio=KEEP)
    until(lambda: not list(folder.glob("*.ffconcat")), 20)


def test_new_users_cut_no_recording(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source())
    node.wait_segments("acme-cam-01", 2)
    node.add("acme-cam-02", camera("sound").source())
    until(lambda: any(u["user"] == "view-acme-cam-02" for u in node.api().users()), 20)
    node.wait_segments("acme-cam-02", 2, 40)
    until(lambda: "view-acme-cam-02" in node.options.config_file.read_text(), 10)
    count = len(node.segments("acme-cam-01"))
    node.wait_segments("acme-cam-01", count + 2)
    assert {row.run for row in node.segments("acme-cam-01")} == {node.segments("acme-cam-01")[0].run}


def test_what_is_right_already_is_not_set_again(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source())
    node.wait_segments("acme-cam-01", 2)
    count = _set_again(node)
    time.sleep(2.5 * _VERIFY_SECONDS)
    assert _set_again(node) == count
    users = node.api().users()
    node.api().set_users(yml.engine_users(node_secret(node.options.secret_file), _media(node), {}))
    assert node.api().users() != users
    until(lambda: node.api().users() == users, 3 * _VERIFY_SECONDS)


def _set_again(node: Node) -> int:
    return node.options.log_file.read_text().count("reloading configuration (API request)")


def test_pictures_of_another_while_the_camera_is_away_are_told(
    node: Node, camera: Callable[..., Camera], clips: dict[str, Path]
) -> None:
    one = camera("sound")
    node.add("acme-cam-01", one.source())
    node.wait_segments("acme-cam-01", 2, 40)
    assert not [detail for kind, detail in node.events() if kind == "integrity"]
    one.stop()
    until(lambda: not node.api().live_paths()["acme-cam-01"].available, 20)
    until(lambda: strip.socket("acme-cam-01", node.options).exists(), 20)
    forger = _forge(node, clips["plain"], "acme-cam-01", 20)
    try:
        until(lambda: [d for k, d in node.events() if k == "integrity" and "not the camera's" in d], 20)
    finally:
        forger.kill()
        forger.wait()
