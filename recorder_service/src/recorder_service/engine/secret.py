"""The node's own secret: what engine, gate and service show each other on loopback."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ..domain.secret import Secret

USER = "node"


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
