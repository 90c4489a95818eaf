from pathlib import Path

from odoo.modules.migration import exec_script
from odoo.tests import tagged

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
