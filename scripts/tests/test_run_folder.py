"""CCTV_RUN may name any folder: only one that the scripts made themselves is taken over or removed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from places import contents, open_folder

SCRIPTS = Path(__file__).resolve().parents[1]
PORTS = '. "$1/lib/common.sh"; . "$SCRIPTS/lib/run.sh"; load_ports; echo "$CCTV_ODOO_PORT $CCTV_CAMERA_PORT"'
PREPARE = '. "$1/lib/common.sh"; . "$SCRIPTS/lib/run.sh"; prepare_run_folder'


class Place:
    """A copy of the scripts, so that a checkout's own folders can be named without danger to this one."""

    def __init__(self, base):
        self.base = base
        self.scripts = base / "checkout" / "scripts"
        shutil.copytree(SCRIPTS, self.scripts, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("addons", "recorder_service", "data"):
            (base / "checkout" / name).mkdir()
        self.home = base / "home"
        self.home.mkdir()
        (self.home / "letter").write_text("kept")

    def ports(self, run, **environment):
        """Odoo's port and the first of the sample cameras'."""
        done = self._run(["bash", "-c", PORTS, "bash", self.scripts], run, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def _run(self, words, run, **more):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CCTV_")}
        environment = {**kept, "CCTV_RUN": str(run), "HOME": str(self.home), **more}
        return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def prepare(self, run):
        """What scripts/run does first."""
        return self._run(["bash", "-c", PREPARE, "bash", self.scripts], run)

    def clean(self, run):
        return self._run([self.scripts / "clean", "--yes"], run)

    def seen(self):
        return contents(self.base)


@pytest.fixture
def place():
    with open_folder("cctv-run-") as base:
        yield Place(base)


@pytest.mark.parametrize("name", ["home", "checkout", "checkout/addons/..", "", "other", "home/."])
def test_a_folder_of_others_is_left_alone(place, name):
    other = place.base / "other"
    other.mkdir(mode=0o700)
    (other / "work").write_text("kept")
    before = place.seen()
    for done in (place.prepare(place.base / name), place.clean(place.base / name)):
        assert done.returncode != 0
        assert "ERROR" in done.stderr
    assert place.seen() == before


def test_the_root_of_all_is_refused(place):
    for done in (place.prepare("/"), place.clean("/")):
        assert (done.returncode, "run folder" in done.stderr) == (1, True)


def test_what_was_made_here_is_used_again_and_removed(place):
    run = place.base / "run"
    run.mkdir()
    (run / "lost+found").mkdir()  # a disk of its own
    for _ in range(2):
        done = place.prepare(run)
        assert done.returncode == 0, done.stderr
    assert (run / ".cctv-run").exists()
    assert place.clean(run).returncode == 0
    assert not run.exists()
    assert (place.home / "letter").read_text() == "kept"


def test_a_folder_of_an_earlier_version_is_known(place):
    run = place.base / "run"
    assert place.prepare(run).returncode == 0
    (run / ".cctv-run").unlink()
    assert place.clean(run).returncode == 1, "without the mark and without a system's state"
    (run / "env").write_text("")
    assert place.prepare(run).returncode == 0
    (run / ".cctv-run").unlink()
    assert place.clean(run).returncode == 0
    assert not run.exists()


def test_another_base_leaves_the_cameras_where_odoo_looks_for_them(place):
    run = place.base / "run"
    assert place.prepare(run).returncode == 0
    assert place.ports(run, CCTV_PORT_BASE="30000") == ["30001", "30014"]
    (run / "env").write_text("CCTV_ODOO_PORT=30001\nCCTV_CAMERA_PORT=30014\n")
    assert place.ports(run) == ["30001", "30014"]
    (run / "access.json").write_text("{}")
    assert place.ports(run, CCTV_PORT_BASE="31000") == ["31001", "30014"]
    assert place.ports(run, CCTV_CAMERA_PORT="18000") == ["30001", "18000"]
