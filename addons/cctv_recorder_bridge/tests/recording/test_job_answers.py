import base64
import gzip
import hashlib
import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...tools import wire
from ..common import DAY, SYNC, BridgeCommon, now_us
from .test_job import JPEG, STREAM


@tagged("post_install", "-at_install")
class TestJobAnswers(BridgeCommon):
    """What a node answers is judged value by value, and believed for its own cameras alone."""

    def job(self, job_id):
        return self.env["cctv.recorder.job"].browse(job_id)

    def still(self, jpeg=JPEG, **values):
        return {
            "jpeg_base64": base64.b64encode(jpeg).decode(),
            "sha256": hashlib.sha256(jpeg).hexdigest(),
            "taken_us": str(now_us()),
            "width": 768,
            "height": 576,
            **values,
        }

    def claimed(self, kind="snapshot"):
        (job_id,) = getattr(self.camera.with_user(self.it), f"action_{kind}")()
        self.assertIn(job_id, [job["id"] for job in self.sync()["queue"]])
        return self.job(job_id)

    def answer(self, job, result, recorder=None):
        row = {"id": job.id, "state": "done", "result": result, "error": ""}
        (verdict,) = self.sync(recorder, jobs=[row])["jobs"]
        self.env.invalidate_all()
        return verdict

    def test_moved_camera_takes_its_jobs_back(self):
        other, _toml = self._new_recorder("GDG-2", self.site)
        claimed = self.claimed()
        (queued,) = self.camera.with_user(self.it).action_test_stream()
        self.camera.with_user(self.it).recorder_id = other
        self.assertEqual([claimed.state, self.job(queued).state], ["cancelled"] * 2)
        self.answer(claimed, self.still())
        self.assertFalse(self.camera.last_still)
        self.assertEqual(self.sync()["queue"], [])
        with self.assertRaisesRegex(UserError, "elsewhere"):
            claimed.with_user(self.it).action_retry()
        (fresh,) = self.camera.with_user(self.it).action_test_stream()
        self.assertEqual([job["id"] for job in self.sync(other)["queue"]], [fresh])

    def test_answer_for_a_moved_camera_is_not_believed(self):
        """Even where the job was not cancelled."""
        other, _toml = self._new_recorder("GDG-2", self.site)
        job = self.claimed()
        self.env.cr.execute("UPDATE cctv_camera SET recorder_id = %s WHERE id = %s", [other.id, self.camera.id])
        self.env.invalidate_all()
        self.answer(job, self.still())
        self.assertEqual((job.state, self.camera.last_still), ("claimed", False))

    def test_still_from_the_future(self):
        self.assertEqual(self.answer(self.claimed(), self.still(taken_us=str(now_us() + 300 * DAY))), "ok")
        self.assertLessEqual(self.camera.last_still_at, fields.Datetime.now())
        future = fields.Datetime.now() + timedelta(days=300)
        self.camera._with_pass(["last_still_at"]).write({"last_still_at": future})
        later = JPEG + b"later"
        self.assertEqual(self.answer(self.claimed(), self.still(later)), "ok")
        self.assertEqual(base64.b64decode(self.camera.last_still), later)

    def test_values_are_judged(self):
        wrong = {
            "ok": 1,
            "codec": "x" * 51,
            "width": "768",
            "height": -1,
            "fps": float("inf"),
            "kbps": [1],
            "keyframe_seconds": True,
            "has_b_frames": "no",
            "audio": {},
            "reason": ["auth_failed"],
            "message": "x" * 10_001,
        }
        job = self.claimed("test_stream")
        for name, value in wrong.items():
            with self.subTest(name):
                verdict = self.raw_sync(jobs=[self.row(job, {**STREAM, name: value})])["jobs"][0]
                self.assertEqual(verdict[0], "bad_value")
                self.assertIn(f"result.{name}", verdict[1])
        self.assertEqual(job.state, "claimed")
        snapshot = self.claimed()
        for values in ({"jpeg_base64": 5}, {"sha256": ["x"]}, {"taken_us": 5}, {"taken_us": "9" * 19}):
            with self.subTest(values):
                self.assertEqual(self.answer(snapshot, self.still(**values))[0], "bad_value")

    def row(self, job, result):
        return {"id": job.id, "state": "done", "result": result, "error": ""}

    def raw_sync(self, **parts):
        """As :meth:`sync`, with what ``json`` makes of infinity written as a number too large for a float."""
        text = json.dumps(self.message(**parts)).replace("Infinity", "1e999")
        packed = base64.b64encode(gzip.compress(text.encode())).decode()
        return wire.unpack(self.env["cctv.recorder"].with_user(self.bot).sync(packed))

    def test_text_that_postgres_cannot_store(self):
        job = self.claimed("test_stream")
        verdict = self.raw_sync(jobs=[self.row(job, {**STREAM, "ok": False, "message": "a\0b\ud800" + "c" * 900})])
        self.assertEqual(verdict["jobs"], ["ok"])
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((job.state, len(job.result["message"])), ("done", 500))

    def test_odd_stored_results_are_read(self):
        job = self.claimed("test_stream")
        for state in ("done", "failed"):
            for result in ([], "x", 5, {"reason": ["x"]}, {"reason": {}, "ok": False}, {"ok": [], "codec": {}}, None):
                job._with_pass(["state", "result"]).write({"state": state, "result": result})
                self.env.invalidate_all()
                with self.subTest(state=state, result=result):
                    self.assertTrue(job.message)
                    self.assertIn(self.camera.source_ids.test_ok, (True, False))

    def test_heartbeat_values_are_judged(self):
        far = str(4 * 10**15)
        state = self.camera_state
        cases = {
            "heartbeat.clock_offset_ms": self.heartbeat(clock_offset_ms=float("inf")),
            "heartbeat.cameras[0].kbps": self.heartbeat([state("recording", kbps=float("inf"))]),
            "heartbeat.cameras[0].camera_id": self.heartbeat([state("recording", camera_id=0)]),
            "heartbeat.cameras[0].since_us": self.heartbeat([state("recording", since_us=far)]),
            "heartbeat.cameras[0].last_stop_us": self.heartbeat([state("recording", last_stop_us="9" * 18)]),
            "heartbeat.engine.started_us": self.heartbeat(engine={"state": "up", "started_us": "9" * 18}),
            "heartbeat.versions.service": self.heartbeat(versions={"service": "x" * 10_001}),
        }
        for field, beat in cases.items():
            with (
                self.subTest(field),
                mute_logger(SYNC),
                self.assertRaises(UserError) as caught,
                self.env.cr.savepoint(),
            ):
                self.raw_sync(heartbeat=beat)
            self.assertIn(f"{field}:", str(caught.exception))
        with mute_logger(SYNC), self.assertRaisesRegex(UserError, "etag: is too long"):
            self.sync(etag="x" * 201)

    def test_events_name_cameras(self):
        event = {"seq": "1", "at_us": str(now_us()), "kind": "parked", "detail": ""}
        verdicts = self.sync(events=[{**event, "camera_id": number} for number in (0, -1, 2**31, False, "1")])["events"]
        self.assertEqual([verdict[0] for verdict in verdicts], ["bad_value"] * 5)

    def test_refusals_are_logged_cut_and_quoted(self):
        name = "x\n2026-01-01 INFO forged\0" + "y" * 5000
        with self.assertLogs(SYNC, "WARNING") as log, self.assertRaises(UserError) as caught:
            self.sync(**{name: 1})
        (line,) = log.output
        self.assertNotIn("\n", line)
        self.assertLess(len(line), 400)
        self.assertLess(len(str(caught.exception)), 400)
