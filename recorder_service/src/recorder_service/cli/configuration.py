"""``recorder config``."""

from __future__ import annotations

from typing import Any

from ..domain.config import Configuration
from ..domain.times import iso
from ..erp.configuration import parse
from ..settings import Settings
from ..store import MediaRoot
from .output import show_json, show_pairs, show_rows
from .reading import open_index


def stored(settings: Settings) -> tuple[Configuration | None, int | None]:
    """Odoo's last configuration and when it came."""
    if not settings.index_file.exists():
        return None, None
    with open_index(settings) as index:
        body = index.config.load()
        return (parse(body) if body else None), index.config.stored_us()


def write(settings: Settings) -> list[str]:
    """Put engine.yml and gate.yml in place; what was written."""
    from ..assembly import engine_options, gate_options  # noqa: PLC0415 - the other commands start faster without
    from ..engine.initial import write_initial  # noqa: PLC0415

    media = MediaRoot(settings.media.root, settings.node.uuid)
    configuration = stored(settings)[0]
    if configuration is None:
        return write_initial(engine_options(settings), gate_options(settings), None, media=media)
    # the index also knows which cameras send sound, and so which may record at once
    with open_index(settings) as index:
        return write_initial(engine_options(settings), gate_options(settings), configuration, media=media, index=index)


def show(settings: Settings, as_json: bool) -> None:
    config, stored_us = stored(settings)
    cameras = [_camera(camera) for camera in config.cameras] if config else []
    node: dict[str, Any] = {"etag": config.etag, "stored": iso(stored_us)} if config else {}
    if as_json:
        show_json({"settings": settings.model_dump(mode="json"), "configuration": node, "cameras": cameras})
        return
    show_pairs({"odoo": settings.odoo.url, "database": settings.odoo.db, "node": settings.node.uuid,
                "media": settings.media.root, "index": settings.index_file, **node})  # fmt: skip
    show_rows("Cameras of this node", ("id", "path", "record", "audio", "main", "sub"), cameras)


def _camera(camera: Any) -> dict[str, Any]:
    return {
        "id": camera.id,
        "path": camera.path,
        "code": camera.code,
        "record": camera.record,
        "test": camera.test,
        "audio": camera.audio.value,
        "main": camera.main.url,
        "sub": camera.sub.url if camera.sub else None,
    }
