"""The disk: a folder that is not this node's is refused and never filled."""

import json
import uuid

import pytest


@pytest.fixture
def place(system, draw):
    """Return an empty folder that the service could write."""
    return system.owned_folder(system.run / "work" / f"other-disk-{draw.randrange(10**6)}")


def _media(system, root):
    code, checks = system.check(MEDIA__ROOT=root)
    return code, checks["media root"]


def test_missing_folder(system):
    code, row = _media(system, system.run / "work" / "never-made")
    assert code == 1
    assert row["level"] not in ("ok", "warn")
    assert "never-made" in row["message"]
    assert row["fix"]


def test_unmounted_disk_is_not_filled(system, place):
    """What is seen when the disk is not mounted: an empty folder in its place."""
    code, row = _media(system, place)
    assert code == 1
    assert row["level"] not in ("ok", "warn")
    assert row["fix"]
    assert not list(place.iterdir()), "something was written to a folder that is not the node's"


def test_another_nodes_disk(system, place):
    identity = {"node": str(uuid.uuid4()), "volume": str(uuid.uuid4())}
    (place / ".cctv-media.json").write_text(json.dumps(identity))
    code, row = _media(system, place)
    assert code == 1
    assert identity["node"] in row["message"]
    assert sorted(file.name for file in place.iterdir()) == [".cctv-media.json"]
    done = system.recorder("check", "--adopt-media", MEDIA__ROOT=place)
    assert done.returncode == 1
    assert json.loads((place / ".cctv-media.json").read_text()) == identity, "another node's disk was taken over"
