from odoo import api, models
from odoo.exceptions import AccessError

from ...storable import check_storable


class CctvDerivedMixin(models.AbstractModel):
    """Record whose computed fields follow from other data and from nothing else.

    Odoo stores what ``create`` and ``write`` are given for a stored computed field, even a read-only one: the
    retention of a camera or the site of a place could be set to anything over RPC. Recomputing does not pass there.
    """

    _name = "cctv.derived.mixin"
    _description = "Record whose computed fields are not for writing"
    _inherit = ["cctv.chosen.mixin", "cctv.traced.mixin"]

    @classmethod
    def _derived_names(cls):
        """:return frozenset: names of the stored fields that only their computation may set"""
        return frozenset(
            name
            for name, field in cls._fields.items()
            if field.store and (field.compute or field.related) and field.readonly and not field.inverse
        )

    def _refuse_derived(self, vals):
        if forged := self._derived_names() & vals.keys():
            labels = ", ".join(sorted(self._fields[name]._description_string(self.env) for name in forged))
            raise AccessError(
                self.env._("This follows from other data and is not for writing: %(fields)s.", fields=labels)
            )

    @api.model
    def default_get(self, fields):
        # default_* keys and ir.default reach create() through here
        return super().default_get([name for name in fields if name not in self._derived_names()])

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_derived(vals)
            check_storable(self, vals)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_derived(vals)
        check_storable(self, vals)
        return super().write(vals)
