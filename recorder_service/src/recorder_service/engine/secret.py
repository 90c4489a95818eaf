"""The node's own secret: what engine, gate and service show each other on loopback."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from ..domain.secret import Secret

USER = "node"
MEDIA_USER = "media"
GATE_USER = "gate"


def node_secret(path: Path) -> Secret:
    """The secret kept in `path` (mode 0600), made at the first call. Two callers at once agree on one."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return Secret(path.read_text(encoding="ascii").strip())
    with os.fdopen(fd, "w", encoding="ascii") as file:
        value = secrets.token_hex(24)
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())
    return Secret(value)


def media_secret(secret: Secret) -> Secret:
    """The engine's password for `MEDIA_USER`, derived from the node's secret.

    Everybody on the machine sees it in ffmpeg's command line, hence it opens streams only: the Control API, which shows
    camera passwords, takes the node's own.
    """
    return _derived(secret, b"media")


def gate_secret(secret: Secret) -> Secret:
    """The engine's password for `GATE_USER`: the one process that strangers talk to may read cameras and no more."""
    return _derived(secret, b"gate")


def gate_api_secret(secret: Secret) -> Secret:
    """What the gate's Control API takes, derived from the node's secret.

    The gate passes it on to whoever listens on the auth port, hence not the secret that shows camera passwords.
    """
    return _derived(secret, b"gate-api")


def _derived(secret: Secret, purpose: bytes) -> Secret:
    return Secret(hmac.new(secret.reveal().encode(), purpose, hashlib.sha256).hexdigest()[:48])


def loopback_url(port: int, name: str, secret: Secret) -> str:
    """Address of the engine's stream `name` for our own ffmpeg and ffprobe."""
    return _stream(port, name, MEDIA_USER, media_secret(secret))


def gate_url(port: int, name: str, secret: Secret) -> str:
    """The same for the gate."""
    return _stream(port, name, GATE_USER, gate_secret(secret))


def _stream(port: int, name: str, user: str, password: Secret) -> str:
    return f"rtsp://{user}:{password.reveal()}@127.0.0.1:{port}/{name}"
