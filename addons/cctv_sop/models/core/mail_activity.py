from odoo import api, models
from odoo.exceptions import AccessError

OWN = "cctv_"  # modules whose types of work are the machine's
GIVEN = {"activity_type_id", "automated", "res_id", "res_model", "res_model_id"}


class MailActivity(models.Model):
    """Work that the machine gives on a record of the procedure is its assignee's alone, and nobody else gives such.

    To Odoo it is everybody's who may read the record, or who set off the machine. The steps give and end it as
    superuser. A person's own work of such a kind would stand for the machine's, which then gives none.
    """

    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        work = super().create(vals_list)
        # afterwards, since defaults may fill the fields
        if not self.env.su and work._given():
            work._refuse_to_give()
        return work

    def write(self, vals):
        if not self.env.su and any(work._is_past() for work in self._of_procedure()):
            raise AccessError(self.env._("Work that is done stays as it is."))
        if self.env.su or not GIVEN & vals.keys():
            return super().write(vals)
        given = self._given()
        result = super().write(vals)
        if given or self._given():
            self._refuse_to_give()
        return result

    def _of_procedure(self):
        messages = self.env["mail.message"]
        # sudo: whose work it is must not depend on the caller's right to read it
        return self.sudo().filtered(lambda work: messages._is_of_procedure(work.res_model))

    def _is_past(self):
        """:return bool: whether it was done before this call: what came of it is written after it is done"""
        return self.automated and not self.active and self.write_date < self.env.cr.now()

    def _given(self):
        """:return: what the machine gave on records of the procedure, and what looks like it"""
        work = self._of_procedure()
        names = work.activity_type_id._get_external_ids()
        own = {kind for kind, xmlids in names.items() if any(xmlid.startswith(OWN) for xmlid in xmlids)}
        return work.filtered(lambda work: work.automated or work.activity_type_id.id in own)

    def _refuse_to_give(self):
        raise AccessError(
            self.env._("Work of this kind is given by the procedure alone: on its records, plan a to-do of your own.")
        )

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if operation not in ("write", "unlink") or not (others := self._given_to_others()):
            return result
        if result:
            return result[0] | others, result[1]
        return others, others._refusal_of_others

    def _given_to_others(self):
        given = self._of_procedure().filtered(
            lambda work: work.automated and work.user_id not in (work.user_id[:0], self.env.user)
        )
        return given.sudo(False)

    def _refusal_of_others(self):
        people = ", ".join(self.sudo().user_id.mapped("name"))
        return AccessError(self.env._("This work was given to %s: nobody else ends or changes it.", people))
