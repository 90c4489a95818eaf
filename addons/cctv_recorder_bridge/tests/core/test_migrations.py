from datetime import datetime

from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.recording.cctv_recorder_held import HELD
from ...models.recording.cctv_recorder_watch import OFFLINE
from ..common import DAY, SECOND, BridgeCommon, now_us
from ..recording.test_job import STREAM


@tagged("post_install", "-at_install")
class TestMigrations(BridgeCommon):
    def test_longest_segment_is_taken_from_what_is_stored(self):
        start = now_us() - DAY
        rows = [self.segment(start=start), self.segment(start=start + 90 * SECOND, seconds=612.3)]
        self.sync(segments=self.columns(rows))
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE cctv_recorder DROP COLUMN longest_segment")
        self.migrate("cctv_recorder_bridge/19.0.1.1.0/pre-longest_segment", "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(self.recorder.longest_segment, 613)
        self.env.cr.execute("SELECT count(*) FROM cctv_recorder WHERE longest_segment IS NULL")
        self.assertEqual(self.env.cr.fetchone()[0], 0)
        # a row inside the long one adds nothing
        self.sync(segments=self.columns([self.segment(start=start + 400 * SECOND)]))
        self.assertAlmostEqual(sum(row.recorded_seconds for row in self.coverage().values()), 60 + 612.3, 3)

    def test_picture_size_is_taken_from_the_last_good_test(self):
        first, second, third = self.cameras
        self.cameras.write({"resolution_width": 2688, "resolution_height": 1520, "hfov": 90, "distance_m": 10})
        for camera in (first, second):
            (job_id,) = camera.with_user(self.it).action_test_stream()
            self.sync()
            self.sync(jobs=[{"id": job_id, "state": "done", "result": STREAM, "error": ""}])
        (failed,) = first.with_user(self.it).action_test_stream()
        self.sync()
        self.sync(jobs=[{"id": failed, "state": "done", "result": {"ok": False, "reason": "timeout"}, "error": ""}])
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE cctv_camera SET stream_width = NULL, stream_height = NULL, px_per_m = 134.4;
               UPDATE cctv_camera_source SET write_date = now() + interval '1 hour' WHERE camera_id = %s""",
            [second.id],
        )
        self.env.invalidate_all()
        self.migrate("cctv_recorder_bridge/19.0.1.2.0/post-picture_size", "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertEqual([camera.stream_width for camera in self.cameras], [768, 0, 0])
        self.assertAlmostEqual(first.px_per_m, 38.4, 1)
        self.assertAlmostEqual(third.px_per_m, 134.4, 1)

    def test_activity_types_get_their_model(self):
        types = self.env["mail.activity.type"]
        data = self.env["ir.model.data"].search([("module", "=", "cctv_recorder_bridge"), ("model", "=", types._name)])
        later = self.env.ref(OFFLINE["cctv.camera"]) + self.env.ref(HELD)  # had their model from the first
        kinds = types.browse(data.mapped("res_id")) - later
        before = kinds.mapped("res_model")
        kinds.res_model = False
        self.env.flush_all()
        self.migrate("cctv_recorder_bridge/19.0.1.2.0/post-activity_types", "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertEqual(kinds.mapped("res_model"), before)

    @mute_logger("odoo.addons.mail.models.mail_activity_mixin")
    def test_alarms_of_cameras_get_their_type(self):
        shared, own = (self.env.ref(OFFLINE[model]) for model in ("cctv.recorder", "cctv.camera"))
        alarms = self.env["mail.activity"]
        for record in (self.recorder, self.camera, self.camera):
            self.recorder._raise_alarm_on(record, OFFLINE["cctv.recorder"], "x", self.it)
            alarms += record.activity_ids[-1:]
        alarms[1].action_feedback(feedback="dilihat")
        self.env.flush_all()
        self.env.cr.execute("UPDATE mail_activity SET write_date = '2026-01-01'")
        self.migrate("cctv_recorder_bridge/19.0.1.2.0/post-activity_types", "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertEqual([alarm.activity_type_id for alarm in alarms], [shared, own, own])
        self.assertEqual(set(alarms.mapped("write_date")), {datetime(2026, 1, 1)}, "a done alarm rests as before")
