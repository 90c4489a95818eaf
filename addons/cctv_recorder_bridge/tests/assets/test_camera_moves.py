from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import BridgeCommon


@tagged("post_install", "-at_install")
class TestCameraMoves(BridgeCommon):
    """Cameras come to a recorder, and go from one to another."""

    def setUp(self):
        super().setUp()
        self.other, _toml = self._new_recorder("GDG-2", self.site)

    def move(self, cameras, target, user=None, source=None):
        wizard = self.env["cctv.recorder.move"].with_user(user or self.it)
        action = (source or self.recorder).with_user(user or self.it).action_move_cameras()
        values = {"camera_ids": [(6, 0, cameras.ids)], "target_id": target.id, "note": "disk penuh"}
        return wizard.with_context(**action["context"]).create(values).action_move()

    def test_a_recorder_that_does_not_report_is_named_before_the_move(self):
        move = self.env["cctv.recorder.move"].with_user(self.it)
        self.assertFalse(move.new({"recorder_id": self.recorder.id}).target_warning)
        choice = move.new({"recorder_id": self.recorder.id, "target_id": self.other.id})
        self.assertIn("GDG-2 does not report", choice.target_warning)
        self.sync(self.other, heartbeat=self.heartbeat([]))
        self.env.invalidate_all()
        choice = move.new({"recorder_id": self.recorder.id, "target_id": self.other.id})
        self.assertFalse(choice.target_warning)

    def test_chosen_cameras_move_and_the_new_node_gets_them(self):
        moved = self.cameras[:2]
        self.assertEqual([camera["id"] for camera in self.sync(self.other)["config"]["cameras"]], [])
        self.move(moved, self.other)
        self.assertEqual([camera["id"] for camera in self.sync(self.other)["config"]["cameras"]], moved.ids)
        self.assertEqual([camera["id"] for camera in self.sync()["config"]["cameras"]], self.cameras[2].ids)
        for camera in moved:
            line = self.env["cctv.workflow.log"].search(
                [("res_model", "=", "cctv.camera"), ("res_id", "=", camera.id)], limit=1
            )
            self.assertEqual((line.step, line.user_id), ("move_to_recorder", self.it))
            self.assertIn("GDG-1 → GDG-2", line.note)
            self.assertIn("disk penuh", line.note)
            self.assertIn("disk penuh", camera.message_ids[0].body)
            self.assertNotEqual(line.step_label, line.step)
        for recorder in (self.recorder, self.other):
            self.assertIn("CAM-02", "".join(recorder.message_ids.mapped("body")))

    def test_a_recorder_changed_without_the_dialogue_is_logged_too(self):
        """Whoever records a camera gets its credentials."""
        lines = self.env["cctv.workflow.log"]
        domain = [("res_model", "=", "cctv.camera"), ("res_id", "=", self.camera.id), ("step", "=", "change_recorder")]
        self.camera.with_user(self.it).recorder_id = self.other
        self.camera.with_user(self.it).write({"recorder_id": self.other.id})
        self.recorder.with_user(self.it).write({"camera_ids": [(4, self.camera.id)]})
        self.camera.with_user(self.it).with_context(_moving=True).recorder_id = False
        found = lines.search(domain, order="id")
        self.assertEqual(found.mapped("note"), ["GDG-1 → GDG-2", "GDG-2 → GDG-1", "GDG-1 → –"])
        self.assertEqual(found.user_id, self.it)
        self.assertEqual(found[0].step_label, "Change the recorder")
        self.move(self.cameras[1], self.other)
        moved = lines.search([("res_model", "=", "cctv.camera"), ("res_id", "=", self.cameras[1].id)])
        self.assertEqual(moved.mapped("step").count("change_recorder"), 0)

    def test_refusals(self):
        theirs, _toml = self._new_recorder("GDG-3", self._new_tree(self.other_company, "Lain", "Asia/Jakarta")[0])
        retired, _toml = self._new_recorder("GDG-4", self.site)
        retired.with_user(self.it).action_retire(note="x")
        elsewhere = self._recorded_camera("cam-60", self.other)
        for cameras, target, text in (
            (self.cameras.browse(), self.other, "Choose the cameras"),
            (self.cameras, self.recorder.browse(), "Choose the cameras"),
            (self.cameras, self.recorder, "another recorder"),
            (self.cameras | elsewhere, self.other, "CAM-60"),
            (self.cameras, retired, "retired"),
        ):
            with self.subTest(text), self.refused(text):
                self.move(cameras, target)
        with self.subTest("other company"), self.assertRaises(UserError), self.env.cr.savepoint():
            self.move(self.cameras, theirs)
        for role, user in self.users.items():
            if role != "it":
                with self.subTest(role), self.assertRaises(AccessError), self.env.cr.savepoint():
                    self.move(self.cameras, self.other, user)
        self.assertEqual(self.cameras.recorder_id, self.recorder)

    def test_new_camera_on_a_retired_recorder(self):
        self.other.with_user(self.it).action_retire(note="x")
        with self.refused("retired"):
            self._new_camera("cam-61", recorder_id=self.other.id)

    def test_place_that_is_archived(self):
        place = self._new_location("Gudang Lama", "room", self.floor)
        place.active = False
        with self.refused("archived"):
            self._new_camera("cam-62", location=place)
        with self.refused("archived"):
            self.camera.location_id = place
