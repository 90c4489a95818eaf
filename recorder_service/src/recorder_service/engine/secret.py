"""The node's own secret: what engine, gate and service show each other on loopback."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..domain.secret import Secret

USER = "node"
RAW_PREFIX = "raw/"
TRIAL_PREFIX = "trial/"
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


def renew(path: Path) -> None:
    """End all logins derived from the secret kept in `path`; the next caller of `node_secret` makes another."""
    path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Login:
    """A user of the engine's streams and what it may do there, in MediaMTX's words."""

    user: str
    password: Secret
    permissions: tuple[Mapping[str, str], ...]


# No command line holds the logins below: ffmpeg and ffprobe take them from a list that only this user reads. All the
# same each opens no more than the streams of one purpose, never the Control API, and none outlives the engine's next
# start (see `renew`).


def view_login(media: Secret, path: str) -> Login:
    """Reads one camera: for a test, a picture, or to take its sound out."""
    rights = ({"action": "read", "path": path}, {"action": "read", "path": RAW_PREFIX + path})
    return Login(f"view-{path}", _derived(media, f"view {path}".encode()), rights)


def trial_login(media: Secret) -> Login:
    """Reads addresses that are only tried, under names that nobody guesses."""
    return Login("trial", _derived(media, b"trial"), ({"action": "read", "path": f"~^{TRIAL_PREFIX}[0-9a-f]+$"},))


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


def loopback_url(port: int, name: str, login: Login) -> str:
    """Address of the engine's stream `name` for our own ffmpeg and ffprobe."""
    return _stream(port, name, login.user, login.password)


def gate_url(port: int, name: str, secret: Secret) -> str:
    """The same for the gate."""
    return _stream(port, name, GATE_USER, gate_secret(secret))


def _stream(port: int, name: str, user: str, password: Secret) -> str:
    return f"rtsp://{user}:{password.reveal()}@127.0.0.1:{port}/{name}"
