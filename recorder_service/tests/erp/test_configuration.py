from __future__ import annotations

import copy
from typing import Any

import pytest

from recorder_service.erp.configuration import ConfigurationError, parse

GOOD: dict[str, Any] = {
    "etag": "e1",
    "node": {"name": "N", "segment_seconds": 60, "quota_bytes": "5000000000", "reserve_bytes": "0"},
    "cameras": [
        {
            "id": 7, "path": "acme-cam-07", "code": "cam-07", "name": "Gate", "record": True, "test": False,
            "audio": "strip", "priority": 30, "retention_days": 60,
            "main": {"url": "rtsp://192.0.2.7/s1", "user": "admin", "password": "hunter22", "transport": "tcp"},
            "sub": None,
        }
    ],
}  # fmt: skip


def changed(*where: Any, value: Any) -> dict[str, Any]:
    body = copy.deepcopy(GOOD)
    place: Any = body
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = value
    return body


def test_a_good_one_is_taken() -> None:
    config = parse(GOOD)
    assert config.node.quota_bytes == 5 * 10**9
    assert config.by_path()["acme-cam-07"].main.password.reveal() == "hunter22"
    assert "hunter22" not in repr(config)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("cameras", 0, "path"), "../../etc"),
        (("cameras", 0, "path"), "a/b"),
        (("cameras", 0, "path"), ""),
        (("cameras", 0, "path"), "Cam-07"),
        (("cameras", 0, "path"), "acme-cam-07\n"),
        (("cameras", 0, "main", "url"), "rtsp://admin:hunter22@192.0.2.7/s1"),
        (("cameras", 0, "main", "url"), "file:///etc/passwd"),
        (("cameras", 0, "main", "transport"), "carrier pigeon"),
        (("cameras", 0, "audio"), "maybe"),
        (("cameras", 0, "surprise"), 1),
        (("cameras", 0, "main"), None),
        (("node", "segment_seconds"), 0),
        (("node", "quota_bytes"), 5),
        (("node", "quota_bytes"), "-5"),
        (("node", "quota_bytes"), "1000000000000000000"),
        (("node", "reserve_bytes"), "500000000000000000000"),
        (("etag"), None),
        (("cameras"), GOOD["cameras"] * 2),
    ],
)
def test_a_bad_one_is_refused_by_field_and_without_secrets(where: Any, value: Any) -> None:
    steps = where if isinstance(where, tuple) else (where,)
    with pytest.raises(ConfigurationError) as caught:
        parse(changed(*steps, value=value))
    assert "hunter22" not in str(caught.value)
    assert str(caught.value)
