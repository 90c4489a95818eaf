"""Wrong clocks: libfaketime beneath one process of the system alone, moved while it runs. Boot time stays true."""

import contextlib
import os
import re
import shutil
import subprocess
from pathlib import Path

DAY_S = 86_400
_LIBRARY = "faketime/libfaketimeMT.so.1"
_STARTS = re.compile(r"^exec ", re.M)
# beneath libfaketime 0.9.10 the system call that time.sleep makes is refused
_SLEEP = "import select, time\n\ntime.sleep = lambda seconds: select.select((), (), (), seconds) and None\n"


class Clock:
    """A file that says how far a process's wall clock is off; it is read at each look at the clock."""

    def __init__(self, system, name):
        self.system, self.name = system, name
        # whole path: the service's user cannot follow a link from a folder that is closed to it
        self.folder = system.owned_folder((system.run / "work").resolve() / f"clock-of-{name}")
        self._file = self.folder / "offset"
        self.set(0)
        self.environment = {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, seconds):
        """Let the clock be so far ahead (+) or behind (-) from now on."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.chmod(0o644)
        new.replace(self._file)


@contextlib.contextmanager
def of_recorder(system, **settings):
    """Give the recorder service a clock that can be set, and is right at first, and these settings."""
    clock = Clock(system, "recorder")
    (clock.folder / "sitecustomize.py").write_text(_SLEEP)
    wrapper = system.run / "recorder" / "recorder"
    as_it_was = wrapper.read_text()
    lines = "".join(f"export {name}='{value}'\n" for name, value in {**clock.environment, **settings}.items())
    lines += f'export PYTHONPATH="{clock.folder}:$PYTHONPATH"\n'
    wrapper.write_text(_STARTS.sub(lambda found: lines + found[0], as_it_was))
    try:
        system.kill("recorder")
        system.await_healthy("recorder")
        yield clock
    finally:
        wrapper.write_text(as_it_was)
        system.kill("recorder")
        shutil.rmtree(clock.folder)
        system.await_healthy("recorder")


@contextlib.contextmanager
def of_database(system):
    """Give PostgreSQL, by whose clock Odoo tells recorders the time, a clock that can be set, and is right at first."""
    clock = Clock(system, "postgres")
    keeper = Path(f"/proc/{system.state('postgres')['keeper_pid']}/cmdline").read_text().rstrip("\0").split("\0")
    at = keeper.index("--") + 1
    system.stop("postgres")
    command = [*keeper[:at], "env", *(f"{name}={value}" for name, value in clock.environment.items()), *keeper[at:]]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid", "cctv", "--regid", "cctv", "--init-groups", *command]
    try:
        subprocess.run(command, cwd="/", check=True, timeout=60)
        system.await_healthy("postgres", "odoo")
        yield clock
    finally:
        system.stop("postgres")
        shutil.rmtree(clock.folder)
        system.start_all()
        system.await_healthy("postgres", "odoo")


def _library():
    for folder in Path("/usr/lib").glob("*-linux-gnu*"):
        if (folder / _LIBRARY).exists():
            return folder / _LIBRARY
    raise AssertionError("libfaketime is not installed: scripts/setup-system --tests")
