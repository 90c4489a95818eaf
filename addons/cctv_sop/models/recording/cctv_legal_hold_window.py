from odoo import api, fields, models

from ...site_time import site_minute, zone_word


class CctvLegalHold(models.Model):
    """What a person should know of the window that he types."""

    _inherit = "cctv.legal.hold"

    window_note = fields.Char("Note on the Window", compute="_compute_window_note")

    @api.depends("start", "camera_ids", "tz", "ended_at")
    @api.depends_context("lang")
    def _compute_window_note(self):
        for hold in self:
            hold.window_note = " ".join(hold._window_notes()) or False

    def _window_notes(self):
        notes = []
        if self.start and self.start > fields.Datetime.now() and not self.ended_at:
            begin = site_minute(self.env, self.start, self.tz)
            notes.append(
                self.env._("It begins on %s, a time to come: nothing recorded before then is held by it.", begin)
            )
        moment = self.start or fields.Datetime.now()
        zones = {zone_word(moment, camera.tz) for camera in self.camera_ids}
        if len(zones) > 1:
            notes.append(
                self.env._(
                    "The cameras stand in several time zones (%(zones)s); the times here are %(zone)s.",
                    zones=", ".join(sorted(zones)),
                    zone=zone_word(moment, self.tz),
                )
            )
        return notes
