"""JSON-2 (``/json/2/<model>/<method>``), Odoo's door from 19 on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import requests

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


class Json2Erp:
    """``ErpPort`` over JSON-2."""

    transport = "json2"

    def __init__(self, url: str, credentials: Credentials, limits: Limits, ca_file: Path | None = None) -> None:
        self._url = url
        self._credentials = credentials
        self._limits = limits
        self._ca_file = ca_file
        self._session = self._open()

    def _open(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # no proxy, .netrc or CA bundle that nobody set here
        if self._ca_file:
            session.verify = str(self._ca_file)
        return session

    def version(self) -> str:
        answer = self._send("GET", "/json/version", {}, None)
        if not isinstance(answer, dict) or "version" not in answer:
            raise ErpMisdirectedError(f"{self._url} does not answer like an Odoo")
        return str(answer["version"])

    def login(self) -> int:
        found = self._call("res.users", "context_get", {})
        uid = found.get("uid") if isinstance(found, dict) else None
        if not isinstance(uid, int):
            raise ErpProtocolError("Odoo does not say whose key this is")
        return uid

    def sync(self, payload: str) -> str:
        return self.recorder("sync", payload)

    def recorder(self, method: str, payload: str) -> str:
        answer = self._call("cctv.recorder", method, {"payload": payload})
        if not isinstance(answer, str):
            raise ErpProtocolError(f"{method} answered something else than a string")
        return answer

    def close(self) -> None:
        self._session.close()
        self._session = self._open()

    def _call(self, model: str, method: str, body: dict[str, Any]) -> Any:
        headers = {
            "Authorization": f"bearer {self._credentials.key.get_secret_value()}",
            "X-Odoo-Database": self._credentials.database,
        }
        return self._send("POST", f"/json/2/{model}/{method}", headers, body)

    def _send(self, verb: str, route: str, headers: dict[str, str], body: dict[str, Any] | None) -> Any:
        timeouts = (self._limits.connect_timeout, self._limits.read_timeout)
        try:
            with self._session.request(
                verb,
                self._url + route,
                json=body,
                headers=headers,
                timeout=timeouts,
                stream=True,
                allow_redirects=False,
            ) as response:
                return self._answer(response)
        except requests.exceptions.SSLError as error:
            raise ErpMisdirectedError(f"{self._url}: its certificate is not trusted: {error}") from None
        except requests.exceptions.Timeout:
            raise ErpUnreachableError(f"{self._url} does not answer in time") from None
        except requests.exceptions.RequestException as error:
            raise ErpUnreachableError(f"{self._url} cannot be reached: {_cause(error)}") from None

    def _answer(self, response: requests.Response) -> Any:
        raw = self._read(response)
        try:
            answer = json.loads(raw)
        except RecursionError:
            raise ErpProtocolError(f"{self._url}: the answer is nested too deep") from None
        except ValueError:
            if response.ok and response.status_code < 300:
                raise ErpMisdirectedError(f"{self._url} does not answer in JSON: is it an Odoo?") from None
            raise self._unlike_odoo(response) from None
        if response.status_code == 200:
            return answer
        raise self._error(response.status_code, answer if isinstance(answer, dict) else {})

    def _unlike_odoo(self, response: requests.Response) -> ErpError:
        if response.status_code == 404:
            # Odoo itself answers a page where the database is unknown.
            database = self._credentials.database
            return ErpMisdirectedError(f"{self._url} knows no database {database}, or is no Odoo from 19 on")
        return from_http_status(self._url, response.status_code, response.reason)

    def _read(self, response: requests.Response) -> bytes:
        raw = bytearray()
        for chunk in response.iter_content(65536):
            raw += chunk
            if len(raw) > self._limits.answer_bytes:
                raise ErpProtocolError(f"{self._url}: the answer is larger than {self._limits.answer_bytes} bytes")
        return bytes(raw)

    def _error(self, status: int, body: dict[str, Any]) -> ErpError:
        name, message = str(body.get("name", "")), str(body.get("message", ""))
        if status == 401 or name.endswith("AccessDenied"):
            return ErpDeniedError(f"Odoo refuses the key of {self._credentials.login}: {message}")
        if status == 403:
            return ErpDeniedError(f"Odoo refuses {self._credentials.login}: {message}")
        if status in (409, 422) and name.startswith("odoo.exceptions."):
            return ErpRefusedError(message)
        if status >= 500 or "does not exist" in message:
            return from_server_error(self._credentials.database, f"{body.get('debug', '')}\n{message}")
        return from_http_status(self._url, status, message)


def _cause(error: requests.exceptions.RequestException) -> str:
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    cause = getattr(reason, "__cause__", None) or reason or error
    return str(getattr(cause, "strerror", None) or cause)
