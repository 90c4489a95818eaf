"""Odoo as its users' programs see it: OdooRPC, one login a role."""

import base64
import gzip
import json
import xmlrpc.client
from urllib.parse import urlsplit

import odoorpc

SEGMENT = [
    "camera_id",
    "recorder_id",
    "start",
    "stop",
    "start_us",
    "stop_us",
    "bytes",
    "sha256",
    "run",
    "number",
    "status",
]
GAP = ["camera_id", "start", "stop", "start_us", "stop_us", "reason", "state", "explanation"]


class Erp:
    """One user's session."""

    def __init__(self, access, role):
        user = access["users"][role]
        parts = urlsplit(access["url"])
        self.odoo = odoorpc.ODOO(parts.hostname, port=parts.port, protocol="jsonrpc", timeout=60)
        self.odoo.login(access["db"], user["login"], user["password"])
        self.env = self.odoo.env

    def call(self, model, method, *args, **kwargs):
        """Call a method and return its plain answer."""
        return self.odoo.execute_kw(model, method, list(args), kwargs)

    def search_read(self, model, domain, fields, **options):
        """Return rows as dicts."""
        return self.call(model, "search_read", domain, fields, **options)

    def camera(self, code):
        """Return the camera of that code as a dict, with its health."""
        (row,) = self.search_read(
            "cctv.camera",
            [("code", "=", code)],
            ["code", "path", "state", "recorder_id", "recording_state", "recording_reason", "recording_detail"],
        )
        return row

    def cameras(self):
        """Return all recorded cameras, by code."""
        rows = self.search_read(
            "cctv.camera", [("recorder_id", "!=", False)], ["code", "path", "state", "recording_state"]
        )
        return {row["code"]: row for row in rows}

    def segments(self, camera_id, from_us=0):
        """Return the camera's rows that start at ``from_us`` or later, oldest first."""
        rows = self.search_read("cctv.segment", [("camera_id", "=", camera_id)], SEGMENT, order="start")
        return [row for row in rows if int(row["start_us"]) >= from_us]

    def gaps(self, camera_id, from_us=0):
        """Return the camera's gaps that start at ``from_us`` or later, oldest first."""
        rows = self.search_read("cctv.gap", [("camera_id", "=", camera_id)], GAP, order="start")
        return [row for row in rows if int(row["start_us"]) >= from_us]


def sync(access, login, key, payload):
    """Make one ``sync`` call as a node's bot, by hand; return the answer as a dict.

    :raises xmlrpc.client.Fault: what Odoo refused, with its words
    """
    text = base64.b64encode(gzip.compress(json.dumps(payload).encode())).decode()
    common = xmlrpc.client.ServerProxy(f"{access['url']}/xmlrpc/2/common")
    uid = common.authenticate(access["db"], login, key, {})
    assert uid, "the bot's key was refused"
    models = xmlrpc.client.ServerProxy(f"{access['url']}/xmlrpc/2/object")
    answer = models.execute_kw(access["db"], uid, key, "cctv.recorder", "sync", [text])
    return json.loads(gzip.decompress(base64.b64decode(answer)))
