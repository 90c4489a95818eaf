from odoo import SUPERUSER_ID, api, models

#: By these keys of the context Odoo leaves out what chatter tells, and activities.
UNTRACED = ("tracking_disable", "mail_notrack", "mail_create_nolog", "mail_activity_automation_skip")


class CctvTracedMixin(models.AbstractModel):
    """Record of which chatter tells whatever context a client sends along; the import screen sends such by default.

    It stands before ``mail.thread`` among the parents of a model, which looks into the context itself.
    """

    _name = "cctv.traced.mixin"
    _description = "Record whose chatter leaves nothing out"

    def _traced(self):
        """:return: these records without the keys that silence chatter; the superuser's as they are"""
        given = self.env.context
        # not su: steps and what follows from them run so for persons
        if self.env.uid == SUPERUSER_ID or given.keys().isdisjoint(UNTRACED):
            return self
        kept = {name: value for name, value in given.items() if name not in UNTRACED}
        return self.with_env(self.env(context=kept))

    @api.model_create_multi
    def create(self, vals_list):
        return super(CctvTracedMixin, self._traced()).create(vals_list)

    def write(self, vals):
        return super(CctvTracedMixin, self._traced()).write(vals)

    def _compute_field_value(self, field):
        return super(CctvTracedMixin, self._traced())._compute_field_value(field)
