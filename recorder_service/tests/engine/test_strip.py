"""Names of the sockets over which pictures without their sound come."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from rig import Node
from structlog.testing import capture_logs

from recorder_service.domain.secret import Secret
from recorder_service.engine import strip
from recorder_service.engine.options import EngineOptions

LONGEST = "company-of-a-long-name-" + "c" * 40
MEDIA = Secret("0" * 48)


@pytest.fixture
def options(node: Node) -> EngineOptions:
    return node.options


def _in(options: EngineOptions, folder: Path) -> EngineOptions:
    return dataclasses.replace(options, secret_file=folder / "node.secret")


def test_names_are_short_and_different(options: EngineOptions) -> None:
    names = {strip.socket(path, options).name for path in ("acme-cam-01", "acme-cam-02", LONGEST)}
    assert len(names) == 3
    assert {len(name) for name in names} == {17}


def test_a_folder_too_long_for_sockets_is_told_and_stops_nobody(options: EngineOptions, tmp_path: Path) -> None:
    free = 107 - 17 - len("/strip/")
    fits = Path("/" + "f" * (free - 1))
    assert len(bytes(strip.socket(LONGEST, _in(options, fits)))) == 107
    deep = tmp_path / ("d" * 107)
    deep.mkdir()
    with capture_logs() as logs:
        strip.prepare({"acme-cam-01"}, _in(options, deep), MEDIA)
    assert [(line["event"], "too long a name" in line["why"]) for line in logs] == [("sound cannot be taken out", True)]
    with capture_logs() as logs:
        strip.prepare(set(), _in(options, deep), MEDIA)
    assert not logs
