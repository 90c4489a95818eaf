"""The index made anew while the service is stopped: from a backup older than the disk, and from the disk alone."""

import json
import shutil

import pytest
from support import rows, wait
from support.erp import Erp

PRESENT = ("ok", "recovered")


def index_of(system):
    """Return the index file of the system's node."""
    return system.run / "recorder" / "index.sqlite"


def present(system):
    """Return the index's rows of whole footage that is on the disk."""
    return {row for row in rows.of_index(index_of(system)) if row[-1] in PRESENT}


def rebuilt(system, *words):
    """Make the index anew; return what the command tells."""
    done = system.recorder("rebuild", "--json", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def agrees_with_odoo(system):
    """Each camera's day has one digest on both sides; only what Odoo calls missing has no file to be made anew from."""
    it = Erp(system.access, "it")
    lost = it.search_read("cctv.segment", [("status", "=", "missing")], ["camera_id", "start"])
    codes = {row["camera_id"][0]: row["start"][:10] for row in lost}
    paths = {camera["path"]: camera["id"] for camera in it.cameras().values()}
    told = json.loads(system.recorder("compare", "--json").stdout)
    strange = [name for name in told["differ"] if codes.get(paths.get(name.rsplit(" ", 1)[0])) != name[-10:]]
    assert not strange, strange


@pytest.fixture
def kept(system):
    """Return a backup's folder of the node's index, made while it records."""
    folder = system.owned_folder(system.run / "work") / "index-backup"
    done = system.recorder("backup", str(folder))
    assert done.returncode == 0, done.stderr
    yield folder
    shutil.rmtree(folder)


def test_from_a_backup_that_the_disk_is_newer_than(system, kept):
    early = rows.newest_id(index_of(system)) or 0
    wait.until(lambda: (rows.newest_id(index_of(system)) or 0) > early + 5, 120, "segments after the backup", 2)
    system.stop("recorder")
    before, epoch = present(system), rows.meta(index_of(system))["epoch"]
    told = rebuilt(system, "--from", "backup", "--folder", str(kept))
    assert (told["missing"], told["damaged"]) == ([], [])
    assert told["unknown"] > 0, "what came after the backup is on the disk alone"
    assert rows.meta(index_of(system))["epoch"] != epoch
    system.start_all()
    wait.until(lambda: before <= present(system), 90, "every segment indexed again", 2)
    wait.until(lambda: not waiting(system), 60, "nothing waits for Odoo", 1)
    agrees_with_odoo(system)


def test_from_the_disk_alone(system):
    """What a node knew of its cameras' sound is lost too; the engine's paths tell it, so that no camera is cut."""
    system.stop("recorder")
    before = present(system)
    lost = index_of(system)
    for name in (lost.name, f"{lost.name}-wal", f"{lost.name}-shm"):
        lost.with_name(name).unlink(missing_ok=True)
    told = rebuilt(system, "--from", "disk")
    assert told["rows"] >= len(before)
    assert told["days"] >= len({row[0] for row in before})
    assert before <= present(system), "hash, size and time of each are found in the files"
    system.start_all()
    it = Erp(system.access, "it")
    asked = [("state", "!=", "retired"), ("purge_state", "in", ("ready", "parked", "running"))]
    wait.until(lambda: it.search_read("cctv.recorder", asked, ["id"]), 90, "deletion unlocked by a full pull", 1)
    wait.until(lambda: not waiting(system), 90, "nothing waits for Odoo", 1)
    agrees_with_odoo(system)


def test_what_the_disk_could_not_tell_comes_from_odoo(system):
    system.stop("recorder")
    try:
        told = rebuilt(system, "--from", "erp")
    finally:
        system.start_all()
    assert (told["differ"], told["missing"], told["damaged"]) == ([], [], [])
    wait.until(lambda: not waiting(system), 90, "nothing waits for Odoo", 1)
    compared = system.recorder("compare", "--json")
    assert compared.returncode == 0, compared.stdout + compared.stderr


def waiting(system):
    """Return how many segments Odoo has not acknowledged yet."""
    return json.loads(system.recorder("status", "--json").stdout)["pending"]["segments"]
