from odoo.exceptions import UserError
from odoo.tests import tagged

from ...tools import intervals
from ..common import DAY, MINUTE, SECOND, BridgeCommon, now_us

ORACLE = """
    WITH zone AS (SELECT coalesce(s.tz, 'UTC') AS tz FROM cctv_camera c JOIN cctv_location s ON s.id =
    c.site_id WHERE c.id = %(camera)s),
         parts AS (SELECT unnest(range_agg(tsrange(start, stop))) AS part FROM cctv_segment_data
                    WHERE camera_id = %(camera)s AND {condition}),
         days AS (SELECT day::date, (day::timestamp AT TIME ZONE tz) AT TIME ZONE 'UTC' AS first,
                         ((day::timestamp + interval '1 day') AT TIME ZONE tz) AT TIME ZONE 'UTC' AS last
                    FROM zone, generate_series(current_date - interval '420 days', current_date + interval '3
                    days', interval '1 day') AS g(day))
    SELECT day::text, sum(extract(epoch FROM least(upper(part), last) - greatest(lower(part), first)))::float8
      FROM parts JOIN days ON part && tsrange(first, last) GROUP BY day"""


@tagged("post_install", "-at_install")
class TestCoverage(BridgeCommon):
    def oracle(self, camera, condition):
        """Seconds a day, reckoned by PostgreSQL from the stored rows alone."""
        self.env.cr.execute(ORACLE.format(condition=condition), {"camera": camera.id})
        return {day: seconds for day, seconds in self.env.cr.fetchall() if round(seconds, 6)}

    def assertRollupRight(self, camera, recorded=True):
        self.env.invalidate_all()
        rows = self.coverage(camera)
        kept = self.oracle(camera, "status IN ('ok', 'recovered', 'damaged')")
        self.assertSameDays({d: r.kept_seconds for d, r in rows.items()}, kept, camera)
        if recorded:
            wanted = self.oracle(camera, "sha256 IS NOT NULL")
            self.assertSameDays({d: r.recorded_seconds for d, r in rows.items()}, wanted, camera)

    def assertSameDays(self, found, wanted, camera):
        off = {
            day: (found.get(day, 0), wanted.get(day, 0))
            for day in found.keys() | wanted.keys()
            if round((found.get(day, 0) - wanted.get(day, 0)) * 1e6)
        }
        self.assertFalse(off, f"{camera.tz}, seed {self.seed}")

    def test_midnight_of_the_site(self):
        midnight = self.midnight()
        self.sync(segments=self.columns([self.segment(start=midnight - 20 * SECOND)]))
        rows = self.coverage()
        before, after = (intervals.day_of(midnight + d, "Asia/Makassar").isoformat() for d in (-1, 0))
        self.assertEqual({d: r.recorded_seconds for d, r in rows.items()}, {before: 20, after: 40})
        self.assertEqual((rows[before].segments, rows[after].segments), (1, 0))
        self.assertEqual(rows[before].site_id, self.site)

    def test_percent_in_a_name_is_cut_and_never_rounded_up(self):
        coverage = self.env["cctv.coverage"]
        told = [coverage._percent_told(percent) for percent in (99.996, 99.99, 98.97, 42.8, 20.0, 100.0)]
        self.assertEqual(told, ["99.99", "99.99", "98.9", "42.8", "20", "100"])
        self.assertEqual(coverage.with_context(lang="id_ID")._percent_told(42.8), "42,8")

    def test_overlaps_count_once(self):
        start = self.midnight() + 3600 * SECOND
        rows = [self.segment(start=start + n * 57 * SECOND, number=n) for n in range(10)]
        self.random.shuffle(rows)
        self.sync(segments=self.columns(rows[:4]))
        self.sync(segments=self.columns(rows[4:]))
        (day,) = self.coverage().values()
        self.assertAlmostEqual(day.recorded_seconds, 9 * 57 + 60, 6)
        self.assertEqual(day.segments, 10)

    def test_random_histories_agree_with_postgres(self):
        """Overlaps, jumps, repeats, midnights, status changes, in random batches: the rollup equals a recount."""
        zones = ["Asia/Makassar", "Asia/Jakarta", "Europe/Berlin", "Pacific/Apia"]
        for tz in zones:
            site = self._new_location(f"Site {tz}", "site", tz=tz, company_id=self.company.id)
            camera = self._recorded_camera(f"rnd-{zones.index(tz)}", self.recorder, location=site)
            at, rows = self.midnight(30, tz), []
            for number in range(300):
                seconds = self.random.uniform(1, 900)
                at += round(self.random.choice([seconds, seconds - 3, -400, 0.000001, 30_000]) * SECOND)
                rows.append(self.segment(camera, at, seconds, number=number, run=f"{self.random.randrange(2):032x}"))
            self.random.shuffle(rows)
            while rows:
                size = self.random.randrange(1, 60)
                batch, rows = (
                    rows[:size],
                    rows[size:] + self.random.sample(rows[:size], min(3, len(rows[:size]))) * (len(rows) > size),
                )
                unique = list({(row["camera_id"], row["start_us"]): row for row in batch}.values())
                self.sync(segments=self.columns(unique))
            self.assertRollupRight(camera)
            stored = self.env["cctv.segment"].search([("camera_id", "=", camera.id)])
            leaving = self.random.sample(stored.ids, 80)
            changes = [self._row_of(row, self.random.choice(["missing", "deleted"])) for row in stored.browse(leaving)]
            before = sum(row.recorded_seconds for row in self.coverage(camera).values())
            self.sync(segments=self.columns(changes))
            self.assertRollupRight(camera)
            self.assertAlmostEqual(sum(row.recorded_seconds for row in self.coverage(camera).values()), before, 4)

    @staticmethod
    def _row_of(segment, status):
        return {
            "camera_id": segment.camera_id.id,
            "start_us": segment.start_us,
            "stop_us": segment.stop_us,
            "bytes": str(int(segment.bytes)),
            "sha256": segment.sha256 if status == "deleted" else "",
            "run": segment.run,
            "number": segment.number,
            "status": status,
            "test": 0,
        }

    def test_kept_falls_recorded_stays(self):
        start = self.midnight() + 3600 * SECOND
        rows = self.minutes(start, 10)
        self.sync(segments=self.columns(rows))
        self.sync(segments=self.columns([{**row, "status": "deleted"} for row in rows[:4]]))
        self.env.invalidate_all()
        (day,) = self.coverage().values()
        self.assertEqual((day.recorded_seconds, day.kept_seconds, day.segments), (600, 360, 10))

    def test_percent_of_a_full_day(self):
        start = self.midnight()
        self.sync(segments=self.columns(self.minutes(start, 1440)))
        full = self.coverage()[intervals.day_of(start, "Asia/Makassar").isoformat()]
        self.assertEqual((full.expected_seconds, full.percent), (86400, 100))

    # -- gaps ----------------------------------------------------------------------------------------------

    def test_gap_opens_closes_and_is_explained(self):
        start = self.midnight() + 7200 * SECOND + 17
        self.assertEqual(self.sync(gaps=self.columns([self.gap(start)]))["gaps"], ["ok"])
        gap = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id)])
        self.assertTrue(
            gap.display_name.startswith("CAM-01") and gap.display_name.endswith(" 02:00:00 WITA"), gap.display_name
        )
        indonesian = gap.with_context(lang="id_ID").display_name
        self.assertTrue(indonesian.endswith(" 02.00.00 WITA"), indonesian)
        self.assertRecordValues(gap, [{"state": "open", "stop": False, "start_us": str(start)}])
        day = self.coverage()[intervals.day_of(start, "Asia/Makassar").isoformat()]
        self.assertEqual((day.gaps, round(day.gap_seconds, 6)), (1, 86400 - 7200 - 17e-6), "it lasted that day through")
        for _repeat in range(2):
            self.sync(gaps=self.columns([self.gap(start, start + 61_500_000, "timeout")]))
        self.env.invalidate_all()
        self.assertRecordValues(gap, [{"state": "unexplained", "reason": "timeout", "duration_s": 61.5}])
        self.assertEqual((day.gaps, day.gap_seconds), (1, 61.5))
        self.sync(gaps=self.columns([self.gap(start)]))
        self.env.invalidate_all()
        self.assertEqual((gap.state, day.gap_seconds), ("unexplained", 61.5), "a closed gap is not opened again")
        gap.with_user(self.users["supervisor"]).action_explain(note="Listrik padam")
        self.assertRecordValues(
            gap, [{"state": "explained", "explanation": "Listrik padam", "explained_by": self.users["supervisor"].id}]
        )
        self.sync(gaps=self.columns([self.gap(start, start + 70 * SECOND, "timeout")]))
        self.env.invalidate_all()
        self.assertEqual((gap.state, day.gap_seconds, day.gaps), ("unexplained", 70, 1), "longer than explained")
        self.assertEqual((gap.explanation, gap.explained_at), ("Listrik padam", False))

    def test_explanation_holds_for_the_gap_that_was_explained(self):
        start = self.midnight()
        supervisor = self.users["supervisor"]

        def told(stop, reason="source_lost"):
            row = self.gap(start, None if stop is None else start + stop * SECOND, reason)
            self.assertEqual(self.sync(gaps=self.columns([row]))["gaps"], ["ok"])
            self.env.invalidate_all()
            return self.env["cctv.gap"].search([("camera_id", "=", self.camera.id)])

        gap = told(None)
        gap.with_user(supervisor).action_explain(note="Listrik padam")
        self.assertEqual(gap.state, "open")
        self.assertEqual(told(60).state, "explained", "its end was to come")
        self.assertEqual(told(60).state, "explained")
        self.assertEqual(told(50).state, "explained", "shorter is within what was explained")
        self.assertEqual(told(50, "disk_full").state, "unexplained")
        self.assertEqual(told(40, "disk_full").state, "unexplained", "once lost, it does not come back")
        gap.with_user(supervisor).action_explain(note="Disk penuh")
        self.assertEqual(told(40, "disk_full").state, "explained")
        self.assertEqual(told(3600, "disk_full").state, "unexplained")
        self.assertEqual((gap.explanation, gap.explained_by), ("Disk penuh", supervisor))

    def test_gap_that_proved_to_be_none_is_withdrawn(self):
        start = self.midnight()
        self.sync(gaps=self.columns([self.gap(start)]))
        gap = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id)])
        days = self.coverage().values()
        day = self.coverage()[intervals.day_of(start, "Asia/Makassar").isoformat()]
        self.assertEqual(([row.gaps for row in days], self.camera.gap_count_open), ([1] * 3, 1))
        for _repeat in range(2):
            self.sync(gaps=self.columns([self.gap(start, start)]))
        self.env.invalidate_all()
        self.assertEqual((gap.state, gap.duration_s), ("withdrawn", 0))
        self.assertEqual([(row.gaps, row.gap_seconds) for row in days], [(0, 0)] * 3)
        self.assertFalse(self.camera.gap_count_open)
        with self.assertRaises(UserError):
            gap.with_user(self.users["supervisor"]).action_explain(note="Listrik padam")
        self.sync(gaps=self.columns([self.gap(start, start + MINUTE)]))
        self.env.invalidate_all()
        self.assertEqual((gap.state, day.gaps, day.gap_seconds), ("unexplained", 1, 60), "it was one after all")

    def test_gap_withdrawn_before_it_was_told_of_is_never_stored(self):
        start = self.midnight()
        self.assertEqual(self.sync(gaps=self.columns([self.gap(start, start)]))["gaps"], ["ok"])
        self.assertFalse(self.env["cctv.gap"].search([("camera_id", "=", self.camera.id)]))
        self.assertFalse(self.coverage())

    def test_reason_that_changes_while_the_gap_lasts(self):
        start = self.midnight()
        self.sync(gaps=self.columns([self.gap(start)]))
        gap = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id)])
        gap.with_user(self.users["supervisor"]).action_explain(note="Listrik padam")
        self.sync(gaps=self.columns([self.gap(start, reason="disk_full")]))
        self.sync(gaps=self.columns([self.gap(start, start + MINUTE, "disk_full")]))
        self.env.invalidate_all()
        self.assertEqual(gap.state, "unexplained")

    def test_gap_rows_are_judged(self):
        start = now_us() - DAY
        rows = [
            self.gap(start, start + MINUTE),
            self.gap(start, start + MINUTE),
            self.gap(start + MINUTE, start),
            self.gap(start + 2 * MINUTE, reason="aliens"),
            self.gap(now_us() - 500 * DAY),
            {**self.gap(start + 3 * MINUTE), "camera_id": 2**31 - 1},
            self.gap(start + 4 * MINUTE, now_us() + 3 * DAY),
            self.gap(start + 5 * MINUTE),
        ]
        codes = [v if v == "ok" else v[0] for v in self.sync(gaps=self.columns(rows))["gaps"]]
        self.assertEqual(
            codes, ["ok", "duplicate", "bad_value", "bad_value", "bad_time", "not_yours", "bad_time", "ok"]
        )

    def test_long_gap_is_cut_at_midnights(self):
        start = self.midnight(4) - 3600 * SECOND
        self.sync(gaps=self.columns([self.gap(start, start + 2 * DAY)]))
        self.assertEqual([r.gap_seconds for _d, r in sorted(self.coverage().items())], [3600, 86400, 82800])
        self.assertEqual([r.gaps for _d, r in sorted(self.coverage().items())], [1, 1, 1])
