"""Every role × model × operation and every role × step, tried for real, in the ORM and over JSON-2."""

import itertools

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import CctvCommon, CctvHttpCommon
from ..security_matrix import RIGHTS, STEPS

_QUIET = ("odoo.http", "odoo.addons.rpc.controllers.json2", "odoo.addons.base.models.ir_rule", "odoo.models")
_STEP_ARGUMENTS = {"action_mount": {"serial_no": "SN-M"}, "action_correct_device": {"model": "Lain"}}


class MatrixMixin:
    """The attempts; ``_try`` says how a call is made and answers whether it was let through."""

    steps = STEPS  # another addon's tests put their own table here

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
            "cctv.image.requirement": cls.env.ref("cctv_sop.requirement_office"),
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
            "cctv.step.reason": {"res_model": "cctv.camera", "res_ids": self.camera.ids, "step": "x"},
        }[model]

    def _sample(self, model, user, rights):
        """Transient records are their maker's: where he may make none, an administrator's stands in."""
        if model in self.samples:
            return self.samples[model]
        maker = user if "c" in rights else self.env.user
        return self.env[model].with_user(maker).sudo().create(self._new_values(model))

    def _changes(self, model):
        return {
            "cctv.location": {"indoor": False},
            "cctv.camera": {"mount_height_m": 3},
            "cctv.legal.hold": {"reason": "y"},
            "cctv.image.level": {"source": "x"},
            "cctv.image.requirement": {"area_type": "office"},
            "cctv.camera.mount": {"model": "x"},
            "cctv.custody.entry": {"object": "x"},
        }.get(model, {"note": "x"})

    def _attempts(self, model, user, rights):
        ids = self._sample(model, user, rights).ids
        return {
            "read": self._try(user, model, "read", ids=ids, fields=["display_name"]),
            "write": self._try(user, model, "write", ids=ids, vals=self._changes(model)),
            "create": self._try(user, model, "create", vals_list=[self._new_values(model)]),
            "unlink": self._try(user, model, "unlink", ids=ids),
        }

    def _check_rights(self):
        for model, by_role in RIGHTS.items():
            for role, user in self.users.items():
                rights = by_role.get(role, "")
                expected = {name: name[0] in rights for name in ("read", "write", "create")} | {"unlink": False}
                with self.subTest(model=model, role=role):
                    self.assertEqual(self._attempts(model, user, rights), expected)

    def _check_steps(self):
        for model, steps in self.steps.items():
            declared = self.env[model]._steps()
            for (name, allowed), (role, user) in itertools.product(steps.items(), self.users.items()):
                record = self._record_in(declared[name].source[0], model)
                arguments = {"note": "uji", **_STEP_ARGUMENTS.get(name, {})}
                with self.subTest(step=name, role=role):
                    done = self._try(user, model, name, ids=record.ids, **arguments)
                    self.assertEqual(done, role in allowed)

    def _record_in(self, state, model="cctv.camera"):
        """:return: a record in that state; a camera has a device"""
        makers = {"cctv.legal.hold": self._new_hold, "cctv.deletion.run": self._new_run}
        if model in makers:
            record = makers[model](self.camera)
            record._with_pass(["state"]).write({"state": state})
            return record
        camera = self._new_camera(f"cam-{next(self.number)}")
        camera.with_user(self.it).action_mount(serial_no=f"SN-{camera.code}")
        camera._with_pass(["state"]).write({"state": state})
        return camera


@tagged("post_install", "-at_install", "cctv_security")
class TestSecurityMatrix(MatrixMixin, CctvCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_matrix()

    def _try(self, user, model, method, /, ids=(), **arguments):
        records = self.env[model].with_user(user).browse(ids)
        self.env.invalidate_all()
        with self.env.cr.savepoint() as savepoint:
            try:
                getattr(records, method)(**arguments)
            except UserError:
                return False
            finally:
                savepoint.rollback()
        return True

    def test_table_names_every_model_and_step(self):
        ours = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == "cctv_sop" and not model._abstract
        }
        self.assertEqual(ours, RIGHTS.keys())
        for name in ours:
            steps = getattr(self.env[name], "_steps", dict)()
            own = {step for step, declared in steps.items() if not declared.private and self._is_ours(name, step)}
            self.assertEqual(own, STEPS.get(name, {}).keys(), name)

    def _is_ours(self, model, step):
        """Steps that another addon adds stand in that addon's table."""
        module = getattr(self.env.registry[model], step).__module__
        return module.startswith("odoo.addons.cctv_sop.")

    def test_declared_roles_are_the_tables(self):
        for model, steps in STEPS.items():
            for name, roles in steps.items():
                groups = {f"cctv_sop.group_{role}" for role in roles}
                self.assertEqual(set(self.env[model]._steps()[name].groups), groups, name)

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

    @mute_logger(*_QUIET)
    def test_rights(self):
        self._check_rights()

    @mute_logger(*_QUIET)
    def test_steps(self):
        self._check_steps()

    @mute_logger(*_QUIET)
    def test_steps_start_only_from_their_states(self):
        for model, steps in STEPS.items():
            states = [key for key, _word in self.env[model]._fields["state"].selection]
            for (name, roles), state in itertools.product(steps.items(), states):
                declared = self.env[model]._steps()[name]
                arguments = {"note": "uji", **_STEP_ARGUMENTS.get(name, {})}
                with self.subTest(model=model, step=name, state=state):
                    ids = self._record_in(state, model).ids
                    done = self._try(self.users[min(roles)], model, name, ids=ids, **arguments)
                    self.assertEqual(done, state in declared.source)


@tagged("post_install", "-at_install", "cctv_security")
class TestSecurityMatrixRpc(MatrixMixin, CctvHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_matrix()

    def _try(self, user, model, method, /, **arguments):
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            status, answer = self.json2(user, model, method, **arguments)
            savepoint.rollback()
        self.assertIn(status, (200, 403, 422), answer)
        return status == 200

    @mute_logger(*_QUIET)
    def test_rights(self):
        self._check_rights()

    @mute_logger(*_QUIET)
    def test_steps(self):
        self._check_steps()
