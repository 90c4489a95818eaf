from odoo.tests import tagged

from ..common import URL, BridgeCommon

REFUSED = "cannot be recorded yet.*Network.*: %s\\."


@tagged("post_install", "-at_install")
class TestCameraRecordable(BridgeCommon):
    """A camera goes into use only where it can be recorded."""

    def _stream(self, camera, kind="main"):
        self.env["cctv.camera.source"].create({"camera_id": camera.id, "url": URL, "kind": kind})

    def test_commissioning_needs_a_recorder_and_a_main_stream(self):
        camera = self._new_camera("cam-91").with_user(self.it)
        with self.refused(REFUSED % "recorder, main stream"):
            camera.action_start_testing()
        self._stream(camera, "sub")
        camera.recorder_id = self.recorder
        with self.refused(REFUSED % "main stream"):
            camera.action_start_testing()
        self._stream(camera)
        camera.action_start_testing()
        camera.action_activate(note="gambar baik")
        self.assertEqual(camera.state, "active")

    def test_what_is_missing_is_told_before_a_reason_is_asked_for(self):
        camera = self._new_camera("cam-95", recorder_id=self.recorder.id).with_user(self.it)
        with self.refused(REFUSED % "main stream"):
            camera.action_take_over()
        self._stream(camera)
        self.assertEqual(camera.action_take_over()["res_model"], "cctv.step.reason")

    def test_a_camera_in_test_that_lost_its_recorder_is_not_activated(self):
        camera = self._recorded_camera("cam-92", self.recorder, "testing").with_user(self.it)
        camera.recorder_id = False
        with self.refused(REFUSED % "recorder"):
            camera.action_activate(note="uji")
        camera.action_suspend(note="uji")
        with self.refused(REFUSED % "recorder"):
            camera.action_resume()

    def test_a_camera_that_hangs_already_is_taken_over_without_a_recorder(self):
        camera = self._new_camera("cam-93").with_user(self.it)
        camera.action_take_over(note="sudah terpasang")
        camera.action_suspend(note="uji")
        camera.action_resume()
        self.assertEqual((camera.state, camera.recording_shown), ("active", "not_recorded"))

    def test_a_recorder_is_never_given_a_camera_in_use_without_a_main_stream(self):
        camera = self._new_camera("cam-94", recorder_id=self.recorder.id).with_user(self.it)
        with self.refused(REFUSED % "main stream"):
            camera.action_take_over(note="uji")
        camera.recorder_id = False
        camera.action_take_over(note="uji")
        with self.refused(REFUSED % "main stream"):
            camera.recorder_id = self.recorder
        camera.write({"recorder_id": self.recorder.id, "source_ids": [(0, 0, {"url": URL})]})
        self.assertEqual(camera.recorder_id, self.recorder)
