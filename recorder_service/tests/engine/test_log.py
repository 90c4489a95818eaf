"""Reading the log through rotation, and reasons from its lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recorder_service.domain.gap import GapReason
from recorder_service.engine.log import LogTail, parse
from recorder_service.engine.reasons import ReasonBook, classify

SECOND = 1_000_000
PATH = "acme-cam-01"


def _line(message: str, level: str = "ERR") -> str:
    return json.dumps({"timestamp": "2026-11-24T11:55:48.808581348Z", "level": level, "message": message})


@pytest.mark.parametrize(
    ("message", "level", "reason"),
    [
        ("[RTSP source] bad status code: 401 (Unauthorized)", "ERR", "auth_failed"),
        ("[RTSP source] bad status code: 403 (Forbidden)", "ERR", "auth_failed"),
        ("[RTSP source] bad status code: 404 (Not Found)", "ERR", "not_found"),
        ("[RTSP source] bad status code: 400 (Bad Request)", "ERR", "not_found"),
        ("[RTSP source] bad status code: 410 (Gone)", "ERR", "not_found"),
        ("[RTSP source] bad status code: 451 (Parameter Not Understood)", "ERR", "not_found"),
        ("[RTSP source] bad status code: 454 (Session Not Found)", "ERR", "source_lost"),
        ("[RTSP source] bad status code: 459 (Aggregate Operation Not Allowed)", "ERR", "not_found"),
        ("[RTSP source] bad status code: 461 (Unsupported Transport)", "ERR", "source_lost"),
        ("[RTSP source] bad status code: 453 (Not Enough Bandwidth)", "ERR", "source_lost"),
        ("[RTSP source] bad status code: 503 (Service Unavailable)", "ERR", "source_lost"),
        ("[RTSP source] dial tcp 10.0.0.9:554: connect: connection refused", "ERR", "refused"),
        ("[RTSP source] dial tcp: lookup cam.invalid on 10.0.0.1:53: no such host", "ERR", "timeout"),
        ("[RTSP source] TCP timeout", "ERR", "timeout"),
        ("[RTSP source] EOF", "ERR", "source_lost"),
        ("[recorder] detected drift between recording duration and absolute time, resetting", "ERR", "drift_reset"),
        ("[recorder] write /m/x.mp4: no space left on device", "ERR", "disk_full"),
        ("[recorder] mkdir /m/x: permission denied", "ERR", "write_error"),
        ("[RTSP source] 3 RTP packets lost", "WAR", None),
        ("[RTSP source] connection refused", "INF", None),
        ("stream is available and online, 1 track (H264)", "INF", None),
    ],
)
def test_reason_of_a_line(message: str, level: str, reason: str | None) -> None:
    line = parse(_line(f"[path {PATH}] {message}", level))
    assert line.path == PATH
    assert line.at_us == 1_795_521_348_808_581
    assert classify(line) == (GapReason(reason) if reason else None)


def test_text_lines_and_rubbish_do_no_harm() -> None:
    for text in (
        "",
        "{",
        '{"a": 1}',
        "[rtsp @ 0x55] method DESCRIBE failed: 404",
        "2026/11/24 11:00:00 INF hello",
        "\x00",
    ):
        assert classify(parse(text)) is None
    assert classify(parse(f"2026/11/24 11:00:00 ERR [path {PATH}] [RTSP source] EOF")) is GapReason.SOURCE_LOST


def test_tail_survives_truncation_rotation_and_half_lines(tmp_path: Path) -> None:
    file = tmp_path / "engine.log"
    tail = LogTail(file)
    assert tail.read() == []
    with file.open("ab", buffering=0) as out:
        out.write(b"one\ntw")
        assert tail.read() == ["one"]
        out.write(b"o\n")
        assert tail.read() == ["two"]
        # copy and truncate, the writer keeps its handle
        (tmp_path / "engine.log.1").write_bytes(file.read_bytes())
        file.write_bytes(b"")
        assert tail.read() == []
        out.write(b"three\n")
        assert tail.read() == ["three"]
        out.write(b"four\n")
        file.rename(tmp_path / "engine.log.2")
        file.write_bytes(b"five\n")
        assert tail.read() == ["four", "five"]
    tail.close()


def test_tail_begins_near_the_end_of_a_long_file(tmp_path: Path) -> None:
    file = tmp_path / "engine.log"
    file.write_bytes(b"".join(b"line %06d\n" % n for n in range(10_000)))
    tail = LogTail(file, backlog=50)
    assert tail.read() == [f"line {n:06d}" for n in range(9_996, 10_000)]
    tail.close()


def _book(*notes: tuple[float, GapReason]) -> ReasonBook:
    book = ReasonBook()
    for at, reason in notes:
        book.note(PATH, int(at * SECOND), reason, "")
    return book


def test_first_cause_counts_but_refused_credentials_are_always_told() -> None:
    lost, refused, auth = GapReason.SOURCE_LOST, GapReason.REFUSED, GapReason.AUTH_FAILED
    assert _book((100, lost), (105, refused)).reason(PATH, 100 * SECOND, 120 * SECOND) is lost
    assert _book((100, lost), (105, auth)).reason(PATH, 100 * SECOND, None) is auth
    assert _book((100, GapReason.CONFIG_CHANGE)).reason(PATH, 101 * SECOND, None) is GapReason.CONFIG_CHANGE
    assert _book((100, GapReason.CONFIG_CHANGE), (103, refused)).reason(PATH, 101 * SECOND, None) is refused
    assert _book((50, lost)).reason(PATH, 100 * SECOND, 120 * SECOND) is GapReason.UNKNOWN


def test_engine_start_explains_all_cameras() -> None:
    book = _book((110, GapReason.REFUSED))
    book.note_all(105 * SECOND, GapReason.ENGINE_RESTART, "")
    assert book.reason(PATH, 104 * SECOND, 120 * SECOND) is GapReason.ENGINE_RESTART
    book.note(PATH, 115 * SECOND, GapReason.REFUSED, "")
    assert book.reason(PATH, 104 * SECOND, 120 * SECOND) is GapReason.REFUSED
    assert book.reason("acme-cam-02", 104 * SECOND, 120 * SECOND) is GapReason.ENGINE_RESTART
    assert book.reason("acme-cam-02", 130 * SECOND, 140 * SECOND) is GapReason.UNKNOWN


def test_trials_are_forgotten() -> None:
    book = ReasonBook()
    for number in range(500):
        book.note(f"trial/{number:012x}", number * 60_000_000, GapReason.REFUSED, "")
    assert book.latest(f"trial/{499:012x}") is not None
    assert len(book._notes) < 20
