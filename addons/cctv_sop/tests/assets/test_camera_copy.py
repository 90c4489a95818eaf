from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.assets.cctv_camera_copy import OPTICS, POLICY
from ..common import CctvCommon, CctvHttpCommon

LENS = {
    "resolution_width": 2560,
    "resolution_height": 1440,
    "focal_length_mm": 4.0,
    "sensor_width_mm": 5.4,
    "distance_m": 12.0,
    "mount_height_m": 3.5,
}
BASIS = {"purpose": "employee_safety", "lawful_basis": "legal_obligation", "lawful_basis_note": "UU 1/1970"}
BOTH = ("optics", "policy")


@tagged("post_install", "-at_install")
class TestCameraCopy(CctvCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera = cls._camera_in("active")
        cls.source = cls._new_camera("cam-02", **LENS, **BASIS)
        cls.source.required_level_id = cls.level

    def _copy(self, user=None, camera=None, source=None, parts=BOTH):
        camera = (camera or self.camera).with_user(user or self.it)
        return camera.action_copy_settings((self.source if source is None else source).id, parts)

    def _lines(self, camera=None):
        return self.env["cctv.workflow.log"].search(
            [
                ("res_model", "=", "cctv.camera"),
                ("res_id", "=", (camera or self.camera).id),
                ("step", "=", "_step_copy_settings"),
            ]
        )

    def _values(self, names):
        return [self.camera[name] for name in names]

    def test_both_parts_arrive_and_the_step_log_tells_of_them(self):
        self.assertIs(self._copy(), True)
        self.assertEqual(self._values(OPTICS + POLICY), [self.source[name] for name in OPTICS + POLICY])
        self.assertEqual(self.camera.required_level_id, self.level)
        line = self._lines()
        self.assertRecordValues(
            line, [{"user_id": self.it.id, "state_from": "active", "state_to": "active", "company_id": self.company.id}]
        )
        self.assertEqual(line.note, f"from {self.source.display_name}: optics, policy")

    def test_a_part_that_is_not_chosen_stays(self):
        before = self._values(OPTICS)
        self._copy(parts=["policy"])
        self.assertEqual(self._values(OPTICS), before)
        self.assertEqual(self._values(POLICY), [self.source[name] for name in POLICY])
        self.assertEqual(self._lines().note, f"from {self.source.display_name}: policy")

    def test_what_names_the_camera_or_its_device_is_never_copied(self):
        for camera, serial in ((self.source, "SN-2"), (self.camera, "SN-1")):
            camera.with_user(self.it).action_mount(serial_no=serial)
        names = ("code", "name", "path", "location_id", "equipment_id", "serial_no", "state", "take_over")
        before = self._values(names)
        self._copy()
        self.assertEqual(self._values(names), before)
        self.assertEqual(self.camera.serial_no, "SN-1")

    def test_a_level_of_one_s_own_stays_where_the_other_follows_its_area(self):
        plain = self._new_camera("cam-03")
        self.assertFalse(plain.level_chosen)
        self.camera.required_level_id = self.level
        self._copy(source=plain, parts=["optics"])
        self.assertEqual(self.camera.required_level_id, self.level)

    def test_only_it_may(self):
        for role, user in self.users.items():
            with self.subTest(role=role):
                if role == "it":
                    self._copy(user)
                else:
                    with self.refused(".", AccessError):
                        self._copy(user)
        self.assertEqual(len(self._lines()), 1)

    def test_only_within_a_company(self):
        place = self._new_tree(self.other_company, "Kantor", "Asia/Jakarta")[-1]
        foreign = self._new_camera("cam-02", location=place, **LENS)
        with self.refused(".", AccessError):
            self._copy(source=foreign)
        with self.refused(".", AccessError):
            self._copy(self.outsider, source=foreign)
        both = self._new_user("it_both", "cctv_sop.group_it")
        both.company_ids += self.other_company
        with self.refused("another camera of the same company"):
            self._copy(both, source=foreign)
        self.assertFalse(self._lines())

    def test_a_camera_that_is_not_open_for_changes_refuses(self):
        done = self._camera_in("decommissioned", "cam-09")
        with self.refused("Decommissioned"):
            self._copy(camera=done)
        self.assertFalse(self._lines(done))

    def test_nothing_chosen_or_the_camera_itself_refuses(self):
        with self.refused("Choose what"):
            self._copy(parts=[])
        with self.refused("Choose what"):
            self._copy(parts=["credentials", "unlink"])
        for source in (self.camera, self.camera.browse(2**31 - 1), self.camera.browse()):
            with self.refused("another camera"):
                self._copy(source=source)

    def test_odd_arguments_refuse(self):
        camera = self.camera.with_user(self.it)
        for source in ([self.camera.id, self.source.id], True, "x", {}, None):
            with self.subTest(source=source), self.refused("another camera"):
                camera.action_copy_settings(source, ["optics"])
        for parts in (5, None, True, "optics", {"optics": 1}):
            with self.subTest(parts=parts), self.refused("Choose what"):
                camera.action_copy_settings(self.source.id, parts)

    def _dialogue(self):
        dialogues = self.env["cctv.camera.copy"].with_user(self.it).with_context(default_camera_id=self.camera.id)
        return Form(dialogues)

    def test_dialogue_copies_the_ticked_parts(self):
        form = self._dialogue()
        form.source_id = self.source
        form.policy = False
        self.assertEqual(form.save().action_copy()["type"], "ir.actions.act_window_close")
        self.assertEqual(self._values(OPTICS), [self.source[name] for name in OPTICS])
        self.assertEqual(self._lines().note, f"from {self.source.display_name}: optics")

    def test_dialogue_of_another_is_out_of_reach(self):
        form = self._dialogue()
        form.source_id = self.source
        dialogue = form.save()
        other = self._new_user("it_two", "cctv_sop.group_it")
        with self.refused(".", AccessError):
            dialogue.with_user(other).action_copy()


@tagged("post_install", "-at_install", "cctv_security")
class TestCameraCopyRpc(CctvHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera = cls._camera_in("active")
        cls.source = cls._new_camera("cam-02", **BASIS)

    def _call(self, user, method, /, **arguments):
        return self.json2(user, "cctv.camera", method, ids=self.camera.ids, **arguments)[0]

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2")
    def test_the_line_of_the_log_cannot_be_written_without_the_copy(self):
        for method, arguments in (
            ("_step_copy_settings", {"note": "from CAM-02: policy"}),
            ("_copy_policy", {"source": self.source.id}),
            ("_copy_optics", {"source": self.source.id}),
            ("_run_step", {"step": "_step_copy_settings", "method": "x", "note": "x"}),
        ):
            with self.subTest(method=method):
                self.assertEqual(self._call(self.it, method, **arguments), 403)
        forged = self._call(self.officer, "action_copy_settings", source_id=self.source.id, parts=list(BOTH))
        self.assertEqual(forged, 403)
        self.env.invalidate_all()
        log = self.env["cctv.workflow.log"].search([("step", "=", "_step_copy_settings")])
        self.assertFalse(log.filtered(lambda line: line.res_id == self.camera.id))
        self.assertEqual(self.camera.purpose, "asset_security")

    def test_a_copy_over_rpc_is_logged(self):
        self.assertEqual(self._call(self.it, "action_copy_settings", source_id=self.source.id, parts=["policy"]), 200)
        self.env.invalidate_all()
        self.assertEqual(self.camera.purpose, self.source.purpose)
        log = self.env["cctv.workflow.log"].search([("res_id", "=", self.camera.id)], order="id desc", limit=1)
        self.assertEqual((log.step, log.user_id), ("_step_copy_settings", self.it))
