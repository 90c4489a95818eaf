from odoo import api, models
from odoo.exceptions import ValidationError

LEAST_QUOTA = 0.001  # GB, by the digits of the field
MOST_ROOM = 1_000_000  # GB; nodes take bytes of at most 18 digits, and who writes bytes here means GB


class RecorderRoomMixin(models.AbstractModel):
    """Quota and reserve of a node, refused as they are entered where no node could keep to them."""

    _name = "cctv.recorder.room.mixin"
    _description = "Room of a Recorder"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_impossible_room(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_impossible_room(vals)
        return super().write(vals)

    @api.model
    def _refuse_impossible_room(self, vals):
        """Judge quota and reserve as they were entered: the field's digits would make none of a small quota before a
        constraint could see it. What is no number at all is left to the field.

        :raises ValidationError: the quota is more than none and less than the field can hold, or one of both is more
            than any node has
        """
        try:
            quota, reserve = (float(vals.get(name) or 0) for name in ("quota_gb", "reserve_gb"))
        except (TypeError, ValueError):
            return
        if 0 < quota < LEAST_QUOTA:
            raise ValidationError(self.env._("A quota is at least 0.001 GB; 0 means none."))
        if not (quota <= MOST_ROOM and reserve <= MOST_ROOM):  # neither infinite nor NaN
            raise ValidationError(
                self.env._(
                    "Quota and reserve are at most 1,000,000 GB each. Write gigabytes, not bytes: 500 means 500 GB."
                )
            )
