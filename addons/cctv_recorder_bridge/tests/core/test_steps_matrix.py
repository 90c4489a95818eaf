from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.cctv_sop.tests.matrix import MatrixMixin

from ..common import DAY, MINUTE, BridgeHttpCommon, now_us

#: model -> step -> roles that may take it
STEPS = {
    "cctv.recorder": {
        "action_retire": {"it"},
        "action_confirm_database": {"it"},
        "action_judge_custody": {"auditor", "dpo", "management"},
    },
    "cctv.recorder.job": {"action_cancel": {"it"}, "action_retry": {"it"}},
    "cctv.gap": {"action_explain": {"it", "supervisor"}},
}
QUIET = ("odoo.http", "odoo.addons.rpc.controllers.json2", "odoo.addons.base.models.ir_rule", "odoo.models")


@tagged("post_install", "-at_install", "cctv_security")
class TestStepsMatrix(MatrixMixin, BridgeHttpCommon):
    """Every role × every step of the bridge's records, over JSON-2 as a client calls."""

    steps = STEPS

    def setUp(self):
        super().setUp()
        start = now_us() - DAY
        self.sync(gaps=self.columns([self.gap(start, start + MINUTE)]))
        gap = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id)])
        (job_id,) = self.camera.with_user(self.it).action_test_stream()
        job = self.env["cctv.recorder.job"].browse(job_id)
        broken = {"custody_broken_seq": 3, "custody_broken_hash": "0" * 64}
        free, _toml = self._new_recorder("GDG-2", self.site)
        free._with_pass(broken).write(broken)
        self.samples = {record._name: record for record in (free, gap, job)}

    def _record_in(self, model, state):
        record = self.samples[model]
        record._with_pass(["state"]).write({"state": state})
        return record

    def _try(self, user, model, method, /, **arguments):
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            status, answer = self.json2(user, model, method, **arguments)
            savepoint.rollback()
        self.env.invalidate_all()
        self.assertIn(status, (200, 403, 422), answer)
        return status == 200 and answer is True

    def test_table_names_every_step(self):
        for name, model in self.env.registry.items():
            if model._original_module == "cctv_recorder_bridge" and hasattr(model, "_steps"):
                own = {step for step, declared in model._steps().items() if not declared.private}
                self.assertEqual(own, STEPS.get(name, {}).keys(), name)

    def test_declared_roles_are_the_tables(self):
        for model, steps in STEPS.items():
            for name, roles in steps.items():
                groups = {f"cctv_sop.group_{role}" for role in roles}
                self.assertEqual(set(self.env[model]._steps()[name].groups), groups, name)

    def test_every_step_has_a_label(self):
        """What the step log shows is a word, for the steps that the machine takes as well."""
        for model in STEPS:
            for name, declared in self.env[model]._steps().items():
                self.assertNotEqual(str(declared.label), name, model)

    @mute_logger(*QUIET)
    def test_steps(self):
        self._check_steps()

    @mute_logger(*QUIET)
    def test_steps_of_another_company(self):
        for model, steps in STEPS.items():
            for name in steps:
                record = self._record_in(model, self.env[model]._steps()[name].source[0])
                with self.subTest(step=name):
                    self.assertFalse(self._try(self.outsider, model, name, ids=record.ids, note="x"))
