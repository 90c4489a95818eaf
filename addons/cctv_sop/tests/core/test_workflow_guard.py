"""The forging tests: nothing but a step moves a guarded field, whoever tries and by whatever way."""

from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ...workflow import Pass, Step, step
from ..common import CctvCommon


@tagged("post_install", "-at_install")
class TestWorkflowGuard(CctvCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera = cls._new_camera()
        cls.forgers = {
            "role": cls.env(user=cls.it),
            "admin": cls.env(user=cls.users["admin"]),
            "root": cls.env(user=SUPERUSER_ID),
            "sudo": cls.env(user=cls.officer, su=True),
        }
        # the administrator has no right on cameras and places: give him every one, so that only the guard is left
        cls.env["ir.model.access"].create(
            [
                {
                    "name": "all",
                    "model_id": cls.env["ir.model"]._get_id(model),
                    "group_id": cls.env.ref("base.group_user").id,
                    "perm_read": True,
                    "perm_write": True,
                    "perm_create": True,
                    "perm_unlink": True,
                }
                for model in ("cctv.camera", "cctv.location")
            ]
        )

    def _values(self, **values):
        return {
            "code": "cam-99",
            "name": "Palsu",
            "location_id": self.room.id,
            "company_id": self.company.id,
            **values,
        }

    def _forgeries(self):
        """A false value for every guarded field, those of other addons included."""
        return {name: self._forged(self.camera._fields[name]) for name in self.camera._guarded_names()}

    def _forged(self, field):
        by_type = {
            "boolean": True,
            "char": "x",
            "text": "x",
            "integer": 7,
            "float": 7.5,
            "many2one": 1,
            "date": "2020-01-01",
            "datetime": "2020-01-01 00:00:00",
            "binary": "eA==",
            "image": "eA==",
        }
        return field.selection[-1][0] if field.type == "selection" else by_type[field.type]

    def test_guarded_fields(self):
        ours = {"state", "take_over", "path", "audio_approved", "audio_basis", "suspended_from", "equipment_id"}
        self.assertLessEqual(ours, self._forgeries().keys())

    def test_create_refused(self):
        for who, env in self.forgers.items():
            for name, value in self._forgeries().items():
                with self.subTest(who=who, name=name), self.assertRaises(AccessError):
                    env["cctv.camera"].create(self._values(**{name: value}))

    def test_write_refused(self):
        for who, env in self.forgers.items():
            for name, value in self._forgeries().items():
                with self.subTest(who=who, name=name), self.assertRaises(AccessError):
                    self.camera.with_env(env).write({name: value})

    def test_web_save_refused(self):
        for who, env in self.forgers.items():
            with self.subTest(who=who), self.assertRaises(AccessError):
                self.camera.with_env(env).web_save({"state": "active"}, {})
            with self.subTest(who=who), self.assertRaises(AccessError):
                env["cctv.camera"].web_save(self._values(state="active"), {})

    def test_resequence_refused(self):
        for who, env in self.forgers.items():
            with self.subTest(who=who), self.assertRaises(AccessError):
                self.camera.with_env(env).web_resequence({}, field_name="state")

    def test_copy_with_forged_default_refused(self):
        for who, env in self.forgers.items():
            with self.subTest(who=who), self.assertRaises(AccessError):
                self.camera.with_env(env).copy({"code": "cam-98", "state": "active"})

    def test_copy_starts_anew(self):
        original = self._camera_in("active", "cam-50")
        copied = original.with_user(self.it).copy({"code": "cam-51"})
        self.assertEqual((copied.state, copied.take_over, copied.path), ("planned", False, "ujisatu-cam-51"))

    def test_load_refused_for_create_and_update(self):
        self.env["ir.model.data"].create(
            {"module": "uji", "name": "cam", "model": "cctv.camera", "res_id": self.camera.id}
        )
        row = ["Palsu", self.room.complete_name, "active"]
        for who in ("role", "sudo"):
            model = self.forgers[who]["cctv.camera"]
            made = model.load(["code", "name", "location_id", "state"], [["cam-97", *row]])
            changed = model.load(["id", "state"], [["uji.cam", "active"]])
            for result in (made, changed):
                with self.subTest(who=who):
                    self.assertFalse(result["ids"])
                    self.assertTrue(any(message["type"] == "error" for message in result["messages"]))
        self.assertEqual(self.camera.state, "planned")

    def test_default_keys_have_no_effect(self):
        for who, env in self.forgers.items():
            visible = env["cctv.camera"].fields_get(self._forgeries()).keys()
            context = {f"default_{name}": value for name, value in self._forgeries().items() if name in visible}
            model = env["cctv.camera"].with_context(**context)
            camera = model.create(self._values(code=f"cam-d-{who}"))
            with self.subTest(who=who):
                self.assertEqual(camera.state, "planned")
                self.assertFalse(camera.take_over or camera.audio_approved or camera.equipment_id)
                self.assertEqual(camera.path, f"ujisatu-cam-d-{who}")

    def test_ir_default_has_no_effect(self):
        self.env["ir.default"].with_user(self.it).set("cctv.camera", "state", "active", user_id=True)
        self.env["ir.default"].set("cctv.camera", "take_over", True)
        camera = self.env["cctv.camera"].with_user(self.it).create(self._values())
        self.assertEqual((camera.state, camera.take_over), ("planned", False))

    def test_forged_context_refused(self):
        plain = {"model": "cctv.camera", "names": ["state"], "ids": self.camera.ids}
        for value in (plain, True, ["state"], "state", str(Pass("cctv.camera", frozenset({"state"})))):
            for who, env in self.forgers.items():
                camera = self.camera.with_env(env).with_context(_workflow=value, install_mode=True)
                with self.subTest(who=who, value=value), self.assertRaises(AccessError):
                    camera.write({"state": "active"})

    def test_pass_is_for_its_records_and_fields_only(self):
        other = self._new_camera("cam-02")
        with self.assertRaises(AccessError):
            other.with_context(_workflow=Pass("cctv.camera", frozenset({"state"}), frozenset(self.camera.ids))).write(
                {"state": "active"}
            )
        with self.assertRaises(AccessError):
            self.camera._with_pass(["take_over"]).write({"state": "active"})
        with self.assertRaises(AccessError):
            self.camera._with_pass(["state"], create=True).write({"state": "active"})

    def test_unlink_refused_in_spite_of_acl(self):
        for who, env in self.forgers.items():
            with self.subTest(who=who), self.assertRaises(UserError):
                self.camera.with_env(env).unlink()
        self.assertTrue(self.camera.exists())

    def test_closed_record_keeps_its_content(self):
        closed = self._camera_in("decommissioned", "cam-60")
        for who, env in self.forgers.items():
            with self.subTest(who=who), self.assertRaises(UserError):
                closed.with_env(env).write({"name": "Lain"})
            with self.subTest(who=who), self.assertRaises(UserError):
                closed.with_env(env).web_save({"purpose": "employee_safety"}, {})

    def test_chatter_and_activities_go_on_when_closed(self):
        closed = self._camera_in("decommissioned", "cam-61").with_user(self.it)
        closed.message_post(body=closed.code)
        closed.activity_schedule("mail.mail_activity_data_todo", user_id=self.it.id, automated=False)
        self.assertEqual(len(closed.activity_ids), 1)

    def test_form_saves(self):
        with Form(self.camera.with_user(self.it)) as form:
            form.name = "Dock 3 utara"
        self.assertEqual(self.camera.name, "Dock 3 utara")

    def test_one2many_of_location_is_no_way_in(self):
        with self.assertRaises(AccessError):
            self.room.with_user(self.it).write({"camera_ids": [(1, self.camera.id, {"state": "active"})]})
        with self.assertRaises(AccessError):
            self.room.with_user(self.it).write({"camera_ids": [(0, 0, self._values(state="active"))]})

    def test_step_without_actor_must_be_private(self):
        with self.assertRaises(TypeError):

            @step("draft", "done")
            def action_anyone(self):
                return {}

        @step("draft", "done")
        def _step_of_the_system(self):
            return {}

        self.assertTrue(_step_of_the_system.step.private)

    def _step(self, **values):
        return Step("action_x", "X", **{"source": ("planned",), "target": ("active",), **values})

    def test_refusal_by_state_role_owner_and_duty(self):
        self.room.site_id.responsible_id = self.it
        camera = self._new_camera("cam-70").with_user(self.it)
        mine = camera.with_user(self.it).copy({"code": "cam-71"})
        self.assertEqual(mine.create_uid, self.it)
        never = patch.object(type(mine), "_is_never", lambda record: False, create=True)
        self.startPatcher(never)
        refusal = mine._step_refusal
        self.assertFalse(refusal(self._step(groups=("cctv_sop.group_it",))))
        self.assertFalse(refusal(self._step(own="create_uid")))
        self.assertFalse(refusal(self._step(predicate="exists")))
        self.assertIsInstance(refusal(self._step(source=("active",), own="create_uid")), UserError)
        self.assertIsInstance(refusal(self._step(groups=("cctv_sop.group_dpo",))), AccessError)
        self.assertIsInstance(mine.with_user(self.officer)._step_refusal(self._step(own="create_uid")), AccessError)
        self.assertIsInstance(refusal(self._step(own="create_uid", differ=("create_uid",))), AccessError)
        self.assertIsInstance(refusal(self._step(predicate="_is_never")), AccessError)

    def test_allowed_steps_follow_role_and_state(self):
        def allowed(user):
            return set(self.camera.with_user(user).allowed_steps.split())

        self.assertIn("action_start_testing", allowed(self.it))
        self.assertNotIn("action_resume", allowed(self.it))
        self.assertFalse(allowed(self.officer))
        self.assertIn("action_decommission", allowed(self.management))
        self.assertNotIn("action_take_over", allowed(self.management))
        self.assertTrue(self.camera.is_open)
        self.assertFalse(self._camera_in("decommissioned", "cam-62").is_open)

    def test_step_is_logged(self):
        self.camera.with_user(self.it).action_take_over(note="  sudah tergantung  ")
        line = self.env["cctv.workflow.log"].search([("res_id", "=", self.camera.id)], limit=1)
        self.assertRecordValues(
            line,
            [
                {
                    "res_model": "cctv.camera",
                    "record_name": "CAM-01 Kamera cam-01",
                    "step": "action_take_over",
                    "state_from": "planned",
                    "state_to": "active",
                    "note": "sudah tergantung",
                    "user_id": self.it.id,
                    "company_id": self.company.id,
                }
            ],
        )

    def test_failed_step_leaves_no_trace(self):
        self.camera.purpose = False
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.camera.with_user(self.it).action_take_over(note="x")
        self.camera.invalidate_recordset()
        self.assertEqual(self.camera.state, "planned")
        self.assertFalse(self.env["cctv.workflow.log"].search_count([("res_id", "=", self.camera.id)]))

    def test_log_is_grouped_under_words(self):
        self.camera.with_user(self.it).action_take_over(note="x")
        log = self.env["cctv.workflow.log"].with_user(self.users["auditor"])
        domain = [("res_id", "=", self.camera.id)]
        for groupby, word in (("step", "Take over"), ("res_model", "Camera")):
            (group,) = log.formatted_read_group(domain, [groupby], ["__count"])
            self.assertEqual((group[groupby], group["__count"]), (word, 1))
            self.assertEqual(log.search_count(domain + group["__extra_domain"]), 1)

    def test_log_is_append_only(self):
        self.camera.with_user(self.it).action_take_over(note="x")
        line = self.env["cctv.workflow.log"].search([], limit=1)
        for env in (self.env, self.env(user=self.users["auditor"]), self.env(user=self.it, su=True)):
            with self.assertRaises(AccessError):
                line.with_env(env).write({"note": "lain"})
            with self.assertRaises(AccessError):
                line.with_env(env).unlink()
            with self.assertRaises(AccessError):
                env["cctv.workflow.log"].create([{"res_model": "cctv.camera", "res_id": 1, "step": "x"}])

    def test_translations_are_no_way_in(self):
        closed = self._camera_in("decommissioned", "cam-63")
        with self.assertRaises(UserError):
            closed.update_field_translations("name", {"en_US": "Lain"})
        with self.assertRaises(AccessError):
            self.camera.update_field_translations("path", {"en_US": "lain"})


@tagged("post_install", "-at_install")
class TestReasonWizard(CctvCommon):
    def _wizard(self, user, camera, name, note="alasan"):
        values = {"res_model": camera._name, "res_ids": camera.ids, "step": name, "note": note}
        return self.env["cctv.step.reason"].with_user(user).create(values)

    def test_opens_when_reason_is_missing_and_takes_the_step(self):
        camera = self._new_camera()
        for empty in (None, "", "   ", ["x"]):
            action = camera.with_user(self.it).action_take_over(note=empty)
            self.assertEqual(action["res_model"], "cctv.step.reason")
        self.assertEqual(camera.state, "planned")
        form = Form(self.env["cctv.step.reason"].with_user(self.it).with_context(**action["context"]))
        form.note = "sudah tergantung"
        form.save().action_confirm()
        self.assertEqual(camera.state, "active")
        self.assertIn("sudah tergantung", camera.message_ids[:1].body)

    def test_is_refused_before_it_asks(self):
        with self.assertRaises(AccessError):
            self._new_camera().with_user(self.officer).action_take_over()

    def test_only_steps_can_be_asked_for(self):
        camera = self._new_camera()
        for name in ("unlink", "write", "_run_step", "action_archive", "copy", "nothing"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self._wizard(self.it, camera, name).action_confirm()
        for model in ("res.users", "no.such.model"):
            wizard = self._wizard(self.it, camera, "unlink")
            wizard.sudo().res_model = model
            with self.subTest(model=model), self.assertRaises(AccessError):
                wizard.action_confirm()

    def test_needs_the_role_and_a_reason(self):
        camera = self._new_camera()
        with self.assertRaises(AccessError):
            self._wizard(self.officer, camera, "action_take_over").action_confirm()
        with self.assertRaises(UserError):
            self._wizard(self.it, camera, "action_take_over", note=" ").action_confirm()

    def test_what_cannot_be_stored_is_told(self):
        camera = self._new_camera()
        for text in ("x\0y", "x\ud800y"):
            for change in (
                lambda text=text: self._wizard(self.it, camera, "action_take_over", note=text),
                lambda text=text: self._wizard(self.it, camera, "action_take_over").write({"note": text}),
                lambda text=text: self._new_camera("cam-98", name=text),
                lambda text=text: self._new_hold(camera, reason=text),
            ):
                with self.subTest(text), self.refused("cannot be stored"):
                    change()

    def test_keeps_other_arguments(self):
        camera = self._new_camera()
        camera.with_user(self.it).action_mount(serial_no="SN-1")
        action = camera.with_user(self.it).action_correct_device(serial_no="SN-2")
        self.env["cctv.step.reason"].with_user(self.it).with_context(**action["context"]).create(
            {"note": "salah ketik"}
        ).action_confirm()
        self.assertEqual(camera.equipment_id.serial_no, "SN-2")
