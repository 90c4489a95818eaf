"""The steps of the real code at which actors stop; and the same code with one guard taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from recorder_service.ops import unlink as unlinking
from recorder_service.store.purges import Purges

from .protocol_actor import acting, point
from .protocol_world import World

STEPS = ("doom", "confirm", "settle", "end")
LOOKS = ("leaving", "may_unlink")
#: Guards of docs/retention.md, and the two orders that it refuses.
MUTATIONS = (
    "no mutex", "no second look", "no fsync", "no word of the erp", "holds of the answer forgotten",
    "file first", "row first",
)  # fmt: skip


def _world() -> World | None:
    return getattr(acting(), "world", None)


@contextmanager
def guarded(mutation: str = "") -> Iterator[None]:
    """Within it every actor's purge stops before each step that others can see."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(Path, "unlink", _unlink))
        stack.enter_context(mock.patch.object(unlinking, "fsync_dir", _no_fsync if mutation == "no fsync" else _fsync))
        for name in STEPS:
            mutant = _MUTANTS.get((mutation, name), lambda real: real)
            stack.enter_context(mock.patch.object(Purges, name, _stopped(name, mutant(getattr(Purges, name)))))
        for name in LOOKS:
            blind = mutation == "no second look" and name == "may_unlink"
            stack.enter_context(mock.patch.object(Purges, name, _noted(getattr(Purges, name), blind)))
        yield


def _unlink(path: Path, missing_ok: bool = False) -> None:
    point("unlink")
    world = _world()
    assert world is not None
    assert missing_ok
    world.unlink(path)


def _fsync(folder: Path) -> None:
    point("fsync")
    world = _world()
    assert world is not None
    world.fsync(folder)


def _no_fsync(_folder: Path) -> None:
    point("fsync")


def _stopped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        point(name)
        return real(*args, **kwargs)

    return call


def _noted(real: Callable[..., Any], blind: bool) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        result = blind or real(*args)
        if (actor := acting()) is not None:
            actor.note(repr(result))
        return result

    return call


def _no_word(real: Callable[..., Any]) -> Callable[..., Any]:
    def doom(purges: Purges, *args: Any, **kwargs: Any) -> Any:
        made = real(purges, *args, **kwargs)
        if made is not None:
            purges.confirm(made.run)
        return made

    return doom


def _file_first(real: Callable[..., Any]) -> Callable[..., Any]:
    def doom(*args: Any, **kwargs: Any) -> Any:
        world = _world()
        assert world is not None
        world.authority = ()
        for segment in world.segments:
            _unlink(world.rig.root / segment.file, missing_ok=True)
        return real(*args, **kwargs)

    return doom


def _row_first(real: Callable[..., Any]) -> Callable[..., Any]:
    def confirm(purges: Purges, run: str) -> None:
        real(purges, run)
        purges.settle([row.id for row in purges.leaving(run, -1)], 0)

    return confirm


_MUTANTS = {
    ("no word of the erp", "doom"): _no_word,
    ("file first", "doom"): _file_first,
    ("row first", "confirm"): _row_first,
}
