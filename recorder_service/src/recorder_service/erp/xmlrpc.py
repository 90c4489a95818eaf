"""XML-RPC, Odoo's oldest door and the default (leaves with Odoo 22)."""

from __future__ import annotations

import http.client
import ssl
import xmlrpc.client
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

from defusedxml import DefusedXmlException
from defusedxml.xmlrpc import DefusedExpatParser

from .errors import (
    ErpDeniedError,
    ErpError,
    ErpMisdirectedError,
    ErpProtocolError,
    ErpRefusedError,
    ErpUnreachableError,
)
from .faults import from_http_status, from_server_error
from .port import Credentials, Limits

T = TypeVar("T")


class _AnswerTooLargeError(ValueError):
    pass


class BoundedTransport(xmlrpc.client.Transport):
    """``xmlrpc.client``'s own has no timeouts, no cap on the answer, and a parser that expands entities."""

    accept_gzip_encoding = False  # a compressed answer could not be capped before it is unpacked

    def __init__(self, database: str, limits: Limits, context: ssl.SSLContext | None) -> None:
        # Without it Odoo asks PostgreSQL for all of its databases at each call: most of what a small call costs.
        super().__init__(use_builtin_types=True, headers=[("X-Odoo-Database", database)])
        self._limits = limits
        self._context = context

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        if self._connection and host == self._connection[0] and self._connection[1]:
            return self._connection[1]
        chost, self._extra_headers, _x509 = self.get_host_info(host)
        connection = self._new(chost)
        self._connection = host, connection
        return connection

    def _new(self, host: str) -> http.client.HTTPConnection:
        timeout = self._limits.connect_timeout
        connection = (
            http.client.HTTPSConnection(host, timeout=timeout, context=self._context)
            if self._context
            else http.client.HTTPConnection(host, timeout=timeout)
        )
        connection.connect()
        connection.sock.settimeout(self._limits.read_timeout)
        return connection

    def getparser(self) -> Any:
        target = xmlrpc.client.Unmarshaller(use_builtin_types=True)
        return DefusedExpatParser(target, forbid_dtd=True), target

    def parse_response(self, response: Any) -> Any:
        parser, target = self.getparser()
        left = self._limits.answer_bytes
        while data := response.read(65536):
            left -= len(data)
            if left < 0:
                self.close()
                raise _AnswerTooLargeError(f"the answer is larger than {self._limits.answer_bytes} bytes")
            parser.feed(data)
        if response.length:
            # Python's read(n) passes over a body that ends early.
            raise http.client.IncompleteRead(b"", response.length)
        parser.close()
        return target.close()


class XmlRpcErp:
    """``ErpPort`` over ``/xmlrpc/2``."""

    transport = "xmlrpc"

    def __init__(self, url: str, credentials: Credentials, limits: Limits, ca_file: Path | None = None) -> None:
        self._url = url
        self._credentials = credentials
        self._limits = limits
        self._context = ssl.create_default_context(cafile=ca_file) if urlsplit(url).scheme == "https" else None
        self._transport = BoundedTransport(credentials.database, limits, self._context)
        self._uid: int | None = None

    def _proxy(self, service: str) -> xmlrpc.client.ServerProxy:
        return xmlrpc.client.ServerProxy(
            f"{self._url}/xmlrpc/2/{service}", transport=self._transport, allow_none=True, use_builtin_types=True
        )

    def version(self) -> str:
        found = self._guard(lambda: self._proxy("common").version())
        if not isinstance(found, dict) or "server_version" not in found:
            raise ErpMisdirectedError(f"{self._url} does not answer like an Odoo")
        return str(found["server_version"])

    def login(self) -> int:
        c = self._credentials
        found = self._guard(
            lambda: self._proxy("common").authenticate(c.database, c.login, c.key.get_secret_value(), {})
        )
        if not isinstance(found, int) or not found:
            raise ErpDeniedError(f"Odoo refuses the key of {c.login}: make a new one on the recorder's form in Odoo")
        self._uid = found
        return found

    def sync(self, payload: str) -> str:
        return self.recorder("sync", payload)

    def recorder(self, method: str, payload: str) -> str:
        uid = self._uid or self.login()
        c = self._credentials
        try:
            answer = self._guard(
                lambda: self._proxy("object").execute_kw(
                    c.database, uid, c.key.get_secret_value(), "cctv.recorder", method, [payload]
                )
            )
        except ErpDeniedError:
            self._uid = None
            raise
        if not isinstance(answer, str):
            raise ErpProtocolError(f"{method} answered something else than a string")
        return answer

    def close(self) -> None:
        self._transport.close()

    def _guard(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except Exception as error:
            # A half-read answer must not be taken for the next call's.
            self._transport.close()
            raise self._translate(error) from None

    def _translate(self, error: Exception) -> ErpError:  # noqa: PLR0911 - a table
        match error:
            case xmlrpc.client.Fault():
                return self._fault(error)
            case xmlrpc.client.ProtocolError():
                return from_http_status(self._url, error.errcode, error.errmsg)
            case ssl.SSLCertVerificationError():
                return ErpMisdirectedError(f"{self._url}: its certificate is not trusted: {error.verify_message}")
            case _AnswerTooLargeError() | DefusedXmlException():
                return ErpProtocolError(f"{self._url}: {error or type(error).__name__}")
            case ExpatError() | xmlrpc.client.ResponseError():
                return ErpMisdirectedError(f"{self._url} does not answer in XML-RPC: is it an Odoo?")
            case TimeoutError():
                return ErpUnreachableError(f"{self._url} does not answer in time")
            case OSError() | http.client.HTTPException():
                return ErpUnreachableError(f"{self._url} cannot be reached: {_reason(error)}")
            case _:
                return ErpProtocolError(f"{self._url}: {type(error).__name__}: {error}")

    def _fault(self, fault: xmlrpc.client.Fault) -> ErpError:
        # Numbers of odoo/addons/rpc/controllers/xmlrpc.py: 2 warning, 3 access denied, 4 access error, 1 the rest.
        text = str(fault.faultString)
        match fault.faultCode:
            case 2:
                return ErpRefusedError(text)
            case 3:
                return ErpDeniedError(f"Odoo refuses the key of {self._credentials.login}: {text}")
            case 4:
                return ErpDeniedError(f"Odoo refuses {self._credentials.login}: {text.splitlines()[0] if text else ''}")
            case _:
                return from_server_error(self._credentials.database, text)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
