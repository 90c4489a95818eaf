"""Odoo's start: a server that has lost a thread for scheduled work ends in its own way."""

import os
import subprocess
import sys
from pathlib import Path

START = Path(__file__).resolve().parents[1] / "lib" / "odoo_start.py"
# as Odoo's threaded server: its threads' names, its way to end
SERVER = """
import beside, os, signal, sys, threading, time

def thread(name):
    def lose():
        raise ConnectionError(name)
    threading.Thread(target=lose, name=name, daemon=True).start()

def end(*_):
    if ended:
        os._exit(9)
    ended.append(True)
    print("ended", flush=True)
    time.sleep(0.5)
    sys.exit(0)

ended = []
if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    print(*sys.argv, flush=True)
    for name in sys.argv[1:]:
        thread(name)
    time.sleep(2)
    print("lives", flush=True)
"""


def run(folder, *threads):
    """Start a server whose threads of these names raise; return the finished process."""
    (folder / "beside.py").touch()
    script = folder / "odoo"
    script.write_text(SERVER)
    return subprocess.run(
        [sys.executable, START, *threads],
        env={**os.environ, "CCTV_ODOO_START": str(script)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_lost_thread_for_scheduled_work_ends_the_server_once(tmp_path):
    done = run(tmp_path, "odoo.service.cron.cron0", "odoo.service.cron.cron1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:] == ["ended"]
    assert "ConnectionError" in done.stderr
    assert "odoo.service.cron.cron0 has ended" in done.stderr


def test_another_lost_thread_ends_nothing(tmp_path):
    done = run(tmp_path, "odoo.service.http.request.1")
    assert done.stdout.splitlines()[1:] == ["lives"]
    assert "ConnectionError" in done.stderr


def test_a_reload_comes_by_the_same_way(tmp_path):
    """Odoo reloads by calling itself with the words that it was called with."""
    assert run(tmp_path).stdout.splitlines()[0] == str(START)
