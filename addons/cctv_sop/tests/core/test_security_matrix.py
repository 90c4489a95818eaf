"""Every role × model × operation and every role × step, tried for real, in the ORM and over JSON-2."""

import itertools
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common import ROLE_GROUPS, CctvCommon, CctvHttpCommon, make_recordable
from ..matrix import QUIET, MatrixMixin, OrmAttempts, RpcAttempts
from ..security_matrix import RIGHTS, STEPS


class SopMatrix(MatrixMixin):
    rights, steps = RIGHTS, STEPS
    step_arguments = {"action_mount": {"serial_no": "SN-M"}, "action_correct_device": {"model": "Lain"}}

    @classmethod
    def _set_up_matrix(cls):
        cls.number = itertools.count(100)
        cls.camera = cls._camera_in("active", "cam-01")
        cls.camera.with_user(cls.it).action_mount(serial_no="SN-0")
        cls.samples = {
            "cctv.location": cls.room,
            "cctv.camera": cls.camera,
            "cctv.camera.mounting": cls.camera.mounting_ids,
            "cctv.legal.hold": cls._new_hold(cls.camera),
            "cctv.deletion.run": cls._new_run(cls.camera),
            "cctv.deletion.run.line": cls._new_run(cls.camera).line_ids,
            "cctv.image.level": cls.level,
            "cctv.image.requirement": cls.env["cctv.image.requirement"].create(
                {"area_type": "parking", "level_id": cls.level.id, "company_id": cls.company.id}
            ),
            "cctv.workflow.log": cls.env["cctv.workflow.log"].search([("res_id", "=", cls.camera.id)], limit=1),
            "cctv.custody.entry": cls._custody_line(),
        }

    def _new_values(self, model):
        number = next(self.number)
        return {
            "cctv.location": {"name": f"R{number}", "location_type": "room", "parent_id": self.floor.id},
            "cctv.camera": {"code": f"cam-{number}", "name": "x", "location_id": self.room.id},
            "cctv.camera.mounting": {"camera_id": self.camera.id},
            "cctv.legal.hold": {
                "reason": "x",
                "camera_ids": [[6, 0, self.camera.ids]],
                "start": "2026-01-01 00:00:00",
                "company_id": self.company.id,
            },
            "cctv.deletion.run": {"company_id": self.company.id},
            "cctv.deletion.run.line": {"run_id": 1, "camera_id": self.camera.id},
            "cctv.image.level": {"name": "x", "edition": f"E{number}", "px_per_m": 1, "px_confirmed": True},
            "cctv.image.requirement": {
                "area_type": "office",
                "level_id": self.level.id,
                "company_id": self.company.id,
            },
            "cctv.workflow.log": {"res_model": "cctv.camera", "res_id": 1, "step": "x"},
            "cctv.custody.entry": {"seq": number, "action": "purge.done", "company_id": self.company.id},
            "cctv.camera.mount": {"camera_id": self.camera.id},
            "cctv.camera.copy": {"camera_id": self.camera.id},
            "cctv.step.reason": {"res_model": "cctv.camera", "res_ids": self.camera.ids, "step": "x"},
        }[model]

    def _changes(self, model):
        return {
            "cctv.location": {"indoor": False},
            "cctv.camera": {"mount_height_m": 3},
            "cctv.legal.hold": {"reason": "y"},
            "cctv.image.level": {"source": "x"},
            "cctv.image.requirement": {"area_type": "production"},
            "cctv.camera.mount": {"model": "x"},
            "cctv.camera.copy": {"optics": False},
            "cctv.custody.entry": {"object": "x"},
        }.get(model, {"note": "x"})

    def _let_it_be_over(self, hold):
        """By a clock that is not believed."""
        moment = fields.Datetime.now() - timedelta(hours=1)
        values = {"confirm_until": moment, "grace_until": moment}
        hold._with_pass(values).write(values)
        self._let_clock_leap(hold.company_id, days=3)

    def _record_in(self, model, state):
        makers = {"cctv.legal.hold": self._new_hold, "cctv.deletion.run": self._new_run}
        if model in makers:
            record = makers[model](self.camera)
            record._with_pass(["state"]).write({"state": state})
            if model == "cctv.legal.hold":
                self._let_it_be_over(record)
            return record
        if model == "cctv.location":
            kind = "toilet" if state == "forbidden" else False
            return self._new_location(f"R{next(self.number)}", "room", self.floor, area_type=state, forbidden_kind=kind)
        camera = self._new_camera(f"cam-{next(self.number)}")
        camera.with_user(self.it).action_mount(serial_no=f"SN-{camera.code}")
        make_recordable(camera)
        camera._with_pass(["state"]).write({"state": state})
        return camera


