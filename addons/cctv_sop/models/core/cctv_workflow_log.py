from odoo import api, fields, models


class CctvWorkflowLog(models.Model):
    """Every step ever taken: who, when (UTC), from, to, why. Lines are added by steps and never change."""

    _name = "cctv.workflow.log"
    _inherit = ["cctv.step.written.mixin"]
    _description = "Step log"
    _order = "id desc"
    _rec_name = "record_name"
    _log_access = False

    res_model = fields.Char("Model", required=True, readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", required=True, readonly=True)
    record_name = fields.Char("Record name", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    step = fields.Char(required=True, readonly=True)
    step_label = fields.Char("Step taken", compute="_compute_step_label")
    state_from = fields.Char("State before", readonly=True)
    state_to = fields.Char("State after", readonly=True)
    state_from_word = fields.Char("From", compute="_compute_state_words")
    state_to_word = fields.Char("To", compute="_compute_state_words")
    note = fields.Text("Reason", readonly=True)
    user_id = fields.Many2one("res.users", "Actor", required=True, readonly=True, ondelete="restrict")
    at = fields.Datetime("Time", required=True, readonly=True, index=True)
    tz = fields.Char("Time zone", readonly=True, help="Zone of the record's site, in which the time is shown.")

    _record_idx = models.Index("(res_model, res_id, id DESC)")

    @api.depends_context("lang")
    @api.depends("res_model", "step")
    def _compute_step_label(self):
        for line in self:
            model = self.env.get(line.res_model)
            declared = model._steps().get(line.step) if hasattr(model, "_steps") else None
            line.step_label = self.env._(declared.label) if declared else line.step

    @api.depends("res_model", "state_from", "state_to")
    @api.depends_context("lang")
    def _compute_state_words(self):
        for line in self:
            words = line._state_words()
            line.state_from_word = words.get(line.state_from, line.state_from)
            line.state_to_word = words.get(line.state_to, line.state_to)

    @api.model
    def _step_word(self, name):
        """:return str: translated name of a step of any model; the technical name when no model has it any more"""
        for model in self.env.values():
            declared = model._steps().get(name) if hasattr(model, "_steps") else None
            if declared:
                return self.env._(declared.label)
        return name

    def _web_read_group_groupby_formatter(self, groupby_spec, values):
        """Extend Odoo's: groups of steps and of kinds of record are headed by words, not by technical names."""
        formatter = super()._web_read_group_groupby_formatter(groupby_spec, values)
        words = {"step": self._step_word, "res_model": lambda name: self.env["ir.model"]._get(name).name or name}
        word = words.get(groupby_spec)
        return (lambda value: (word(value), formatter(value)[1])) if word else formatter

    def _state_words(self):
        """:return dict: translated words of the states of the line's model; empty when the model is gone"""
        model = self.env.get(self.res_model)
        if model is None or not hasattr(model, "_state_field"):
            return {}
        return dict(model._fields[model._state_field]._description_selection(self.env))

    @api.model
    def _append(self, record, step, state_from, state_to, note):
        """Add the line of one step taken by ``env.user`` on one record.

        :param record: the record, of any workflow model
        :param Step step: the declaration of the step
        :param str state_from: state before
        :param str state_to: state after
        :param str note: the reason given, or nothing
        """
        record.ensure_one()
        values = {
            "res_model": record._name,
            "res_id": record.id,
            "record_name": record.display_name,
            "company_id": record.company_id.id if "company_id" in record._fields else False,
            "step": step.name,
            "state_from": state_from,
            "state_to": state_to,
            "note": note or False,
            "user_id": self.env.uid,
            "at": fields.Datetime.now(),
            "tz": self._zone_of(record),
        }
        return self._add([values])

    @api.model
    def _zone_of(self, record):
        """:return str: zone of the record's site, else the company's, or ``False``"""
        zones = (record[name] for name in ("site_tz", "tz") if name in record._fields)
        return next(filter(None, zones), self.env.company.partner_id.tz or False)

    @api.model
    def _refusal(self):
        return self.env._("The step log is written by steps alone and never changed.")
