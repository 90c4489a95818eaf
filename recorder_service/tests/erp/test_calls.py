"""What a call says before its body is read."""

from __future__ import annotations

import http.server

import pytest
from pydantic import SecretStr

from recorder_service.erp.errors import ErpUnreachableError
from recorder_service.settings.model import Odoo

from .conftest import QUICK, bad_server, open_port


def test_each_call_names_its_database(transport: str) -> None:
    """An Odoo that is not told which, asks PostgreSQL for all of them."""
    named: list[str | None] = []

    def respond(handler: http.server.BaseHTTPRequestHandler) -> None:
        named.append(handler.headers["X-Odoo-Database"])
        handler.send_response(503)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with bad_server(respond) as url:
        settings = Odoo(url=url, db="acme", login="recorder-x", key=SecretStr("the-secret-key"))
        port = open_port(transport, settings, QUICK)
        for call in (port.login, lambda: port.sync("x")):
            with pytest.raises(ErpUnreachableError):
                call()
        port.close()
    assert len(named) >= 2
    assert set(named) == {"acme"}
