import base64
import hashlib
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import BridgeCommon, now_us

JPEG = b"\xff\xd8\xff\xe0" + b"not really a picture" + b"\xff\xd9"
STREAM = {
    "ok": True,
    "codec": "H264",
    "width": 768,
    "height": 576,
    "fps": 10,
    "kbps": 812,
    "keyframe_seconds": 2,
    "has_b_frames": False,
    "audio": "",
    "reason": "",
    "message": "",
}


@tagged("post_install", "-at_install")
class TestJob(BridgeCommon):
    def job(self, job_id):
        return self.env["cctv.recorder.job"].browse(job_id)

    def test_stream_is_tested(self):
        source = self.camera.source_ids.with_user(self.it)
        job = self.job(source.queue_test())
        self.assertEqual(source.queue_test(), job.id, "the same question is asked once")
        self.assertEqual(job.state, "queued")
        queue = self.sync()["queue"]
        self.assertEqual(
            queue, [{"id": job.id, "kind": "test_stream", "camera_id": self.camera.id, "params": {"which": "main"}}]
        )
        self.assertEqual(self.sync()["queue"], [], "claimed once")
        self.assertEqual(job.state, "claimed")
        for _repeat in range(2):
            answer = {"id": job.id, "state": "done", "result": STREAM, "error": ""}
            self.assertEqual(self.sync(jobs=[answer])["jobs"], ["ok"])
        self.env.invalidate_all()
        self.assertEqual((job.state, job.result["fps"]), ("done", 10))
        self.assertIn("768×576", job.message)
        self.assertEqual((source.test_ok, source.test_result), (True, job.message))

    def test_figures_of_a_stream_are_written_as_the_language_does(self):
        (job_id,) = self.camera.with_user(self.it).action_test_stream()
        self.sync()
        result = {**STREAM, "fps": 10.0, "kbps": 1812, "keyframe_seconds": 2.5}
        self.sync(jobs=[{"id": job_id, "state": "done", "result": result, "error": ""}])
        for lang, words in (("en_US", "10 frames/s, 1,812 kbit/s"), ("id_ID", "10 bingkai/dtk, 1.812 kbit/dtk")):
            message = self.job(job_id).with_context(lang=lang).message
            self.assertIn(words, message)
            self.assertRegex(message, r"\b2\.5\b" if lang == "en_US" else r"\b2,5\b")

    def test_failed_stream_says_why(self):
        (job_id,) = self.camera.with_user(self.it).action_test_stream()
        self.sync()
        result = {"ok": False, "reason": "auth_failed", "message": "The camera refused the password."}
        self.sync(jobs=[{"id": job_id, "state": "done", "result": result, "error": ""}])
        self.assertEqual(self.job(job_id).message, "Camera refused the password")
        self.assertFalse(self.camera.source_ids.test_ok)

    def _snapshot(self, jpeg, **result):
        (job_id,) = self.camera.with_user(self.it).action_snapshot()
        self.assertEqual(self.sync()["queue"][0]["params"], {"max_width": 1280})
        result = {
            "jpeg_base64": base64.b64encode(jpeg).decode(),
            "sha256": hashlib.sha256(jpeg).hexdigest(),
            "taken_us": str(now_us()),
            "width": 768,
            "height": 576,
            **result,
        }
        self.assertEqual(
            self.sync(jobs=[{"id": job_id, "state": "done", "result": result, "error": ""}])["jobs"], ["ok"]
        )
        return self.job(job_id)

    def test_snapshot(self):
        job = self._snapshot(JPEG)
        self.assertEqual((job.state, base64.b64decode(job.image)), ("done", JPEG))
        self.assertEqual(base64.b64decode(self.camera.last_still), JPEG)
        self.assertTrue(self.camera.last_still_at)
        self.assertNotIn("jpeg_base64", job.result)

    def test_still_that_failed_is_taken_with_its_reason(self):
        """What the node says about it must not park the answer: parked rows keep a node degraded for ever."""
        for result, message in (
            ({"reason": "timeout", "message": "no answer"}, "Camera did not answer"),
            ({"reason": "unknown", "message": "no picture in 25 s"}, "no picture in 25 s"),
            ({}, "no picture in 25 s"),
        ):
            (job_id,) = self.camera.with_user(self.it).action_snapshot()
            self.assertEqual([job["id"] for job in self.sync()["queue"]], [job_id])
            answer = {"id": job_id, "state": "failed", "result": result, "error": "no picture in 25 s"}
            self.assertEqual(self.sync(jobs=[answer])["jobs"], ["ok"])
            self.assertEqual((self.job(job_id).state, self.job(job_id).message), ("failed", message))

    def test_a_person_goes_before_the_system(self):
        self.cameras |= self._recorded_camera("cam-10", self.recorder)
        self.env["cctv.recorder.job"]._queue_stills(self.cameras)
        (asked,) = self.cameras[3].with_user(self.it).action_test_stream()
        queue = self.sync()["queue"]
        self.assertEqual([job["id"] for job in queue][:1], [asked])
        self.assertEqual([job["kind"] for job in queue], ["test_stream", "snapshot", "snapshot"])
        self.assertEqual(self.sync()["queue"], [], "the system's own waits while the node is busy")
        (again,) = self.camera.with_user(self.it).action_test_stream()
        self.assertEqual([job["id"] for job in self.sync()["queue"]], [again])
        answers = [{"id": job_id, "state": "failed", "result": {}, "error": "x"} for job_id in (asked, again)]
        self.assertEqual([job["camera_id"] for job in self.sync(jobs=answers)["queue"]], self.cameras[2:].ids)

    def test_stills_are_taken_by_themselves(self):
        """At the first "recording", and when the last is ten minutes old; never two at once."""

        def stills():
            return self.env["cctv.recorder.job"].search([("automatic", "=", True)])

        beat = {"heartbeat": self.heartbeat([self.camera_state("recording", camera) for camera in self.cameras])}
        self.sync(**beat)
        (first, *rest) = self.sync()["queue"]
        self.assertEqual([first["camera_id"], *(job["camera_id"] for job in rest)], self.cameras.ids)
        self.env["cctv.recorder.job"]._cron_stills()
        self.assertEqual(len(stills()), 3)
        result = {
            "jpeg_base64": base64.b64encode(JPEG).decode(),
            "sha256": hashlib.sha256(JPEG).hexdigest(),
            "taken_us": str(now_us()),
            "width": 7,
            "height": 5,
        }
        for job in (first, *rest):
            self.sync(jobs=[{"id": job["id"], "state": "done", "result": dict(result), "error": ""}])
        self.env["cctv.recorder.job"]._cron_stills()
        self.assertEqual(len(stills()), 3, "all are fresh")
        self.assertTrue(self.cameras[2].last_still and not stills()[0].image)
        self.env.cr.execute(
            "UPDATE cctv_camera SET last_still_at = last_still_at - interval '11 minutes' WHERE id = %s",
            [self.camera.id],
        )
        self.env.invalidate_all()
        for _repeat in range(2):
            self.env["cctv.recorder.job"]._cron_stills()
        self.assertEqual(stills().filtered(lambda job: job.state == "queued").camera_id, self.camera)
        self.env.cr.execute("UPDATE cctv_recorder_job SET done_at = done_at - interval '2 days'")
        self.env["cctv.recorder.job"]._gc_automatic()
        self.assertEqual(len(stills()), 1)

    def test_snapshot_that_lies(self):
        for jpeg, result, word in (
            (JPEG, {"sha256": "0" * 64}, "hash"),
            (b"GIF89a", {}, "JPEG"),
            (JPEG + b"x" * 300_000, {}, "JPEG"),
            (JPEG, {"jpeg_base64": "%%%"}, "could not be read"),
            (JPEG, {"jpeg_base64": None}, "no JPEG"),
        ):
            job = self._snapshot(jpeg, **result)
            self.assertEqual(job.state, "failed")
            self.assertIn(word, job.error)
            self.assertRegex(job.with_context(lang="id_ID").message, "^Gambar ")
        self.assertFalse(self.camera.last_still)

    def test_answers_are_judged(self):
        other, _toml = self._new_recorder("GDG-2", self.site)
        foreign = self._recorded_camera("cam-90", other)
        (theirs,) = foreign.with_user(self.it).action_test_stream()
        (mine,) = self.camera.with_user(self.it).action_test_stream()
        unasked = {"id": mine, "state": "done", "result": STREAM, "error": ""}
        self.assertEqual(self.sync(jobs=[unasked])["jobs"], ["ok"])
        self.assertEqual(self.job(mine).state, "claimed", "answered before it was given out: not believed")
        answers = [
            {"id": theirs, "state": "done", "result": STREAM, "error": ""},
            {"id": 2**40, "state": "done", "result": STREAM, "error": ""},
            {"id": mine, "state": "cancelled", "result": STREAM, "error": ""},
            {"id": mine, "state": "done", "result": {"jpeg_base64": ""}, "error": ""},
            {"id": mine, "state": "failed", "result": {}, "error": "boom"},
        ]
        codes = [v if v == "ok" else v[0] for v in self.sync(jobs=answers)["jobs"]]
        self.assertEqual(codes, ["not_yours", "not_yours", "bad_value", "bad_value", "ok"])
        self.assertEqual(
            (self.job(theirs).state, self.job(mine).state, self.job(mine).message), ("queued", "failed", "boom")
        )

    def test_stale_claims_come_again_then_fail(self):
        (job_id,) = self.camera.with_user(self.it).action_test_stream()
        for attempt in range(1, 4):
            self.assertEqual([job["id"] for job in self.sync()["queue"]], [job_id])
            old = fields.Datetime.now() - timedelta(minutes=5)
            self.env.cr.execute("UPDATE cctv_recorder_job SET claimed_at = %s WHERE id = %s", [old, job_id])
            self.env["cctv.recorder.job"]._cron_stale()
            self.assertEqual(self.job(job_id).state, "queued" if attempt < 3 else "failed")
        self.assertIn("three times", self.job(job_id).message)
        self.assertIn("tiga kali", self.job(job_id).with_context(lang="id_ID").message)

    def test_trial_credentials_are_wiped(self):
        secret = {"url": "rtsp://192.0.2.1/x", "user": "u", "password": "trial-pw"}
        job = (
            self.env["cctv.recorder.job"]
            .with_user(self.it)
            ._request(self.camera, "test_stream", {"which": "main"}, secret)
        )
        self.assertNotIn("trial-pw", str(job.with_user(self.it).read()))
        self.assertEqual(self.sync()["queue"][0]["params"], {"which": "main", **secret})
        self.sync(jobs=[{"id": job.id, "state": "done", "result": STREAM, "error": ""}])
        self.env.flush_all()
        self.env.cr.execute("SELECT secret FROM cctv_recorder_job WHERE id = %s", [job.id])
        self.assertIn(self.env.cr.fetchone()[0], (None, False))

    def test_who_may_ask(self):
        for role, user in self.users.items():
            if role != "it":
                with self.subTest(role), self.assertRaises(AccessError):
                    self.camera.with_user(user).action_test_stream()
        self.camera.recorder_id = False
        with self.assertRaises(UserError):
            self.camera.with_user(self.it).action_test_stream()

    def test_many_streams_are_asked_for_and_the_screen_says_so(self):
        self.cameras[1].recorder_id = False
        lonely = self._camera_in("planned", "cam-70")
        lonely.recorder_id = self.recorder
        notice = (self.cameras | lonely).with_user(self.it).action_test_streams()
        text = notice["params"]["message"]
        self.assertEqual((notice["tag"], notice["params"]["type"]), ("display_notification", "warning"))
        self.assertTrue(text.startswith("Tests queued: 2."), text)
        self.assertIn("CAM-02", text)
        self.assertIn("CAM-70", text)
        jobs = self.env["cctv.recorder.job"].search([("kind", "=", "test_stream")])
        self.assertEqual(jobs.camera_id, self.camera | self.cameras[2])
        with self.assertRaises(AccessError):
            self.cameras.with_user(self.officer).action_test_streams()
        self.assertEqual(self.camera.with_user(self.it).action_test_streams()["params"]["type"], "info")
        arch = self.env["cctv.camera"].with_user(self.it).get_view(view_type="list")["arch"]
        self.assertIn('name="action_test_streams"', arch)

    def test_latest_test_is_shown_however_many_there_were(self):
        self.env.cr.execute(
            """INSERT INTO cctv_recorder_job (recorder_id, camera_id, company_id, kind, state, params, result, done_at)
               SELECT %s, %s, %s, 'test_stream', 'done', '{"which": "main"}', '{"ok": false}', now()
                 FROM generate_series(1, 1005)""",
            [self.recorder.id, self.camera.id, self.company.id],
        )
        (job_id,) = self.camera.with_user(self.it).action_test_stream()
        self.sync()
        self.sync(jobs=[{"id": job_id, "state": "done", "result": STREAM, "error": ""}])
        self.env.invalidate_all()
        source = self.camera.source_ids.with_user(self.it)
        self.assertEqual((source.test_job_id.id, source.test_ok), (job_id, True))

    def test_old_jobs_leave_with_their_pictures_but_the_latest(self):
        old, new = self._snapshot(JPEG), self._snapshot(JPEG)
        (test_id,) = self.camera.with_user(self.it).action_test_stream()
        self.sync()
        self.sync(jobs=[{"id": test_id, "state": "done", "result": STREAM, "error": ""}])
        kept = [("res_model", "=", "cctv.recorder.job"), ("res_field", "=", "image")]
        self.assertEqual(self.env["ir.attachment"].search_count(kept), 2)
        self.env["cctv.recorder.job"]._gc_asked()
        self.assertTrue(old.exists(), "half a year has not passed")
        self.env.flush_all()
        self.env.cr.execute("UPDATE cctv_recorder_job SET done_at = done_at - interval '181 days'")
        self.env.invalidate_all()
        self.env["cctv.recorder.job"]._gc_asked()
        self.assertFalse(old.exists())
        self.assertTrue(new.exists() and self.job(test_id).exists(), "the last word on a camera stays")
        self.assertEqual(self.env["ir.attachment"].search(kept).mapped("res_id"), new.ids)

    def test_cancel_and_forging(self):
        (job_id,) = self.camera.with_user(self.it).action_test_stream()
        job = self.job(job_id).with_user(self.it)
        for values in ({"state": "done"}, {"result": STREAM}, {"secret": {}}):
            with self.assertRaises(AccessError):
                job.write(values)
            with self.assertRaises(AccessError):
                job.sudo().write(values)
        job.action_cancel()
        self.assertEqual(self.sync()["queue"], [])
        self.assertEqual(
            self.sync(jobs=[{"id": job_id, "state": "done", "result": STREAM, "error": ""}])["jobs"], ["ok"]
        )
        self.assertEqual(job.state, "cancelled")
        job.action_retry()
        self.assertEqual(len(self.sync()["queue"]), 1)
