"""The media root carries its own identity, so that a missing or wrong mount is refused rather than filled."""

from __future__ import annotations

import errno
import json
import stat
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..domain.said import Said, SaidCode, SaidError
from .files import write_atomic

IDENTITY_FILE = ".cctv-media.json"
#: Which camera each folder is of, for an index that must be made from the disk alone.
CAMERAS_FILE = ".cctv-cameras.json"
_NOT_THEIRS = 0o027  # people are seen in the footage


class MediaRootError(SaidError):
    """The media root must not be written to; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class MediaRoot:
    """A folder that belongs to one node."""

    path: Path
    node: str

    def verify(self) -> str:
        """Check that this folder is ours.

        Returns:
            The volume's UUID.

        Raises:
            MediaRootError: missing, unreadable, without identity, or another node's.
        """
        if not self.path.is_dir():
            raise MediaRootError(self._said(SaidCode.MEDIA_ABSENT, "is missing: is its disk mounted?"))
        identity = self._read()
        if identity.get("node") != self.node:
            text = (
                f"belongs to node {identity.get('node')}, this is node {self.node}: "
                "mount the right disk or correct [node] uuid"
            )
            raise MediaRootError(self._said(SaidCode.MEDIA_FOREIGN, text))
        return str(identity.get("volume", ""))

    def read_only(self) -> str:
        """Why its disk takes no change, or an empty text. It is tried: after an error mount flags may not tell."""
        try:
            with tempfile.TemporaryFile(dir=self.path):
                return ""
        except OSError as error:
            if error.errno != errno.EROFS:
                return ""
        todo = "look for errors of its disk (dmesg), repair it and mount it writable again"
        return self._said(SaidCode.MEDIA_READ_ONLY, f"can only be read: {todo}")

    def ours(self) -> bool:
        """True when `verify` finds nothing wrong."""
        try:
            self.verify()
        except (MediaRootError, OSError):
            return False
        return True

    def _read(self) -> dict[str, object]:
        try:
            identity = json.loads((self.path / IDENTITY_FILE).read_text("utf-8"))
        except FileNotFoundError:
            text = (
                "carries no identity file: mount the right disk, "
                "or if this new folder is right run: recorder check --adopt-media"
            )
            raise MediaRootError(self._said(SaidCode.MEDIA_UNMARKED, text)) from None
        except (OSError, ValueError) as error:
            raise MediaRootError(self._broken(f"cannot be read: {error}")) from None
        if not isinstance(identity, dict):
            raise MediaRootError(self._broken("is not an object"))
        return identity

    def _said(self, code: SaidCode, text: str) -> Said:
        return Said(f"media root {self.path} {text}", code, folder=str(self.path))

    def _broken(self, text: str) -> Said:
        return Said(f"identity file in {self.path} {text}", SaidCode.MEDIA_MARK_BROKEN, folder=str(self.path))

    def cameras(self) -> dict[str, int]:
        """The ERP's number of each camera by its folder, as far as this disk was told; empty when it never was."""
        try:
            found = json.loads((self.path / CAMERAS_FILE).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(path): int(number) for path, number in found.items()} if isinstance(found, dict) else {}

    def remember(self, cameras: Mapping[str, int]) -> None:
        """Keep the numbers of these cameras beside their footage; those that left stay.

        Raises:
            MediaRootError: the folder is not ours.
        """
        self.verify()
        known = self.cameras()
        if (both := known | dict(cameras)) != known:
            text = json.dumps(both, indent=1, sort_keys=True) + "\n"
            write_atomic(self.path / CAMERAS_FILE, text.encode(), 0o640)

    def adopt(self) -> str:
        """Write the identity once and close the folder to others (as mode 0750 does).

        An existing identity of another node is never replaced, nor is its folder touched.

        Returns:
            The volume's UUID.
        """
        if not self.path.is_dir():
            raise MediaRootError(
                self._said(SaidCode.MEDIA_ABSENT, "is missing: make the folder or mount its disk first")
            )
        if not (self.path / IDENTITY_FILE).exists():
            identity = {"node": self.node, "volume": str(uuid.uuid4())}
            # Read by engine and people, holds no secret.
            write_atomic(self.path / IDENTITY_FILE, (json.dumps(identity) + "\n").encode(), 0o644)
        volume = self.verify()
        mode = stat.S_IMODE(self.path.stat().st_mode)
        if mode & _NOT_THEIRS:
            self.path.chmod(mode & ~_NOT_THEIRS)
        return volume
