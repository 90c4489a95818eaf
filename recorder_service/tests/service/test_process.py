"""The real process, without engine and ERP: both may be away for as long as they like."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from recorder_service.store import Index, MediaRoot

from ..conftest import NODE, hashed

KEY = "the-secret-key-0123456789"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Process:
    """A service in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.http = free_port()
        (folder / "footage").mkdir()
        names = ("http", "auth", "engine", "engine_rtsp", "engine_metrics", "gate", "odoo")
        port = {name: free_port() for name in names} | {"http": self.http}
        self.gate = port["gate"]
        (folder / "recorder.toml").write_text(
            f"""
[odoo]
url = "http://127.0.0.1:{port["odoo"]}"
db = "acme"
login = "recorder-{NODE}"
key = "{KEY}"
[node]
uuid = "{NODE}"
[media]
root = "{folder}/footage"
[http]
port = {port["http"]}
auth_port = {port["auth"]}
[engine]
api_port = {port["engine"]}
rtsp_port = {port["engine_rtsp"]}
metrics_port = {port["engine_metrics"]}
[gate]
api_port = {port["gate"]}
"""
        )
        (folder / "recorder.toml").chmod(0o600)
        self._children: list[subprocess.Popen[str]] = []

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "recorder_service", *arguments, "--config", str(self.folder / "recorder.toml")],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def start(self) -> subprocess.Popen[str]:
        with (self.folder / "log").open("a") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "recorder_service", "run", "--json"], text=True, stderr=log,
                env={**os.environ, "RECORDER_CONFIG": str(self.folder / "recorder.toml")},
            )  # fmt: skip
        self._children.append(child)
        return child

    def status(self) -> dict[str, Any]:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                found = requests.get(f"http://127.0.0.1:{self.http}/status", timeout=5).json()
            except requests.RequestException:
                time.sleep(0.1)
                continue
            if found["odoo"].get("word") != "starting":
                return dict(found)
            time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def close(self) -> None:
        for child in self._children:
            child.kill()
            child.wait()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path)
    yield made
    made.close()


def test_it_runs_without_erp_and_engine_and_says_so(process: Process) -> None:
    MediaRoot(process.folder / "footage", NODE).adopt()
    child = process.start()
    status = process.status()
    assert status["odoo"]["word"] == "unreachable"
    assert all(worker["alive"] for worker in status["workers"].values()), status["workers"]
    shown = process.cli("status")
    assert shown.returncode == 0
    assert "unreachable" in shown.stdout
    child.send_signal(signal.SIGTERM)
    assert child.wait(10) == 0
    lines = [json.loads(line) for line in process.log().splitlines()]
    assert lines[-1]["event"] == "service stopped"
    assert lines[-1]["late"] == []
    assert KEY not in process.log()


def test_a_second_service_is_refused(process: Process) -> None:
    child = process.start()
    process.status()
    second = process.cli("run")
    assert second.returncode == 1
    assert f"runs already (pid {child.pid})" in second.stderr


def test_a_stopped_process_goes_on_after_it_is_continued(process: Process) -> None:
    child = process.start()
    process.status()
    child.send_signal(signal.SIGSTOP)
    time.sleep(20)
    child.send_signal(signal.SIGCONT)
    time.sleep(4)
    assert child.poll() is None, process.log()
    assert process.status()["workers"]["sync"]["alive"]


def test_kill_9_leaves_a_sound_index_and_the_lock_free(process: Process) -> None:
    child = process.start()
    process.status()
    child.kill()
    child.wait()
    process.start()
    process.status()
    with Index(process.folder / "index.sqlite", NODE) as index:
        assert index.check() == []


def test_the_commands_work_while_it_is_down(process: Process) -> None:
    with Index(process.folder / "index.sqlite", NODE) as index:
        index.segments.add(hashed(0), 1)
    status = process.cli("status", "--json")
    assert status.returncode == 1
    assert json.loads(status.stdout)["pending"]["segments"] == 1
    rows = json.loads(process.cli("segments", "--json").stdout)
    assert rows[0]["sha256"] == hashed(0).sha256
    assert json.loads(process.cli("gaps", "--json").stdout) == []
    assert json.loads(process.cli("retry", "--json").stdout) == {"sent_again": 0}


def test_a_command_that_looks_makes_no_index(process: Process) -> None:
    done = process.cli("segments")
    assert done.returncode == 1
    assert "has not run" in done.stderr
    assert not (process.folder / "index.sqlite").exists()


def test_check_names_each_trouble_with_its_cure(process: Process) -> None:
    done = process.cli("check", "--json")
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert done.returncode == 1
    assert found["media root"]["level"] == "fail"
    assert "--adopt-media" in found["media root"]["fix"]
    assert (found["odoo"]["level"], "start Odoo" in found["odoo"]["fix"]) == ("fail", True)
    assert found["engine api"]["level"] == "fail"
    assert (found["index"]["level"], found["http port"]["level"]) == ("warn", "ok")
    assert KEY not in done.stdout + done.stderr
    assert found["gate api"]["level"] == "fail"
    with socket.create_server(("127.0.0.1", process.gate)):
        # the gate tells nothing to anybody while the service is down, which is no fault of its own
        answers = json.loads(process.cli("check", "--json").stdout)["checks"]
    assert {c["name"]: c["level"] for c in answers}["gate api"] == "ok"
    process.cli("check", "--adopt-media")
    again = json.loads(process.cli("check", "--json").stdout)["checks"]
    assert {c["name"]: c["level"] for c in again}["media root"] == "ok"
    (process.folder / "footage").chmod(0o755)
    again = json.loads(process.cli("check", "--json").stdout)["checks"]
    found = {check["name"]: check for check in again}["media root"]
    assert (found["level"], found["fix"]) == ("warn", f"chmod 750 {process.folder / 'footage'}")


def test_a_media_root_in_the_place_of_the_engines_link_is_named(process: Process) -> None:
    settings = process.folder / "recorder.toml"
    settings.write_text(settings.read_text().replace("/footage", "/media"))
    (process.folder / "media").mkdir()
    answers = json.loads(process.cli("check", "--json").stdout)["checks"]
    found = {check["name"]: check for check in answers}["media root"]
    assert (found["level"], "[media] root" in found["fix"]) == ("fail", True)


def test_wrong_settings_are_listed_and_nothing_starts(process: Process) -> None:
    (process.folder / "recorder.toml").write_text("[odoo]\nurl = 'x'\n[node]\n")
    done = process.cli("run")
    assert done.returncode == 78
    for name in ("[odoo] url", "[odoo] db", "[odoo] key", "[node] uuid"):
        assert name in done.stderr
    assert process.cli("check").returncode == 1


def test_config_shows_no_secret(process: Process) -> None:
    done = process.cli("config", "--json")
    assert done.returncode == 0
    assert KEY not in done.stdout
    assert json.loads(done.stdout)["settings"]["odoo"]["db"] == "acme"
