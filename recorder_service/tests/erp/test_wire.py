"""What goes to the ERP."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import inf, nan
from typing import Any

from recorder_service.domain.event import Code, Event, EventKind, Told
from recorder_service.domain.health import CameraHealth, CameraState, DiskHealth, Health, Pending, ProcessHealth
from recorder_service.domain.job import JobResult, JobState
from recorder_service.domain.pressure import Level
from recorder_service.domain.probe import Level as Found
from recorder_service.domain.probe import Result
from recorder_service.domain.purge import PurgeHealth
from recorder_service.domain.said import Said, SaidCode, retold
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


def test_an_impossible_figure_does_not_cost_the_call() -> None:
    process = ProcessHealth(True, 1)
    disk = DiskHealth("/m", 10**18, 10**30, 3, 5 * 10**20, -1, inf, nan)
    purge = PurgeHealth("ready", due_bytes=10**18, held_bytes=-5)
    beat = wire.heartbeat(Health({}, disk, process, process, True, purge=purge), Pending(), ())
    most = "9" * 18
    told = [beat["disk"][name] for name in ("total", "free", "used", "quota", "reserve")]
    assert told == [most, most, "3", most, "0"]
    assert (beat["disk"]["hours_left"], beat["disk"]["hours_left_without_purge"]) == (1e15, None)
    assert (beat["purge"]["due_bytes"], beat["purge"]["held_bytes"]) == (most, "0")


def sent(told: Told) -> dict[str, Any]:
    batch = Batch(events=(told.event(1, EventKind.INTEGRITY, 7),))
    found: dict[str, Any] = wire.request(wire.Envelope("n", "e", 1, 1, "", "k"), batch, {})["events"][0]
    return found


def checks(results: Sequence[Result] | None) -> dict[str, Any]:
    process = ProcessHealth(True, 1)
    health = Health({}, DiskHealth("/m", 1, 1, 1, 0, 0), process, process, True, checks=results and tuple(results))
    return wire.heartbeat(health, Pending(), ())


def test_an_event_says_the_same_in_words_and_in_a_code() -> None:
    event = sent(Told(f"{WORDS} is gone", Code.FILES_GONE, {"file": WORDS, "count": 3}))
    assert (event["code"], event["args"]["count"]) == ("files_gone", 3)
    assert "192.0.2.7" in event["args"]["file"]
    assert "hunter22" not in json.dumps(event)


def test_an_event_without_a_code_has_no_fields_for_it() -> None:
    batch = Batch(events=(Event(1, EventKind.INTEGRITY, None, "of an older index"),))
    event = wire.request(wire.Envelope("n", "e", 1, 1, "", "k"), batch, {})["events"][0]
    assert event.keys() == {"seq", "at_us", "kind", "camera_id", "detail"}


def test_long_arguments_are_cut_to_what_the_erp_takes() -> None:
    """One list of cameras too long would be refused as a whole and never be seen."""
    names = ", ".join(f"acme-cam-{number:03}" for number in range(60))
    cameras = sent(Told(names, Code.ROOM_HELD, {"cameras": names}))["args"]["cameras"]
    assert len(cameras) == 200
    assert cameras[-1] == "…"
    assert names.startswith(cameras[:-1])
    assert sent(Told("x", Code.ROOM_HELD, {"cameras": "a" * 200}))["args"]["cameras"] == "a" * 200


def test_checks_go_the_worst_first_and_at_most_twenty() -> None:
    warned = [Result(f"warned {number}", Found.WARN, "m", "f") for number in range(15)]
    failed = [Result(f"failed {number}", Found.FAIL, "m", "f") for number in range(8)]
    told = checks([Result("fine", Found.OK, "m"), *warned, *failed])["checks"]
    assert [check["name"] for check in told] == [result.name for result in (*failed, *warned[:12])]
    assert told[0] == {"name": "failed 0", "level": "fail", "message": "m", "fix": "f"}


def test_checks_show_no_credentials_and_no_endless_sentence() -> None:
    told = checks([Result("x", Found.FAIL, WORDS + "!" * 900, WORDS + "!" * 900)])["checks"][0]
    assert (len(told["message"]), len(told["fix"])) == (500, 500)
    assert "hunter22" not in json.dumps(told)


def test_a_check_a_camera_and_a_job_say_the_same_in_a_code() -> None:
    said = Said(f"{WORDS} is not found", SaidCode.PROGRAM_ABSENT, program=WORDS + "!" * 900)
    (check,) = checks([Result("ffmpeg", Found.FAIL, said, "install it")])["checks"]
    process = ProcessHealth(True, 1)
    camera = CameraHealth(1, CameraState.OFFLINE, detail=retold("short", said))
    health = Health({}, DiskHealth("/m", 1, 1, 1, 0, 0), process, process, False, (camera,))
    (line,) = wire.heartbeat(health, Pending(), ())["cameras"]
    result = JobResult(1, JobState.FAILED, {"message": said, "code": said.code, "args": said.args}, said)
    job = wire.request(wire.Envelope("n", "e", 1, 1, "", "k"), Batch(jobs=(result,)), {})["jobs"][0]["result"]
    for told in (check, line, job):
        assert told["code"] == "program_absent"
        assert len(told["args"]["program"]) == 200
    assert line["detail"] == "short"
    assert "hunter22" not in json.dumps([check, line, job])


def test_a_sentence_without_a_code_has_no_fields_for_it() -> None:
    (check,) = checks([Result("fan", Found.FAIL, "stands still", "clean it")])["checks"]
    assert check.keys() == {"name", "level", "message", "fix"}


def test_nothing_is_said_of_checks_before_the_first_look() -> None:
    assert "checks" not in checks(None)
    assert checks([])["checks"] == []
    assert checks([Result("fine", Found.OK, "m")])["checks"] == []