@tagged("post_install", "-at_install", "cctv_security")
class TestSecurityMatrix(OrmAttempts, SopMatrix, CctvCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_matrix()

    def test_table_names_every_model_and_step(self):
        self._check_table_is_whole("cctv_sop")

    def test_declared_roles_are_the_tables(self):
        self._check_declared_roles()

    def test_nobody_has_unlink(self):
        lines = self.env["ir.model.access"].search([("model_id.model", "in", list(RIGHTS))])
        self.assertTrue(lines)
        self.assertFalse(lines.filtered("perm_unlink"))

    def test_each_role_has_its_own_privilege_and_is_an_internal_user(self):
        roles = self.env["res.groups"]._cctv_roles()
        self.assertEqual(len(roles.privilege_id), len(roles))
        self.assertEqual(len(roles), 6)
        self.assertTrue(all(self.env.ref("base.group_user") in role.implied_ids for role in roles))

    def test_every_model_has_a_company_rule(self):
        shared = {"cctv.image.level"}  # a standard's figures belong to no company
        for name in RIGHTS.keys() - shared:
            model = self.env[name]
            if not model._transient:
                rules = self.env["ir.rule"].search([("model_id.model", "=", name), ("global", "=", True)])
                self.assertTrue(any("company_ids" in (rule.domain_force or "") for rule in rules), name)

    def test_dialogues_are_their_makers_alone(self):
        """Odoo has no owner rule of its own for transient records: who may use a dialogue could read everybody's."""
        for name in filter(lambda name: self.env[name]._transient, RIGHTS):
            makers = [user for role, user in self.users.items() if "c" in RIGHTS[name].get(role, "")]
            other = new_test_user(self.env, f"other_{name}", groups="cctv_sop.group_it", company_id=self.company.id)
            mine = self.env[name].with_user(makers[0]).create(self._new_values(name))
            self.assertTrue(mine.read())
            for user in {other, self.outsider, *makers[1:]}:
                theirs = mine.with_user(user)
                self.env.invalidate_all()
                with self.subTest(model=name, user=user.login):
                    self.assertFalse(theirs.search([("id", "=", mine.id)]))
                    with self.refused(".", AccessError):
                        theirs.read()
                    with self.refused(".", AccessError):
                        theirs.write(self._changes(name))

    def test_what_all_companies_share_is_written_by_it_of_all_companies(self):
        general = self.env.ref("cctv_sop.requirement_office")
        everywhere = self._new_user("it_everywhere", ROLE_GROUPS["it"])
        for shared in (general, self.level):
            with self.subTest(model=shared._name):
                change = self._changes(shared._name)
                everywhere.company_ids = self.company
                self.assertTrue(self._try(self.it, shared._name, "read", ids=shared.ids, fields=["display_name"]))
                self.assertFalse(self._try(everywhere, shared._name, "write", ids=shared.ids, vals=change))
                everywhere.company_ids = self.env["res.company"].search([])
                self.assertTrue(self._try(everywhere, shared._name, "write", ids=shared.ids, vals=change))

    @mute_logger(*QUIET)
    def test_rights(self):
        self._check_rights()

    @mute_logger(*QUIET)
    def test_steps(self):
        self._check_steps()

    @mute_logger(*QUIET)
    def test_steps_start_only_from_their_states(self):
        self._check_step_states()


@tagged("post_install", "-at_install", "cctv_security")
class TestSecurityMatrixRpc(RpcAttempts, SopMatrix, CctvHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_matrix()

    @mute_logger(*QUIET)
    def test_rights(self):
        self._check_rights()

    @mute_logger(*QUIET)
    def test_steps(self):
        self._check_steps()
