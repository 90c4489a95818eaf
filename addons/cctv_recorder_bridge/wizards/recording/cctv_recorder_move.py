from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.recording.cctv_recorder_stay import MOVE, MOVING


class RecorderMove(models.TransientModel):
    """Hand chosen cameras to another recorder of the same company: that one gets them with its next call."""

    _name = "cctv.recorder.move"
    _description = "Move Cameras to Another Recorder"
    _inherit = ["cctv.chosen.mixin"]

    recorder_id = fields.Many2one("cctv.recorder", "From", required=True, readonly=True)
    company_id = fields.Many2one(related="recorder_id.company_id")
    camera_ids = fields.Many2many(
        "cctv.camera", string="Cameras", domain="[('recorder_id', '=', recorder_id), ('state', '!=', 'decommissioned')]"
    )
    target_id = fields.Many2one(
        "cctv.recorder",
        "To",
        domain="[('company_id', '=', company_id), ('id', '!=', recorder_id), ('state', '!=', 'retired')]",
    )
    target_warning = fields.Char(compute="_compute_target_warning")
    note = fields.Text("Reason")

    @api.depends("target_id")
    @api.depends_context("lang")
    def _compute_target_warning(self):
        for move in self:
            silent = bool(move.target_id) and move.target_id.state not in ("online", "degraded")
            move.target_warning = silent and self.env._(
                "%s does not report. From the move on nobody records these cameras until it calls.",
                move.target_id.name,
            )

    def action_move(self):
        """Move them, and keep who did it on each camera and on both recorders.

        :return dict: closes the dialogue
        :raises UserError: nothing chosen, a camera of another recorder, or a target in another company or retired
        """
        self.ensure_one()
        self.recorder_id._check_it()
        self._check_choice()
        way, reason = f"{self.recorder_id.name} → {self.target_id.name}", (self.note or "").strip()
        text = f"{way}. {reason}".strip()
        self.camera_ids.with_context(_moving=MOVING).write({"recorder_id": self.target_id.id})
        for camera in self.camera_ids:
            self.env["cctv.workflow.log"]._append(camera, MOVE, camera.state, camera.state, text)
            camera._message_log(body=text)
        names = ", ".join(self.camera_ids.mapped("display_name"))
        moved = self.env._("Cameras moved, %(way)s: %(cameras)s.", way=way, cameras=names)
        for recorder in self.recorder_id | self.target_id:
            recorder._message_log(body=f"{moved} {reason}".strip())
        return {"type": "ir.actions.act_window_close"}

    def _check_choice(self):
        if not self.camera_ids or not self.target_id:
            raise UserError(self.env._("Choose the cameras and the recorder that is to record them."))
        if self.target_id == self.recorder_id or self.target_id.company_id != self.recorder_id.company_id:
            raise UserError(self.env._("Choose another recorder of the same company."))
        if strange := self.camera_ids.filtered(lambda camera: camera.recorder_id != self.recorder_id)[:1]:
            raise UserError(
                self.env._(
                    "%(camera)s is not recorded by %(recorder)s.",
                    camera=strange.display_name,
                    recorder=self.recorder_id.name,
                )
            )
