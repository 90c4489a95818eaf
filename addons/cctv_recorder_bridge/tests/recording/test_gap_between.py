from odoo.tests import tagged

from ...tools import intervals
from ..common import DAY, MINUTE, SECOND, BridgeCommon, now_us

NOTE = "disk penuh"


@tagged("post_install", "-at_install")
class TestGapBetween(BridgeCommon):
    """The time around a move of which no recorder told is a gap; what recorders tell is never touched by it."""

    def setUp(self):
        super().setUp()
        self.other, _toml = self._new_recorder("GDG-2", self.site)
        self.begin = now_us() // SECOND * SECOND - 90 * MINUTE

    def move(self, target, at, by_dialogue=True):
        """Move the camera as if it were at µs ``at``."""
        source = self.camera.recorder_id
        if by_dialogue:
            values = {"recorder_id": source.id, "camera_ids": [(6, 0, self.camera.ids)], "target_id": target.id}
            self.env["cctv.recorder.move"].with_user(self.it).create({**values, "note": NOTE}).action_move()
        else:
            self.camera.with_user(self.it).recorder_id = target
        self.env.flush_all()
        stay = self.env["cctv.recorder.stay"].search([("camera_id", "=", self.camera.id)], order="id desc", limit=1)
        moment = intervals.from_us(at)
        for statement in (
            "UPDATE cctv_recorder_stay SET until = %s WHERE id = %s",
            "UPDATE cctv_workflow_log SET at = %s WHERE id = (SELECT max(id) FROM cctv_workflow_log) AND %s > 0",
        ):
            self.env.cr.execute(statement, [moment, stay.id])
        self.env.invalidate_all()
        return stay

    def step_at(self, minutes, name, **values):
        """Take a step of the camera as if it were then."""
        getattr(self.camera.with_user(self.it), name)(**values)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE cctv_workflow_log SET at = %s WHERE id = (SELECT max(id) FROM cctv_workflow_log)",
            [intervals.from_us(self.at(minutes))],
        )
        self.env.invalidate_all()

    def tell(self, recorder, *pairs, gaps=(), waiting=0):
        """Tell of footage in minutes since the beginning, and of gaps; ``waiting`` segments are still to be told."""
        parts = {}
        rows = []
        for first, last in pairs:
            while first < last:
                until = min(first + 1, last)
                rows.append(self.segment(None, self.at(first), (until - first) * 60.0))
                first = until
        if rows:
            parts["segments"] = self.columns(rows)
        if gaps:
            told = [self.gap(self.at(first), None if last is None else self.at(last)) for first, last in gaps]
            parts["gaps"] = self.columns(told)
        pending = {"segments": waiting, "gaps": 0, "parked": 0}
        answer = self.sync(recorder, heartbeat=self.heartbeat(pending=pending), **parts)
        for name in parts:
            self.assertEqual(answer[name], ["ok"] * len(answer[name]))
        self.env.invalidate_all()

    def at(self, minutes):
        return self.begin + round(minutes * MINUTE)

    def judged(self):
        """:return list: what stands between the recorders, in minutes since the beginning"""
        self.env["cctv.gap"]._judge_moves()
        self.env.invalidate_all()
        gaps = self.env["cctv.gap"].search([("stay_id", "!=", False), ("state", "!=", "withdrawn")], order="start")
        self.assertFigures()
        return [(self.minute(gap.start), gap.stop and self.minute(gap.stop)) for gap in gaps]

    def minute(self, moment):
        return round((intervals.to_us(moment) - self.begin) / MINUTE, 2)

    def assertFigures(self):
        """The days' figures are those of the gaps themselves."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT coalesce(sum(duration_s), 0) FROM cctv_gap WHERE camera_id = %s AND state != 'withdrawn'",
            [self.camera.id],
        )
        (seconds,) = self.env.cr.fetchone()
        rows = self.env["cctv.coverage"].search([("camera_id", "=", self.camera.id)])
        self.assertAlmostEqual(sum(rows.mapped("gap_seconds")), float(seconds), places=2)

    def between(self):
        return self.env["cctv.gap"].search([("stay_id", "!=", False)], order="start")

    def test_seconds_between_are_a_gap_that_the_move_explains(self):
        self.tell(self.recorder, (0, 30))
        stay = self.move(self.other, self.at(29.8))
        self.assertEqual(self.judged(), [(30, False)])
        self.assertEqual(self.between().state, "open")
        self.tell(self.other, (30.2, 31))
        self.assertEqual(self.judged(), [(30, 30.2)])
        gap = self.between()
        self.assertEqual((gap.state, gap.reason, gap.recorder_id), ("explained", "moved", self.env["cctv.recorder"]))
        self.assertIn(NOTE, gap.explanation)
        self.assertEqual(gap.explained_by, self.it)
        self.assertFalse(stay.unsettled)

    def test_what_the_next_recorder_needs_to_begin_is_explained_too(self):
        self.tell(self.recorder, (0, 30))
        self.move(self.other, self.at(29.8))
        gap = self.gap(self.at(30.1), self.at(30.2), "config_change")
        lost = self.gap(self.at(31.2), self.at(31.4))
        self.sync(self.other, gaps=self.columns([gap, lost]))
        self.tell(self.other, (30.2, 31.2))
        self.assertEqual(self.judged(), [(30, 30.1)])
        gaps = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id)], order="start")
        self.assertEqual(gaps.mapped("state"), ["explained", "explained", "unexplained"])

    def test_no_gap_where_footage_meets_or_nothing_was_before(self):
        stay = self.move(self.other, self.at(10))
        self.tell(self.other, (20, 30))
        self.assertEqual(self.judged(), [])
        self.assertFalse(stay.unsettled)
        self.move(self.recorder, self.at(29.5))
        self.tell(self.recorder, (29.9, 31))
        self.assertEqual(self.judged(), [])

    def test_a_move_without_the_dialogue_waits_for_words(self):
        self.tell(self.recorder, (0, 30))
        self.move(self.other, self.at(29.8), by_dialogue=False)
        self.tell(self.other, (30.2, 31))
        self.judged()
        gap = self.between()
        self.assertEqual(gap.state, "unexplained")
        gap.with_user(self.it).action_explain(note="x")
        self.judged()
        self.assertEqual((gap.state, gap.explanation), ("explained", "x"))

    def test_a_recorder_that_begins_late_is_not_explained_by_the_move(self):
        self.tell(self.recorder, (0, 30))
        self.move(self.other, self.at(30))
        self.tell(self.other, (60, 61))
        self.assertEqual(self.judged(), [(30, 60)])
        self.assertEqual(self.between().state, "unexplained")

    def test_what_recorders_tell_is_never_touched(self):
        """An outage right after a gap of no length at the same start, and the former's open gap."""
        self.tell(self.recorder, (0, 30), gaps=[(30, None)])
        self.move(self.other, self.at(32))
        self.assertEqual(self.judged(), [(32, False)])
        self.tell(self.other, gaps=[(32, 32)])
        self.tell(self.other, gaps=[(32, 40)])
        self.assertEqual(self.judged(), [])
        self.tell(self.recorder, gaps=[(30, 31)])
        self.assertEqual(self.judged(), [(31, 32)])
        told = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id), ("stay_id", "=", False)], order="start")
        self.assertEqual([(self.minute(gap.start), self.minute(gap.stop)) for gap in told], [(30, 31), (32, 40)])
        self.assertEqual(told.mapped("recorder_id"), self.recorder | self.other)

    def test_backlogs_of_both_in_any_order(self):
        """Both were away from Odoo: the later rows come first, gaps before segments."""
        self.tell(self.recorder, (0, 10))
        self.move(self.other, self.at(30))
        self.tell(self.other, gaps=[(45, 46)], waiting=9)
        self.assertEqual(self.judged(), [(10, 45)])
        self.tell(self.other, (40, 45), (46, 50))
        self.assertEqual(self.judged(), [(10, 40)])
        stay = self.between().stay_id[:1]
        self.assertFalse(stay.unsettled)
        self.tell(self.recorder, gaps=[(20, 25)])
        self.assertTrue(stay.unsettled)
        self.assertEqual(self.judged(), [(25, 40)])
        self.tell(self.recorder, (10, 20), (25, 30), (30, 30.5))
        self.assertEqual(self.judged(), [(30.5, 40)])
        self.assertEqual(set(self.between().mapped("state")), {"withdrawn", "explained"})

    def test_a_recorder_in_the_middle_that_tells_late(self):
        third, _toml = self._new_recorder("GDG-3", self.site)
        self.tell(self.recorder, (0, 20))
        self.move(self.other, self.at(20))
        self.move(third, self.at(40))
        self.tell(third, (41, 60))
        self.assertEqual(self.judged(), [(20, 41)])
        self.tell(self.other, (22, 39))
        self.assertEqual(self.judged(), [(20, 22), (39, 41)])

    def test_there_and_back(self):
        self.tell(self.recorder, (0, 20))
        self.move(self.other, self.at(20))
        self.tell(self.other, (21, 40))
        self.move(self.recorder, self.at(40))
        self.assertEqual(self.judged(), [(20, 21), (40, False)])
        self.tell(self.recorder, (43, 50))
        self.assertEqual(self.judged(), [(20, 21), (40, 43)])

    def test_a_camera_without_recorder_has_a_gap_while_it_should_record(self):
        self.tell(self.recorder, (0, 20))
        stay = self.move(self.env["cctv.recorder"], self.at(20), by_dialogue=False)
        self.assertEqual(self.judged(), [(20, False)])
        self.assertTrue(stay.unsettled)
        self.step_at(85, "action_suspend", note="cuti bersama")
        lost, suspended = self.judged()
        self.assertEqual((lost, suspended), ((20, 85), (85, False)))
        gaps = self.between()
        self.assertEqual(gaps.mapped("reason"), ["moved", "suspended"])
        self.assertEqual((gaps[0].state, gaps[1].explanation), ("unexplained", "cuti bersama"))
        self.step_at(88, "action_decommission", note="rusak")
        self.assertEqual(self.judged()[0], lost)

    def test_moved_while_suspended(self):
        self.tell(self.recorder, (0, 20))
        self.step_at(20, "action_suspend", note="renovasi")
        self.move(self.other, self.at(30))
        self.tell(self.recorder, gaps=[(20, 30)])
        self.step_at(80, "action_resume")
        self.tell(self.other, (80.1, 81))
        self.assertEqual(self.judged(), [(30, 80), (80, 80.1)])
        suspended, moved = self.between()
        self.assertEqual(
            (suspended.reason, suspended.state, suspended.explanation), ("suspended", "explained", "renovasi")
        )
        self.assertEqual((moved.reason, moved.state), ("moved", "unexplained"))

    def test_a_later_change_of_settings_is_not_explained_by_the_move(self):
        self.tell(self.recorder, (0, 30))
        self.move(self.other, self.at(30))
        self.tell(self.other, (30, 38), (39, 41))
        self.sync(self.other, gaps=self.columns([self.gap(self.at(38), self.at(39), "config_change")]))
        self.judged()
        gap = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id)])
        self.assertEqual(gap.state, "unexplained")

    def test_pending_rows_of_the_next_recorder_are_waited_for(self):
        self.tell(self.recorder, (0, 20))
        stay = self.move(self.other, self.at(20))
        self.tell(self.other, (25, 26), waiting=7)
        self.judged()
        self.assertTrue(stay.unsettled)
        self.tell(self.other)
        self.judged()
        self.assertFalse(stay.unsettled)

    def test_an_old_move_is_left_alone(self):
        self.tell(self.recorder, (0, 20))
        self.move(self.other, now_us() - 301 * DAY)
        self.tell(self.other, (25, 26))
        self.assertEqual(self.judged(), [])

    def test_queries_do_not_grow_with_what_was_told(self):
        rows = [self.gap(self.begin - DAY + n * SECOND, self.begin - DAY + n * SECOND + 1000) for n in range(500)]
        self.sync(gaps=self.columns(rows))
        self.tell(self.recorder, (0, 20))
        self.move(self.other, self.at(20))
        self.tell(self.other, (21, 22))
        self.judged()
        self.env["cctv.recorder.stay"].search([]).unsettled = True
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(20):
            self.env["cctv.gap"]._judge_moves()
            self.env.flush_all()
