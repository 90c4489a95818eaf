from odoo import api, models

from ...workflow import Pass

_MOVE = Pass("ir.attachment", frozenset(("raw", "mimetype")))


class IrAttachment(models.Model):
    """Guarded binary fields are stored as attachments, which must not be a way around the guard."""

    _inherit = "ir.attachment"

    def _refuse_guarded_content(self):
        """:raises AccessError: one of these holds a guarded field and no step writes it now"""
        given = self.env.context.get("_workflow")
        if given is _MOVE:
            return
        # sudo: what an attachment belongs to must not depend on the caller's right to read it
        for attachment in self.sudo().filtered("res_field"):
            model = self.env.get(attachment.res_model)
            if model is None or not hasattr(model, "_guarded_names"):
                continue
            name = attachment.res_field
            passed = isinstance(given, Pass) and name in given.names and given.opens(model.browse(attachment.res_id))
            if name in model._guarded_names() and not passed:
                model._refuse_guarded([name])

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._refuse_guarded_content()  # afterwards, since defaults may fill the fields
        return attachments

    def write(self, vals):
        self._refuse_guarded_content()
        result = super().write(vals)
        if vals.keys() & {"res_model", "res_id", "res_field"}:
            self._refuse_guarded_content()
        return result

    def unlink(self):
        self._refuse_guarded_content()
        return super().unlink()

    def _migrate(self):
        # Odoo moves contents between database and files: the content stays
        return super(IrAttachment, self.with_context(_workflow=_MOVE))._migrate()
