"""Every setting with its type, unit and default."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://odoo.example.com")
    if parts.username or parts.password:
        raise ValueError("must not carry a user or a password")
    return value.rstrip("/")


HttpUrl = Annotated[str, AfterValidator(_http_url)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    """A table of the file; an unknown key is an error, so that a typing mistake is seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Odoo(Section):
    """Where Odoo is, and the node's own user there: what registration in Odoo shows."""

    url: HttpUrl
    db: str = Field(min_length=1)
    login: str = Field(min_length=1)
    key: SecretStr = Field(min_length=1)
    key_expires: str = ""  # for people; the ERP tells the end of the key in force at each sync
    transport: Literal["auto", "xmlrpc", "json2"] = "auto"
    connect_timeout: float = Field(default=5.0, gt=0)  # seconds
    read_timeout: float = Field(default=60.0, gt=0)  # seconds
    ca_file: Path | None = None
    batch: int = Field(default=500, ge=1, le=5000)  # rows a call
    batch_behind: int = Field(default=2000, ge=1, le=10000)  # rows a call while more than that wait
    backoff_max: float = Field(default=15.0, gt=0)  # seconds
    retry_auth: float = Field(default=60.0, gt=0)  # seconds between tries with a refused key
    interval_max: float = Field(default=60.0, gt=0)  # seconds; bounds what the ERP asks for


class Node(Section):
    uuid: str
    name: str = ""  # for people

    @field_validator("uuid")
    @classmethod
    def _canonical(cls, value: str) -> str:
        return str(uuid.UUID(value))


class Media(Section):
    root: Path = Path("/var/lib/cctv-recorder/media")
    ballast_mb: int = Field(default=64, ge=1, le=10_000)  # set aside on its file system, given back when it is full


class IndexFile(Section):
    file: Path | None = None  # default: index.sqlite beside the settings file
    ballast_mb: int = Field(default=16, ge=1, le=10_000)  # the same on the index's file system


class Engine(Section):
    """The MediaMTX that records; all on loopback."""

    api_port: Port = 9997
    rtsp_port: Port = 8554
    metrics_port: Port = 9998
    config: Path | None = None  # default: engine.yml beside the settings file
    log: Path | None = None  # default: log/mediamtx-engine.log beside the settings file


class Gate(Section):
    """The MediaMTX that serves viewers."""

    host: str = "127.0.0.1"
    api_port: Port = 9987
    rtsp_port: Port = 8555
    webrtc_port: Port = 8889
    ice_port: Port = 8189
    hls_port: Port = 8888
    metrics_port: Port = 9988
    origins: tuple[str, ...] = ()  # pages that browsers may call the gate from; always with [odoo] url
    additional_hosts: tuple[str, ...] = ()
    config: Path | None = None  # default: gate.yml beside the settings file
    log: Path | None = None  # default: log/mediamtx-gate.log beside the settings file


class Http(Section):
    host: str = "127.0.0.1"
    port: Port = 8900
    auth_port: Port = 8901


class Retention(Section):
    look_seconds: float = Field(default=60.0, ge=1)  # between looks for footage whose time is over


class Verify(Section):
    """Sealed files are read again and compared with their hash, over and over."""

    megabytes_per_second: float = Field(default=20.0, ge=0)  # 0: never
    days: float = Field(default=7.0, gt=0)  # a pass begins no sooner than so long after the one before


class Programs(Section):
    """Names or full paths."""

    mediamtx: str = "mediamtx"
    ffmpeg: str = "ffmpeg"
    ffprobe: str = "ffprobe"


class Log(Section):
    format: Literal["json", "console"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(BaseSettings):
    """All settings. ``RECORDER_ODOO__KEY`` in the environment overrides ``[odoo] key`` of the file, and so on."""

    model_config = SettingsConfigDict(
        env_prefix="RECORDER_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    odoo: Odoo
    node: Node
    media: Media = Media()
    index: IndexFile = IndexFile()
    engine: Engine = Engine()
    gate: Gate = Gate()
    http: Http = Http()
    retention: Retention = Retention()
    verify: Verify = Verify()
    programs: Programs = Programs()
    log: Log = Log()
    file: Path = Field(default=Path("recorder.toml"), exclude=True)  # where these settings came from

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file: Any = settings_cls.model_config.get("toml_file")
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)

    @property
    def folder(self) -> Path:
        """Of the settings file: other files default to it."""
        return self.file.parent

    @property
    def index_file(self) -> Path:
        return self.index.file or self.folder / "index.sqlite"

    @property
    def node_secret_file(self) -> Path:
        return self.folder / "node.secret"

    @property
    def engine_config(self) -> Path:
        return self.engine.config or self.folder / "engine.yml"

    @property
    def gate_config(self) -> Path:
        return self.gate.config or self.folder / "gate.yml"

    @property
    def engine_log(self) -> Path:
        return self.engine.log or self.folder / "log" / "mediamtx-engine.log"

    @property
    def gate_log(self) -> Path:
        return self.gate.log or self.folder / "log" / "mediamtx-gate.log"
