"""The footage's disk turns read-only in mid-purge: nothing is told that is not so, and it goes on by itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder_service.domain.times import DAY_US, SECOND_US

from .power_disks import mount, run
from .purge_rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    image, media = tmp_path / "media.img", tmp_path / "media"
    media.mkdir()
    image.touch()
    os.truncate(image, 32 * 2**20)
    run("mkfs.ext4", "-q", image)
    mount(image, media)
    made = Rig(tmp_path)
    yield made
    made.close()
    run("umount", "-l", media)


def media_turns_read_only(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    old = [rig.record(32 * DAY_US + n * 10 * SECOND_US) for n in range(6)]
    held, young = rig.record(31 * DAY_US, camera=8), rig.record(29 * DAY_US)
    rig.erp.hold((8,), held.start_us, held.stop_us)
    rig.begin()
    rig.round()
    rig.sync()
    real, calls = Path.unlink, []

    def unlink(self: Path, missing_ok: bool = False) -> None:
        if len(calls) == 3:
            run("mount", "-o", "remount,ro", rig.root)
        calls.append(self)
        real(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    rig.worker.tick()
    monkeypatch.undo()
    assert sum(map(rig.there, old)) == 3
    rig.round(4)
    assert [rig.mark(s) for s in old] == ["confirmed" if rig.there(s) else "gone" for s in old]
    assert set(rig.erp.deleted) == {s.key for s in old if not rig.there(s)}
    told = rig.worker.health()
    assert told.state == "off"
    assert "mount it writable again" in told.reason
    saved = next(s for s in old if rig.there(s))
    rig.erp.hold((7,), saved.start_us, saved.stop_us)
    rig.round()
    run("mount", "-o", "remount,rw", rig.root)
    rig.round(5)
    assert {s.key for s in old if rig.there(s)} == {saved.key}
    assert rig.there(held)
    assert rig.there(young)
    assert rig.worker.health().state == "ready"
    assert set(rig.erp.deleted) == {s.key for s in old} - {saved.key}


if os.geteuid() == 0:
    # a file system has to be mounted
    test_media_turns_read_only = media_turns_read_only
