"""Camera passwords stay out of every text, also when MediaMTX repeats a source that it refuses."""

from __future__ import annotations

import json

import pytest
from rig import PASSWORD, Node, until

from recorder_service.domain.config import StreamSource
from recorder_service.domain.job import Job, JobKind
from recorder_service.domain.secret import Secret
from recorder_service.engine import yml
from recorder_service.engine.address import mistake
from recorder_service.engine.client import EngineRefusedError
from recorder_service.engine.paths import PathPlan, problem, source_url
from recorder_service.engine.reconcile import put_in_place

pytestmark = pytest.mark.mediamtx

HIDDEN = (PASSWORD, "k4m%40ra", "k4m")
BAD = [
    "rtsp://127.0.0.1/50%zz", "rtsp://127.0.0.1/100%", "rtsp://127.0.0.1/%4", "rtsp://127.0.0.1/a b", "rtsp://a b/x",
    "rtsp://127.0.0.1/a\tb", "rtsp://127.0.0.1/a\nb", "\trtsp://127.0.0.1/x", "rtsp://127.0.0.1/x\x7f",
    "rtsp://127.0.0.1:port/x", "rtsp://127.0.0.1:1:2/x", "rtsp://127.0.0.1:99999/x", "rtsp://127.0.0.1:-1/x",
    "rtsp://[::1/x", "rtsp://::1]/x", "rtsp://a[::1]/x", "rtsp://[127.0.0.1]/x", "rtsp://[::1]x/x", "rtsp://[v1.a]/x",
    "rtsp://ho\\st/x", "rtsp://ho|st/x", "rtsp://ho^st/x", "rtsp://ho{st/x", "rtsp://h%41/x", "rtsp://`h`/x",
    "rtsp://h/x#y", "rtsp:///x", "rtsp:h/x", "file:///x", "http://h/x", "", "\ud800",
    "rtsp://admin:geheim@h/x", "rtsp://@h/x",
]  # fmt: skip
GOOD = [
    "rtsp://127.0.0.1:1/x", "rtsps://127.0.0.1:1/x", "RTSP://127.0.0.1:1/x", "rtsp://127.0.0.1:0001/x",
    "rtsp://[::1]:1/x", "rtsp://[fe80::1%25lo]:1/x", "rtsp://127.0.0.1:/x", "rtsp://camera_1.example",
    "rtsp://127.0.0.1:1/a%20b?c=%41&d=e@f", "rtsp://127.0.0.1:1/ü/x'y", "rtsp://127.0.0.1:1?x=[1]",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD)
def test_what_the_engine_would_refuse_never_reaches_it(url: str) -> None:
    said = problem("acme-cam-01", StreamSource(url, "admin", Secret(PASSWORD)))
    assert said
    assert "geheim" not in said


def test_a_path_is_nothing_but_its_name() -> None:
    assert problem("acme-cam-01", StreamSource(GOOD[0])) == ""
    assert "small letters" in problem("acme-cam-01\n", StreamSource(GOOD[0]))


def test_what_passes_is_taken_by_the_engine(node: Node) -> None:
    api = node.api()
    for url in GOOD:
        assert mistake(url) == "", url
        for user in ("admin", ""):
            source = source_url(StreamSource(url, user, Secret(PASSWORD)))
            api.replace("trial/address", {"source": source, "sourceOnDemand": True})
    api.delete("trial/address")


def _shows_nothing(text: str) -> None:
    assert [word for word in HIDDEN if word in text] == []


def test_the_engines_words_are_shown_without_the_password(node: Node) -> None:
    source = source_url(StreamSource("rtsp://192.0.2.7/50%zz", "admin", Secret(PASSWORD)))
    with pytest.raises(EngineRefusedError) as refused:
        node.api().replace("acme-cam-01", {"source": source})
    assert "192.0.2.7" in str(refused.value)  # it did repeat the source
    _shows_nothing(str(refused.value))
    path = PathPlan("acme-cam-01", {"source": source}, "acme-cam-01")
    config = yml.engine_config(node.options, Secret("x" * 48), Secret("y" * 48), 2, {path.name: path})
    with pytest.raises(yml.ConfigRefusedError) as untried:
        put_in_place(node.options, config)
    _shows_nothing(str(untried.value))


def test_a_bad_address_shows_nothing_anywhere(node: Node) -> None:
    assert node.side
    bad = StreamSource("rtsp://192.0.2.7/50%zz", "admin", Secret(PASSWORD))
    node.add("acme-cam-01", bad)
    until(lambda: "config_refused" in [kind for kind, _ in node.events()], 10)
    params = {"url": bad.url, "user": "admin", "password": PASSWORD}
    done = node.side.run_job(Job(1, JobKind.TEST_STREAM, 99, params))
    assert done.result["ok"] is False
    _shows_nothing(json.dumps([node.events(), dict(done.result), done.error]))
    _shows_nothing(repr(node.side.health()))
    _shows_nothing(node.options.log_file.read_text())


def test_a_line_of_the_log_is_kept_without_credentials(node: Node) -> None:
    assert node.side
    book = node.side._book
    with node.options.log_file.open("a") as log:
        log.write(f"2026/11/24 10:00:00 ERR [path gone] [RTSP source] rtsp://admin:{'k4m' * 90}@192.0.2.7/x: EOF\n")
    note = until(lambda: book.latest("gone"), 10)
    assert "rtsp://***: EOF" in repr(note)
    _shows_nothing(repr(note))
