from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from recorder_service.store.files import write_atomic
from recorder_service.store.media_root import IDENTITY_FILE, MediaRoot, MediaRootError

from ..conftest import NODE


def test_write_atomic_replaces_whole_and_private(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    write_atomic(file, b"one")
    write_atomic(file, b"two")
    assert file.read_bytes() == b"two"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.yml"]


def test_write_atomic_leaves_the_old_file_when_it_fails(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    (target / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match=r"directory|exists"):
        write_atomic(target, b"x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_a_media_root_is_adopted_once_and_known_again(tmp_path: Path) -> None:
    root = MediaRoot(tmp_path, NODE)
    with pytest.raises(MediaRootError, match="adopt-media"):
        root.verify()
    volume = root.adopt()
    assert root.adopt() == root.verify() == volume


@pytest.mark.parametrize(("before", "after"), [(0o755, 0o750), (0o777, 0o750), (0o700, 0o700), (0o2775, 0o2750)])
def test_an_adopted_root_is_closed_to_others(tmp_path: Path, before: int, after: int) -> None:
    tmp_path.chmod(before)
    MediaRoot(tmp_path, NODE).adopt()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == after


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (json.dumps({"node": "other", "volume": "v"}), "belongs to node other"),
        ("{", "cannot be read"),
        ("[]", "not an object"),
    ],
)
def test_a_wrong_identity_is_refused_and_never_replaced(tmp_path: Path, content: str, text: str) -> None:
    (tmp_path / IDENTITY_FILE).write_text(content)
    for attempt in (MediaRoot(tmp_path, NODE).verify, MediaRoot(tmp_path, NODE).adopt):
        with pytest.raises(MediaRootError, match=text):
            attempt()
    assert (tmp_path / IDENTITY_FILE).read_text() == content


def test_a_missing_root_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(MediaRootError, match="missing"):
        MediaRoot(tmp_path / "gone", NODE).adopt()
    assert not (tmp_path / "gone").exists()
