"""The engine may write only to the media volume that was accepted, never into an empty mount point.

The engine makes missing folders by itself, so a disk that is not mounted would silently be replaced by the system's.
Therefore its `recordPath` leads over a link beside `engine.yml` to a link *on* the volume. Without the volume the first
link dangles, and the engine's attempt to make the folder fails, also while this service is down.
"""

from __future__ import annotations

from pathlib import Path

from ..domain.said import Said, SaidCode
from ..store.media_root import MediaRoot, MediaRootError

LINK = "media"


def anchor(media: MediaRoot) -> Path:
    """The link on the volume; its name carries the node, so that another node's disk does not fit."""
    return media.path / f".cctv-{media.node[:8]}"


def link(config_file: Path) -> Path:
    """The link beside the engine's configuration, which `recordPath` begins with."""
    return config_file.with_name(LINK)


def collision(media: Path, config_file: Path) -> str:
    """Why the link beside the engine's configuration cannot be made, or an empty text."""
    name = link(config_file)
    if media == name:
        text = f"{name} is the media root, yet the engine's link to it must be there: choose another [media] root"
        return Said(text, SaidCode.LINK_IS_MEDIA, file=str(name))
    if name.exists() and not name.is_symlink():
        text = f"{name} is where the engine's link to the media root must be: move it away"
        return Said(text, SaidCode.LINK_TAKEN, file=str(name))
    return ""


def bind(media: MediaRoot, config_file: Path) -> None:
    """Put both links in place, the one on the volume only when the volume is ours.

    Raises:
        MediaRootError: wrong or missing volume, or something else lies in the link's place; the engine cannot write.
        OSError: no right to make the links.
    """
    if problem := collision(media.path, config_file):
        raise MediaRootError(problem)
    _point(link(config_file), anchor(media))
    media.verify()
    _point(anchor(media), Path())


def _point(name: Path, target: Path) -> None:
    try:
        if str(name.readlink()) == str(target):
            return
        name.unlink()
    except FileNotFoundError:
        pass
    name.symlink_to(target)
