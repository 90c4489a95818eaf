from odoo import api, models


class CctvWorkflowLineMixin(models.AbstractModel):
    """Line of a workflow record: added, changed and removed only while its parent is open.

    A model that inherits this names the Many2one to its parent in ``_workflow_parent``.
    """

    _name = "cctv.workflow.line.mixin"
    _description = "Line that follows the openness of its parent"
    _inherit = ["cctv.derived.mixin"]

    _workflow_parent = None

    def _check_parent_open(self):
        """:raises UserError: when a parent is past its open states"""
        # sudo: whether a parent is open must not depend on the caller's right to read it
        parents = self.sudo()[self._workflow_parent]
        parents._check_open([parents._state_field])

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_parent_open()
        return lines

    def write(self, vals):
        self.check_access("write")  # before anything is told about the parent
        self._check_parent_open()
        result = super().write(vals)
        if self._workflow_parent in vals:
            self._check_parent_open()
        return result

    def _check_content(self, name):
        """See the workflow mixin; a line that is being deleted is no more."""
        self.exists()._check_parent_open()

    def _check_files(self):
        """See the workflow mixin."""
        self.exists()._check_parent_open()

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        # public update_field_translations() writes past write()
        self.check_access("write")
        self._check_parent_open()
        return super()._update_field_translations(field_name, translations, digest, source_lang)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_while_open(self):
        self._check_parent_open()
