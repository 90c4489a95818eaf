import base64
import hashlib

from odoo.tests import tagged

from ..common import BridgeCommon, now_us
from ..recording.test_job import JPEG, STREAM


@tagged("post_install", "-at_install")
class TestPictureSize(BridgeCommon):
    """The image level is judged by what the stream delivers where that is less than the form says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        level = cls.env.ref("cctv_sop.level_2014_identify")
        optics = {"resolution_width": 2688, "resolution_height": 1520, "hfov": 90, "distance_m": 4}
        cls.cameras.write({**optics, "required_level_id": level.id})

    def answer(self, job_ids, **result):
        self.sync()
        for job_id in job_ids:
            answer = {"id": job_id, "state": "done", "result": result, "error": ""}
            self.assertEqual(self.sync(jobs=[answer])["jobs"], ["ok"])
        self.env.invalidate_all()

    def measured(self, width, height, camera=None, **result):
        ids = (camera or self.camera).with_user(self.it).action_test_stream()
        self.answer(ids, **{**STREAM, "width": width, "height": height, **result})

    def still(self, width, height):
        self.answer(self._ask_still(), **self._jpeg(), taken_us=str(now_us()), width=width, height=height)

    def _ask_still(self):
        return self.camera.with_user(self.it).action_snapshot()

    @staticmethod
    def _jpeg():
        return {"jpeg_base64": base64.b64encode(JPEG).decode(), "sha256": hashlib.sha256(JPEG).hexdigest()}

    def judged(self):
        return round(self.camera.px_per_m, 1), self.camera.level_met, bool(self.camera.size_differs)

    def test_smaller_stream_misses_the_level(self):
        self.assertEqual(self.judged(), (336, "met", False))
        self.measured(640, 480)
        self.assertEqual(self.judged(), (80, "missed", True))
        found = self.env["cctv.camera"].search([("level_met", "=", "missed"), ("id", "in", self.cameras.ids)])
        self.assertEqual(found, self.camera)
        self.camera.with_user(self.it).write({"resolution_width": 640, "resolution_height": 480})
        self.assertEqual(self.judged(), (80, "missed", False))

    def test_larger_stream_is_told_and_judged_by_the_form(self):
        self.measured(3840, 2160)
        self.assertEqual(self.judged(), (336, "met", True))

    def test_nothing_typed_stays_not_known(self):
        self.camera.resolution_width = self.camera.resolution_height = 0
        self.measured(640, 480)
        self.assertEqual(self.judged(), (0, "unknown", False))

    def test_stills_tell_it_unless_they_were_made_smaller(self):
        self.still(1280, 720)
        self.assertEqual(self.judged(), (336, "met", False))
        self.still(704, 528)
        self.assertEqual(self.judged(), (88, "missed", True))
        self.still(1280, 720)
        self.assertEqual(self.judged(), (336, "met", False), "wider than was seen before: not known how wide")
        self.measured(1920, 1080)
        self.still(1280, 720)
        self.assertEqual(self.judged(), (240, "missed", True))

    def test_failed_test_and_sub_stream_tell_nothing(self):
        self.measured(640, 480, ok=False, reason="timeout")
        sub = self.env["cctv.camera.source"].create(
            {"camera_id": self.camera.id, "kind": "sub", "url": "rtsp://127.0.0.1:18551/sub"}
        )
        self.answer([sub.with_user(self.it).queue_test()], **{**STREAM, "width": 384, "height": 288})
        self.assertEqual(self.judged(), (336, "met", False))

    def test_another_address_is_not_known(self):
        source = self.camera.source_ids.with_user(self.it)
        self.measured(640, 480)
        source.write({"url": source.url, "transport": "udp"})
        self.assertEqual(self.judged(), (80, "missed", True))
        source.url = "rtsp://127.0.0.1:18551/other"
        self.assertEqual(self.judged(), (336, "met", False))

    def test_answer_about_an_address_of_before_tells_nothing(self):
        for ask in (self.camera.source_ids.with_user(self.it).queue_test, self._ask_still):
            with self.subTest(ask.__name__):
                job = self.env["cctv.recorder.job"].browse(ask())
                self.sync()
                self.env.flush_all()
                self.env.cr.execute(
                    "UPDATE cctv_recorder_job SET claimed_at = claimed_at - interval '1 second' WHERE id = %s", job.ids
                )
                self.env.invalidate_all()
                self.camera.source_ids.with_user(self.it).url = f"rtsp://127.0.0.1:18551/{job.id}"
                result = STREAM if job.kind == "test_stream" else {**self._jpeg(), "taken_us": str(now_us())}
                self.answer(job.ids, **{**result, "width": 640, "height": 480})
                self.assertEqual((job.state, self.judged()), ("done", (336, "met", False)))

    def test_removed_stream_is_not_known(self):
        self.measured(640, 480)
        self.camera.with_user(self.it).action_suspend(note="uji")
        self.camera.source_ids.with_user(self.it).unlink()
        self.assertEqual(self.judged(), (336, "met", False))

    def test_head_of_the_form_tells_it_in_both_languages(self):
        self.measured(640, 480)
        for lang, words in (("en_US", "The stream delivers 640 × 480"), ("id_ID", "Aliran mengirim 640 × 480")):
            overview = self.camera.with_user(self.officer).with_context(lang=lang).get_overview()
            (fact,) = [fact for fact in overview["facts"] if fact["key"] == "size"]
            self.assertEqual(fact["tone"], "warning")
            self.assertIn(words, fact["text"])
            self.assertIn("2688 × 1520", fact["text"])
            (pill,) = [pill for pill in overview["pills"] if pill["kind"] == "level"]
            self.assertEqual(pill["state"], "missed")
            self.assertIn("80 px/m", pill["detail"])

    def test_list_asks_no_more_for_more_cameras(self):
        for camera in self.cameras:
            self.measured(640, 480, camera)
        shown = {name: {} for name in ("px_per_m", "level_met", "size_differs")}
        counts = []
        for cameras in (self.camera, self.cameras):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cameras.with_user(self.it).web_read(shown)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
