"""What the running service finds again and again, with the real probes of a folder of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from recorder_service.checks.watch import CheckWorker
from recorder_service.domain.probe import Level, Result
from recorder_service.domain.said import Said
from recorder_service.domain.verdict import Verdict
from recorder_service.settings import load
from recorder_service.store import Index, MediaRoot

from ..conftest import NODE, hashed


class Node:
    """A node whose footage folder is adopted; `status` is what its service says of itself."""

    def __init__(self, folder: Path, index: Index) -> None:
        self.media = folder / "footage"
        self.media.mkdir(mode=0o750)
        self.file = folder / "recorder.toml"
        self.status: dict[str, Any] = {"workers": {"intake": {"failing": False, "hung": False}}}
        self.index = index
        self.write()
        MediaRoot(self.media, NODE).adopt()

    def write(self, ffprobe: str = "ffprobe") -> None:
        """The settings file, with another program."""
        self.file.write_text(
            f'[odoo]\nurl = "https://odoo.example.com"\ndb = "acme"\nlogin = "bot"\nkey = "a-key-0123456789"\n'
            f'[node]\nuuid = "{NODE}"\n[media]\nroot = "{self.media}"\n[programs]\nffprobe = "{ffprobe}"\n'
        )
        self.file.chmod(0o600)

    def worker(self) -> CheckWorker:
        """A worker that has looked once."""
        worker = CheckWorker(load(self.file), self.index, lambda: self.status)
        worker.look()
        return worker


@pytest.fixture
def node(tmp_path: Path, index: Index) -> Iterator[Node]:
    yield Node(tmp_path, index)
    (tmp_path / "footage").chmod(0o750)


def wrong(worker: CheckWorker) -> dict[str, Result]:
    """What is not in order, by name; the clock is this machine's and its free room too."""
    found = worker.found()
    assert found is not None
    ours = [result for result in found if result.name not in ("clock", "free space")]
    return {result.name: result for result in ours if result.level is not Level.OK}


def codes(result: Result) -> tuple[str, dict[str, str | int]]:
    """Code and arguments of what a probe says."""
    assert isinstance(result.message, Said)
    return result.message.code.value, dict(result.message.args)


def test_nothing_is_claimed_before_the_first_look(node: Node) -> None:
    assert CheckWorker(load(node.file), node.index, lambda: node.status).found() is None


def test_a_sound_node_has_nothing_to_tell(node: Node) -> None:
    worker = node.worker()
    assert wrong(worker) == {}
    assert {result.name for result in worker.found() or ()} == {
        "settings", "media root", "free space", "quota", "parked rows", "odoo database", "footage", "clock",
        "workers",
    }  # fmt: skip


def test_each_fault_is_named_with_what_to_do_and_goes_when_it_is_mended(node: Node) -> None:
    node.file.chmod(0o644)
    node.media.chmod(0o755)
    node.status = {"workers": {"intake": {"failing": True, "last_error": "no such file"}, "sync": {}}}
    node.index.set_meta("erp_stepped_back", "an older database")
    node.index.segments.add(hashed(0), 1)
    batch = node.index.outbox.batch(10)
    node.index.outbox.settle(batch, {"segment": [Verdict("bad_time", "too old")]}, 5)
    worker = node.worker()
    found = wrong(worker)
    assert {name: result.level for name, result in found.items()} == {
        "settings": Level.WARN, "media root": Level.WARN, "worker intake": Level.FAIL, "odoo database": Level.WARN,
        "parked rows": Level.WARN,
    }  # fmt: skip
    assert all(result.message and result.fix for result in found.values())
    assert {name: codes(result) for name, result in found.items()} == {
        "settings": ("settings_open", {"file": str(node.file), "mode": "644"}),
        "media root": ("media_open", {"folder": str(node.media), "mode": "755"}),
        "worker intake": ("worker_fails", {"words": "no such file"}),
        "odoo database": ("database_stepped", {"at": "an"}),
        "parked rows": ("rows_refused", {"count": 1}),
    }
    assert "no such file" in found["worker intake"].message
    node.file.chmod(0o600)
    node.media.chmod(0o750)
    node.status = {"workers": {"intake": {}}}
    worker.look()
    assert wrong(worker).keys() == {"odoo database", "parked rows"}


def test_what_recorder_check_shows_as_json_holds_plain_sentences(node: Node) -> None:
    node.file.chmod(0o644)
    (shown,) = [asdict(result) for result in wrong(node.worker()).values()]
    assert shown.keys() == {"name", "level", "message", "fix"}
    assert json.loads(json.dumps(shown))["message"] == f"{node.file} can be read by others (mode 644)"


def test_a_foreign_disk_and_a_program_that_is_not_there_fail(node: Node) -> None:
    node.write(ffprobe=str(node.media / "no-such-program"))
    for mark in node.media.iterdir():
        mark.unlink()
    found = wrong(node.worker())
    assert found["media root"].failed
    assert found["ffprobe"].failed
    assert "no-such-program is not found" in found["ffprobe"].message
    assert codes(found["media root"]) == ("media_unmarked", {"folder": str(node.media)})
    assert codes(found["ffprobe"])[0] == "program_absent"


def test_a_fault_is_logged_once_not_every_minute(node: Node) -> None:
    node.file.chmod(0o644)
    with capture_logs() as log:
        worker = node.worker()
        worker.look()
    assert [line["name"] for line in log if line["event"] == "check" and line["name"] == "settings"] == ["settings"]
