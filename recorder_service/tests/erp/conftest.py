"""A real Odoo with the bridge, and servers that misbehave.

The Odoo is named by the environment: CCTV_TEST_ODOO_URL, and CCTV_TEST_ODOO_SHELL, a command that runs Python from its
standard input in ``odoo shell`` on the database to use.
"""

from __future__ import annotations

import http.server
import json
import os
import shlex
import subprocess
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from recorder_service.erp.json2 import Json2Erp
from recorder_service.erp.port import Credentials, ErpPort, Limits
from recorder_service.erp.xmlrpc import XmlRpcErp
from recorder_service.settings.model import Odoo

TRANSPORTS: dict[str, Callable[..., ErpPort]] = {"xmlrpc": XmlRpcErp, "json2": Json2Erp}
QUICK = Limits(connect_timeout=2.0, read_timeout=1.0, answer_bytes=1_000_000)

_REGISTER = Path(__file__).with_name("register_nodes.py")


@dataclass(frozen=True)
class Registered:
    """A node made for these tests, with one active camera."""

    odoo: Odoo
    node: str
    camera_id: int
    path: str


@dataclass(frozen=True)
class RealOdoo:
    url: str
    shell: list[str]
    ours: Registered
    theirs: Registered

    def run(self, code: str) -> Any:
        """Run code that sets ``answer``; the changes are kept."""
        text = f"{code}\nenv.cr.commit()\nimport json\nprint('ANSWER' + json.dumps(answer, default=str))\n"
        done = subprocess.run(self.shell, input=text, capture_output=True, text=True, timeout=120, check=False)
        lines = [line for line in done.stdout.splitlines() if line.startswith("ANSWER")]
        assert lines, done.stdout[-2000:] + done.stderr[-4000:]
        return json.loads(lines[-1].removeprefix("ANSWER"))


def _registered(toml: str, url: str, camera: dict[str, Any]) -> Registered:
    settings = tomllib.loads(toml)
    return Registered(Odoo(**{**settings["odoo"], "url": url}), settings["node"]["uuid"], camera["id"], camera["path"])


@pytest.fixture(scope="session")
def odoo() -> Iterator[RealOdoo]:
    url, shell = os.environ.get("CCTV_TEST_ODOO_URL"), os.environ.get("CCTV_TEST_ODOO_SHELL")
    if not url or not shell:
        pytest.fail("these tests need CCTV_TEST_ODOO_URL and CCTV_TEST_ODOO_SHELL (leave them out with -m 'not odoo')")
    bare = RealOdoo(url, shlex.split(shell), None, None)  # type: ignore[arg-type]
    made = bare.run(_REGISTER.read_text("utf-8"))
    ours, theirs = (_registered(toml, url, camera) for toml, camera in zip(made["tomls"], made["cameras"], strict=True))
    yield RealOdoo(url, bare.shell, ours, theirs)
    # their cameras become free, so that whoever looks at recorded cameras next does not meet them
    nodes = f"nodes = env['cctv.recorder'].browse({made['recorders']}).with_user({made['it']})"
    bare.run(
        f"{nodes}; nodes.camera_ids.recorder_id = False; nodes.action_retire(note='the tests are over'); answer = 1"
    )


@pytest.fixture(params=sorted(TRANSPORTS))
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class StandIn:
    """What every stand-in for Odoo answers alike."""

    transport = "test"

    def version(self) -> str:
        return "19.0"

    def login(self) -> int:
        return 2

    def close(self) -> None:
        pass


def open_port(transport: str, settings: Odoo, limits: Limits | None = None) -> ErpPort:
    credentials = Credentials(settings.db, settings.login, settings.key)
    return TRANSPORTS[transport](settings.url, credentials, limits or Limits())


@contextmanager
def bad_server(respond: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """An HTTP server whose every answer is ``respond``; yields its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            respond(self)

        def do_GET(self) -> None:
            respond(self)

        def log_message(self, *_args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
