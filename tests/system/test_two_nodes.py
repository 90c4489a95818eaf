"""Two recorder nodes: a camera moves from one to the other and back; every second of it is told, held and kept."""

import json
import secrets

import pytest
from support import proofs, wait
from support.erp import Erp
from support.holds import hold
from support.node import Node
from support.system import now_us

US = 10**6
CODE = "cam-02"
# Between the last picture at one node and the first at the other: two syncs, a look, an RTSP handshake, a keyframe.
LONGEST_HOLE_US = 20 * US
# Both record, or one of them while the other tells of a gap: two syncs.
OVERLAP_US = 10 * US


@pytest.fixture(scope="module")
def second(system):
    """Return a second node that runs; afterwards the camera is the first node's again, and nothing of it is left."""
    it = Erp(system.access, "it")
    node = Node(system, it, f"Perekam uji {secrets.token_hex(3)}")
    try:
        node.start()
        yield node
    finally:
        camera = it.camera(CODE)
        if camera["recorder_id"][0] == node.id:
            move(it, camera, node.id, first_node(it, node))
        it.call("cctv.recorder", "action_retire", [node.id], note="uji selesai")
        node.stop()


def first_node(it, second):
    """Return the id of the system's own node."""
    domain = [("state", "!=", "retired"), ("id", "!=", second.id)]
    return it.search_read("cctv.recorder", domain, ["id"], order="id", limit=1)[0]["id"]


def move(it, camera, origin, target):
    """Move a camera as the button on Recorders & Storage does."""
    values = {"recorder_id": origin, "target_id": target, "camera_ids": [(6, 0, [camera["id"]])], "note": "uji"}
    wizard = it.call("cctv.recorder.move", "create", values)
    it.call("cctv.recorder.move", "action_move", [wizard])


def rows_of(it, camera, recorder, from_us):
    """Return the camera's rows that a recorder told of."""
    return [row for row in it.segments(camera["id"], from_us) if row["recorder_id"][0] == recorder]


def untold(it, camera, from_us, holes):
    """Return the holes of which a second or more is told by no gap."""
    gaps = [(int(gap["start_us"]), int(gap["stop_us"] or 0)) for gap in it.gaps(camera["id"], from_us)]
    return [
        (start, stop)
        for start, stop in holes
        if stop - start - sum(max(min(stop, last) - max(start, first), 0) for first, last in gaps) >= US
    ]


def told_gaps(it, camera, from_us):
    return [gap for gap in it.gaps(camera["id"], from_us) if gap["state"] != "withdrawn"]


def beside_footage(gap, holes):
    """Return µs of a gap in which there is footage."""
    start, stop = int(gap["start_us"]), int(gap["stop_us"])
    return stop - start - sum(max(min(stop, b) - max(start, a), 0) for a, b in holes)


def unexplained(it, camera, from_us):
    """Return the camera's gaps that nobody has explained."""
    return [gap for gap in it.gaps(camera["id"], from_us) if gap["state"] not in ("explained", "withdrawn")]


def test_a_camera_moves_and_comes_back(system, second, it):
    camera, first = it.camera(CODE), first_node(it, second)
    begun = now_us() - 40 * US
    wait.until(lambda: rows_of(it, camera, first, begun), 90, "recorded by the first node", 1)
    made = hold(system, camera, begun, now_us() + 3600 * US)

    moved = now_us()
    move(it, camera, first, second.id)
    wait.until(lambda: len(rows_of(it, camera, second.id, moved)) >= 3, 90, "recorded by the second node", 1)
    wait.until(lambda: it.camera(CODE)["recording_state"] == "recording", 30, "shown as recording", 1)

    back = now_us()
    move(it, camera, second.id, first)
    wait.until(lambda: len(rows_of(it, camera, first, back)) >= 2, 120, "recorded by the first node again", 1)

    rows = it.segments(camera["id"], begun)
    here, there = rows_of(it, camera, first, begun), rows_of(it, camera, second.id, begun)
    assert len(here) + len(there) == len(rows)
    # both may record it for a moment, or neither
    holes = proofs.holes(rows)
    assert len(holes) <= 2, holes
    assert all(stop - start < LONGEST_HOLE_US for start, stop in holes), holes
    wait.until(lambda: not untold(it, camera, begun, holes), 150, "each hole told as a gap", 2)
    wait.until(lambda: not unexplained(it, camera, moved), 150, "each gap explained by the move", 2)
    # the one that is to record tells of the time until it does, the other records on until it hears of the move
    assert all(beside_footage(gap, holes) < OVERLAP_US for gap in told_gaps(it, camera, moved))
    proofs.rows_match_files(system.media_root, camera["path"], here)
    proofs.rows_match_files(second.media_root, camera["path"], there)
    # each node keeps what it recorded, the former camera's too
    wait.until(lambda: held_by(it, made) == {first: True, second.id: True}, 60, "held by both nodes", 1)
    # counted when each node stored it; what came later is held as well
    counts = {ack["recorder_id"][0]: (ack["kept"], ack["gone"]) for ack in acks(it, made)}
    assert 0 < counts[second.id][0] <= len(there)
    assert 0 < counts[first][0] <= len(here)
    assert counts[first][1] == counts[second.id][1] == 0
    for node in (system, second):
        held = json.loads(node.recorder("holds", "--json").stdout)
        assert [camera["id"]] in [row["cameras"] for row in held]


def test_both_agree_with_odoo_and_witness_one_ledger(system, second):
    for node in (system, second):
        compared = node.recorder("compare", "--json")
        assert compared.returncode == 0, compared.stdout + compared.stderr
        verified = node.recorder("verify", "--json")
        assert verified.returncode == 0, verified.stdout + verified.stderr


def acks(it, hold_id):
    """Return what the nodes answered to a hold."""
    return it.search_read("cctv.hold.ack", [("hold_id", "=", hold_id)], ["recorder_id", "state", "kept", "gone"])


def held_by(it, hold_id):
    """Return recorder id -> whether it holds."""
    return {ack["recorder_id"][0]: ack["state"] == "active" for ack in acks(it, hold_id)}
