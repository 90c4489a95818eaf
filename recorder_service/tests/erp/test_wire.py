"""What goes to the ERP."""

from __future__ import annotations

import json

from recorder_service.domain.event import Event, EventKind
from recorder_service.domain.health import CameraHealth, CameraState, DiskHealth, Health, Pending, ProcessHealth
from recorder_service.domain.job import JobResult, JobState
from recorder_service.domain.pressure import Level
from recorder_service.erp import wire
from recorder_service.logs import forget_secrets, keep_secret
from recorder_service.store.outbox import Batch

WORDS = "'rtsp://admin:hunter22@192.0.2.7/x%zz' is not a valid URL"


def test_no_credentials_leave_the_node() -> None:
    keep_secret("9j/4")  # a password that stands in each JPEG's base64
    try:
        picture = {"jpeg_base64": "/9j/4AAQ", "message": WORDS}
        batch = Batch(
            events=(Event(1, EventKind.CONFIG_REFUSED, 1, WORDS),),
            jobs=(JobResult(1, JobState.FAILED, picture, WORDS),),
        )
        camera = CameraHealth(1, CameraState.OFFLINE, detail=WORDS)
        process = ProcessHealth(True, 1)
        health = Health({}, DiskHealth("/m", 1, 1, 1, 0, 0), process, process, False, (camera,))
        envelope = wire.Envelope("n", "e", 1, 1, "", "k")
        message = wire.request(envelope, batch, wire.heartbeat(health, Pending(), ()))
    finally:
        forget_secrets()
    text = json.dumps(message)
    assert text.count("192.0.2.7") == 4
    assert "hunter22" not in text
    assert message["jobs"][0]["result"]["jpeg_base64"] == "/9j/4AAQ"


def test_disk_goes_in_the_types_of_the_wire() -> None:
    process = ProcessHealth(True, 1)
    disk = DiskHealth("/m", 5, 4, 3, 2, 1, 51.5, None, Level.LOW, 80_000_000_000, 7)
    beat = wire.heartbeat(Health({}, disk, process, process, True), Pending(), ())
    assert beat["disk"] == {
        "path": "/m", "total": "5", "free": "4", "used": "3", "quota": "2", "reserve": "1", "hours_left": 51.5,
        "hours_left_without_purge": None, "level": "low", "ballast": "80000000000", "index_free": "7",
    }  # fmt: skip
    assert json.loads(json.dumps(beat)) == beat
