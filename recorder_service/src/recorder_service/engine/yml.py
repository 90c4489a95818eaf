"""The configuration files of engine and gate: rendered whole, checked, and put in place by an atomic rename.

A running MediaMTX reloads its file on change and *exits* when it is broken, so nothing unchecked is ever renamed there.
Globals are fixed: changing one at run time cuts every recording.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ..domain.secret import Secret
from ..store.files import write_atomic
from .options import EngineOptions, GateOptions
from .paths import PathPlan
from .secret import GATE_USER, USER, gate_secret, gate_url, trial_login, view_login
from .volume import link

_OFF = {"rtmp": False, "hls": False, "webrtc": False, "srt": False, "moq": False, "playback": False, "pprof": False}

#: All cameras, in MediaMTX's notation for a regular expression.
_CAMERA = "~^[a-z0-9-]+$"


class ConfigRefusedError(Exception):
    """A configuration file that must not be put in place; says why, without secrets."""


def engine_users(secret: Secret, media: Secret, paths: Mapping[str, PathPlan]) -> list[dict[str, Any]]:
    """Who may do what in the engine. Changing them cuts nothing.

    Nobody may publish: the engine pulls, and pictures without their sound come over a socket.
    """
    cameras = sorted({path.camera for path in paths.values()})
    logins = [view_login(media, camera) for camera in cameras]
    return [
        _user(USER, secret, {"action": "api"}, {"action": "metrics"}),
        _user(GATE_USER, gate_secret(secret), {"action": "read", "path": _CAMERA}),
        *(_user(login.user, login.password, *login.permissions) for login in (trial_login(media), *logins)),
    ]


def engine_config(
    options: EngineOptions, secret: Secret, media: Secret, segment_seconds: int, paths: Mapping[str, PathPlan]
) -> dict[str, Any]:
    """The engine's whole configuration. `media`: the secret from which logins for streams derive."""
    return {
        "logLevel": "info",
        "logDestinations": ["stdout"],
        "logStructured": True,
        "readTimeout": _seconds(options.read_timeout),
        "writeTimeout": "10s",
        "authMethod": "internal",
        "authInternalUsers": engine_users(secret, media, paths),
        "api": True,
        "apiAddress": f"127.0.0.1:{options.api_port}",
        "apiAllowOrigins": [],
        "metrics": True,
        "metricsAddress": f"127.0.0.1:{options.metrics_port}",
        "metricsAllowOrigins": [],
        "rtsp": True,
        "rtspTransports": ["tcp"],
        "rtspAddress": f"127.0.0.1:{options.rtsp_port}",
        **_OFF,
        "pathDefaults": {
            "record": False,
            "recordPath": f"{link(options.config_file)}/%path/%Y-%m-%d/%s-%f",
            "recordFormat": "fmp4",
            "recordPartDuration": _seconds(options.part_seconds),
            "recordSegmentDuration": _seconds(segment_seconds),
            "recordDeleteAfter": "0s",
        },
        "paths": {name: dict(path.body) for name, path in sorted(paths.items())},
    }


def gate_config(gate: GateOptions, engine: EngineOptions, secret: Secret) -> dict[str, Any]:
    """The gate's whole configuration: the auth endpoint decides on viewers and on who may see this configuration, paths
    come from the engine on demand."""
    origins = list(gate.origins)
    return {
        "logLevel": "info",
        "logDestinations": ["stdout"],
        "logStructured": True,
        "authMethod": "http",
        "authHTTPAddress": f"http://127.0.0.1:{gate.auth_port}/auth",
        "authHTTPExclude": [],
        "api": True,
        "apiAddress": f"127.0.0.1:{gate.api_port}",
        "apiAllowOrigins": [],
        "metrics": True,
        "metricsAddress": f"127.0.0.1:{gate.metrics_port}",
        "metricsAllowOrigins": [],
        **_OFF,
        "rtsp": True,
        "rtspTransports": ["tcp"],
        "rtspAddress": f"127.0.0.1:{gate.rtsp_port}",
        "webrtc": True,
        "webrtcAddress": f"{gate.host}:{gate.webrtc_port}",
        "webrtcLocalUDPAddress": f"{gate.host}:{gate.ice_port}",
        "webrtcLocalTCPAddress": f"{gate.host}:{gate.ice_port}",
        "webrtcAdditionalHosts": list(gate.additional_hosts),
        "webrtcAllowOrigins": origins,
        "hls": True,
        "hlsAddress": f"{gate.host}:{gate.hls_port}",
        "hlsAllowOrigins": origins,
        "pathDefaults": {"record": False, "recordDeleteAfter": "0s"},
        "paths": {
            r"~^([a-z0-9-]+)$": {
                "source": gate_url(engine.rtsp_port, "$G1", secret),
                "sourceOnDemand": True,
                "rtspTransport": "tcp",
            }
        },
    }


def render(config: Mapping[str, Any]) -> str:
    """YAML text."""
    head = "# Written by the recorder service. Changes made here by hand are overwritten.\n"
    return head + yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, width=1000)


def read(path: Path) -> dict[str, Any] | None:
    """The file's content, or None when it is absent or no YAML mapping."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        return None
    return data if isinstance(data, dict) else None


def check(text: str) -> dict[str, Any]:
    """Parse and check the fields that custody rests on.

    Raises:
        ConfigRefusedError: not YAML, a path that the engine would not take, deletion by MediaMTX, an API off loopback.
    """
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise ConfigRefusedError(f"not valid YAML{where}") from None
    if not isinstance(data, dict):
        raise ConfigRefusedError("not a mapping")
    _check_fields(data)
    return data


def _check_fields(data: Mapping[str, Any]) -> None:
    defaults = data.get("pathDefaults")
    if not isinstance(defaults, dict) or defaults.get("recordDeleteAfter") != "0s":
        raise ConfigRefusedError("recordDeleteAfter must be 0s: only this service may ever delete footage")
    if not str(data.get("apiAddress", "")).startswith("127.0.0.1:"):
        raise ConfigRefusedError("the Control API must listen on loopback: it shows camera passwords")
    paths = data.get("paths")
    if not isinstance(paths, dict):
        raise ConfigRefusedError("paths is not a mapping")
    for name, body in paths.items():
        if not isinstance(body, dict):
            raise ConfigRefusedError(f"path {name} is not a mapping")
        if "recordDeleteAfter" in body:
            raise ConfigRefusedError(f"path {name} sets recordDeleteAfter")


def write(path: Path, text: str) -> bool:
    """Put `text` in place (0600, atomic). False when the file already held it, byte for byte."""
    try:
        if path.read_bytes() == text.encode():
            return False
    except OSError:
        pass
    write_atomic(path, text.encode())
    return True


def _user(name: str, secret: Secret, *permissions: Mapping[str, str]) -> dict[str, Any]:
    return {
        "user": name,
        "pass": secret.reveal(),
        "ips": ["127.0.0.1"],
        "permissions": [dict(one) for one in permissions],
    }


def _seconds(value: float) -> str:
    return f"{value:g}s"
