import hashlib
import hmac
import json

from odoo import models
from odoo.tools import SQL, ormcache

from .cctv_recorder_room_mixin import MOST_ROOM

GIGA = 10**9
NODE_FIELDS = ("name", "segment_seconds", "quota_gb", "reserve_gb", "confirmed_database", "confirmed_counter")
CAMERA_FIELDS = ("path", "code", "name", "state", "audio_approved", "priority", "retention_days")
SOURCE_FIELDS = ("camera_id", "kind", "url", "transport", "secret_user", "secret_password")
RECORDED = ("testing", "active")


class Recorder(models.Model):
    _inherit = "cctv.recorder"

    def _configuration(self):
        """Return what this node is to do (docs/wire.md, "config"). The only door through which credentials leave.

        :return dict: ``etag``, ``node``, ``cameras``
        """
        config = {
            "node": {
                "name": self.name,
                "segment_seconds": self.segment_seconds,
                "quota_bytes": _room(self.quota_gb),
                "reserve_bytes": _room(self.reserve_gb),
                "confirmed": self._confirmed(),
            },
            "cameras": self._configured_cameras(),
        }
        return {"etag": self._etag(config), **config}

    def _newer_configuration(self, etag, fingerprint):
        """:return dict: what this node is to do, or None when ``etag`` is that of it"""
        return None if etag and etag == self._etag_of(fingerprint) else self._configuration()

    @ormcache("self.id", "fingerprint")
    def _etag_of(self, fingerprint):
        """The etag for a state of what it is made of; reckoned once a state, as most calls come with no change."""
        return self._configuration()["etag"]

    def _head_and_fingerprint(self):
        """:return tuple: head of the ledger as the node gets it, and digest of the configuration; by one query"""
        head = self.env["cctv.custody.entry"]._head_query(self.company_id.id)
        query = SQL("SELECT %s, h.* FROM (SELECT) AS one LEFT JOIN (%s) AS h ON TRUE", self._fingerprint_query(), head)
        ((fingerprint, seq, digest),) = self.env.execute_query(query)
        return self._head_told(seq, digest), fingerprint

    def _fingerprint_query(self):
        """:return SQL: digest of every column that the configuration is made of; kept in memory alone"""
        return SQL(
            """encode(sha256(convert_to(concat_ws(' ',
               (SELECT %(node)s FROM cctv_recorder r WHERE r.id = %(id)s),
               (SELECT string_agg(%(camera)s, ',' ORDER BY c.id) FROM cctv_camera c WHERE c.recorder_id = %(id)s),
               (SELECT string_agg(%(source)s, ',' ORDER BY s.id)
                  FROM cctv_camera_source s JOIN cctv_camera c ON c.id = s.camera_id
                 WHERE c.recorder_id = %(id)s)), 'UTF8')), 'hex')""",
            id=self.id,
            node=_as_text(self, "r", NODE_FIELDS),
            camera=_as_text(self.env["cctv.camera"], "c", ("id", "recorder_id", *CAMERA_FIELDS)),
            source=_as_text(self.env["cctv.camera.source"], "s", SOURCE_FIELDS),
        )

    def _configured_cameras(self):
        # sudo: the node's own cameras, for the node alone
        cameras = (
            self.env["cctv.camera"].sudo().search_fetch([("recorder_id", "=", self.id)], CAMERA_FIELDS, order="id")
        )
        sources = (
            self.env["cctv.camera.source"]
            .sudo()
            .search_fetch([("camera_id", "in", cameras.ids)], SOURCE_FIELDS, order="id")
        )
        streams = {(source.camera_id.id, source.kind): source._wire() for source in sources}
        return [
            {
                "id": camera.id,
                "path": camera.path,
                "code": camera.code,
                "name": camera.name,
                "record": camera.state in RECORDED,
                "test": camera.state == "testing",
                "audio": "keep" if camera.audio_approved else "strip",
                "priority": camera.priority,
                "retention_days": camera.retention_days,
                "main": streams[camera.id, "main"],
                "sub": streams.get((camera.id, "sub")),
            }
            for camera in cameras
            if (camera.id, "main") in streams
        ]

    def _etag(self, config):
        """Keyed, because the tag is shown on the node's form and must not let anyone try passwords against it."""
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret") or ""
        text = json.dumps(config, sort_keys=True, separators=(",", ":"))
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def _room(gigabytes):
    """:return str: bytes, no more than nodes take: a figure of before the bound must not cut a node off"""
    return str(round(min(gigabytes, MOST_ROOM) * GIGA))


def _as_text(model, alias, names):
    """:return SQL: the columns as one text, in which each value ends where it ends"""
    columns = (SQL.identifier(alias, name, to_flush=model._fields[name]) for name in names)
    return SQL("ROW(%s)::text", SQL(", ").join(columns))
