"""Bring the engine to the planned state with the fewest cuts, then keep the same state as its file.

Single changes go over the API, since a reload from the file would apply the same; the file is written afterwards, so
that an engine that restarts without this service records the right cameras. A path is touched only when a key that we
send differs: one edit of a camera is one call, hence at most one cut.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from ..domain.secret import Secret
from . import strip, yml
from .client import EngineApi, EngineRefusedError
from .options import EngineOptions
from .paths import RAW_PREFIX, TRIAL_PREFIX, PathPlan, same, stripped
from .trial import start_test
from .tries import Tries
from .words import refuses

_log = structlog.get_logger(__name__)

#: MediaMTX reloads its file within a moment; an edit made before that would be undone by it.
_AFTER_WRITE = 1.5


@dataclass(slots=True)
class Outcome:
    """`touched`: paths that were cut (or begun, or ended); `refused`: path to the engine's words; `file_news`: why the
    file was refused was not told before.
    """

    touched: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    file_refused: str = ""
    file_news: bool = False
    all_cut: bool = False


class Reconciler:
    """Not thread-safe: the engine's thread only."""

    def __init__(self, api: EngineApi, options: EngineOptions, secret: Secret, tries: Tries | None = None) -> None:
        self._tries = tries or Tries()
        self._news = False
        self._api = api
        self._options = options
        self._secret = secret
        self._applied: dict[str, PathPlan] = {}
        self._admitted: list[dict[str, Any]] = []
        self._written_at = 0.0
        self._seen: tuple[int, int] | None = None
        self._rendered: tuple[dict[str, Any], str] | None = None

    def disturbed(self) -> bool:
        """True when the file is not the one that this service left there: the engine has loaded it. Also when it is
        time to try once more what was refused.
        """
        return self._signature() != self._seen or self._tries.due

    def _signature(self) -> tuple[int, int] | None:
        try:
            stat = self._options.config_file.stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns

    @property
    def ready(self) -> bool:
        """False for a moment after the file was written."""
        return time.monotonic() - self._written_at >= _AFTER_WRITE

    def apply(self, plan: Mapping[str, PathPlan], segment_seconds: int, media: Secret) -> Outcome:
        """Make engine and file match `plan`. Raises EngineDownError; the file is written also then.

        Args:
            media: the secret from which logins for streams derive.
        """
        out = Outcome()
        try:
            # before the paths, whose commands log in as soon as they are there
            strip.prepare(stripped(plan), self._options, media)
            self._admit(yml.engine_users(self._secret, media, plan))
            self._call(plan, out)
        finally:
            self._keep(plan, segment_seconds, media, out)
        out.file_news, self._news = self._news, False
        return out

    def _admit(self, users: list[dict[str, Any]]) -> None:
        # the engine shows no passwords: those are compared with what it was given last
        known = users == self._admitted and not self.disturbed()
        if known and [_rights(user) for user in self._api.users()] == [_rights(user) for user in users]:
            return
        try:
            self._api.set_users(users)
            self._admitted = users
        except EngineRefusedError as error:
            # the file brings them
            _log.error("the engine refuses its users", why=str(error))

    def _call(self, plan: Mapping[str, PathPlan], out: Outcome) -> None:
        configured = self._api.configured_paths()
        for name in sorted(set(configured) - set(plan)):
            if not name.startswith(TRIAL_PREFIX):
                self._api.delete(name)
                out.touched.add(name)
                self._applied.pop(name, None)
        # a camera's own path first: it lets go of the camera before the raw path takes it
        for name in sorted(plan, key=lambda n: (n.startswith(RAW_PREFIX), n)):
            self._replace(plan[name], configured.get(name), out)

    def _replace(self, path: PathPlan, configured: Mapping[str, Any] | None, out: Outcome) -> None:
        if configured is None or not same(configured, path):
            try:
                self._api.replace(path.name, dict(path.body))
            except EngineRefusedError as error:
                out.refused[path.name] = refuses(str(error))
                return
            out.touched.add(path.name)
        self._applied[path.name] = path

    def _keep(self, plan: Mapping[str, PathPlan], segment_seconds: int, media: Secret, out: Outcome) -> None:
        effective = {
            name: self._applied[name] if name in out.refused else path
            for name, path in plan.items()
            if name not in out.refused or name in self._applied
        }
        config = yml.engine_config(self._options, self._secret, media, segment_seconds, effective)
        if not self._tries.rests(config):
            self._put(config)
        out.file_refused = self._tries.words

    def _put(self, config: dict[str, Any]) -> None:
        try:
            if put_in_place(self._options, config, self._text(config)):
                self._written_at = time.monotonic()
            self._tries.over()
        except (yml.ConfigRefusedError, OSError) as error:
            # on a full disk the engine itself must obey all the same; the file is written later
            # the file that failed has another name each time
            words = f"its folder: {error.strerror}" if isinstance(error, OSError) else str(error)
            if self._tries.failed(config, words):
                self._news = True
                _log.error("engine.yml is kept as it was", why=words)
        self._seen = self._signature()

    def _text(self, config: dict[str, Any]) -> str:
        # Rendering YAML is the dearest part of a verification, and nearly always nothing has changed.
        if self._rendered is None or self._rendered[0] != config:
            self._rendered = config, yml.render(config)
        return self._rendered[1]


def _rights(user: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a user is compared by; the engine writes an absent path as an empty one."""
    rights = sorted((one["action"], one.get("path") or "") for one in user["permissions"])
    return user["user"], rights


def put_in_place(options: EngineOptions, config: Mapping[str, Any], text: str | None = None) -> bool:
    """Check a configuration in all ways there are, then rename it into place; False when nothing changed.

    Raises:
        yml.ConfigRefusedError: it would stop the engine, or break custody.
    """
    text = yml.render(config) if text is None else text
    try:
        if options.config_file.read_bytes() == text.encode():
            return False
    except OSError:
        pass
    yml.check(text)
    if options.mediamtx is not None:
        start_test(options.mediamtx, config, options.config_file.parent)
    return yml.write(options.config_file, text)
