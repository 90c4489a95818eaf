from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import email_normalize


class MailMessage(models.Model):
    """What is told on records of the procedure stays as it was told, in the name of who told it.

    Chatter itself posts, stars and corrects comments as superuser, after checks of its own.
    """

    _inherit = "mail.message"

    @api.model
    def _is_of_procedure(self, model):
        """:return bool: whether it is a model of which chatter leaves nothing out"""
        return isinstance(self.env.get(model), self.env.registry["cctv.traced.mixin"])

    def _of_procedure(self):
        # sudo: what a message belongs to must not depend on the caller's right to read it
        return self.sudo().filtered(lambda message: self._is_of_procedure(message.model))

    @api.model
    def _is_own_name(self, author_id, email_from):
        """:return bool: whether these name the caller and nobody else"""
        me = self.env.user.partner_id
        return author_id == me.id and email_normalize(email_from or "") in (False, me.email_normalized)

    @api.model
    def _refuse_other_name(self):
        raise AccessError(self.env._("On a record of the procedure everybody writes in his own name, as of now."))

    @api.model_create_multi
    def create(self, vals_list):
        dated = "default_date" in self.env.context or any("date" in vals for vals in vals_list)
        messages = super().create(vals_list)
        if not self.env.su and (told := messages._of_procedure()):
            # afterwards, since defaults may fill the fields
            if dated or told.tracking_value_ids or told.author_guest_id:
                self._refuse_other_name()
            if not all(self._is_own_name(message.author_id.id, message.email_from) for message in told):
                self._refuse_other_name()
        return messages

    def write(self, vals):
        self._check_stay()
        result = super().write(vals)
        if "model" in vals or "res_id" in vals:
            self._check_stay()
        return result

    def unlink(self):
        self._check_stay()
        return super().unlink()

    def _check_stay(self):
        if not self.env.su and self._of_procedure():
            raise AccessError(self.env._("Messages on a record of the procedure stay as they are."))
