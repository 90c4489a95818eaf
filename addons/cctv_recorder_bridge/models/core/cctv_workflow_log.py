from odoo import models

from ..assets import cctv_camera_source
from ..recording import cctv_recorder_registration
from ..recording.cctv_recorder_stay import CHANGE, MOVE

_ACTS = {
    (model, act.name): act
    for model, acts in (
        ("cctv.camera", (*cctv_camera_source.LOGGED, MOVE, CHANGE)),
        ("cctv.recorder", cctv_recorder_registration.LOGGED),
    )
    for act in acts
}


class CctvWorkflowLog(models.Model):
    """What people do around credentials and nodes is logged beside the steps, and told by their label as well."""

    _inherit = "cctv.workflow.log"

    def _compute_step_label(self):
        super()._compute_step_label()
        for line in self:
            act = _ACTS.get((line.res_model, line.step))
            if act:
                line.step_label = self.env._(act.label)
