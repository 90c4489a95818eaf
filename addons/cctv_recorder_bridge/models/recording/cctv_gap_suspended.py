from datetime import timedelta

from odoo import api, fields, models

from .cctv_gap import SUSPENDED
from .cctv_recorder_config import RECORDED

# for a recorder to hear of the step that ends or resumes recording, and to do so
SLACK = timedelta(minutes=2)


class Gap(models.Model):
    """Who took a camera out of recording said why: that explains the gap of this time, and nothing beyond it."""

    _inherit = "cctv.gap"

    def _explain_suspended(self):
        gaps = self.filtered(lambda gap: gap.reason == SUSPENDED and gap.state != "withdrawn")
        changes = gaps._recording_changes()
        for gap in gaps:
            line, until = gap._put_away(changes.filtered(lambda line, camera=gap.camera_id: line.res_id == camera.id))
            outlasts = bool(until and (gap.stop or fields.Datetime.now()) > until + SLACK)
            said = (gap.explanation, gap.explained_by) == (line.note, line.user_id)
            if line.note and not outlasts and (said or not gap.explanation):
                values = {"explanation": line.note, "explained_by": line.user_id.id, "explained_at": line.at}
                gap._with_pass([*values, "state"]).write({**values, "state": "explained" if gap.stop else "open"})
            elif outlasts and (gap.explained_by, gap.explained_at) == (line.user_id, line.at):
                gap._with_pass(["explained_at", "state"]).write(
                    {"explained_at": False, "state": "unexplained" if gap.stop else "open"}
                )

    @api.model
    def _judge_resumed(self):
        """Cameras that are to record again: a gap that lasts beyond that waits for words of its own."""
        domain = [("stop", "=", False), ("reason", "=", SUSPENDED), ("explained_at", "!=", False)]
        self.search([*domain, ("camera_id.state", "in", RECORDED)])._explain_suspended()

    def _recording_changes(self):
        return self._changes_of(self.camera_id)

    @api.model
    def _changes_of(self, cameras):
        """:return: the steps that took these cameras into recording or out of it, the oldest first"""
        domain = [("res_model", "=", "cctv.camera"), ("res_id", "in", cameras.ids)]
        lines = self.env["cctv.workflow.log"].sudo().search(domain, order="id")
        return lines.filtered(lambda line: (line.state_from in RECORDED) != (line.state_to in RECORDED))

    def _put_away(self, changes):
        """:return tuple: of its camera's changes the one that made this gap, if any; when one resumed the camera"""
        for line, resumed in zip(changes, [*changes[1:], changes.browse()], strict=True):
            stopped = line.state_to not in RECORDED and line.at <= self.start + SLACK
            if stopped and (not resumed or resumed.at >= self.start):
                return line, resumed.at
        return changes.browse(), False
