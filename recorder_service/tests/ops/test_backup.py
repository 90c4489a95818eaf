"""What makes a machine this node goes into a folder and comes back out of it, on another machine too."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from recorder_service.ops.backup import BackupError, backup, restore, verify
from recorder_service.settings import Settings, load
from recorder_service.store import Index
from recorder_service.store.database import DatabaseError
from recorder_service.store.digest import segment_digests

from ..conftest import NODE, hashed

KEY = "a-key-that-nobody-may-see"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A node with rows, settings and keys."""
    folder = tmp_path / "node"
    folder.mkdir()
    file = folder / "recorder.toml"
    file.write_text(
        f'[odoo]\nurl = "https://odoo.example.com"\ndb = "acme"\nlogin = "bot"\nkey = "{KEY}"\n'
        f'[node]\nuuid = "{NODE}"\n'
    )
    found = load(file)
    for name in ("node.secret", "engine.yml", "gate.yml"):
        (folder / name).write_text(f"{name} of this node\n")
    with Index(found.index_file, NODE) as index:
        for number in range(5):
            index.segments.add(hashed(number), 1)
        index.next_seq()
    return found


def test_it_comes_back_elsewhere_with_a_new_epoch(settings: Settings, tmp_path: Path) -> None:
    manifest = backup(settings, tmp_path / "kept")
    done = restore(tmp_path / "kept", tmp_path / "other" / "recorder.toml")
    there = load(tmp_path / "other" / "recorder.toml")
    for name in ("recorder.toml", "node.secret", "engine.yml", "gate.yml"):
        place = there.folder / name
        assert place.read_bytes() == (settings.folder / name).read_bytes()
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert segment_digests(there.index_file) == manifest["segments"] == segment_digests(settings.index_file)
    with Index(settings.index_file, NODE) as old, Index(there.index_file, NODE) as new:
        assert new.epoch == done["epoch"] != old.epoch
        assert (new.next_seq(), old.next_seq()) == (1, 2)
        assert new.outbox.pending() == old.outbox.pending()


def test_nobody_else_can_read_it(settings: Settings, tmp_path: Path) -> None:
    backup(settings, tmp_path / "kept")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "kept").iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700
    assert KEY not in (tmp_path / "kept" / "manifest.json").read_text()


def test_without_an_index_nothing_is_left(settings: Settings, tmp_path: Path) -> None:
    settings.index_file.unlink()
    with pytest.raises(DatabaseError, match="no index"):
        backup(settings, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_it_replaces_nothing(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    with pytest.raises(BackupError, match="exists and is not replaced"):
        backup(settings, tmp_path / "kept")
    backup(settings, tmp_path / "second")
    with pytest.raises(BackupError, match="exists and is not replaced"):
        restore(tmp_path / "second", settings.file)


@pytest.mark.parametrize("name", ["index.sqlite", "index.sqlite-wal", "node.secret", "gate.yml"])
def test_restore_leaves_a_place_with_anything_of_a_recorder_as_it_was(
    settings: Settings, tmp_path: Path, name: str
) -> None:
    backup(settings, tmp_path / "kept")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / name).write_text("somebody's")
    with pytest.raises(BackupError, match=f"{name} exists"):
        restore(tmp_path / "kept", tmp_path / "other" / "recorder.toml")
    assert [path.name for path in (tmp_path / "other").iterdir()] == [name]


@pytest.mark.parametrize("name", ["index.sqlite", "recorder.toml", "node.secret"])
def test_a_flipped_bit_is_named(settings: Settings, tmp_path: Path, name: str) -> None:
    backup(settings, tmp_path / "kept")
    part = tmp_path / "kept" / name
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    with pytest.raises(BackupError, match=f"{name} is not what was kept"):
        restore(tmp_path / "kept", tmp_path / "other" / "recorder.toml")
    assert not (tmp_path / "other").exists()


def test_a_missing_part_is_named(settings: Settings, tmp_path: Path) -> None:
    backup(settings, tmp_path / "kept")
    (tmp_path / "kept" / "node.secret").unlink()
    with pytest.raises(BackupError, match=r"node\.secret is missing"):
        verify(tmp_path / "kept")


def test_a_folder_that_is_none_and_one_of_a_newer_service_are_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="holds no manifest"):
        verify(tmp_path)
    backup(settings, tmp_path / "kept")
    file = tmp_path / "kept" / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["versions"] = {"service": "9.0", "index": 9999}
    file.write_text(json.dumps(manifest))
    with pytest.raises(BackupError, match=r"newer service 9\.0"):
        verify(tmp_path / "kept")
