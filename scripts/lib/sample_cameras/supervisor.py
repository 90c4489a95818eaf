"""Keeps a group of cameras playing, obeys fault orders, and makes drop-outs.

Orders are files ``<folder>/orders/<camera>`` holding ``drop`` or ``stall``; no file
means "play". What is so is written to ``<folder>/<group>.state.json``.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from .player import Player
from .spec import Camera, write_private

POLL_S = 0.2
UP_S = (60.0, 150.0)
DOWN_S = (8.0, 20.0)
RESTART_PAUSE_S = 1.0


class Dropout:
    """A camera's plan of vanishing: drawn from a seed, so that it can be repeated."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._next_change = time.monotonic() + self._draw.uniform(*UP_S)
        self.away = False

    def step(self) -> bool:
        """Move on if it is time; tell whether the camera is away now."""
        if time.monotonic() >= self._next_change:
            self.away = not self.away
            span = self._draw.uniform(*(DOWN_S if self.away else UP_S))
            self._next_change = time.monotonic() + span
        return self.away


class Supervisor:
    """Plays ``cameras`` until it is told to end. ``port_setting``: what sets their ports."""

    def __init__(self, group: str, cameras: list[Camera], folder: Path, seed: int, port_setting: str) -> None:
        self._folder = folder
        self._state_file = folder / f"{group}.state.json"
        self._orders = folder / "orders"
        self._seed = seed
        self._players = [Player(camera, folder / camera.name, port_setting) for camera in cameras]
        self._dropouts = {camera.name: Dropout(seed) for camera in cameras if camera.dropout}
        self._retry_at: dict[str, float] = {}
        self._ending = False

    def run(self) -> None:
        """Play until SIGTERM or SIGINT; ``RuntimeError`` when a start fails."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        self._orders.mkdir(parents=True, exist_ok=True)
        print(f"drop-out seed {self._seed}", flush=True)
        try:
            for player in self._players:
                (self._orders / player.camera.name).unlink(missing_ok=True)
                player.start()
            while not self._ending:
                self._round()
                time.sleep(POLL_S)
        finally:
            for player in self._players:
                player.stop()
            self._state_file.unlink(missing_ok=True)

    def _end(self, *_unused: object) -> None:
        self._ending = True

    def _round(self) -> None:
        for player in self._players:
            self._bring(player, self._wanted(player.camera.name))
        self._write_state()

    def _wanted(self, name: str) -> str:
        order = self._orders / name
        if order.exists():
            return {"drop": "down", "stall": "stalled"}.get(order.read_text().strip(), "up")
        dropout = self._dropouts.get(name)
        return "down" if dropout and dropout.step() else "up"

    def _bring(self, player: Player, wanted: str) -> None:
        if player.state != "down" and not player.healthy():
            player.stop()
            self._retry_at[player.camera.name] = time.monotonic() + RESTART_PAUSE_S
        if player.state == wanted or self._pausing(player, wanted):
            return
        before = player.state
        self._change(player, wanted)
        print(f"{_now()} {player.camera.name}: {before} -> {player.state}", flush=True)

    def _pausing(self, player: Player, wanted: str) -> bool:
        return wanted == "up" and time.monotonic() < self._retry_at.get(player.camera.name, 0)

    def _change(self, player: Player, wanted: str) -> None:
        if wanted == "down":
            player.stop()
        elif player.state == "down":
            self._start(player)
        elif wanted == "stalled":
            player.stall()
        else:
            player.resume()

    def _start(self, player: Player) -> None:
        try:
            player.start()
        except RuntimeError as error:
            self._retry_at[player.camera.name] = time.monotonic() + 5
            print(error, file=sys.stderr, flush=True)

    def _write_state(self) -> None:
        rows = [
            {
                "name": player.camera.name,
                "state": player.state,
                "pid": player.pid,
                "url": player.camera.main,
                "sub": player.camera.sub,
                "clip": player.camera.clip,
                "dropout": player.camera.dropout,
            }
            for player in self._players
        ]
        write_private(
            self._state_file,
            {"pid": os.getpid(), "seed": self._seed, "at": _now(), "cameras": rows},
        )


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
