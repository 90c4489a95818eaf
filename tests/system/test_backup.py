"""A backup of the running system, restored beside it, started, and compared row by row with the first one."""

import json
import stat

import pytest
from support import media, rows, wait
from support.erp import Erp
from support.restored import Restored
from support.system import now_us


@pytest.fixture(scope="module")
def made(system):
    """Return a backup of the recording system, restored beside it; leave nothing of it."""
    second = Restored(system)
    try:
        wait.until(lambda: delivered(system), 150, "the first segments, acknowledged by Odoo", 2)
        second.before = newest(system), rows.of_database(system)
        second.manifest = second.back_up()
        second.told = second.restore()
        yield second
    finally:
        second.remove()


def newest(system):
    """Return the highest row id of the system's index."""
    return rows.newest_id(system.run / "recorder" / "index.sqlite")


def delivered(system):
    """Return the rows of the system's index that Odoo has acknowledged: none yet in the first minute of its life."""
    return rows.of_index(system.run / "recorder" / "index.sqlite", state="synced")


def kept_manifest(made):
    """Return what the recorder's part of the backup tells."""
    return json.loads((made.folder / "recorder" / "manifest.json").read_text())


def test_nothing_stood_still_for_it(made, system):
    assert made.manifest["parts"]["database.dump"]["bytes"] > 10**6
    wait.until(lambda: newest(system) > made.before[0], 60, "the first system indexing on")
    assert system.script("status", check=False).returncode == 0


def test_rows_of_index_and_database_are_those_of_their_moment(made, system):
    """Counts and digests by camera and day, on both sides, computed by this test and told by the manifests."""
    index = made.run / "recorder" / "index.sqlite"
    restored = rows.of_index(index)
    # what was deleted long ago stays in the ERP alone
    assert len(restored) >= len([row for row in made.before[1] if row[-1] != "deleted"])
    assert restored == rows.of_index(system.run / "recorder" / "index.sqlite", rows.newest_id(index))
    assert rows.digests(restored) == kept_manifest(made)["segments"]
    assert made.before[1] <= rows.of_database(system)


def test_the_index_begins_a_new_epoch(made, system):
    first = rows.meta(system.run / "recorder" / "index.sqlite")
    second = rows.meta(made.run / "recorder" / "index.sqlite")
    assert first["node"] == second["node"]
    assert first["epoch"] != second["epoch"]
    assert "seq" not in second


def test_only_the_service_user_reads_it(made):
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    for path in made.folder.rglob("*"):
        assert not path.stat().st_mode & 0o077, path
    text = (made.folder / "manifest.json").read_text()
    for secret in ("secrets/passwords.json", "secrets/postgres-odoo"):
        for word in (made.origin.run / secret).read_text().split('"'):
            assert len(word.strip()) < 8 or word.strip() not in text
    names = set(made.manifest["parts"])
    assert {"database.dump", "filestore.tar", "recorder/index.sqlite", "recorder/recorder.toml", "recorder/node.secret",
            "recorder/engine.yml", "recorder/gate.yml", "system/odoo/odoo.conf"} <= names  # fmt: skip
    assert not any("postgres-" in name or name.endswith(".mp4") for name in names)


def test_a_filled_folder_is_refused_by_both(made, system):
    again = system.script("backup", str(made.folder), check=False)
    assert again.returncode == 1
    assert "exists" in again.stderr
    twice = made.script("restore", "--run", made.run, "--port-base", made.port_base, made.folder)
    assert twice.returncode == 1
    assert "is not empty" in twice.stderr


@pytest.mark.parametrize("name", ["database.dump", "recorder/index.sqlite", "filestore.tar"])
def test_a_flipped_bit_is_named_before_anything_is_restored(made, system, tmp_path, draw, name):
    part = made.folder / name
    at = draw.randrange(part.stat().st_size)
    with part.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))
    try:
        target = made.work / "flipped"
        done = made.script("restore", "--run", target, "--port-base", made.port_base, made.folder)
        assert done.returncode == 1
        assert f"{name} is not what was kept" in done.stderr
        assert not target.exists()
    finally:
        with part.open("r+b") as file:
            file.seek(at)
            file.write(bytes([byte]))


def test_it_starts_and_goes_on_from_there(made, system):
    """The restored system answers, its rows match its footage, and it records and reports new segments."""
    index = made.run / "recorder" / "index.sqlite"
    up_to = rows.newest_id(index)
    old, acknowledged = rows.of_index(index), rows.of_index(index, state="synced")
    second = made.start()
    # The node sends none of these again: the database must have had them, so it was dumped after the index was copied.
    assert acknowledged
    assert acknowledged <= rows.of_database(second)
    assert second.access["url"] != system.access["url"]
    it = Erp(second.access, "it")
    wait.until(lambda: old <= rows.of_database(second), 60, "every row of the backup in the restored Odoo")
    assert rows.of_index(index, up_to) == old
    assert rows.digests(rows.of_index(index, up_to)) == kept_manifest(made)["segments"]
    for path, start_us, _stop, size, digest, status in old:
        file = media.file_of(second.media_root, path, start_us)
        if status == "ok":
            assert (media.size(file), media.sha256sum(file)) == (size, digest)
    camera = it.camera("cam-02")
    begun = now_us()
    wait.until(lambda: it.segments(camera["id"], begun), 90, "new segments in the restored Odoo", 2)
    identity = "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'"
    assert rows.psql(second, identity) == rows.psql(system, identity) == [[made.manifest["database"]["uuid"]]]
