import re
from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import DAY, MINUTE, SECOND, BridgeCommon, now_us

SEGMENT = "odoo.addons.cctv_recorder_bridge.models.recording.cctv_segment"


@tagged("post_install", "-at_install")
class TestSegment(BridgeCommon):
    def partitions(self):
        self.env.cr.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'cctv_segment_data'::regclass"
        )
        return {name for (name,) in self.env.cr.fetchall()}

    def in_default(self):
        self.env.cr.execute("SELECT count(*) FROM cctv_segment_data_default")
        return self.env.cr.fetchone()[0]

    def test_months_ahead_exist(self):
        model = self.env["cctv.segment"]
        wanted = {model._partition_name(month) for month in model._months_ahead()}
        self.assertLessEqual(wanted | {"cctv_segment_data_default"}, self.partitions())
        self.assertEqual(len(wanted), 4)

    def test_months_backwards_are_made_at_ingest(self):
        start = now_us() - 395 * DAY
        name = self.env["cctv.segment"]._partition_name(datetime(1970, 1, 1) + timedelta(microseconds=start))
        self.assertNotIn(name, self.partitions())
        self.assertEqual(self.sync(segments=self.columns([self.segment(start=start)]))["segments"], ["ok"])
        self.assertIn(name, self.partitions())
        self.assertEqual(self.in_default(), 0)

    def test_strays_are_alarmed_then_moved(self):
        self.env.cr.execute(
            "INSERT INTO cctv_segment_data (camera_id, recorder_id, start, stop, bytes, sha256, "
            "run, number, status, test)"
            " VALUES (%s, %s, '2031-03-15 10:00', '2031-03-15 10:01', 1, decode(repeat('ab', 32), 'hex'),"
            " '00000000000000000000000000000001', 1, 'ok', false)",
            [self.camera.id, self.recorder.id],
        )
        self.assertEqual(self.in_default(), 1)
        with self.assertLogs(SEGMENT, "ERROR"):
            self.env["cctv.segment"]._cron_partitions()
        strays = self.env.ref("cctv_recorder_bridge.mail_activity_strays")
        self.assertEqual(self.env["mail.activity"].search_count([("activity_type_id", "=", strays.id)]), 1)
        self.env["cctv.segment"]._ensure_months([datetime(2031, 3, 1)])
        self.assertEqual(self.in_default(), 0)
        self.assertEqual(self.stored().start, datetime(2031, 3, 15, 10))

    def test_nobody_writes(self):
        self.sync(segments=self.columns(self.minutes(now_us() - DAY, 2)))
        segment = self.stored()[:1]
        for user in (*self.users.values(), self.bot, self.env.ref("base.user_admin")):
            mine = segment.with_user(user)
            for call in (
                lambda s: s.write({"status": "deleted"}),
                lambda s: s.unlink(),
                lambda s: s.create([{"camera_id": self.camera.id}]),
            ):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    call(mine)
        with self.assertRaises(Exception), mute_logger("odoo.sql_db"), self.env.cr.savepoint():  # noqa: B017
            segment.sudo().write({"status": "deleted"})
            self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.stored().mapped("status"), ["ok", "ok"])

    def test_window_search_is_bounded_and_right(self):
        start = now_us() // SECOND * SECOND - DAY
        self.sync(segments=self.columns(self.minutes(start, 60)))
        low = datetime(1970, 1, 1) + timedelta(microseconds=start + 30 * MINUTE + 30 * SECOND)
        high = low + timedelta(minutes=5)
        domain = [("camera_id", "=", self.camera.id), ("start", "<", high), ("stop", ">", low)]
        found = self.env["cctv.segment"].search(domain, order="start")
        self.assertEqual(found.mapped("number"), [30, 31, 32, 33, 34, 35])
        query = self.env["cctv.segment"]._search(domain)
        text = self.env.cr.mogrify(query.select().code, query.select().params).decode()
        self.assertIn(f"\"start\" >= '{(low - timedelta(minutes=15)).isoformat()}'", text)
        rest = self.env["cctv.segment"].search([("camera_id", "=", self.camera.id), "!", "&", *domain[1:]])
        self.assertEqual(len(rest), 54)

    def test_lists_pivots_and_readers(self):
        self.sync(
            segments=self.columns([row for camera in self.cameras for row in self.minutes(now_us() - DAY, 5, camera)])
        )
        for role in ("it", "supervisor", "auditor", "dpo", "management"):
            model = self.env["cctv.segment"].with_user(self.users[role])
            self.assertEqual(model.search_count([]), 15)
            groups = model.formatted_read_group([], ["camera_id"], ["bytes:sum", "__count"])
            self.assertEqual([group["__count"] for group in groups], [5, 5, 5])
            page = model.web_search_read(
                [], {"camera_id": {"fields": {"display_name": {}}}, "sha256": {}, "tz": {}}, limit=3
            )
            self.assertEqual(page["records"][0]["tz"], "Asia/Makassar")
        self.assertEqual(self.env["cctv.segment"].with_user(self.outsider).search_count([]), 0)
        place = (
            self.env["cctv.segment"]
            .with_user(self.it)
            .search_count([("camera_id.location_id", "child_of", self.site.id)])
        )
        self.assertEqual(place, 15)
        with self.assertRaises(AccessError):
            self.env["cctv.segment"].with_user(self.officer).search([])

    def test_camera_day_uses_the_index(self):
        first = datetime(1970, 1, 1) + timedelta(microseconds=self.midnight())
        rows = [row for camera in self.cameras for row in self.minutes(self.midnight(6), 6 * 1440, camera)]
        for number in range(0, len(rows), 5000):
            self.sync(segments=self.columns(rows[number : number + 5000]))
        self.env.cr.execute("ANALYZE cctv_segment_data")
        query = (
            self.env["cctv.segment"]
            ._search(
                [("camera_id", "=", self.camera.id), ("start", "<", first + timedelta(days=1)), ("stop", ">", first)]
            )
            .select("start")
        )
        self.env.cr.execute("EXPLAIN (ANALYZE) " + query.code, query.params)
        plan = "\n".join(line for (line,) in self.env.cr.fetchall())
        partition = self.env["cctv.segment"]._partition_name(first)
        self.assertRegex(plan, rf"Index (Only )?Scan (using|on) {partition}_camera_id_start")
        self.assertNotRegex(plan, r"Seq Scan on cctv_segment_data_2")
        self.assertRegex(plan, r"rows=1440 ")
        passed_over = sum(map(int, re.findall(r"Rows Removed by \w+: (\d+)", plan)))
        self.assertLess(passed_over, 30, "no more than the longest segment before the day")
