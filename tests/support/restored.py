"""A second system, made of a backup of the first one while that records."""

import contextlib
import json
import os
import shutil
import subprocess

from .system import ROOT, System

PORTS_APART = 40
# As docs/operations.md says: closed footage is what is read-only.
COPY_SEALED = """cd "$1" && find . -mindepth 1 \\( -type d -o -type f ! -perm /222 \\) -print0 |
    tar --null --no-recursion -T - -cf - .cctv-media.json | tar -C "$2" -xpf -"""


class Restored:
    """The backup's folder, the run folder made of it, and the system once it was started."""

    def __init__(self, system):
        self.origin = system
        self.work = system.owned_folder(system.run / "work")
        self.folder = self.work / "backup"
        self.run = self.work / "restored"
        self.port_base = system.ports["CCTV_PG_PORT"] + PORTS_APART

    def script(self, name, *words, timeout=600, **environment):
        """Run ``scripts/<name>`` on the second system; return the finished process."""
        known = {
            key: value for key, value in os.environ.items() if not key.endswith("_PORT") and key != "CCTV_PORT_BASE"
        }
        return subprocess.run(
            [str(ROOT / "scripts" / name), *map(str, words)],
            env={**known, "CCTV_RUN": str(self.run), **environment},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def back_up(self):
        """Make the backup of the running first system; return its manifest."""
        done = self.origin.script("backup", "--json", str(self.folder))
        return json.loads(done.stdout)

    def restore(self):
        """Make the second system of it, with the sealed footage of the first."""
        done = self.script("restore", "--run", self.run, "--port-base", self.port_base, self.folder, CCTV_PG_FAST="1")
        assert done.returncode == 0, done.stderr[-3000:]
        subprocess.run(
            ["sh", "-c", COPY_SEALED, "copy", self.origin.media_root, self.run / "media"],
            check=True,
            capture_output=True,
        )
        return done

    def start(self):
        """Start it and return it as a system."""
        done = self.script("run")
        assert done.returncode == 0, done.stderr[-3000:]
        return System(self.run)

    def remove(self):
        """Stop it and leave nothing of it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.script("stop")
        for folder in (self.run, self.folder):
            shutil.rmtree(folder, ignore_errors=True)
