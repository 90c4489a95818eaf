"""Names below the media root: anybody may have made a file or folder there."""

from __future__ import annotations

from pathlib import Path


def shown(text: str) -> str:
    """A text that can be told and stored: what is not UTF-8 in a name of a file is shown as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def sound(name: str) -> bool:
    """Whether the name is UTF-8, so that a row can hold it."""
    return shown(name) == name


def may_be_a_camera(folder: Path) -> bool:
    """Whether what lies below the media root may be a camera's folder."""
    return folder.is_dir() and not folder.name.startswith(".") and sound(folder.name)
