from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable

import pytest

from recorder_service.domain.ports import WorkerContext
from recorder_service.notify import notify
from recorder_service.supervisor import Supervisor


class Part:
    patience = 0.3

    def __init__(self, name: str, work: Callable[[WorkerContext], None]) -> None:
        self.name = name
        self._work = work

    def run(self, ctx: WorkerContext) -> None:
        self._work(ctx)


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.01)


def waiting(ctx: WorkerContext) -> None:
    while not ctx.wait(0.05):
        pass


def test_a_failing_worker_is_started_again_and_the_others_go_on() -> None:
    runs: list[float] = []

    def failing(_ctx: WorkerContext) -> None:
        runs.append(time.monotonic())
        raise ValueError("no such thing")

    supervisor = Supervisor([Part("good", waiting), Part("bad", failing)])
    supervisor.start()
    until(lambda: len(runs) >= 3)
    report = supervisor.report()
    assert report["bad"]["restarts"] >= 2
    until(lambda: supervisor.report()["bad"]["failing"])
    assert report["good"]["failing"] is False
    assert report["bad"]["last_error"] == "ValueError: no such thing"
    assert (report["good"]["alive"], report["good"]["restarts"]) == (True, 0)
    assert supervisor.stop(2.0) == []


def test_a_worker_that_ends_unasked_is_started_again() -> None:
    runs: list[int] = []
    supervisor = Supervisor([Part("short", lambda _ctx: runs.append(1))])
    supervisor.start()
    until(lambda: len(runs) >= 2)
    assert "without being asked" in supervisor.report()["short"]["last_error"]
    assert supervisor.stop(2.0) == []


def test_a_silent_worker_is_told_and_can_be_forgiven() -> None:
    release = threading.Event()
    supervisor = Supervisor([Part("deaf", lambda _ctx: release.wait(10) and None), Part("good", waiting)])
    supervisor.start()
    until(lambda: supervisor.hung() == ["deaf"])
    supervisor.forgive()
    assert supervisor.hung() == []
    assert supervisor.stop(0.3) == ["deaf"]
    release.set()


def test_workers_stop_in_reverse_order() -> None:
    stopped: list[str] = []

    def worker(name: str) -> Part:
        def work(ctx: WorkerContext) -> None:
            waiting(ctx)
            stopped.append(name)

        return Part(name, work)

    supervisor = Supervisor([worker(name) for name in ("first", "second", "third")])
    supervisor.start()
    assert supervisor.stop(5.0) == []
    assert stopped == ["third", "second", "first"]


@pytest.mark.parametrize("address", ["/tmp-file", "@abstract"])
def test_notify_reaches_the_socket(address: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"@cctv-test-{os.getpid()}" if address == "@abstract" else f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + name[1:] if name.startswith("@") else name)
        listener.settimeout(2)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        assert notify("READY=1")
        assert listener.recv(100) == b"READY=1"
    assert not notify("WATCHDOG=1")
    monkeypatch.delenv("NOTIFY_SOCKET")
    assert not notify("READY=1")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_whose_thread_is_gone_hangs_and_a_stopped_one_does_not() -> None:
    def gone(_ctx: WorkerContext) -> None:
        raise SystemExit  # no Exception: nobody starts it again

    supervisor = Supervisor([Part("good", waiting), Part("gone", gone)])
    assert supervisor.hung() == []  # before the start
    supervisor.start()
    until(lambda: supervisor.hung() == ["gone"])
    supervisor.stop(2.0)
    assert supervisor.hung() == []


def test_a_worker_that_leaves_its_thread_is_started_again() -> None:
    runs: list[int] = []

    def leaves(_ctx: WorkerContext) -> None:
        runs.append(1)
        raise SystemExit(1)

    supervisor = Supervisor([Part("leaves", leaves)])
    supervisor.start()
    until(lambda: len(runs) >= 2)
    assert supervisor.report()["leaves"]["last_error"] == "SystemExit: 1"
    assert supervisor.stop(2.0) == []
