"""An upgrade while cameras are recorded: it costs no frame, and one that fails leaves the older version running."""

import json
import os
import shutil
import subprocess

import pytest
from support import media, rows, wait
from support.erp import Erp
from support.newer import Newer
from support.restored import Restored
from support.system import now_us

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def second(system):
    """Return a second system of its own, made by backup and restore; leave nothing of it."""
    made = Restored(system)
    try:
        made.back_up()
        made.restore()
        yield made
    finally:
        made.remove()


@pytest.fixture
def newer(second):
    """Return a newer checkout."""
    made = Newer(second.work / f"newer-{os.urandom(3).hex()}")
    yield made
    shutil.rmtree(made.folder)


def upgrade(second, newer):
    """Run the newer checkout's upgrade on the second system; return the finished process."""
    known = {key: value for key, value in os.environ.items() if not key.endswith("_PORT") and key != "CCTV_PORT_BASE"}
    done = subprocess.run(
        [str(newer.folder / "scripts" / "upgrade"), "--run", str(second.run)],
        env=known,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    print(done.stderr)
    return done


def module_version(running):
    """Return the bridge's version in the database."""
    return rows.psql(running, "SELECT latest_version FROM ir_module_module WHERE name = 'cctv_recorder_bridge'")[0][0]


def mark(running):
    """Return what the newer version's migration step leaves, as rows."""
    return rows.psql(running, "SELECT value FROM ir_config_parameter WHERE key = 'cctv.test'")


def leftovers(running):
    """Return databases that an upgrade makes for a while."""
    names = {row[0] for row in rows.psql(running, "SELECT datname FROM pg_database")}
    return {name for name in names if name.endswith(("_trial", "_before"))}


class Recording:
    """What engine and gate did meanwhile: the same processes, one run a camera, numbers without a hole."""

    def __init__(self, running):
        self.running = running
        self.pids = self._pids()
        it = Erp(running.access, "it")
        active = {code: row for code, row in it.cameras().items() if row["state"] == "active"}
        self.cameras = {code: row for code, row in active.items() if code != "cam-06"}  # drops out by itself
        begun = now_us()
        self.first = {
            code: wait.until(lambda row=row: it.segments(row["id"], begun), 90, f"{code} recorded")[0]
            for code, row in self.cameras.items()
        }

    def _pids(self):
        return [self.running.pid(name) for name in ("mediamtx-engine", "mediamtx-gate")]

    def prove(self):
        """Wait until each camera has gone on, then look at all since the start."""
        it, now = Erp(self.running.access, "it"), now_us()
        assert self._pids() == self.pids
        for code, camera in self.cameras.items():
            wait.until(lambda camera=camera: it.segments(camera["id"], now), 90, f"{code} going on", 2)
            self._prove_camera(code, camera, it.segments(camera["id"], int(self.first[code]["start_us"])))

    def _prove_camera(self, code, camera, found):
        first = self.first[code]
        assert {row["run"] for row in found} == {first["run"]}, f"{code}: the recording was interrupted"
        numbers = [row["number"] for row in found]
        assert numbers == list(range(first["number"], first["number"] + len(numbers))), code
        assert len(numbers) > 2
        for row in found:
            file = media.file_of(self.running.media_root, camera["path"], row["start_us"])
            assert media.sha256sum(file) == row["sha256"]


def runs_whole(second, running, recording):
    """Healthy, no frame lost on the way, and nothing of the upgrade left behind."""
    assert leftovers(running) == set()
    assert second.script("status").returncode == 0
    recording.prove()


def test_an_update_that_fails_changes_nothing(second, newer):
    running = second.start()
    recording, recorder = Recording(running), running.pid("recorder")
    newer.break_step()
    done = upgrade(second, newer)
    assert done.returncode == 1
    assert "Nothing was changed" in done.stderr
    assert "this step is broken" in done.stderr
    assert (module_version(running), running.pid("recorder"), mark(running)) == (newer.older, recorder, [])
    runs_whole(second, running, recording)


def test_a_recorder_that_fails_takes_everything_back(second, newer):
    """The addons are updated already when the newer service, having changed the index, turns out not to start."""
    running = second.start()
    recording, before = Recording(running), rows.of_database(running)
    newer.break_service()
    done = upgrade(second, newer)
    assert done.returncode == 1
    assert "The version before runs again" in done.stderr
    assert (module_version(running), mark(running)) == (newer.older, [])
    assert before <= rows.of_database(running)
    runs_whole(second, running, recording)


def test_an_upgrade_costs_no_frame(second, newer):
    running = second.start()
    recording, before = Recording(running), rows.of_database(running)
    done = upgrade(second, newer)
    assert done.returncode == 0
    assert (module_version(running), mark(running)) == (newer.version, [[newer.older]])
    assert json.loads(running.recorder("status", "--json").stdout)["live"]["service"]["version"].startswith("99.")
    assert before <= rows.of_database(running)
    runs_whole(second, running, recording)
