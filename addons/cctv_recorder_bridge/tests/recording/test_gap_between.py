from odoo.tests import tagged

from ...tools import intervals
from ..common import DAY, MINUTE, SECOND, BridgeCommon, now_us


@tagged("post_install", "-at_install")
class TestGapBetween(BridgeCommon):
    """What neither recorder records of a camera that moves is one gap: from the former's end to the new one's first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other, _toml = cls._new_recorder("GDG-2", cls.site)

    def setUp(self):
        super().setUp()
        self.end = now_us() - 40 * SECOND
        self.sync(segments=self.columns(self.minutes(self.end - 5 * MINUTE, 5)))

    def move(self, target=None, camera=None):
        (camera or self.camera).with_user(self.it).recorder_id = self.other if target is None else target
        self.env.flush_all()

    def told(self, recorder=None, segments=(), gaps=()):
        parts = {name: self.columns(rows) for name, rows in (("segments", segments), ("gaps", gaps)) if rows}
        reply = self.sync(recorder, **parts)
        self.assertEqual(set(reply["segments"] + reply["gaps"]) - {"ok"}, set())
        self.env.invalidate_all()

    def gaps(self):
        self.env.invalidate_all()
        return self.env["cctv.gap"].search([("camera_id", "=", self.camera.id), ("state", "!=", "withdrawn")])

    def assertGap(self, start, stop, **values):
        gap = self.gaps()
        self.assertEqual(len(gap), 1)
        bounds = {"start_us": str(start), "stop_us": str(stop) if stop else False}
        self.assertRecordValues(gap, [{**bounds, **values}])
        return gap

    def assertFigures(self):
        """The days count what the gaps are, and as many as a recount finds."""
        days = self.env["cctv.coverage"].search([("camera_id", "=", self.camera.id)])
        self.assertAlmostEqual(sum(days.mapped("gap_seconds")), sum(self.gaps().mapped("duration_s")), 3)
        before = days.mapped("gaps")
        self.env["cctv.coverage"]._recount_gaps()
        self.assertEqual(days.mapped("gaps"), before)

    def test_one_gap_from_the_move_on(self):
        self.move()
        self.assertGap(self.end, None, state="open", reason="config_change", recorder_id=False)
        self.assertFigures()
        late = self.segment(start=self.end, seconds=42.5)
        self.told(segments=[late], gaps=[self.gap(self.end + 43 * SECOND, self.end + 44 * SECOND)])
        last = self.end + 42_500_000
        self.assertGap(last, None, state="open")
        self.assertFigures()
        first = last + 5 * SECOND
        self.told(self.other, segments=self.minutes(first, 2))
        self.assertGap(last, first, state="unexplained", duration_s=5)
        self.assertFigures()

    def test_late_footage_narrows_what_has_ended(self):
        self.move()
        self.told(self.other, segments=self.minutes(self.end + 50 * SECOND, 2))
        gap = self.assertGap(self.end, self.end + 50 * SECOND)
        gap.with_user(self.it).action_explain(note="Pindah perekam")
        self.told(segments=[self.segment(start=self.end, seconds=42)])
        self.assertGap(self.end + 42 * SECOND, self.end + 50 * SECOND, state="explained")
        self.told(segments=[self.segment(start=self.end + 42 * SECOND, seconds=30)])
        self.assertFalse(self.gaps(), "both recorded for a while")
        self.told(gaps=[self.gap(self.end + 72 * SECOND)])
        self.told(gaps=[self.gap(self.end + 72 * SECOND, self.end + 80 * SECOND)])
        self.assertFalse(self.gaps())
        self.assertFigures()

    def test_open_gap_is_not_ended_by_the_former_recorder(self):
        self.told(gaps=[self.gap(self.end)])
        self.move()
        self.assertGap(self.end, None, reason="source_lost")
        for stop in (self.end + 41 * SECOND, None, self.end):
            self.told(gaps=[self.gap(self.end, stop, "timeout")])
            self.assertGap(self.end, None, state="open", reason="source_lost")
        self.told(self.other, segments=self.minutes(self.end + 90 * SECOND, 1))
        self.assertGap(self.end, self.end + 90 * SECOND, reason="source_lost")
        self.assertFigures()

    def test_open_gap_that_was_told_late(self):
        self.move()
        self.told(
            segments=[self.segment(start=self.end, seconds=10)],
            gaps=[self.gap(self.end + 10 * SECOND), self.gap(self.end - MINUTE, self.end - MINUTE + SECOND)],
        )
        rows = [(str(self.end + 10 * SECOND), False), (str(self.end - MINUTE), str(self.end - MINUTE + SECOND))]
        self.assertEqual([(gap.start_us, gap.stop_us) for gap in self.gaps()], rows)
        self.assertFigures()

    def test_the_new_recorder_s_gap_is_the_same_one(self):
        self.move()
        begun = now_us()
        self.told(self.other, gaps=[self.gap(begun, None, "config_change")])
        self.told(self.other, gaps=[self.gap(begun, None, "auth_failed")])
        self.assertGap(self.end, None, reason="auth_failed")
        first = self.end + 90 * SECOND
        for _repeat in range(2):
            self.told(self.other, segments=self.minutes(first, 1), gaps=[self.gap(begun, first, "auth_failed")])
            self.assertGap(self.end, first, reason="auth_failed", state="unexplained")
        lost = first + MINUTE
        self.told(self.other, gaps=[self.gap(lost)])
        self.assertEqual(self.gaps()[0].recorder_id, self.other, "a later one is its own")
        self.assertFigures()

    def test_back_at_the_first_recorder(self):
        self.move()
        there = self.end + 50 * SECOND
        self.told(self.other, segments=self.minutes(there, 2))
        self.env.cr.execute("UPDATE cctv_recorder_stay SET until = until - interval '1 second'")
        self.move(self.recorder)
        self.assertEqual(self.gaps()[0].start_us, str(min(there + 2 * MINUTE, int(self.gaps()[0].start_us))))
        back = there + 3 * MINUTE
        self.told(segments=[self.segment(start=self.end, seconds=45)])
        self.told(segments=self.minutes(back, 1), gaps=[self.gap(self.end + 45 * SECOND, back)])
        self.told(self.other, segments=[self.segment(start=there + 2 * MINUTE, seconds=30)])
        bounds = [(int(gap.start_us), int(gap.stop_us)) for gap in self.gaps()]
        self.assertEqual(bounds, [(there + 150 * SECOND, back), (self.end + 45 * SECOND, there)])
        self.assertFigures()

    def test_no_gap_where_none_is(self):
        suspended, planned = self.cameras[1:]
        suspended.with_user(self.it).action_suspend(note="Renovasi")
        self.env["cctv.segment"].invalidate_model()
        for camera in (suspended, planned):
            self.move(camera=camera)
        self.assertFalse(self.env["cctv.gap"].search([]), "suspended, or nothing was ever recorded")

    def test_taken_off_its_recorder(self):
        self.move()
        self.move(self.env["cctv.recorder"])
        gap = self.gaps()
        self.assertAlmostEqual(int(gap.stop_us), now_us(), delta=MINUTE)
        self.assertEqual(gap.state, "unexplained")
        self.assertFigures()
        self.move(self.recorder)
        self.assertEqual(self.gaps()[0].start_us, gap.stop_us)
        self.assertFigures()

    def move_a_day_ago(self):
        """All that is known is a day older."""
        self.end -= DAY
        self.env.cr.execute("DELETE FROM cctv_segment_data")
        self.env.cr.execute("DELETE FROM cctv_coverage")
        self.sync(segments=self.columns(self.minutes(self.end - 5 * MINUTE, 5)))
        self.move()

    def test_end_that_is_told_before_it_was_counted(self):
        self.move_a_day_ago()
        self.told(self.other, segments=self.minutes(self.end + 9 * MINUTE, 1))
        self.assertGap(self.end, self.end + 9 * MINUTE, duration_s=540)
        self.assertFigures()

    def test_it_lasts_until_the_new_recorder_calls(self):
        self.move_a_day_ago()
        self.sync()
        self.assertEqual(self.gaps().counted_until, intervals.from_us(self.end))
        self.sync(self.other)
        self.assertAlmostEqual(self.gaps().duration_s, (now_us() - self.end) / SECOND, delta=30)
        self.assertFigures()
