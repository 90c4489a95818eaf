"""First configuration files, so that a keeper can start engine and gate before the service ever ran."""

from __future__ import annotations

import socket

from ..domain.config import Configuration
from ..store.index import Index
from ..store.media_root import MediaRoot, MediaRootError
from . import strip, yml
from .options import EngineOptions, GateOptions
from .paths import Sound, plan, stripped
from .reconcile import put_in_place
from .secret import node_secret, renew
from .sound import SoundBook
from .volume import bind


def write_initial(
    options: EngineOptions,
    gate: GateOptions,
    configuration: Configuration | None,
    *,
    media: MediaRoot | None = None,
    index: Index | None = None,
) -> list[str]:
    """Write engine.yml and gate.yml (0600) for the configuration that the node holds, if any.

    Returns:
        The files that were written; empty when both were right already.

    Raises:
        yml.ConfigRefusedError: MediaMTX would not start with it.
        OSError: a folder is missing or not writable.
    """
    secret = node_secret(options.secret_file)
    for folder in (options.config_file.parent, gate.config_file.parent):
        folder.mkdir(parents=True, exist_ok=True)
    if media is not None:
        _bind(media, options)
    cameras = configuration.cameras if configuration else ()
    book = SoundBook(index) if index is not None else None
    sounds = {c.path: book.of(c) if book else Sound.UNKNOWN for c in cameras}
    seconds = configuration.node.segment_seconds if configuration else 60
    if not _engine_runs(options):
        renew(options.media_secret_file)
    media_secret = node_secret(options.media_secret_file)
    paths = plan(cameras, sounds, frozenset(), options)
    strip.prepare(stripped(paths), options, media_secret)
    written = []
    if put_in_place(options, yml.engine_config(options, secret, media_secret, seconds, paths)):
        written.append(str(options.config_file))
    if write_gate(options, gate):
        written.append(str(gate.config_file))
    return written


def _engine_runs(options: EngineOptions) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", options.api_port)) == 0


def write_gate(options: EngineOptions, gate: GateOptions) -> bool:
    """Write gate.yml; False when it was right already."""
    text = yml.render(yml.gate_config(gate, options, node_secret(options.secret_file)))
    yml.check(text)
    return yml.write(gate.config_file, text)


def _bind(media: MediaRoot, options: EngineOptions) -> None:
    try:
        bind(media, options.config_file)
    except MediaRootError:
        # the engine starts all the same, and cannot write until the right volume is there
        return
