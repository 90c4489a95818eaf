"""Choosing a transport."""

from __future__ import annotations

from ..settings.model import Odoo
from .errors import ErpMisdirectedError
from .json2 import Json2Erp
from .port import Credentials, ErpPort, Limits
from .xmlrpc import XmlRpcErp

# The release that drops /xmlrpc/2 (Odoo's external RPC documentation).
_WITHOUT_XMLRPC = 22


def connect(odoo: Odoo) -> ErpPort:
    """The port that the settings name; with ``auto`` XML-RPC as long as the server speaks it.

    Raises:
        ErpError: only for ``auto``, which asks the server.
    """
    xmlrpc, json2 = _make(odoo)
    if odoo.transport == "xmlrpc":
        return xmlrpc
    if odoo.transport == "json2":
        return json2
    try:
        version = xmlrpc.version()
    except ErpMisdirectedError:
        json2.version()
        return json2
    return json2 if _major(version) >= _WITHOUT_XMLRPC else xmlrpc


def _make(odoo: Odoo) -> tuple[ErpPort, ErpPort]:
    credentials = Credentials(odoo.db, odoo.login, odoo.key)
    limits = Limits(odoo.connect_timeout, odoo.read_timeout)
    return (
        XmlRpcErp(odoo.url, credentials, limits, odoo.ca_file),
        Json2Erp(odoo.url, credentials, limits, odoo.ca_file),
    )


def _major(version: str) -> int:
    digits = version.removeprefix("saas~").split(".")[0]
    return int(digits) if digits.isdigit() else 0
