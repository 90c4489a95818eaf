"""A seventh camera is added in Odoo: wrong password first, then right; then its plug is pulled."""

import secrets
import signal
import subprocess

import pytest
from support import media, proofs, wait
from support.system import ROOT, now_us

PURPOSE = {"purpose": "asset_security", "lawful_basis": "legitimate_interest", "lawful_basis_note": "LIA test"}


@pytest.fixture
def camera_server(system, draw):
    """Play a seventh RTSP camera on a port of its own; yield its facts."""
    port = system.ports["CCTV_CAMERA_PORT"] + 6
    facts = {"name": "cam-07", "port": port, "user": "viewer", "password": secrets.token_urlsafe(9)}
    environment = {name: value for name, value in system.environment.items() if name != "MEDIAMTX_BIN"}
    words = [f"--{name}={value}" for name, value in facts.items()]
    server = subprocess.Popen(
        [str(ROOT / "scripts" / "cameras"), "start-one", *words, "--clip=counter"],
        env=environment,  # as README says it
        stdout=subprocess.DEVNULL,
    )
    yield {**facts, "url": f"rtsp://127.0.0.1:{port}/main", "server": server}
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _test_stream(it, source_id):
    """Ask for a stream test as the form's button does; return its words."""
    it.call("cctv.camera.source", "action_test_stream", [source_id])

    def told():
        (row,) = it.search_read(
            "cctv.camera.source", [("id", "=", source_id)], ["test_result", "test_ok", "test_job_id"]
        )
        (job,) = it.search_read("cctv.recorder.job", [("id", "=", row["test_job_id"][0])], ["state", "message"])
        return job["state"] in ("done", "failed") and row

    return wait.until(told, 60, "stream test answered", 1)


def test_seventh_camera(system, it, admin, camera_server, draw):
    code = f"cam-{draw.randrange(100, 1000)}"
    location = it.search_read("cctv.location", [("area_type", "=", "parking")], ["id"], limit=1)[0]["id"]
    recorder = it.search_read("cctv.recorder", [("state", "!=", "retired")], ["id"], order="id", limit=1)[0]["id"]
    values = {"code": code, "name": "Kamera ketujuh", "location_id": location, "recorder_id": recorder, **PURPOSE}
    camera_id = it.call("cctv.camera", "create", values)
    wrong = {"camera_id": camera_id, "kind": "main", "url": camera_server["url"], "user": camera_server["user"]}
    source_id = it.call("cctv.camera.source", "create", {**wrong, "password": "not-it"})
    it.call("cctv.camera", "action_take_over", [camera_id], note="uji tambah kamera")

    told = _test_stream(it, source_id)
    assert not told["test_ok"]
    assert "sandi" in told["test_result"].lower() or "password" in told["test_result"].lower(), told
    wait.until(lambda: it.camera(code)["recording_state"] in ("offline", "waiting"), 60, "shown as not recording", 1)
    wait.until(lambda: it.camera(code)["recording_reason"] == "auth_failed", 60, "reason auth_failed", 1)

    it.call("cctv.camera.source", "write", [source_id], {"password": camera_server["password"]})
    corrected = now_us()
    rows = wait.until(lambda: it.segments(camera_id), 120, "first segment within two minutes", 1)
    print(f"first segment {(now_us() - corrected) / 1e6:.0f} s after the right password")
    path = it.camera(code)["path"]
    proofs.rows_match_files(system.media_root, path, rows)
    assert (
        proofs.lost_frames(media.frame_numbers(media.file_of(system.media_root, path, rows[0]["start_us"])), 595) == 0
    )
    told = _test_stream(it, source_id)
    assert told["test_ok"], told

    pulled = now_us()
    camera_server["server"].send_signal(signal.SIGTERM)
    camera_server["server"].wait(30)

    def gap():
        return next((row for row in it.gaps(camera_id, pulled - 15 * 10**6) if not row["stop"]), None)

    found = wait.until(gap, 60, "open gap", 1)
    assert found["reason"] in ("source_lost", "refused"), found
    wait.until(lambda: it.camera(code)["recording_state"] == "offline", 60, "shown as offline", 1)
    it.call("cctv.camera", "action_decommission", [camera_id], note="uji selesai")
