"""All orders of purge, sync, hold, kill and power cut that two segments can see, on the real code."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from .protocol_guards import MUTATIONS, guarded
from .protocol_world import Moment, ViolationError, World, begun


@pytest.fixture
def place() -> Iterator[Path]:
    """In memory where there is such a place: what power cuts do is ours to say here."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    yield folder
    shutil.rmtree(folder)


class Explorer:
    """Enters each state once. A step cannot be taken back: its path is walked anew from the last crash."""

    def __init__(self, place: Path, mutation: str = "") -> None:
        self._place, self._mutation = place, mutation
        self._count = itertools.count()
        self._moments: list[tuple[Moment, str]] = []
        self.seen: set[int] = set()
        self.steps = self.crashes = 0

    def explore(self, first: Moment) -> None:
        """Raises: ViolationError, with the way that led there."""
        self._moments.append((first, ""))
        with guarded(self._mutation):
            while self._moments:
                moment, trace = self._moments.pop()
                self._explore(moment, trace)
                shutil.rmtree(moment.folder)

    def _explore(self, moment: Moment, trace: str) -> None:
        paths: list[list[str]] = [[]]
        while paths:
            path = paths.pop()
            folder = self._new_folder()
            world = World(moment, folder, self._mutation)
            try:
                for choice in path:
                    world.do(choice)
                self._go_on(world, path, paths, trace)
            except ViolationError as error:
                raise ViolationError(f"{error}: {trace}{' → '.join(path)}") from None
            finally:
                world.end()
                shutil.rmtree(folder)

    def _go_on(self, world: World, path: list[str], paths: list[list[str]], trace: str) -> None:
        while self._is_new(world):
            self._crash(world, f"{trace}{' → '.join(path)} → ")
            first, *others = world.choices()
            paths += [[*path, choice] for choice in others]
            path.append(first)
            world.do(first)
        path.append("left alone")
        world.settle()

    def _is_new(self, world: World) -> bool:
        state = world.state()
        new = state not in self.seen
        self.seen.add(state)
        self.steps += 1
        return new

    def _crash(self, world: World, trace: str) -> None:
        for name, back in world.crashes():
            moment = world.left(back, self._new_folder())
            folder = self._new_folder()
            after = World(moment, folder, self._mutation)
            try:
                known = after.state() in self.seen
                self.crashes += 1
            finally:
                after.end()
                shutil.rmtree(folder)
            if known:
                shutil.rmtree(moment.folder)
            else:
                self._moments.append((moment, f"{trace}{name} → "))

    def _new_folder(self) -> Path:
        return self._place / str(next(self._count))


def explored(place: Path, **how: object) -> Explorer:
    explorer = Explorer(place)
    explorer.explore(replace(begun(place / "begun"), **how))  # type: ignore[arg-type]
    print(f"{len(explorer.seen)} states, {explorer.steps} steps, {explorer.crashes} crashes")
    return explorer


def test_nothing_goes_wrong_in_any_order(place: Path) -> None:
    found = explored(place)
    assert len(found.seen) > 500
    assert found.crashes > 100


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_without_a_guard_it_does(place: Path, mutation: str) -> None:
    with pytest.raises(ViolationError) as found:
        Explorer(place, mutation).explore(begun(place / "begun"))
    print(found.value)
