"""The configuration object of the wire as domain objects."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from ..domain.config import AudioMode, CameraConfig, Configuration, NodeConfig, StreamSource, Transport
from ..domain.secret import Secret

_PATH = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MOST_DIGITS = 18  # of a number on the wire: the ERP takes no longer one in a heartbeat
_SCHEMES = ("rtsp", "rtsps", "rtsp+http", "rtsp+ws", "rtmp", "http", "https", "srt", "whep", "wheps")


class ConfigurationError(ValueError):
    """The ERP's configuration is refused; says which field and why, without secrets."""


def _bare_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError("must be a stream's address such as rtsp://192.0.2.7/stream1")
    if parts.username or parts.password:
        raise ValueError("must not carry a user or a password")
    return value


def _path(value: str) -> str:
    # It becomes a folder's name: nothing but what the contract allows may reach the disk.
    if len(value) > 100 or not _PATH.fullmatch(value):
        raise ValueError("must be lower-case letters, digits and single dashes")
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Source(_Strict):
    url: Annotated[str, AfterValidator(_bare_url)]
    user: str = ""
    password: SecretStr = SecretStr("")
    transport: Literal["tcp", "udp"] = "tcp"

    def domain(self) -> StreamSource:
        password = Secret(self.password.get_secret_value())
        return StreamSource(self.url, self.user, password, Transport(self.transport))


class _Camera(_Strict):
    id: int
    path: Annotated[str, AfterValidator(_path)]
    code: str
    name: str
    record: bool
    test: bool
    audio: Literal["strip", "keep"]
    priority: int
    retention_days: int = Field(ge=0)
    main: _Source | None
    sub: _Source | None

    @model_validator(mode="after")
    def _recorded_needs_source(self) -> _Camera:
        if self.record and self.main is None:
            raise ValueError("a recorded camera needs a main source")
        return self

    def domain(self) -> CameraConfig:
        return CameraConfig(
            id=self.id,
            path=self.path,
            code=self.code,
            name=self.name,
            record=self.record,
            test=self.test,
            audio=AudioMode(self.audio),
            priority=self.priority,
            retention_days=self.retention_days,
            main=self.main.domain() if self.main else StreamSource(""),
            sub=self.sub.domain() if self.sub else None,
        )


class _Confirmed(_Strict):
    database: str
    counter: str


class _Node(_Strict):
    name: str
    segment_seconds: int = Field(ge=1, le=900)
    quota_bytes: str
    reserve_bytes: str
    confirmed: _Confirmed | None = None

    def domain(self) -> NodeConfig:
        confirmed = (self.confirmed.database, _bytes(self.confirmed.counter)) if self.confirmed else None
        return NodeConfig(
            self.name, self.segment_seconds, _bytes(self.quota_bytes), _bytes(self.reserve_bytes), confirmed
        )


def _bytes(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"{text!r} is not a number of bytes")
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"{text[:30]} is no possible number of bytes: it has more than {_MOST_DIGITS} digits")
    return int(text)


class _Configuration(_Strict):
    etag: str
    node: _Node
    cameras: list[_Camera]

    @model_validator(mode="after")
    def _distinct(self) -> _Configuration:
        for name in ("id", "path"):
            values = [getattr(camera, name) for camera in self.cameras]
            if len(values) != len(set(values)):
                raise ValueError(f"two cameras share one {name}")
        return self


def parse(body: dict[str, Any]) -> Configuration:
    """Check the wire's ``config``.

    Raises:
        ConfigurationError: every mistake, one a line.
    """
    try:
        checked = _Configuration.model_validate(body)
        return Configuration(checked.etag, checked.node.domain(), tuple(c.domain() for c in checked.cameras))
    except ValidationError as error:
        raise ConfigurationError("\n".join(map(_line, error.errors(include_input=False, include_url=False)))) from None
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def _line(error: Any) -> str:
    return f"{'.'.join(str(part) for part in error['loc'])}: {error['msg'].removeprefix('Value error, ')}".lstrip(": ")
