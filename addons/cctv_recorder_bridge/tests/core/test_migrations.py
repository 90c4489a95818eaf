from datetime import datetime
from pathlib import Path

from odoo.modules.migration import exec_script
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.recording.cctv_recorder_watch import OFFLINE
from ..common import DAY, SECOND, BridgeCommon, now_us

ADDON = Path(__file__).parents[2]


@tagged("post_install", "-at_install")
class TestMigrations(BridgeCommon):
    def migrate(self, script, installed):
        version, name = script.split("/")
        stage = name.split("-")[0]
        path = ADDON / "migrations" / version / f"{name}.py"
        exec_script(self.env.cr, installed, str(path), "cctv_recorder_bridge", stage, version)

    def test_longest_segment_is_taken_from_what_is_stored(self):
        start = now_us() - DAY
        rows = [self.segment(start=start), self.segment(start=start + 90 * SECOND, seconds=612.3)]
        self.sync(segments=self.columns(rows))
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE cctv_recorder DROP COLUMN longest_segment")
        self.migrate("19.0.1.1.0/pre-longest_segment", "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(self.recorder.longest_segment, 613)
        self.env.cr.execute("SELECT count(*) FROM cctv_recorder WHERE longest_segment IS NULL")
        self.assertEqual(self.env.cr.fetchone()[0], 0)
        # a row inside the long one adds nothing
        self.sync(segments=self.columns([self.segment(start=start + 400 * SECOND)]))
        self.assertAlmostEqual(sum(row.recorded_seconds for row in self.coverage().values()), 60 + 612.3, 3)

    def test_activity_types_get_their_model(self):
        types = self.env["mail.activity.type"]
        data = self.env["ir.model.data"].search([("module", "=", "cctv_recorder_bridge"), ("model", "=", types._name)])
        kinds = types.browse(data.mapped("res_id")) - self.env.ref(OFFLINE["cctv.camera"])
        before = kinds.mapped("res_model")
        kinds.res_model = False
        self.env.flush_all()
        self.migrate("19.0.1.2.0/post-activity_types", "19.0.1.1.0")
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
        self.migrate("19.0.1.2.0/post-activity_types", "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertEqual([alarm.activity_type_id for alarm in alarms], [shared, own, own])
        self.assertEqual(set(alarms.mapped("write_date")), {datetime(2026, 1, 1)}, "a done alarm rests as before")
