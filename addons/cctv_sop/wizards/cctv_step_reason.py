from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..storable import check_storable


class CctvStepReason(models.TransientModel):
    """Asks for the reason that a step needs, then takes the step as the user himself."""

    _name = "cctv.step.reason"
    _description = "Reason for a step"

    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(required=True, readonly=True)
    step = fields.Char(required=True, readonly=True)
    arguments = fields.Json(readonly=True, help="Further arguments of the step, as its caller gave them.")
    record_names = fields.Char("For", compute="_compute_record_names")
    advice = fields.Char(compute="_compute_advice")
    note = fields.Text("Reason")

    @api.depends("res_model", "res_ids")
    def _compute_record_names(self):
        for wizard in self:
            wizard.record_names = ", ".join(wizard._records().mapped("display_name"))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_storable(self, vals)
        return super().create(vals_list)

    def write(self, vals):
        check_storable(self, vals)
        return super().write(vals)

    @api.depends("res_model", "res_ids", "step")
    @api.depends_context("lang")
    def _compute_advice(self):
        for wizard in self:
            records = wizard._records()
            declared = records._steps().get(wizard.step)
            advice = [record._step_advice(declared) for record in records] if declared else []
            wizard.advice = " ".join(filter(None, advice)) or False

    def _records(self):
        """:return: the records of the step, in the caller's own rights
        :raises AccessError: the model has no steps
        """
        self.ensure_one()
        model = self.env.get(self.res_model)
        if model is None or not hasattr(model, "_steps"):
            raise AccessError(self.env._("There is no such step."))
        ids = self.res_ids if isinstance(self.res_ids, list) else []
        records = model.browse([int(res_id) for res_id in ids])
        records.check_access("read")
        return records

    def action_confirm(self):
        """Take the step with the reason given.

        :return dict: closes the dialogue
        :raises UserError: no reason
        :raises AccessError: it is no step of the model, or not the caller's to take
        """
        records = self._records()
        declared = records._steps().get(self.step)
        if declared is None or declared.private:
            raise AccessError(self.env._("There is no such step."))
        if not (self.note or "").strip():
            raise UserError(self.env._("Give a reason: it is kept with the step."))
        getattr(records, declared.name)(note=self.note, **(self.arguments or {}))
        return {"type": "ir.actions.act_window_close"}
