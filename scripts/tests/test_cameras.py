"""What is asked wrongly of the sample cameras is answered in a sentence."""

import json
import os
import socket
import subprocess
from csv import DictReader
from pathlib import Path

import pytest
from places import open_folder

from sample_cameras import clips, spec
from sample_cameras.player import Player
from sample_cameras.spec import Camera

SCRIPTS = Path(__file__).resolve().parents[1]


@pytest.fixture
def run():
    with open_folder("cctv-cameras-") as folder:
        yield folder


def cameras(run, *arguments):
    """Give one command and return (exit code, its words)."""
    done = subprocess.run(
        [SCRIPTS / "cameras", *arguments],
        env={**os.environ, "CCTV_RUN": str(run)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def picture_size(clip):
    """Return (width, height) of a clip."""
    words = [
        "ffprobe",
        "-v",
        "error",
        "-select_streams",
        "v:0",
        "-show_entries",
        "stream=width,height",
        "-of",
        "csv=p=0",
    ]
    width, height = subprocess.check_output([*words, clip], text=True).strip().split(",")
    return int(width), int(height)


def playing(run, group, name):
    """Leave the state file of a group that plays one camera, as this process."""
    folder = run / "cameras"
    folder.mkdir(exist_ok=True)
    row = {"name": name, "state": "up"}
    (folder / f"{group}.state.json").write_text(json.dumps({"pid": os.getpid(), "cameras": [row]}))


@pytest.mark.parametrize("port", ["99999", "0", "-1", "rtsp"])
def test_what_is_no_port_is_refused(run, port):
    code, words = cameras(run, "start-one", "--name", "cam-07", f"--port={port}")
    assert code == 2
    assert f"{port} is not a port: give a number from 1 to 65535" in words


@pytest.mark.parametrize("port", ["65531", "99999", "rtsp"])
def test_the_first_port_leaves_room_for_the_others(monkeypatch, tmp_path, port):
    monkeypatch.setenv("CCTV_RUN", str(tmp_path))
    monkeypatch.setenv("CCTV_CAMERA_PORT", port)
    with pytest.raises(RuntimeError, match=f"CCTV_CAMERA_PORT={port} is not a port. Give a number from 1 to 65530."):
        spec.prepare()


@pytest.mark.parametrize("setting", ["--port", "CCTV_CAMERA_PORT, the first of them"])
def test_a_taken_port_is_told_with_its_holder_and_setting(tmp_path, setting):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(RuntimeError) as told:
            Player(Camera("cam-07", port, "kamera", "rahasia", "counter"), tmp_path, setting).start()
    assert f"cam-07: port {port} is held by " in str(told.value)
    assert f"(pid {os.getpid()}). Choose another: {setting}" in str(told.value)


def test_a_port_of_an_outgoing_connection_is_told(tmp_path):
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as connection,
        pytest.raises(RuntimeError, match="is held by a connection of .*Choose another: --port"),
    ):
        Player(Camera("cam-07", connection.getsockname()[1], "a", "b", "counter"), tmp_path, "--port").start()


def test_a_camera_that_does_not_play_cannot_be_stopped(run):
    code, words = cameras(run, "stop", "--name", "nosuch")
    assert (code, words) == (1, "cameras: no camera nosuch is played by 'start-one'; known: none\n")
    playing(run, "samples", "cam-01")
    playing(run, "one-cam-08", "cam-08")
    playing(run, "one-cam-07", "cam-07")
    code, words = cameras(run, "stop", "--name", "cam-01")
    assert (code, words) == (1, "cameras: no camera cam-01 is played by 'start-one'; known: cam-07, cam-08\n")


@pytest.mark.parametrize("order", ["drop", "stall", "resume"])
def test_a_camera_that_does_not_play_takes_no_order(run, order):
    playing(run, "samples", "cam-01")
    code, words = cameras(run, order, "--name", "nosuch")
    assert (code, words) == (1, "cameras: no camera nosuch is playing; known: cam-01\n")


def test_sample_company_tells_the_size_that_its_streams_deliver():
    with (SCRIPTS.parent / "data" / "sample" / "cameras.csv").open(newline="") as file:
        told = {
            row["sample"]: (int(row["resolution_width"]), int(row["resolution_height"])) for row in DictReader(file)
        }
    assert told == {name: picture_size(clips.path_of(main)) for name, main, _sub, _dropout in spec.SAMPLES}
