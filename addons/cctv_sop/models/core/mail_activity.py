from odoo import models
from odoo.exceptions import AccessError


class MailActivity(models.Model):
    """Work that the machine gave on a record of the procedure is its assignee's alone.

    To Odoo it is everybody's who may write the record, or who set off the machine. The steps end it as superuser.
    """

    _inherit = "mail.activity"

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if operation not in ("write", "unlink") or not (others := self._given_to_others()):
            return result
        if result:
            return result[0] | others, result[1]
        return others, others._refusal_of_others

    def _given_to_others(self):
        messages = self.env["mail.message"]
        # sudo: whose work it is must not depend on the caller's right to read it
        given = self.sudo().filtered(
            lambda work: work.automated and work.user_id not in (work.user_id[:0], self.env.user)
        )
        return given.filtered(lambda work: messages._is_of_procedure(work.res_model)).sudo(False)

    def _refusal_of_others(self):
        people = ", ".join(self.sudo().user_id.mapped("name"))
        return AccessError(self.env._("This work was given to %s: nobody else ends or changes it.", people))
