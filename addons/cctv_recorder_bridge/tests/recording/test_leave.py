import uuid
from contextlib import closing
from datetime import datetime
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from psycopg2.errors import LockNotAvailable

from odoo import fields, sql_db
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.recording import cctv_segment_leave
from ...tools import intervals
from ..common import MINUTE, BridgeCommon

LEAVE = "odoo.addons.cctv_recorder_bridge.models.recording.cctv_segment_leave"


@tagged("post_install", "-at_install")
class TestLeave(BridgeCommon):
    """Months leave the index; with a small window, so that they are old enough soon."""

    def setUp(self):
        super().setUp()
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("cctv_recorder_bridge.earliest_days", "400")
        today = fields.Datetime.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        self.first = today - relativedelta(months=4)
        self.name = self.env["cctv.segment"]._partition_name(self.first)
        self.start = intervals.to_us(self.first) + 50 * MINUTE
        self.rows = self.minutes(self.start, 20)
        self.assertEqual(self.sync(segments=self.columns(self.rows))["segments"], ["ok"] * 20)
        parameters.set_param("cctv_recorder_bridge.earliest_days", "40")
        parameters.set_param("cctv_recorder_bridge.index_days", "60")

    def delete(self, rows):
        run = str(uuid.uuid4())
        self.sync(deletions=self.columns([self.deletion(row, run) for row in rows]))

    def leave(self):
        self.env["cctv.segment"]._cron_leave()
        self.env.invalidate_all()

    def present(self):
        return self.name in self.env["cctv.segment"]._months_present()

    def hold(self, first, last, **values):
        start = intervals.from_us(self.start + first * MINUTE).replace(microsecond=0)
        stop = intervals.from_us(self.start + last * MINUTE).replace(microsecond=0)
        return self._new_hold(self.camera, start=start, stop=stop, **values)

    def test_month_with_footage_stays(self):
        self.delete(self.rows[:19])
        self.leave()
        self.assertEqual(len(self.stored()), 20)

    def test_month_without_footage_leaves(self):
        self.delete(self.rows)
        self.leave()
        self.assertFalse(self.present())
        self.assertFalse(self.stored())
        self.assertAlmostEqual(sum(row.recorded_seconds for row in self.coverage().values()), 1200, 3)
        self.assertEqual(
            self.sync(deletions=self.columns([self.deletion(self.rows[0], str(uuid.uuid4()))]))["deletions"],
            ["ok"],
            "told once more: no news",
        )

    def test_held_rows_stay(self):
        hold = self.hold(5, 8)
        self.delete(self.rows[:5] + self.rows[8:])
        self.leave()
        self.assertTrue(self.present())
        self.assertEqual(self.stored().mapped("number"), [5, 6, 7])
        self.assertEqual(set(self.stored().mapped("status")), {"ok"})
        self.assertEqual(self.stored()[0].sha256, self.rows[5]["sha256"])
        self.env.cr.execute("SELECT relispartition FROM pg_class WHERE relname = %s", [self.name])
        self.assertEqual(self.env.cr.fetchone(), (True,))
        with patch.object(type(self.env["cctv.segment"]), "_copy_held", side_effect=AssertionError):
            self.leave()  # nothing left that may leave
        hold._with_pass(["ended_at"]).write({"ended_at": fields.Datetime.now()})
        self.leave()
        self.assertEqual(len(self.stored()), 3, "its footage is still there")
        self.delete(self.rows[5:8])
        self.leave()
        self.assertFalse(self.present())

    def test_two_holds_on_one_row_keep_it_once(self):
        self.hold(5, 8)
        self.hold(6, 10)
        self.delete(self.rows)
        self.leave()
        self.assertEqual(self.stored().mapped("number"), [5, 6, 7, 8, 9], "what was gone stays on record")
        self.assertEqual(set(self.stored().mapped("status")), {"deleted"})

    def test_partition_works_on(self):
        self.hold(5, 8)
        self.delete(self.rows)
        self.leave()
        self.env["ir.config_parameter"].set_param("cctv_recorder_bridge.earliest_days", "400")
        late = self.minutes(self.start + 300 * MINUTE, 2)
        self.assertEqual(self.sync(segments=self.columns([*late, self.rows[5]]))["segments"], ["ok"] * 3)
        self.assertEqual(len(self.stored()), 5)

    def test_young_months_stay(self):
        self.delete(self.rows)
        for name, days in (("index_days", "400"), ("earliest_days", "400")):
            with self.subTest(name):
                self.env["ir.config_parameter"].set_param(f"cctv_recorder_bridge.{name}", days)
                self.leave()
                self.assertTrue(self.present())
                self.env["ir.config_parameter"].set_param(f"cctv_recorder_bridge.{name}", "40")

    def test_busy_table_is_tried_again(self):
        self.delete(self.rows)
        model = type(self.env["cctv.segment"])
        original, calls = model._leave_month, []

        def busy(segments, name, first):
            calls.append(name)
            if len(calls) < 3:
                raise LockNotAvailable
            return original(segments, name, first)

        with patch.object(model, "_leave_month", busy), self.assertLogs(LEAVE, "WARNING"):
            self.leave()
        self.assertEqual(calls, [self.name] * 3)
        self.assertFalse(self.present())

    def test_real_lock_is_not_waited_for_long(self):
        """A reader of the table for longer than the lock time-out: the month stays, and leaves when he is done."""
        self.delete(self.rows)
        self.patch(cctv_segment_leave, "LOCK_TIMEOUT", "100ms")
        with closing(sql_db.db_connect(self.env.cr.dbname).cursor()) as reader:
            # the table alone: its DEFAULT partition is locked by this very test since it attached the month
            reader.execute("SET lock_timeout = '5s'; LOCK TABLE ONLY cctv_segment_data IN ACCESS SHARE MODE")
            with self.assertLogs(LEAVE, "WARNING") as told, mute_logger("odoo.sql_db"):
                self.leave()
            self.assertEqual(len([line for line in told.output if "busy" in line]), 3)
            self.assertTrue(self.present())
        self.leave()
        self.assertFalse(self.present())

    def test_default_partition_is_no_month(self):
        months = self.env["cctv.segment"]._months_to_leave()
        self.assertNotIn("cctv_segment_data_default", months)
        self.assertTrue(all(isinstance(first, datetime) for first in months.values()))
