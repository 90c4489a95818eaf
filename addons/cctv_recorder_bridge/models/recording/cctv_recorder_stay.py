from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from odoo.addons.cctv_sop.workflow import Step

_lt = LazyTranslate(__name__)

#: What is logged on a camera that *Move Cameras* hands over.
MOVE = Step("move_to_recorder", _lt("Move to another recorder"), groups=("cctv_sop.group_it",))
#: What is logged on a camera whose recorder is changed without that: the next one gets its credentials.
CHANGE = replace(MOVE, name="change_recorder", label=_lt("Change the recorder"))
#: In the context while *Move Cameras* works, which logs the reason too; no caller from outside can give it.
MOVING = object()
# A node goes on recording a camera that left it until it hears of that.
LEAVING = timedelta(minutes=10)


class RecorderStay(models.Model):
    """A time in which a node recorded a camera that it records no more: what it recorded then is still its own."""

    _name = "cctv.recorder.stay"
    _description = "Former Camera of a Recorder"
    _order = "until desc, id desc"
    _rec_name = "camera_id"
    _log_access = False

    recorder_id = fields.Many2one("cctv.recorder", required=True, readonly=True, ondelete="restrict")
    camera_id = fields.Many2one("cctv.camera", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    since = fields.Datetime(readonly=True, help="Empty: not known.")
    until = fields.Datetime(required=True, readonly=True)
    tz = fields.Selection(related="camera_id.tz", string="Site Time Zone")

    _recorder_camera = models.Index("(recorder_id, camera_id, until)")

    @api.model
    def _remember(self, former):
        """Keep that cameras left their nodes just now.

        :param list former: pairs (camera, recorder that it left)
        """
        now = fields.Datetime.now()
        # sudo: follows from the change of node, which the caller was allowed to make
        self.sudo().create(
            [
                {
                    "recorder_id": recorder.id,
                    "camera_id": camera.id,
                    "company_id": camera.company_id.id,
                    "since": camera.sudo().recorder_since,
                    "until": now,
                }
                for camera, recorder in former
            ]
        )

    @api.model
    def _unsettle(self, message, left):
        """Something was told of cameras that left this node: the time around their moves is judged again.

        :param dict message: the call, its rows judged
        :param left: ids of the node's former cameras
        """
        told = [
            *(message.get("segments") or {}).get("camera_id", ()),
            *(message.get("gaps") or {}).get("camera_id", ()),
        ]
        late = [camera for camera in left if camera in told]
        if late:
            self.env.cr.execute(
                "UPDATE cctv_recorder_stay SET unsettled = TRUE WHERE camera_id = ANY(%s) AND NOT unsettled", [late]
            )
            self.invalidate_model(["unsettled"])
