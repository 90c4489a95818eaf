"""A start test: would MediaMTX take this configuration?

MediaMTX has no "check only" switch. So the binary is started once on a copy of the file with listeners on free ports
and with every source made on-demand, nothing recorded and no command run; it must answer on its API.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..logs import redact
from . import yml
from .log import parse

_SECONDS = 5.0
_NAME = ".trial-"


def start_test(mediamtx: Path, config: Mapping[str, Any], place: Path) -> None:
    """Start `mediamtx` on a harmless copy of `config`, which is kept below the folder `place` as long as it takes.

    Raises:
        yml.ConfigRefusedError: with MediaMTX's own words, when it exits instead of starting.
    """
    _sweep(place)
    with tempfile.TemporaryDirectory(prefix=f"{_NAME}{os.getpid()}-", dir=place) as folder:
        file = Path(folder) / "trial.yml"
        file.touch(mode=0o600)
        file.write_text(yml.render(_harmless(config)), encoding="utf-8")
        _run(mediamtx, file)


def _sweep(place: Path) -> None:
    """Remove what a killed process left: it holds camera passwords."""
    for folder in place.glob(f"{_NAME}*"):
        pid = folder.name.removeprefix(_NAME).partition("-")[0]
        if not Path("/proc", pid).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _run(mediamtx: Path, file: Path) -> None:
    with file.with_suffix(".log").open("w+b") as log:
        process = subprocess.Popen(
            [*_bound(), str(mediamtx), str(file)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + _SECONDS
            while time.monotonic() < deadline:
                text = file.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
                if process.poll() is not None:
                    raise yml.ConfigRefusedError(f"MediaMTX refuses it: {_last_error(text)}")
                if "started with listener" in text:
                    return
                time.sleep(0.02)
            raise yml.ConfigRefusedError("MediaMTX did not start with it")
        finally:
            _end(process)


def _bound() -> list[str]:
    """Words before a command that let it end with this process, however that ends.

    None where `setpriv` is missing or not allowed: it sets its capabilities anew, which the sandbox of our unit
    refuses. There systemd ends what a killed process leaves.
    """
    words = [shutil.which("setpriv") or "", "--pdeathsig", "KILL"]
    works = words[0] and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
    return words if works else []


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _harmless(config: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(config)
    out.update(api=True, apiAddress="127.0.0.1:0", metrics=False, rtsp=False, hls=False, webrtc=False)
    out["paths"] = {name: _harmless_path(body) for name, body in (config.get("paths") or {}).items()}
    return out


def _harmless_path(body: Mapping[str, Any]) -> dict[str, Any]:
    out = {key: value for key, value in body.items() if not key.startswith("runOn")}
    out["record"] = False
    if out.get("source", "publisher") != "publisher":
        out["sourceOnDemand"] = True
    return out


def _last_error(text: str) -> str:
    """Its last words of an error, else its last words; without their time, lest the same look new each time."""
    lines = [parse(line.strip().removeprefix("ERR: ")) for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.level.startswith("ERR")] or lines
    return redact(errors[-1].text)[:300] if errors else "no words"
