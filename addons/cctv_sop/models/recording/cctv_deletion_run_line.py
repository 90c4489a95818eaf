from odoo import api, fields, models


class CctvDeletionRunLine(models.Model):
    """What a deletion run takes of one camera. Written by the run alone."""

    _name = "cctv.deletion.run.line"
    _inherit = ["cctv.step.written.mixin"]
    _description = "Camera of a Deletion Run"
    _order = "run_id, camera_id"
    _rec_name = "camera_id"
    _log_access = False

    run_id = fields.Many2one("cctv.deletion.run", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    camera_id = fields.Many2one("cctv.camera", required=True, readonly=True, index=True, ondelete="restrict")
    tz = fields.Selection(related="camera_id.tz", string="Site Time Zone")
    segments = fields.Integer(readonly=True)
    bytes = fields.Float("Size (bytes)", digits=(20, 0), readonly=True)
    first = fields.Datetime("Oldest", readonly=True)
    last = fields.Datetime("Newest", readonly=True)

    @api.model
    def _replace(self, run, lines):
        """Put these lines in place of those that a run has."""
        # sudo: only the run comes here
        self.sudo().search([("run_id", "=", run.id)])._remove()
        self._add([{**line, "run_id": run.id} for line in lines])

    @api.model
    def _refusal(self):
        return self.env._("The cameras of a deletion run are written by the run alone.")
