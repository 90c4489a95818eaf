"""A thread that goes one step at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable

START = "start"
_acting = threading.local()


class KilledError(BaseException):
    """This thread's process has ended."""


class Actor:
    """Runs `life` over and over; stops at each point until it is told to go on."""

    def __init__(self, life: Callable[[Actor], None]) -> None:
        self.at = START
        self.free: Callable[[], bool] = lambda: True
        self.past: tuple[object, ...] = ()
        self._go, self._stopped = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._stopped.acquire()
        self._killed = False
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(life,), daemon=True)
        self._thread.start()
        self._stopped.acquire()

    def _run(self, life: Callable[[Actor], None]) -> None:
        _acting.actor = self
        try:
            while True:
                self.past = ()
                self.point(START)
                life(self)
        except KilledError:
            pass
        except BaseException as error:
            self._failed = error
        self._stopped.release()

    def point(self, label: str, free: Callable[[], bool] = lambda: True) -> None:
        """Stop here: nothing after it has happened yet. `free()`: whether it may go on."""
        self.at, self.free = label, free
        self._stopped.release()
        self._go.acquire()
        if self._killed:
            raise KilledError

    def note(self, *what: object) -> None:
        """What it has in its local variables from now on."""
        self.past = (*self.past, *what)

    def step(self) -> None:
        """Go on to the next point.

        Raises:
            BaseException: what it failed with.
        """
        self.note(self.at)
        self._go.release()
        self._stopped.acquire()
        if self._failed is not None:
            raise self._failed

    def kill(self) -> None:
        if self._failed is None:
            self._killed = True
            self._go.release()
        self._thread.join()


def acting() -> Actor | None:
    """The actor whose thread calls."""
    return getattr(_acting, "actor", None)


def point(label: str) -> None:
    """Stop here, in an actor's thread; elsewhere nothing."""
    if (actor := acting()) is not None:
        actor.point(label)


class TurnMutex:
    """A mutex at which an actor waits by not being free to go on."""

    def __init__(self) -> None:
        self._taken = False

    def __enter__(self) -> None:
        if (actor := acting()) is not None:
            actor.point("mutex", lambda: not self._taken)
        self._taken = True

    def __exit__(self, *_exc: object) -> None:
        self._taken = False


class NoMutex:
    """In its place: nobody waits for anybody."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_exc: object) -> None:
        pass
