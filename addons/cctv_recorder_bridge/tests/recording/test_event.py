from odoo.tests import tagged

from ..common import BridgeCommon, now_us


@tagged("post_install", "-at_install")
class TestEvent(BridgeCommon):
    def event(self, detail, camera=None, seq="1"):
        row = {"seq": seq, "at_us": str(now_us()), "kind": "source_lost", "camera_id": camera and camera.id}
        self.assertEqual(self.sync(events=[{**row, "detail": detail}])["events"], ["ok"])
        return self.env["cctv.recorder.event"].search([("recorder_id", "=", self.recorder.id)], limit=1)

    def test_time_of_the_camera_s_site(self):
        jakarta = self._new_tree(self.company, "Kantor Jakarta", "Asia/Jakarta")
        self.recorder.site_id = jakarta[0]
        self.assertEqual(self.event("x", self.camera).tz, "Asia/Makassar")
        self.assertEqual(self.event("x", seq="2").tz, "Asia/Jakarta", "of the recorder itself")

    def test_reason_is_told_in_words(self):
        event = self.event("auth_failed: the camera refused the password", self.camera)
        self.assertEqual(event.with_context(lang="id_ID").told, "Kamera menolak sandi")
        self.assertEqual(event.with_context(lang="en_US").told, "Camera refused the password")
        for number, (detail, told) in enumerate(
            (("unknown: it went quiet", "it went quiet"), ("MediaMTX v1: started", "MediaMTX v1: started"), ("", False))
        ):
            self.assertEqual(self.event(detail, self.camera, f"{number + 2}").told or False, told)
