from odoo import api, models
from odoo.exceptions import AccessError


class CctvStepWrittenMixin(models.AbstractModel):
    """Records that steps of other records write, through :meth:`_add`, :meth:`_set` and :meth:`_remove`.

    Create, write and unlink are refused to everyone, to the superuser too.
    """

    _name = "cctv.step.written.mixin"
    _description = "Written by Steps Alone"

    # sudo: only steps come to these three; nobody has rights to write

    @api.model
    def _add(self, vals_list):
        return super(CctvStepWrittenMixin, self.sudo()).create(vals_list)

    def _set(self, values):
        super(CctvStepWrittenMixin, self.sudo()).write(values)

    def _remove(self):
        super(CctvStepWrittenMixin, self.sudo()).unlink()

    @api.model
    def _refusal(self):
        """:return str: who alone writes these records"""
        raise NotImplementedError

    def _refuse(self):
        raise AccessError(self._refusal())

    @api.model_create_multi
    @api.private
    def create(self, vals_list):  # pylint: disable=method-required-super
        self._refuse()

    def write(self, vals):  # pylint: disable=method-required-super
        self._refuse()

    def unlink(self):  # pylint: disable=method-required-super
        self._refuse()
