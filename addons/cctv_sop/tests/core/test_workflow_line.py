from contextlib import contextmanager
from types import SimpleNamespace

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tests import tagged

from ...workflow import step
from ..common import CctvCommon

_FAKE = "cctv_sop_fake_module"


class FakePlan(models.Model):
    _module = _FAKE
    _name = "cctv.fake.plan"
    _description = "Plan for tests"
    _inherit = ["cctv.workflow.mixin"]
    _free_fields = frozenset({"remark", "remark_paper"})

    name = fields.Char()
    remark = fields.Char()
    paper = fields.Binary()
    remark_paper = fields.Binary()
    state = fields.Selection([("draft", "Draft"), ("done", "Done")], default="draft", readonly=True, copy=False)
    approver_id = fields.Many2one("res.users", guarded=True, readonly=True, copy=False)
    line_ids = fields.One2many("cctv.fake.line", "plan_id")

    @step("draft", "done", who="cctv_sop.group_management", differ=("create_uid",))
    def action_approve(self):
        return {"approver_id": self.env.uid}

    @step("done", "draft")
    def _step_reopen(self):
        return {}


class FakeLine(models.Model):
    _module = _FAKE
    _name = "cctv.fake.line"
    _description = "Line for tests"
    _inherit = ["cctv.workflow.line.mixin"]
    _workflow_parent = "plan_id"

    name = fields.Char()
    label = fields.Char(translate=True)
    photo = fields.Binary()
    plan_id = fields.Many2one("cctv.fake.plan", required=True)


@tagged("post_install", "-at_install")
class TestWorkflowLine(CctvCommon):
    """A plan with lines, models that exist in these tests only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        registry = cls.env.registry
        cls.env["ir.module.module"].create({"name": _FAKE, "state": "installed"})
        names = registry.load(SimpleNamespace(name=_FAKE))
        cls.addClassCleanup(cls._forget, registry, names)
        registry._setup_models__(cls.env.cr, names)
        registry.init_models(cls.env.cr, names, {"module": _FAKE})
        cls.plan = cls.env["cctv.fake.plan"].create(
            {
                "name": "Rencana",
                "paper": "eA==",
                "remark_paper": "eA==",
                "line_ids": [(0, 0, {"name": "satu", "photo": "eA=="}), (0, 0, {"name": "dua"})],
            }
        )

    @classmethod
    def _forget(cls, registry, names):
        for name in names:
            del registry.models[name]
        for name in ("cctv.workflow.mixin", "cctv.workflow.line.mixin", "base"):
            children = registry[name]._inherit_children
            for gone in names:
                children.discard(gone)
        registry._setup_models__(cls.env.cr)

    @contextmanager
    def _closed(self):
        with self.refused("no longer open"):
            yield

    def _approve(self):
        self.env["ir.model.access"].create(
            {
                "name": "read",
                "model_id": self.env["ir.model"]._get_id("cctv.fake.plan"),
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
            }
        )
        self.plan.with_user(self.management).action_approve()

    def test_approver_needs_no_write_right(self):
        self._approve()
        self.assertEqual((self.plan.state, self.plan.approver_id), ("done", self.management))

    def test_lines_of_an_open_plan_change(self):
        self.plan.line_ids[0].name = "lain"
        self.plan.line_ids[1].unlink()
        self.plan.line_ids.create({"plan_id": self.plan.id, "name": "tiga"})
        self.assertEqual(self.plan.line_ids.mapped("name"), ["lain", "tiga"])

    def test_lines_of_a_closed_plan_stay(self):
        self._approve()
        line = self.plan.line_ids[0]
        for env in (self.env, self.env(user=self.it, su=True)):
            with self._closed():
                line.with_env(env).write({"name": "lain"})
            with self._closed():
                line.with_env(env).unlink()
            with self._closed():
                line.with_env(env).create({"plan_id": self.plan.id, "name": "tiga"})
            for command in ((0, 0, {"name": "x"}), (1, line.id, {"name": "x"}), (2, line.id)):
                with self._closed():
                    self.plan.with_env(env).write({"line_ids": [command]})
        self.assertEqual(self.plan.line_ids.mapped("name"), ["satu", "dua"])

    def test_line_cannot_move_into_or_out_of_a_closed_plan(self):
        other = self.plan.create({"name": "Lain", "line_ids": [(0, 0, {"name": "x"})]})
        self._approve()
        with self._closed():
            other.line_ids.write({"plan_id": self.plan.id})
        with self._closed():
            self.plan.line_ids[0].write({"plan_id": other.id})

    def test_free_fields_stay_free(self):
        self._approve()
        self.plan.remark = "catatan"
        with self._closed():
            self.plan.name = "lain"

    def test_lines_label_is_translated_only_while_open(self):
        line = self.plan.line_ids[0]
        line.update_field_translations("label", {"en_US": "one"})
        self._approve()
        with self._closed():
            line.update_field_translations("label", {"en_US": "uno"})
        self.assertEqual(line.label, "one")

    def _content(self, record, name):
        return self.env["ir.attachment"].search(
            [("res_model", "=", record._name), ("res_id", "=", record.id), ("res_field", "=", name)]
        )

    def test_content_of_a_closed_record_is_not_changed_through_its_attachment(self):
        self._approve()
        for record, name in ((self.plan, "paper"), (self.plan.line_ids[0], "photo")):
            content = self._content(record, name)
            self.assertEqual(content.raw, b"x")
            forged = {"name": "x", "res_model": record._name, "res_id": record.id, "res_field": name, "raw": b"y"}
            for env in (self.env, self.env(user=self.it, su=True)):
                with self.subTest(name=name, user=env.user.login):
                    with self._closed():
                        content.with_env(env).write({"raw": b"y"})
                    with self._closed():
                        content.with_env(env).unlink()
                    with self._closed():
                        env["ir.attachment"].create(forged)
                    loose = env["ir.attachment"].create({"name": "x", "raw": b"y"})
                    with self._closed():
                        loose.write({key: forged[key] for key in ("res_model", "res_id", "res_field")})
            self.assertEqual(record[name], b"eA==")

    def test_content_changes_while_open_and_in_free_fields(self):
        self.plan.paper = self.plan.line_ids[0].photo = "eQ=="
        self._content(self.plan, "paper").raw = b"z"
        self._approve()
        self.plan.remark_paper = "eQ=="
        self._content(self.plan, "remark_paper").raw = b"z"
        self.plan.invalidate_recordset()
        self.assertEqual((self.plan.paper, self.plan.remark_paper), (b"eg==", b"eg=="))

    def test_line_with_content_is_deleted_while_open(self):
        photo = self._content(self.plan.line_ids[0], "photo")
        self.plan.line_ids[0].unlink()
        self.assertFalse(photo.exists())

    def test_system_step(self):
        self._approve()
        self.plan._step_reopen()
        self.assertEqual(self.plan.state, "draft")
        self.assertNotIn("_step_reopen", self.plan.allowed_steps or "")

    def test_author_does_not_approve(self):
        plan = self.plan.with_user(self.management).sudo().create({"name": "Sendiri"})
        self.assertEqual(plan.create_uid, self.management)
        with self.refused("Separation of duty"):
            plan.with_user(self.management).sudo().action_approve()

    def test_copy_has_neither_state_nor_approver(self):
        self._approve()
        copied = self.plan.copy()
        self.assertEqual((copied.state, copied.approver_id.id), ("draft", False))

    def test_unlink_refused(self):
        with self.assertRaises(UserError):
            self.plan.unlink()
