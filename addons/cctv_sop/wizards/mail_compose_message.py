from odoo import models


class MailComposeMessage(models.TransientModel):
    """Mails to many are made as superuser, past what :class:`MailMessage` checks."""

    _inherit = "mail.compose.message"

    def _manage_mail_values(self, mail_values_all):
        managed = super()._manage_mail_values(mail_values_all)
        messages = self.env["mail.message"]
        if not self.env.su and messages._is_of_procedure(self.model):
            for values in managed.values():
                if not messages._is_own_name(values.get("author_id"), values.get("email_from")):
                    messages._refuse_other_name()
        return managed
