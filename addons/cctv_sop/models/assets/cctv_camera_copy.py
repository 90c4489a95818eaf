from odoo import models
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from ...workflow import step
from .cctv_camera import CctvCamera as Camera

_lt = LazyTranslate(__name__)

OPTICS = (
    "resolution_width",
    "resolution_height",
    "focal_length_mm",
    "sensor_width_mm",
    "hfov",
    "distance_m",
    "mount_height_m",
)
POLICY = ("purpose", "lawful_basis", "lawful_basis_note")


class CctvCamera(models.Model):
    """What a camera takes over from its sister: never serial number, address or credentials."""

    _inherit = "cctv.camera"

    def action_copy_settings(self, source_id, parts):
        """Take over settings of another camera of the company; who did it is kept in the step log.

        :param int source_id: the camera that is copied from
        :param list parts: which: ``optics``, ``policy``
        :return bool: ``True``; XML-RPC cannot carry nothing
        :raises AccessError: the caller may not edit this camera, or not read the other
        :raises UserError: nothing is chosen, the other is of another company, or this one is not open for changes
        """
        self.ensure_one()
        self.check_access("write")
        source = self.browse(source_id if type(source_id) is int else ()).exists()
        source.check_access("read")
        words = self._copy_part_words()
        chosen = [part for part in words if isinstance(parts, (list, tuple)) and part in parts]
        if not source or source == self or source.company_id != self.company_id:
            raise UserError(self.env._("Choose another camera of the same company to copy from."))
        if not chosen:
            raise UserError(self.env._("Choose what is to be copied."))
        told = self.env._(
            "from %(camera)s: %(parts)s", camera=source.display_name, parts=", ".join(words[part] for part in chosen)
        )
        self._step_copy_settings(note=told)
        for part in chosen:
            getattr(self, f"_copy_{part}")(source)
        return True

    def _copy_part_words(self):
        """:return dict: word of each part that can be copied"""
        return {"optics": self.env._("optics"), "policy": self.env._("policy")}

    @step(Camera._open_states, None, label=_lt("Copy settings"))
    def _step_copy_settings(self):
        return {}

    def _copy_optics(self, source):
        values = {name: source[name] for name in OPTICS}
        if source.level_chosen:
            values["required_level_id"] = source.required_level_id.id
        self.write(values)

    def _copy_policy(self, source):
        self.write({name: source[name] for name in POLICY})
