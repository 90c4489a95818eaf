"""A recorder whose room is used up: the start tells it and goes on; what else is wrong with a recorder it waits for."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1]
SERVICE = SCRIPTS.parent / "recorder_service" / "src"
# the recorder's own health page, with these alarms
PAGE = """
import sys
import uvicorn
from prometheus_client import CollectorRegistry
from recorder_service.api.app import api_app
from recorder_service.domain.health import Alarm, DiskHealth, Health, ProcessHealth

up, disk = ProcessHealth(True), DiskHealth("/media", 0, 0, 0, 0, 0)
now = Health({}, disk, up, up, True, alarms=frozenset(map(Alarm, sys.argv[2:])))
uvicorn.run(api_app(lambda: now, dict, CollectorRegistry()), port=int(sys.argv[1]), log_level="error")
"""
PARTS = 'for part in common run services; do . "$1/lib/$part.sh"; done; '


class Recorder:
    """A run folder whose recorder, the only process there, answers with some alarms."""

    def __init__(self, run):
        self.run = run
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        names = re.findall(r"^(CCTV_\w+_PORT) \d+", (SCRIPTS / "lib" / "run.sh").read_text(), re.MULTILINE)
        (run / "env").write_text("".join(f"{name}={self.port}\n" for name in names))

    def keep(self, *words):
        subprocess.run(
            [sys.executable, SCRIPTS / "lib" / "keep.py", words[0], "--run", self.run, *words[1:]],
            env={**os.environ, "PYTHONPATH": str(SERVICE), "PYTHONDONTWRITEBYTECODE": "1"},
            check=True,
            timeout=60,
        )

    def answers(self, *alarms):
        """Start it, and wait for its page."""
        self.keep(
            "start", "--name", "recorder", "--", os.environ["RECORDER_PYTHON"], "-c", PAGE, str(self.port), *alarms
        )
        done = self.call('wait_until 30 recorder bash -c "exec 3<>/dev/tcp/127.0.0.1/$2"', str(self.port))
        assert done.returncode == 0, done.stderr

    def call(self, function, *words):
        return subprocess.run(
            ["bash", "-c", PARTS + function, "bash", SCRIPTS, *words],
            env={**os.environ, "CCTV_RUN": str(self.run)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def recorder(tmp_path):
    one = Recorder(tmp_path)
    yield one
    one.keep("stop", "recorder")


@pytest.mark.parametrize("alarm", ["quota", "disk_low", "only_held"])
def test_a_full_recorder_is_told_and_the_start_goes_on(recorder, alarm):
    recorder.answers(alarm)
    done = recorder.call("PROCESSES=(recorder); wait_for_all")
    assert done.returncode == 0, done.stderr
    assert "the recorder holds cameras back: its room for footage is used up" in done.stderr
    assert "recorder is healthy" not in done.stdout + done.stderr


@pytest.mark.parametrize("alarm", ["engine_down", "disk_missing"])
def test_a_recorder_that_does_not_work_is_not_taken_for_a_full_one(recorder, alarm):
    recorder.answers(alarm)
    assert recorder.call("recorder_up").returncode == 1


def test_a_recorder_with_room_is_healthy(recorder):
    recorder.answers("key_expiring")
    done = recorder.call("PROCESSES=(recorder); wait_for_all")
    assert (done.returncode, "used up" in done.stderr) == (0, False), done.stderr
