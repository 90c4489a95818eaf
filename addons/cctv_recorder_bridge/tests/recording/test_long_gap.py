from lxml import etree

from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.cctv_sop.rpc import without_none

from ..common import DAY, MINUTE, SECOND, BridgeCommon, now_us


@tagged("post_install", "-at_install")
class TestLongGap(BridgeCommon):
    """A gap over several days is seen on each of them, open or closed, and each figure's list has what it counts."""

    def setUp(self):
        super().setUp()
        self.start = self.midnight(3) + 15 * 3600 * SECOND

    def told(self, stop=None, camera=None, reason="source_lost"):
        row = self.gap(self.start, stop, reason, camera=camera)
        self.assertEqual(self.sync(gaps=self.columns([row]))["gaps"], ["ok"])
        self.env.invalidate_all()

    def days(self, camera=None):
        return [row for _day, row in sorted(self.coverage(camera).items())]

    def assertListsAgree(self, camera=None):
        """Every row's figure is the number of gaps that its button opens, and a recount's."""
        rows = self.days(camera)
        for row in rows:
            found = self.env["cctv.gap"].search(row.action_view_gaps()["domain"])
            self.assertEqual(row.gaps, len(found), row.day)
        before = [row.gaps for row in rows]
        self.env["cctv.coverage"]._recount_gaps()
        self.assertEqual([row.gaps for row in rows], before)

    def test_open_gap_is_there_every_day(self):
        self.told()
        rows = self.days()
        self.assertEqual(len(rows), 4, "the day it began, two in between, today")
        self.assertEqual([row.gaps for row in rows], [1] * 4)
        self.assertEqual([row.gap_seconds for row in rows[:3]], [9 * 3600, 86400, 86400])
        today = (now_us() - self.midnight(0)) / SECOND
        self.assertAlmostEqual(rows[3].gap_seconds, today, delta=60)
        self.assertEqual([row.percent for row in rows], [0] * 4)
        gap = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id)])
        self.assertAlmostEqual(gap.duration_s, sum(row.gap_seconds for row in rows), 3)
        self.assertListsAgree()

    def test_strip_marks_every_day(self):
        self.told()
        strip = self.camera._strip_days()[self.camera.id]
        known = [day for day in strip if day["ratio"] is not None]
        self.assertEqual(len(known), 4)
        for day in known:
            self.assertEqual((day["ratio"], day["gaps"], day["explained"]), (0, 1, False))
        self.assertEqual(self.camera.week_strip, without_none(strip[-7:]))
        self.told(self.midnight(0) - 3600 * SECOND)
        strip = self.camera._strip_days()[self.camera.id]
        marked = [day["day"] for day in strip if day["gaps"] and not day["explained"]]
        self.assertEqual(len(marked), 3)
        self.assertNotIn(strip[-1]["day"], marked)
        gap = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id)])
        gap.with_user(self.users["supervisor"]).action_explain(note="Listrik padam")
        self.env.invalidate_all()
        strip = self.camera._strip_days()[self.camera.id]
        self.assertEqual([day["explained"] for day in strip if day["gaps"]], [True] * 3)

    def test_gap_from_before_the_strip_marks_its_days(self):
        self.start = self.midnight(40)
        self.told(self.midnight(20))
        strip = self.camera._strip_days()[self.camera.id]
        marked = [day for day in strip if day["gaps"]]
        self.assertEqual(len(marked), 9)
        self.assertFalse([day for day in marked if day["explained"]])

    def test_end_takes_back_what_was_counted_too_much(self):
        self.told()
        stop = self.midnight(1) + 5 * SECOND
        self.told(stop)
        self.assertEqual([row.gaps for row in self.days()], [1, 1, 1, 0])
        self.assertEqual([row.gap_seconds for row in self.days()], [9 * 3600, 86400, 5, 0])
        self.assertListsAgree()
        self.told(self.midnight(1))
        self.assertEqual([row.gaps for row in self.days()], [1, 1, 0, 0], "midnight belongs to the day that begins")
        self.assertListsAgree()
        self.told(self.start)
        self.assertEqual([(row.gaps, row.gap_seconds) for row in self.days()], [(0, 0)] * 4)
        self.assertListsAgree()
        self.told()
        self.assertEqual([row.gaps for row in self.days()], [1] * 4, "it was one after all")

    def test_it_grows_while_the_node_calls_and_rests_while_it_is_silent(self):
        self.start = now_us() - 10 * MINUTE
        self.told()
        gap = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id)])
        begun = gap.counted_until
        self.sync()
        self.env.invalidate_all()
        self.assertEqual(gap.counted_until, begun, "a minute has not passed")
        self.env.cr.execute(
            "UPDATE cctv_gap SET counted_until = counted_until - interval '2 minutes', duration_s = duration_s - 120"
        )
        self.env.cr.execute(
            "UPDATE cctv_coverage SET gap_seconds = gap_seconds - 120 WHERE day = (SELECT max(day) FROM cctv_coverage)"
        )
        self.env.invalidate_all()
        length = gap.duration_s
        self.env["cctv.recorder"]._cron_watch()
        self.assertEqual(gap.duration_s, length, "nobody told how it goes on")
        self.sync()
        self.env.invalidate_all()
        self.assertAlmostEqual(gap.duration_s, length + 120, 3)
        self.assertAlmostEqual(sum(row.gap_seconds for row in self.days()), gap.duration_s, 3)

    def test_gap_of_a_camera_that_left_stops_growing(self):
        self.told()
        other, _toml = self._new_recorder("GDG-2", self.site)
        self.camera.recorder_id = other
        self.env.flush_all()
        self.env.cr.execute("UPDATE cctv_gap SET counted_until = counted_until - interval '1 hour'")
        before = self.env["cctv.gap"].search([]).mapped("counted_until")
        self.sync()
        self.sync(other)
        self.env.invalidate_all()
        self.assertEqual(self.env["cctv.gap"].search([]).mapped("counted_until"), before)

    def test_rows_of_before_are_counted_anew(self):
        self.told(self.midnight(1))
        self.told(camera=self.cameras[1])
        wanted = {camera: [row.gaps for row in self.days(camera)] for camera in self.cameras[:1]}
        self.env.cr.execute("UPDATE cctv_gap SET counted_until = NULL")
        self.env.cr.execute("UPDATE cctv_coverage SET gaps = 7")
        self.env["cctv.gap"].init()
        self.env.invalidate_all()
        for camera, gaps in wanted.items():
            self.assertEqual([row.gaps for row in self.days(camera)], gaps)

    def test_random_gaps_agree_with_their_lists(self):
        """Ends, withdrawals and repeats in any order: the figures are those of a recount."""
        starts = [self.midnight(9) + self.random.randrange(8 * DAY) // MINUTE * MINUTE for _number in range(12)]
        for _turn in range(40):
            start = self.random.choice(starts)
            stop = self.random.choice([None, start, start + self.random.randrange(1, 3 * DAY)])
            self.sync(gaps=self.columns([self.gap(start, stop and min(stop, now_us()))]))
        self.env.invalidate_all()
        self.assertListsAgree()
        gaps = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id), ("state", "!=", "withdrawn")])
        self.assertAlmostEqual(
            sum(row.gap_seconds for row in self.days()), sum(gaps.mapped("duration_s")), 2, f"seed {self.seed}"
        )

    # -- buttons with a figure -----------------------------------------------------------------------------

    def listed(self, action):
        """:return: what a button's list shows at first: its domain and the filters that it chooses"""
        model = self.env[action["res_model"]].with_user(self.it)
        domain = list(action["domain"])
        search = model.get_view(view_type="search")["arch"]
        for key, on in action.get("context", {}).items():
            if key.startswith("search_default_") and on:
                (node,) = etree.fromstring(search).xpath(f"//filter[@name='{key.removeprefix('search_default_')}']")
                domain += safe_eval(node.get("domain"))
        return model.search(domain)

    def test_figures_on_buttons_are_what_their_lists_show(self):
        rows = [
            self.gap(now_us() - DAY),
            self.gap(now_us() - 2 * DAY, now_us() - 2 * DAY + MINUTE),
            self.gap(now_us() - 3 * DAY, now_us() - 3 * DAY + MINUTE),
        ]
        self.sync(gaps=self.columns(rows))
        gaps = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id)], order="start")
        gaps[0].with_user(self.users["supervisor"]).action_explain(note="x")
        withdrawn = now_us() - 4 * DAY
        for stop in (None, withdrawn):
            self.sync(gaps=self.columns([self.gap(withdrawn, stop)]))
        events = [("1", now_us()), ("2", now_us() - 3 * DAY)]
        self.sync(
            events=[
                {"seq": seq, "at_us": str(at), "kind": "engine_up", "camera_id": None, "detail": ""}
                for seq, at in events
            ]
        )
        jobs = [self.camera.with_user(self.it).action_test_stream()[0]]
        self.env["cctv.recorder.job"].browse(jobs).with_user(self.it).action_cancel()
        self.cameras[1].with_user(self.it).action_test_stream()
        self.env.invalidate_all()
        recorder = self.recorder.with_user(self.it)
        for figure, action in (
            (recorder.gap_count, recorder.action_view_gaps()),
            (recorder.event_count, recorder.action_view_events()),
            (recorder.job_count, recorder.action_view_jobs()),
            (recorder.camera_count, recorder.action_view_cameras()),
            (self.camera.gap_count_open, self.camera.with_user(self.it).action_view_gaps()),
        ):
            with self.subTest(action["res_model"]):
                self.assertTrue(figure)
                self.assertEqual(figure, len(self.listed(action)))
