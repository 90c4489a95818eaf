from odoo import api, models

from ...workflow import Pass

_MOVE = Pass("ir.attachment", frozenset(("raw", "mimetype")))


class IrAttachment(models.Model):
    """Binary fields of records of the procedure are attachments, which must not be a way around its guards."""

    _inherit = "ir.attachment"

    def _check_workflow_content(self):
        """Errors are those of ``_check_content`` of the records whose fields these hold."""
        if self.env.context.get("_workflow") is _MOVE:
            return
        # sudo: what an attachment belongs to must not depend on the caller's right to read it
        for attachment in self.sudo().filtered("res_field"):
            model = self.env.get(attachment.res_model)
            if model is not None and hasattr(model, "_check_content"):
                model.browse(attachment.res_id)._check_content(attachment.res_field)

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._check_workflow_content()  # afterwards, since defaults may fill the fields
        return attachments

    def write(self, vals):
        self._check_workflow_content()
        result = super().write(vals)
        if vals.keys() & {"res_model", "res_id", "res_field"}:
            self._check_workflow_content()
        return result

    def unlink(self):
        self._check_workflow_content()
        return super().unlink()

    def _migrate(self):
        # Odoo moves contents between database and files: the content stays
        return super(IrAttachment, self.with_context(_workflow=_MOVE))._migrate()
