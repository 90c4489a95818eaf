import uuid

from odoo.tests import tagged

from ...tools import intervals
from ..common import DAY, MINUTE, SECOND, BridgeCommon, now_us
from .test_coverage import ORACLE


@tagged("post_install", "-at_install")
class TestDeletion(BridgeCommon):
    def setUp(self):
        super().setUp()
        self.run_uuid = str(uuid.uuid4())

    def delete(self, rows, run=None, recorder=None, **values):
        rows = [self.deletion(row, run or self.run_uuid, **values) for row in rows]
        verdicts = self.sync(recorder, deletions=self.columns(rows))["deletions"]
        self.env.invalidate_all()
        return [verdict if verdict == "ok" else verdict[0] for verdict in verdicts]

    def day(self):
        self.env.invalidate_all()
        (day,) = self.coverage().values()
        return day

    def assertKept(self):
        """Coverage equals what PostgreSQL reckons from the rows alone."""
        present = "status IN ('ok', 'recovered', 'damaged')"
        self.env.cr.execute(ORACLE.format(condition=present), {"camera": self.camera.id})
        wanted = {day: round(seconds, 3) for day, seconds in self.env.cr.fetchall() if round(seconds, 6)}
        self.env.invalidate_all()
        found = {day: round(row.kept_seconds, 3) for day, row in self.coverage().items() if row.kept_seconds}
        self.assertEqual(found, wanted, f"seed {self.seed}")
        self.env.cr.execute(
            f"SELECT coalesce(sum(bytes), 0)::bigint FROM cctv_segment_data WHERE camera_id = %s AND {present}",
            [self.camera.id],
        )
        (kept,) = self.env.cr.fetchone()
        self.assertEqual(sum(row.kept_bytes for row in self.coverage().values()), kept)

    def test_row_says_when_and_by_which_run(self):
        rows = self.minutes(self.midnight() + 7200 * SECOND, 10)
        self.sync(segments=self.columns(rows))
        at = now_us() - 5 * SECOND
        self.assertEqual(self.delete(rows[:4], at_us=str(at)), ["ok"] * 4)
        first = self.stored()[0]
        self.assertEqual((first.status, first.deletion_run), ("deleted", self.run_uuid))
        self.assertEqual(intervals.to_us(first.deleted_at), at)
        self.assertEqual(first.sha256, rows[0]["sha256"], "what it was stays known")
        self.assertEqual(self.stored().mapped("status"), ["deleted"] * 4 + ["ok"] * 6)
        self.assertFalse(self.stored()[5].deleted_at)

    def test_kept_falls_recorded_stays(self):
        rows = self.minutes(self.midnight() + 7200 * SECOND, 10)
        self.sync(segments=self.columns(rows))
        before = self.day()
        figures = (before.recorded_seconds, before.bytes, before.segments)
        self.assertEqual((before.kept_seconds, before.kept_bytes), (600, before.bytes))
        self.delete(rows[:4])
        day = self.day()
        self.assertEqual((day.recorded_seconds, day.bytes, day.segments), figures)
        self.assertAlmostEqual(day.kept_seconds, 360, 6)
        self.assertEqual(day.kept_bytes, sum(int(row["bytes"]) for row in rows[4:]))

    def test_deleted_is_final_and_counted_once(self):
        rows = self.minutes(self.midnight() + 7200 * SECOND, 3)
        self.sync(segments=self.columns(rows))
        self.delete(rows[:1])
        kept = self.day().kept_seconds
        self.assertEqual(self.delete(rows[:1], run=str(uuid.uuid4())), ["ok"])
        self.assertEqual((self.stored()[0].deletion_run, self.day().kept_seconds), (self.run_uuid, kept))
        self.sync(segments=self.columns(rows[:1]))
        self.env.invalidate_all()
        self.assertEqual(self.stored()[0].status, "deleted")

    def test_sizes_beyond_reason_never_sink_their_batch(self):
        rows = self.minutes(self.midnight() + 7200 * SECOND, 14)
        self.sync(segments=self.columns(rows))
        self.assertEqual(self.delete(rows, freed="9" * 18), ["bad_value"] * 14)
        self.env.cr.execute(
            "UPDATE cctv_segment_data SET bytes = %s WHERE camera_id = %s", [10**18 - 1, self.camera.id]
        )
        self.assertEqual(self.delete(rows), ["ok"] * 14, "rows of before sizes were bounded")
        self.assertEqual(self.day().kept_bytes, 0)

    def test_random_deletions_against_the_rows(self):
        start = self.midnight(4) - 3600 * SECOND
        rows = [self.segment(start=start + n * 50 * SECOND, number=n) for n in range(150)]
        self.sync(segments=self.columns(rows))
        left = list(rows)
        for _batch in range(6):
            gone = self.random.sample(left, 20)
            left = [row for row in left if row not in gone]
            self.assertEqual(self.delete(gone), ["ok"] * 20)
            self.assertKept()
        late = [self.segment(start=start - (n + 1) * MINUTE, number=n) for n in range(5)]
        segments, gone = self.columns(late), self.columns([self.deletion(late[0], self.run_uuid)])
        self.assertEqual(self.sync(segments=segments, deletions=gone)["deletions"], ["ok"], "both in one call")
        self.assertKept()

    def test_verdicts_row_by_row(self):
        start = now_us() - DAY
        rows = self.minutes(start, 3)
        self.sync(segments=self.columns(rows))
        other, _toml = self._new_recorder("GDG-2", self.site)
        foreign = self.segment(self._recorded_camera("cam-99", other), start)
        good = self.deletion(rows[0], self.run_uuid)
        batch = [
            good,
            good,
            self.deletion(foreign, self.run_uuid),
            self.deletion(self.segment(start=start + 99 * MINUTE), self.run_uuid),
            self.deletion(self.segment(start=now_us() - 3000 * DAY), self.run_uuid),
            *({**good, name: value} for name, value in (("camera_id", 0), ("start_us", 5), ("at_us", "9" * 18))),
            *({**good, name: value} for name, value in (("run", "0" * 32), ("freed", "-1"), ("camera_id", []))),
            self.deletion(rows[1], self.run_uuid),
        ]
        verdicts = self.sync(deletions=self.columns(batch))["deletions"]
        codes = [verdict if verdict == "ok" else verdict[0] for verdict in verdicts]
        self.assertEqual(
            codes,
            ["ok", "duplicate", "not_yours", "retry", "ok", *["bad_value"] * 6, "ok"],
            "a month that left is no news",
        )
        self.env.invalidate_all()
        self.assertEqual(self.stored().mapped("status"), ["deleted", "deleted", "ok"])

    def test_run_counts_as_it_goes(self):
        rows = self.minutes(now_us() - 40 * DAY, 10)
        self.sync(segments=self.columns(rows))
        purge = self.purge(last=now_us() - 39 * DAY)
        self.sync(holds_version="0", purge=purge)
        self.delete(rows[:4], run=purge["run"], freed="1000")
        self.delete(rows[:6], run=purge["run"], freed="1000")
        run = self.env["cctv.deletion.run"].search([("uuid", "=", purge["run"])])
        self.assertEqual((run.done_segments, run.freed), (6, 6000))
        self.assertEqual(self.stored()[0].with_user(self.it).deletion_run_id, run)

    def test_queries_do_not_grow_with_deletions(self):
        def count(start, number):
            rows = self.minutes(start, number)
            self.sync(segments=self.columns(rows))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.delete(rows)
            return self.env.cr.sql_log_count - before

        count(now_us() - 3 * DAY, 1)
        few = count(now_us() - 2 * DAY, 1)
        self.assertLessEqual(count(now_us() - DAY, 400), few)
