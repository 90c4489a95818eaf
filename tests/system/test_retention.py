"""Footage past its time goes, held footage stays, a person is asked: disk, node and Odoo tell the same."""

import json

import pytest
from support import aged, media, wait
from support.erp import Erp
from support.holds import hold as legal_hold
from support.system import now_us

US = 10**6
DAY = 86_400 * US
COUNT = 4


@pytest.fixture(scope="module")
def old(system):
    """Return camera, files and their sizes: four segments of 40 days ago, known to node and Odoo."""
    it = Erp(system.access, "it")
    camera = it.camera("cam-03")
    closed = [f for f in media.files(system.media_root, camera["path"]) if not f.stat().st_mode & 0o222][:COUNT]
    assert len(closed) == COUNT, "recorded for too short a time"
    first = (now_us() - 40 * DAY) // US * US
    system.stop("recorder")
    files = aged.age(system, camera["path"], closed, first)
    system.start_all()
    wait.until(lambda: len(_rows(it, camera, first)) == COUNT, 90, "the old segments in Odoo", 1)
    system.stop("recorder")
    aged.seen_long_ago(system, camera["path"], first + 30 * DAY)
    blocks = {file: file.stat().st_blocks * 512 for file in files}
    return camera, files, blocks, first


def _rows(it, camera, first):
    return [row for row in it.segments(camera["id"], first) if int(row["start_us"]) < first + DAY]


def test_the_held_one_stays_and_the_others_go(system, old):
    camera, files, blocks, first = old
    it = Erp(system.access, "it")
    kept = files[1]
    start = media.start_us_of(kept)
    digest = media.sha256sum(kept)
    hold = legal_hold(system, camera, start + 2 * US, start + 4 * US)
    coverage = [("camera_id", "=", camera["id"])]
    earlier = [run["name"] for run in _runs(it, camera, "done")]
    before = it.search_read(
        "cctv.coverage", coverage, ["day", "recorded_seconds", "kept_seconds"], order="day", limit=1
    )
    system.start_all()
    others = [file for file in files if file != kept]
    wait.until(lambda: not any(file.exists() for file in others), 180, "footage past its time gone", 2)
    wait.until(
        lambda: sorted(row["status"] for row in _rows(it, camera, first)) == ["deleted"] * (COUNT - 1) + ["ok"],
        60,
        "Odoo knows of it",
        1,
    )
    assert media.sha256sum(kept) == digest
    (row,) = [row for row in _rows(it, camera, first) if row["status"] == "ok"]
    assert (int(row["start_us"]), row["sha256"]) == (start, digest)
    (run,) = wait.until(
        lambda: [run for run in _runs(it, camera, "done") if run["name"] not in earlier], 60, "the run's end", 1
    )
    assert (run["done_segments"], run["freed"]) == (COUNT - 1, sum(blocks[file] for file in others))
    (after,) = it.search_read(
        "cctv.coverage", coverage, ["day", "recorded_seconds", "kept_seconds"], order="day", limit=1
    )
    assert after["recorded_seconds"] == before[0]["recorded_seconds"], "what was recorded stays true"
    assert 0 < after["kept_seconds"] < before[0]["kept_seconds"]
    acks = it.search_read("cctv.hold.ack", [("hold_id", "=", hold)], ["kept", "gone"])
    assert [(ack["kept"], ack["gone"]) for ack in acks] == [(1, 0)]


def _runs(it, camera, state):
    lines = it.search_read("cctv.deletion.run.line", [("camera_id", "=", camera["id"])], ["run_id"])
    domain = [("id", "in", [line["run_id"][0] for line in lines]), ("state", "=", state)]
    return it.search_read(
        "cctv.deletion.run", domain, ["name", "done_segments", "freed", "segments", "bytes", "reason"]
    )


def test_node_and_odoo_agree_and_the_ledger_is_whole(system, old):
    camera, _files, _blocks, _first = old
    compared = system.recorder("compare", "--json")
    assert compared.returncode == 0, compared.stdout + compared.stderr
    told = json.loads(system.recorder("verify", "--json").stdout)
    assert told["result"] == "intact", told
    auditor = Erp(system.access, "auditor")
    actions = {line["action"] for line in auditor.search_read("cctv.custody.entry", [], ["action"])}
    assert {"hold.preserved", "hold.active", "purge.done"} <= actions
    holds = json.loads(system.recorder("holds", "--json").stdout)
    assert [camera["id"]] in [hold["cameras"] for hold in holds]


def test_much_at_once_waits_for_one_persons_word(system, old):
    camera, files, _blocks, _first = old
    it = Erp(system.access, "it")
    system.stop("recorder")
    again = aged.age(system, camera["path"], [files[1]], (now_us() - 35 * DAY) // US * US)
    system.start_all()
    first = media.start_us_of(again[0])
    wait.until(lambda: _rows(it, camera, first), 90, "the old segment in Odoo", 1)
    system.stop("recorder")
    aged.seen_long_ago(system, camera["path"], first + 30 * DAY)
    aged.ran_ahead(system, camera["id"], 5 * DAY)
    system.start_all()
    (run,) = wait.until(lambda: _runs(it, camera, "parked"), 120, "a parked run in Odoo", 1)
    assert (run["segments"], run["bytes"]) == (1, media.size(again[0]))
    assert "further than this machine has run" in run["reason"]
    assert again[0].exists()
    it.call("cctv.deletion.run", "action_release", [run["id"]], note="mesin mati lima hari")
    wait.until(lambda: not again[0].exists(), 120, "released footage gone", 1)
    wait.until(lambda: run["name"] in [r["name"] for r in _runs(it, camera, "done")], 60, "the run's end", 1)


def test_a_lost_index_is_made_anew_from_odoo(system, old):
    camera, files, _blocks, _first = old
    system.stop("recorder")
    (lost,) = [f for f in media.files(system.media_root, camera["path"]) if f == files[1]]
    aside = lost.with_suffix(".aside")
    lost.rename(aside)
    (system.run / "recorder" / "index.sqlite").write_bytes(b"rubbish" * 1000)
    try:
        done = system.recorder("rebuild", "--from", "erp", "--json")
        told = json.loads(done.stdout)
    finally:
        aside.rename(lost)
    assert done.returncode == 1, "a loss is no success"
    assert told["missing"] == [str(lost.relative_to(system.media_root))]
    assert (told["differ"], told["damaged"]) == ([], [])
    assert told["rows"] > 50
    system.start_all()
    (state,) = wait.until(lambda: _unlocked(system), 60, "deletion unlocked by a full pull", 1)
    assert state in ("ready", "parked", "running")
    assert json.loads(system.recorder("holds", "--json").stdout), "the holds are there again"


def _unlocked(system):
    it = Erp(system.access, "it")
    found = it.search_read(
        "cctv.recorder", [("state", "!=", "retired"), ("purge_state", "!=", "locked")], ["purge_state"]
    )
    return [row["purge_state"] for row in found]
