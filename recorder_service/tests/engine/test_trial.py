"""What a start test leaves behind when its process is killed: nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rig import mediamtx, until

from recorder_service.engine.trial import start_test

pytestmark = pytest.mark.mediamtx

_HANGS = """
import sys
from pathlib import Path
from recorder_service.engine import trial
def wait(*_args, **_more):
    print("started", flush=True)
    Path("/dev/stdin").open().read()
trial.Path.read_text = wait
trial.start_test(Path(sys.argv[1]), {"paths": {}, "rtmp": False, "srt": False}, Path(sys.argv[2]))
"""


def _holders(folder: Path) -> list[int]:
    """Processes with that folder in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                argv = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(folder).encode() in argv:
                found.append(int(entry.name))
    return found


def test_a_killed_start_test_leaves_no_process_and_no_password(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", _HANGS, str(mediamtx()), str(tmp_path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as service:
        assert service.stdout
        assert service.stdout.readline() == b"started\n"
        until(lambda: len(_holders(tmp_path)) == 2)
        assert [folder.stat().st_mode & 0o077 for folder in tmp_path.iterdir()] == [0]
        service.kill()
    until(lambda: not _holders(tmp_path), 5)
    assert len(list(tmp_path.iterdir())) == 1
    start_test(mediamtx(), {"paths": {}, "rtmp": False, "srt": False}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_sandbox_that_refuses_setpriv_refuses_no_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing, place = tmp_path / "bin", tmp_path / "place"
    refusing.mkdir()
    place.mkdir()
    (refusing / "setpriv").write_text("#!/bin/sh\necho 'activate capabilities: Operation not permitted'; exit 1\n")
    (refusing / "setpriv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{refusing}:{os.environ['PATH']}")
    start_test(mediamtx(), {"paths": {}, "rtmp": False, "srt": False}, place)
