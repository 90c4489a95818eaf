import hashlib
import hmac
import json

from odoo import models

GIGA = 10**9
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
                "quota_bytes": str(round(self.quota_gb * GIGA)),
                "reserve_bytes": str(round(self.reserve_gb * GIGA)),
                "confirmed": self._confirmed(),
            },
            "cameras": self._configured_cameras(),
        }
        return {"etag": self._etag(config), **config}

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
