from odoo import fields, models


class CctvCamera(models.Model):
    """Which holds are on a camera's footage."""

    _inherit = "cctv.camera"

    hold_count = fields.Integer("Legal Holds", compute="_compute_holds")
    hold_windows = fields.Json("Windows on Hold", compute="_compute_holds", help="Pairs of start and end, in UTC.")

    def _compute_holds(self):
        """Of the holds that keep footage now, in one query for any number of cameras."""
        self.env["cctv.legal.hold"].flush_model(["camera_ids", "start", "stop", "ended_at"])
        # by SQL: a hold and its cameras are of one company, who reads the camera may know of it
        self.env.cr.execute(
            """SELECT r.camera_id, h.start, h.stop
                 FROM cctv_legal_hold h JOIN cctv_legal_hold_camera_rel r ON r.hold_id = h.id
                WHERE h.ended_at IS NULL AND r.camera_id = ANY(%s) ORDER BY h.start""",
            [self._origin.ids],
        )
        windows = {}
        for camera, start, stop in self.env.cr.fetchall():
            pair = [fields.Datetime.to_string(start), fields.Datetime.to_string(stop) if stop else False]
            windows.setdefault(camera, []).append(pair)
        for camera in self:
            camera.hold_windows = windows.get(camera._origin.id)
            camera.hold_count = len(windows.get(camera._origin.id, ()))

    def action_view_holds(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Legal Holds on %s", self.display_name),
            "res_model": "cctv.legal.hold",
            "view_mode": "list,kanban,form,calendar",
            "domain": [("camera_ids", "in", self.ids)],
            # what the card counts
            "context": {"default_camera_ids": self.ids, "search_default_holding": 1},
        }

    def _overview_pills(self, recording):
        pills = super()._overview_pills(recording)
        if count := self.hold_count:
            word = self.env._("1 hold") if count == 1 else self.env._("%s holds", count)
            pills.append({"kind": "hold", "state": "active", "label": word, "detail": "", "since": False})
        return pills

    def _overview_cards(self, recording):
        return [
            *super()._overview_cards(recording),
            {
                "key": "holds",
                "label": self.env._("Legal holds"),
                "value": self.hold_count,
                "tone": "",
                "method": "action_view_holds",
            },
        ]
