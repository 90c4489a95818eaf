from datetime import timedelta

from odoo import models

RECENT = timedelta(days=1)
#: Events that say that stored footage is not what it was (docs/wire.md).
LOSSES = ("files_gone", "bytes_differ", "file_unreadable", "file_damaged", "files_stuck", "numbers_missing")
NAME = "lost files"


class Recorder(models.Model):
    """Footage that is missing, damaged, or not to be deleted is told where recorders are looked at, for a day."""

    _inherit = "cctv.recorder"

    def _loss_checks(self, now):
        """:return dict: recorder id -> list of at most one check, as a node's own are told: its newest loss"""
        domain = [("recorder_id", "in", self.ids), ("at", ">=", now - RECENT), ("code", "in", LOSSES)]
        # sudo: events are read by IT and auditors; that footage is lost is for all who see recorders
        events = self.env["cctv.recorder.event"].sudo().search(domain, order="at DESC, id DESC", limit=200)
        checks = {}
        for event in events:
            check = {"name": NAME, "level": "warn", "message": event.told, "fix": ""}
            checks.setdefault(event.recorder_id.id, [check])
        return checks
