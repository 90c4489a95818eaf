"""Whatever stands at the address: each trouble becomes the error that tells the node what to do."""

from __future__ import annotations

import http.server
import socket
import time
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from recorder_service.erp.errors import (
    ErpDeniedError,
    ErpError,
    ErpMisdirectedError,
    ErpProtocolError,
    ErpUnreachableError,
)
from recorder_service.settings.model import Odoo

from .conftest import QUICK, bad_server, open_port

Handler = http.server.BaseHTTPRequestHandler
KEY = "the-secret-key-0123456789"


def settings(url: str) -> Odoo:
    return Odoo(url=url, db="acme", login="recorder-x", key=SecretStr(KEY))


def answering(status: int, body: bytes, kind: str = "text/html", **headers: str) -> Callable[[Handler], None]:
    def respond(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return respond


def hanging(_handler: Handler) -> None:
    time.sleep(3)


def cut(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b"<?xml version='1.0'?><methodResponse>")
    handler.close_connection = True


BOMB = (
    b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]>"
    b"<methodResponse><params><param><value><string>&b;</string></value></param></params></methodResponse>"
)


@pytest.mark.parametrize(
    ("respond", "error"),
    [
        (answering(200, b"<html>a router's login page</html>"), ErpMisdirectedError),
        (answering(404, b"<html>not found</html>"), ErpMisdirectedError),
        (answering(302, b"", Location="/web/database/selector"), ErpMisdirectedError),
        (answering(401, b"<html>no</html>"), ErpDeniedError),
        (answering(429, b"slow down"), ErpUnreachableError),
        (answering(502, b"<html>bad gateway</html>"), ErpUnreachableError),
        (answering(503, b""), ErpUnreachableError),
        (hanging, ErpUnreachableError),
        (cut, ErpUnreachableError),
    ],
)
def test_each_trouble_has_its_error(respond: Callable[[Handler], None], error: type[ErpError], transport: str) -> None:
    with bad_server(respond) as url:
        port = open_port(transport, settings(url), QUICK)
        began = time.monotonic()
        with pytest.raises(error) as caught:
            port.login()
        assert time.monotonic() - began < 2.5
        assert KEY not in str(caught.value)
        if error is ErpDeniedError:
            assert url in str(caught.value)
            assert "or correct [odoo] url" in str(caught.value), "any server may answer so"
        port.close()


def test_an_answer_without_end_is_cut_off(transport: str) -> None:
    body = b'"' + b"a" * 3_000_000
    xml = b"<?xml version='1.0'?><methodResponse><params><param><value><string>" + b"a" * 3_000_000
    with bad_server(answering(200, xml if transport == "xmlrpc" else body)) as url:
        port = open_port(transport, settings(url), QUICK)
        with pytest.raises(ErpProtocolError, match="larger"):
            port.login()
        port.close()


def test_entities_are_not_expanded() -> None:
    with bad_server(answering(200, BOMB, "text/xml")) as url:
        port = open_port("xmlrpc", settings(url), QUICK)
        with pytest.raises(ErpProtocolError):
            port.login()
        port.close()


def test_a_deeply_nested_answer_is_refused() -> None:
    with bad_server(answering(200, b"[" * 100_000 + b"]" * 100_000, "application/json")) as url:
        port = open_port("json2", settings(url), QUICK)
        with pytest.raises(ErpProtocolError, match="too deep"):
            port.login()
        port.close()


def test_a_closed_port_is_unreachable(transport: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        number = probe.getsockname()[1]
    with pytest.raises(ErpUnreachableError, match="refused"):
        open_port(transport, settings(f"http://127.0.0.1:{number}"), QUICK).login()


def test_a_name_that_is_none_is_unreachable(transport: str) -> None:
    with pytest.raises(ErpUnreachableError):
        open_port(transport, settings("http://no-such-host.invalid"), QUICK).login()
