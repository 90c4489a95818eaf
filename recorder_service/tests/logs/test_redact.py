from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from recorder_service.domain.secret import Secret
from recorder_service.logs import configure, forget_secrets, keep_secret, redact

PASSWORD = "s3cr3t/@ä x"


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    forget_secrets()
    yield
    forget_secrets()
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = []


@pytest.fixture(params=["json", "console"])
def log(request: pytest.FixtureRequest) -> io.StringIO:
    stream = io.StringIO()
    configure(request.param, "debug", stream)
    return stream


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://admin:hunter22@192.0.2.7/s1",
        "rtsp://admin:hunt@hunter22@192.0.2.7/s1",
        "cannot open 'rtsps://hunter22@cam/1'",
        "password=hunter22&x=1",
        '{"password": "hunter22"}',
        "{'api_key': 'hunter22', 'a': 1}",
        "Authorization: Bearer hunter22abc",
        "authorization: basic hunter22==",
        "token: hunter22",
        "http://cam/snap?user=a&pwd=hunter22",
    ],
)
def test_credentials_leave_any_text(text: str) -> None:
    assert "hunter22" not in redact(text)


def test_what_is_no_secret_stays() -> None:
    text = "camera acme-cam-07 at rtsp://192.0.2.7:554/s1 answered 401, keyframe 2 s"
    assert redact(text) == text


@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="*"), min_size=4, max_size=20),
    st.text(max_size=30),
)
def test_a_known_secret_never_shows(secret: str, around: str) -> None:
    forget_secrets()
    keep_secret(secret)
    shown = redact(f"{around}{secret}{around}")
    assert secret not in shown


def test_values_of_every_shape_are_redacted(log: io.StringIO) -> None:
    keep_secret(PASSWORD)
    structlog.get_logger("t").info(
        f"event {PASSWORD}", url=f"rtsp://a:{PASSWORD}@h/", nested={"list": [PASSWORD, {"password": "other-one"}]},
        secret_str=SecretStr(PASSWORD), secret=Secret(PASSWORD), raw=PASSWORD.encode(), key="plain-key-1",
    )  # fmt: skip
    for value in (PASSWORD, "s3cr3t", "other-one", "plain-key-1"):
        assert value not in log.getvalue()


def test_exceptions_are_redacted(log: io.StringIO) -> None:
    keep_secret(PASSWORD)

    def broken() -> None:
        try:
            raise ValueError(f"inner rtsp://admin:hunter22@cam/ {PASSWORD}")
        except ValueError as error:
            raise RuntimeError(f"outer {PASSWORD}") from error

    try:
        broken()
    except RuntimeError:
        structlog.get_logger("t").exception("it broke")
        logging.getLogger("library").exception("it broke in %s", PASSWORD)
    text = log.getvalue()
    assert "Traceback" in text
    for value in ("hunter22", PASSWORD, "s3cr3t"):
        assert value not in text


def test_libraries_log_through_the_same_door(log: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("GET %s", "rtsp://a:hunter22@h/")
    assert "hunter22" not in log.getvalue()
    assert "GET" in log.getvalue()


def test_json_lines_are_json() -> None:
    stream = io.StringIO()
    configure("json", "info", stream)
    structlog.get_logger("t").info("hello", number=1)
    line = json.loads(stream.getvalue())
    assert (line["event"], line["number"], line["level"]) == ("hello", 1, "info")
