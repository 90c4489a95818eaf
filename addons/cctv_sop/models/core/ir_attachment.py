from odoo import api, models
from odoo.exceptions import AccessError

from ...workflow import Pass

_MOVE = Pass("ir.attachment", frozenset(("raw", "mimetype")))
#: How a file is shared and shown in small. All else is the file itself, or where it hangs.
_AROUND = frozenset(("access_token", "thumbnail"))


class IrAttachment(models.Model):
    """Files on records of the procedure must not be a way around its guards.

    Their binary fields are attachments. What a message carries stays as it was told; what hangs at a record without
    a message stays with the record's openness, for everybody but who put it there.
    """

    _inherit = "ir.attachment"

    def _check_workflow_content(self):
        """Errors are those of ``_check_content`` of the records whose fields these hold."""
        if self._is_move():
            return
        # sudo: what an attachment belongs to must not depend on the caller's right to read it
        for attachment in self.sudo().filtered("res_field"):
            model = self.env.get(attachment.res_model)
            if model is not None and hasattr(model, "_check_content"):
                model.browse(attachment.res_id)._check_content(attachment.res_field)

    def _is_move(self):
        return self.env.context.get("_workflow") is _MOVE

    def _check_file_stays(self):
        """Refuse to change or remove files on records of the procedure.

        Odoo's own machinery works as superuser.

        :raises AccessError: a message on a record of the procedure carries one
        :raises UserError: somebody else put one on a record that is past its open states
        """
        if self.env.su or self._is_move():
            return
        if self._carriers()._of_procedure():
            raise AccessError(self.env._("A file that a message on a record of the procedure carries stays as it is."))
        # sudo: as above
        for attachment in self.sudo().filtered(lambda file: file.res_id and not file.res_field):
            if attachment.create_uid == self.env.user:
                continue
            model = self.env.get(attachment.res_model)
            if model is not None and hasattr(model, "_check_files"):
                model.browse(attachment.res_id)._check_files()

    def _carriers(self):
        """:return mail.message: that carry these files"""
        # sudo: as above
        return self.env["mail.message"].sudo().search([("attachment_ids", "in", self.ids)])

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._check_workflow_content()  # afterwards, since defaults may fill the fields
        return attachments

    def write(self, vals):
        self.check_access("write")  # before anything is told about the record
        self._check_workflow_content()
        if vals.keys() - _AROUND:
            self._check_file_stays()
        result = super().write(vals)
        if vals.keys() & {"res_model", "res_id", "res_field"}:
            self._check_workflow_content()
            self._check_file_stays()
        return result

    def unlink(self):
        self.check_access("unlink")
        self._check_workflow_content()
        self._check_file_stays()
        return super().unlink()

    def _delete_and_notify(self, message=None):
        self.sudo(False)._check_file_stays()  # chatter's own routes come here as superuser, for a person
        return super()._delete_and_notify(message)

    def _migrate(self):
        # Odoo moves contents between database and files: the content stays
        return super(IrAttachment, self.with_context(_workflow=_MOVE))._migrate()
