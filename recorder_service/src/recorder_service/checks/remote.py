"""Probes of what the service talks to: engine, gate, Odoo."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..domain.secret import Secret
from ..domain.times import SystemClock, iso
from ..engine.client import EngineApi, EngineDownError, EngineRefusedError
from ..engine.secret import gate_api_secret, node_secret
from ..erp.connect import connect
from ..erp.errors import ErpDeniedError, ErpError, ErpMisdirectedError, ErpRefusedError, ErpUnreachableError
from ..erp.exchange import Exchange, Hooks
from ..erp.port import ErpPort
from ..erp.state import LinkBoard
from ..settings import Settings
from ..store import Index
from .result import Result, fail, ok, warn

_CLOCK_MS = 5000


def engine(settings: Settings) -> Result:
    """The recording MediaMTX answers, and it is ours."""
    return _mediamtx(settings, "engine", settings.engine.api_port, node_secret)


def gate(settings: Settings, running: bool) -> Result:
    """The viewers' MediaMTX answers. It asks the service before it tells anybody anything."""
    port = settings.gate.api_port
    if running:
        return _mediamtx(settings, "gate", port, lambda file: gate_api_secret(node_secret(file)))
    with socket.socket() as probe:
        probe.settimeout(1.0)
        if probe.connect_ex(("127.0.0.1", port)):
            return _silent("gate", port)
    return ok("gate api", f"port {port} answers; it tells more only while the service runs")


def _silent(name: str, port: int) -> Result:
    return fail(f"{name} api", f"nothing answers on port {port}", f"start MediaMTX with {name}.yml, see its log")


def _mediamtx(settings: Settings, name: str, port: int, secret: Callable[[Path], Secret]) -> Result:
    if not settings.node_secret_file.exists():
        return fail(f"{name} api", f"no secret {settings.node_secret_file} yet", "run `recorder config --write`")
    api = EngineApi(f"http://127.0.0.1:{port}", secret(settings.node_secret_file))
    try:
        info = api.info()
    except EngineDownError:
        return _silent(name, port)
    except EngineRefusedError as error:
        return fail(f"{name} api", str(error), f"start MediaMTX with this node's {name}.yml")
    except (KeyError, ValueError):
        return fail(f"{name} api", f"port {port} is not a MediaMTX", "another program has the port")
    finally:
        api.close()
    return ok(f"{name} api", f"MediaMTX {info.version}, up since {iso(info.started_us)}")


def odoo(settings: Settings, live: dict[str, Any] | None) -> Iterator[Result]:
    """Reachable, right database, key, bot, node; ends at the first failure, since the rest would only repeat it."""
    port: ErpPort | None = None
    try:
        port = connect(settings.odoo)
        yield ok("odoo", f"{settings.odoo.url} is Odoo {port.version()} ({port.transport})")
        port.login()
        yield ok("odoo user", f"{settings.odoo.login} in {settings.odoo.db}")
        yield _node(settings, port) if live is None else _live(live)
    except ErpError as error:
        yield fail(_name(error), str(error), _fix(error))
    finally:
        if port:
            port.close()


def _live(live: dict[str, Any]) -> Result:
    """The running service's own word: a second caller of the same node would only confuse the counters."""
    link = live.get("odoo", {})
    if link.get("word") == "connected":
        return ok("odoo node", f"the service is in touch, last answer {iso(link.get('last_ok_us'))}")
    return fail("odoo node", f"{link.get('word')}: {link.get('message')}", "see the service's log")


def _node(settings: Settings, port: ErpPort) -> Result:
    if settings.odoo.login.startswith("recorder-") and settings.odoo.login != f"recorder-{settings.node.uuid}":
        return fail("odoo node", f"login {settings.odoo.login} is not node {settings.node.uuid}",
                    "take [odoo] and [node] from one registration")  # fmt: skip
    if not settings.index_file.exists():
        return warn("odoo node", "not tried before the first run", "start the service, then check again")
    with Index(settings.index_file, settings.node.uuid) as index:
        # A real call of this node without rows: what it brings (configuration, jobs) is kept for the service.
        hooks = Hooks(lambda: None, lambda _config: None, lambda: None)
        Exchange(index, settings.odoo, hooks, board := LinkBoard(), SystemClock()).probe(port)
    return _clock_between(board.state.server_offset_ms or 0)


def _clock_between(offset_ms: int) -> Result:
    if abs(offset_ms) > _CLOCK_MS:
        return warn("odoo node", f"answers, but the clocks are {offset_ms / 1000:.0f} s apart", "correct both clocks")
    return ok("odoo node", "answers as this node")


def _name(error: ErpError) -> str:
    match error:
        case ErpDeniedError():
            return "odoo user"
        case ErpRefusedError():
            return "odoo node"
        case _:
            return "odoo"


def _fix(error: ErpError) -> str:
    match error:
        case ErpUnreachableError():
            return "start Odoo, or correct [odoo] url; recording goes on meanwhile"
        case ErpDeniedError():
            return "make a new key on the recorder's form in Odoo and put it into [odoo] key"
        case ErpMisdirectedError():
            return "correct [odoo] url and db"
        case _:
            return "service and addon may be of different versions: update both"
