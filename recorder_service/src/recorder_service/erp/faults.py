"""Server errors that both transports share."""

from __future__ import annotations

import re

from .errors import ErpDeniedError, ErpError, ErpFaultError, ErpMisdirectedError, ErpUnreachableError

_NO_DATABASE = re.compile(r'database "[^"]*" does not exist|KeyError: \'[^\']*registry', re.IGNORECASE)
_NO_BRIDGE = re.compile(
    r"Object cctv\.recorder doesn't exist|'cctv\.recorder' does not exist|KeyError: 'cctv\.recorder'"
    r"|has no attribute 'sync'"
)
_TRIED_LATER = (408, 425, 429)


def from_server_error(database: str, text: str) -> ErpError:
    """A traceback of the server as one of our errors, in one line."""
    if _NO_DATABASE.search(text):
        return ErpMisdirectedError(f"Odoo knows no database {database}: correct [odoo] db")
    if _NO_BRIDGE.search(text):
        return ErpMisdirectedError(
            f"database {database} has no recorder bridge: install the addon cctv_recorder_bridge"
        )
    return ErpFaultError(f"Odoo has an internal error: {_cause(text)[:300]}")


def _cause(text: str) -> str:
    """The line of a traceback that names the error: the first one after its last frame. PostgreSQL adds lines to it."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    frames = [number for number, line in enumerate(lines) if line.startswith('  File "')]
    after = [line for line in lines[frames[-1] :] if not line[0].isspace()] if frames else lines[-1:]
    return next(iter(after), "no details")


def from_http_status(url: str, status: int, text: str) -> ErpError:
    """An HTTP status that no Odoo controller gave a body for."""
    if status == 401:
        return ErpDeniedError(
            f"{url} refuses the key (401): make a new one on the recorder's form in Odoo, "
            "or correct [odoo] url if this is another server"
        )
    if status == 403:
        return ErpDeniedError(f"{url} refuses access (403)")
    if status >= 500 or status in _TRIED_LATER:
        return ErpUnreachableError(f"{url} answers {status} {text}".rstrip())
    return ErpMisdirectedError(f"{url} answers {status} {text}: is it an Odoo, and is the database right?")
