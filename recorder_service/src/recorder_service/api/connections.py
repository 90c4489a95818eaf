"""How many clients may be connected at a time, and how long each may take to ask."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from uvicorn.protocols.http.h11_impl import H11Protocol

#: Open sockets of a listener; this process needs its file descriptors for the recording.
MOST = 128
#: From the connection, or from the answer before, until a request is there as a whole.
PATIENCE = 10.0


class Connection(H11Protocol):
    """Gives way to a new client while it asks nothing. uvicorn's own limit lets silent ones pass."""

    since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.since = self.loop.time()
        there = [c for c in self.connections if isinstance(c, Connection) and not c.transport.is_closing()]
        if len(there) > MOST:
            # at the latest this one itself asks nothing yet
            min((c for c in there if c.silent()), key=lambda c: c.since).transport.abort()

    def on_response_complete(self) -> None:
        self.since = self.loop.time()
        super().on_response_complete()

    def silent(self) -> bool:
        """Whether no request of it is here as a whole and waits for its answer."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body


def end_silent(connections: Iterable[object], now: float) -> None:
    """Let go of those that take too long to ask; `now` is the event loop's time."""
    for one in connections:
        if isinstance(one, Connection) and one.silent() and now - one.since > PATIENCE:
            one.transport.abort()
