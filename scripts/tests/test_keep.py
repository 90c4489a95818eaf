"""The keeper: restarts, outlives, caps logs, adopts, ends."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import keep
import pytest

KEEP = Path(__file__).resolve().parents[1] / "lib" / "keep.py"


class Kept:
    """A run folder with one kept process."""

    def __init__(self, run, name="thing"):
        self.run, self.name = run, name

    def start(self, *command, options=()):
        """Start it; the call itself must come back at once."""
        subprocess.run(
            [sys.executable, KEEP, "start", "--run", self.run, "--name", self.name, *options, "--", *command],
            check=True,
            timeout=20,
        )

    def stop(self):
        """End it and return the exit code of the call."""
        return subprocess.run(
            [sys.executable, KEEP, "stop", "--run", self.run, self.name], check=False, timeout=60
        ).returncode

    @property
    def state(self):
        """The state file's content."""
        return json.loads((self.run / "state" / f"{self.name}.json").read_text())

    @property
    def log(self):
        """The log's text."""
        return (self.run / "log" / f"{self.name}.log").read_text()


def wait(condition, seconds=15):
    """Wait for a condition, or fail."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(FileNotFoundError, json.JSONDecodeError):
            if condition():
                return
        time.sleep(0.05)
    pytest.fail("it did not come to be")


def alive(pid):
    """Tell whether a process is there (a zombie is not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def kept(tmp_path):
    """A kept process's handle that leaves nothing behind."""
    handle = Kept(tmp_path)
    yield handle
    handle.stop()


def test_killed_process_comes_back_within_two_seconds(kept):
    kept.start("sleep", "600")
    first = kept.state["pid"]
    os.kill(first, signal.SIGKILL)
    killed = time.monotonic()
    wait(lambda: kept.state["state"] == "running" and kept.state["pid"] != first)
    assert time.monotonic() - killed < 2.5
    assert kept.state["restarts"] == 1
    assert "signal SIGKILL" in kept.log


def test_delay_between_restarts_doubles(kept):
    kept.start("sh", "-c", "date +%s.%N; exit 7")
    wait(lambda: kept.state["restarts"] >= 3, 20)
    times = [float(line) for line in kept.log.splitlines() if "keep:" not in line]
    gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    assert 0.9 < gaps[0] < 1.8
    assert 1.8 < gaps[1] < 3.2
    assert "exit code 7" in kept.log


def test_delay_between_restarts_has_a_longest(kept):
    kept.start("false", options=("--longest-delay", "1"))
    wait(lambda: kept.state["restarts"] >= 4, 20)
    delays = [line.rpartition("again in ")[2] for line in kept.log.splitlines() if "again in" in line]
    assert set(delays) == {"1 s"}


def test_second_start_leaves_the_first_alone(kept):
    kept.start("sleep", "600")
    first = kept.state["pid"]
    kept.start("sleep", "601")
    time.sleep(0.5)
    assert kept.state["pid"] == first


def test_stop_ends_the_process_in_its_own_way(kept):
    kept.start("bash", "-c", 'trap "echo farewell; exit 0" TERM; echo ready; while :; do sleep 0.1; done')
    wait(lambda: "ready" in kept.log)
    pid = kept.state["pid"]
    assert kept.stop() == 0
    assert "farewell" in kept.log
    assert not alive(pid)
    assert kept.state["state"] == "stopped"


def test_a_process_that_will_not_end_is_killed_with_its_children(kept):
    kept.start(
        "bash", "-c", 'trap "" TERM; sleep 601 & echo child $!; while :; do sleep 0.1; done', options=("--grace", "0.5")
    )
    wait(lambda: "child" in kept.log)
    child = int(kept.log.split()[1])
    assert alive(child)
    assert kept.stop() == 0
    wait(lambda: not alive(child))


def test_stopping_while_waiting_for_a_restart_starts_nothing(kept):
    kept.start("false")
    wait(lambda: kept.state["state"] == "waiting")
    assert kept.stop() == 0
    restarts = kept.state["restarts"]
    time.sleep(2.5)
    assert kept.state["restarts"] == restarts


def test_process_survives_its_keeper_and_is_adopted(kept):
    kept.start("sleep", "600")
    before = kept.state
    os.kill(before["keeper_pid"], signal.SIGKILL)
    wait(lambda: not alive(before["keeper_pid"]))
    assert alive(before["pid"])
    kept.start("sleep", "600")
    wait(lambda: kept.state["keeper_pid"] != before["keeper_pid"])
    assert kept.state["pid"] == before["pid"]
    os.kill(before["pid"], signal.SIGKILL)
    wait(lambda: kept.state["pid"] not in (None, before["pid"]))


def test_stop_ends_a_process_whose_keeper_was_killed(kept):
    kept.start("sleep", "600")
    before = kept.state
    os.kill(before["keeper_pid"], signal.SIGKILL)
    wait(lambda: not alive(before["keeper_pid"]))
    assert kept.stop() == 0
    assert not alive(before["pid"])


def test_a_pid_given_to_another_process_is_not_adopted(kept):
    kept.start("sleep", "600")
    before = kept.state
    os.kill(before["keeper_pid"], signal.SIGKILL)
    os.kill(before["pid"], signal.SIGKILL)
    wait(lambda: not alive(before["pid"]) and not alive(before["keeper_pid"]))
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        (kept.run / "state" / "thing.json").write_text(json.dumps({**before, "pid": stranger.pid}))
        assert kept.stop() == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_log_keeps_its_cap_and_loses_no_line(kept):
    """The writer pauses longer than the keeper's tick now and then, as a real one does."""
    loop = "for n in range(900):\n    print('line %05d' % n, flush=True)\n    time.sleep(0.005)\n"
    writer = f"import time\n{loop}time.sleep(600)"
    kept.start(sys.executable, "-c", writer, options=("--log-bytes", "2000", "--log-files", "20"))
    wait(lambda: "line 00899" in "".join(path.read_text() for path in (kept.run / "log").iterdir()), 30)
    time.sleep(1.5)
    names = sorted(path.name for path in (kept.run / "log").iterdir())
    assert "thing.log.1" in names
    assert "thing.log.2" in names
    text = "".join(path.read_text() for path in (kept.run / "log").iterdir())
    lines = [line for line in text.splitlines() if line.startswith("line ")]
    assert len(lines) == len(set(lines))
    assert len(lines) >= 895  # what is written between the last read and the truncation may be lost


def test_missing_program_is_said_and_tried_again(kept):
    kept.start("/nonexistent/program")
    wait(lambda: "cannot start" in kept.log)
    assert kept.state["state"] == "waiting"


def test_an_adopted_pid_that_another_process_got_is_not_signalled(tmp_path):
    with subprocess.Popen(["sleep", "60"]) as other:
        options = {"run": tmp_path, "name": "x", "log_bytes": 1000, "log_files": 1, "grace": 1.0}
        keeper = keep.Keeper(argparse.Namespace(**options, stop_signal=signal.SIGTERM))
        keeper.pid, keeper.tick = other.pid, keep.started_at(other.pid)
        assert keeper._alive()
        keeper.tick -= 1  # the adopted one has ended, its number was given on
        assert not keeper._alive()
        keeper._end_child()
        assert other.poll() is None
        other.kill()
