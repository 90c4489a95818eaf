"""The sync loop: rows up, verdicts, configuration and jobs down, for as long as the service runs."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_never, wait_random_exponential

from ..domain.ports import WorkerContext
from ..domain.times import SystemClock
from ..settings.model import Odoo
from ..store import Index
from .errors import (
    ErpDeniedError,
    ErpError,
    ErpMisdirectedError,
    ErpProtocolError,
    ErpRefusedError,
    ErpUnreachableError,
)
from .exchange import Exchange, Hooks, Received
from .port import ErpPort
from .state import LinkBoard

_log = structlog.get_logger(__name__)

_WORDS: dict[type[ErpError], str] = {
    ErpUnreachableError: "unreachable",
    ErpDeniedError: "denied",
    ErpMisdirectedError: "misdirected",
    ErpRefusedError: "refused",
    ErpProtocolError: "protocol",
}
_SLOW = (ErpDeniedError, ErpMisdirectedError, ErpProtocolError, ErpRefusedError)
_LOOK = 0.5  # seconds between looks for new rows while nothing else is due
_CALM = 5.0  # seconds before rows answered "retry" go again


class _StoppingError(Exception):
    """The service stops while the link waits."""


class SyncWorker:
    """Owns the connection; the only thread that talks to the ERP."""

    name = "sync"

    def __init__(
        self, index: Index, odoo: Odoo, hooks: Hooks, board: LinkBoard, connect: Callable[[Odoo], ErpPort]
    ) -> None:
        self._odoo = odoo
        self._index = index
        self._board = board
        self._connect = connect
        self._port: ErpPort | None = None
        self._exchange = Exchange(index, odoo, hooks, board, SystemClock())
        self.patience = odoo.connect_timeout + 2 * odoo.read_timeout + 30

    def run(self, ctx: WorkerContext) -> None:
        try:
            while not ctx.stopping:
                self._rest(ctx, self._round(ctx))
        except _StoppingError:
            pass
        finally:
            self._drop()

    def _round(self, ctx: WorkerContext) -> Received:
        """One exchange, tried until it is through; after a failure an empty heartbeat goes first."""
        retrying = Retrying(
            retry=retry_if_exception_type(ErpError),
            wait=self._delay,
            stop=stop_never,
            sleep=lambda seconds: self._sleep(ctx, seconds),
            before_sleep=self._failed,
            reraise=True,
        )
        received = retrying(lambda: self._attempt(ctx))
        self._connected()
        return received

    def _attempt(self, ctx: WorkerContext) -> Received:
        ctx.beat()
        port = self._port or self._open()
        if self._board.state.failures:
            self._exchange.probe(port)
            ctx.beat()
        return self._exchange.once(port)

    def _open(self) -> ErpPort:
        self._port = self._connect(self._odoo)
        self._board.update(transport=self._port.transport)
        return self._port

    def _drop(self) -> None:
        if self._port:
            self._port.close()
            self._port = None

    def _delay(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, ErpRefusedError) and self._exchange.narrowed():
            return 0.0
        if isinstance(error, _SLOW):
            return self._odoo.retry_auth
        return float(wait_random_exponential(multiplier=0.5, max=self._odoo.backoff_max)(state))

    def _sleep(self, ctx: WorkerContext, seconds: float) -> None:
        while seconds > 0:
            step = min(seconds, 5.0)
            if ctx.wait(step):
                raise _StoppingError
            seconds -= step
        if ctx.stopping:
            raise _StoppingError

    def _failed(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, ErpError):
            self._say(error)
            self._drop()

    def _say(self, error: ErpError) -> None:
        word = next((word for kind, word in _WORDS.items() if isinstance(error, kind)), "unreachable")
        before = self._board.state
        changed = word != before.word or str(error) != before.message
        now = self._exchange.now_us()
        self._board.update(
            word=word, message=str(error), failures=before.failures + 1, since_us=now if changed else before.since_us
        )
        # The same trouble again is not news: an outage of hours must not fill the log.
        (_log.warning if changed else _log.debug)("odoo link", state=word, error=str(error))

    def _connected(self) -> None:
        before = self._board.state
        now = self._exchange.now_us()
        self._board.update(word="connected", message="", failures=0, last_ok_us=now)
        if before.word != "connected":
            self._board.update(since_us=now)
            _log.info("odoo link", state="connected", transport=before.transport)

    def _rest(self, ctx: WorkerContext, received: Received) -> None:
        """Until rows wait or the interval that the ERP asked for is over."""
        until = self._exchange.monotonic() + min(received.interval, self._odoo.interval_max)
        calm = self._exchange.monotonic() + (_CALM if received.again else 0.0)
        while not ctx.stopping and (now := self._exchange.monotonic()) < until:
            if now >= calm and self._exchange.due():
                return
            self._sleep(ctx, min(_LOOK, until - now))
