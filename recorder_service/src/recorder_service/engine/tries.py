"""When a configuration file that was refused is tried again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

_FIRST = 0.5  # seconds
_LONGEST = 30.0


class Tries:
    """A moment later, then after twice as long each time; another configuration is tried at once. `words`: why the
    newest try failed, empty when it did not.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.over()

    def over(self) -> None:
        """It was taken."""
        self.words = ""
        self._config: Mapping[str, Any] | None = None
        self._told: set[str] = set()
        self._delay = _FIRST
        self._again_at = math.inf

    @property
    def due(self) -> bool:
        """It is time to try once more what was refused."""
        return self._monotonic() >= self._again_at

    def rests(self, config: Mapping[str, Any]) -> bool:
        """This very configuration was refused, and its time has not come."""
        return config == self._config and not self.due

    def failed(self, config: Mapping[str, Any], words: str) -> bool:
        """Note it; True when nobody was told these words of this configuration."""
        if config != self._config:
            self.over()
            self._config = config
        news = words not in self._told
        self._told.add(words)
        self.words = words
        self._again_at = self._monotonic() + self._delay
        self._delay = min(2 * self._delay, _LONGEST)
        return news
