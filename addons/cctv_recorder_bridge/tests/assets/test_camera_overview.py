from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ...tools import intervals
from ..common import DAY, MINUTE, SECOND, BridgeCommon, now_us


@tagged("post_install", "-at_install")
class TestCameraOverview(BridgeCommon):
    """The head of a camera's form: clock, share of the last day, gaps in words, days that were recorded."""

    def overview(self, lang="en_US", role="it"):
        self.env.invalidate_all()
        return self.camera.with_user(self.users[role]).with_context(lang=lang).get_overview()

    def fact(self, key, lang="en_US"):
        return next((fact for fact in self.overview(lang)["facts"] if fact["key"] == key), None)

    def beat(self, state="recording", **values):
        self.sync(heartbeat=self.heartbeat(**{"cameras": [self.camera_state(state)], **values}))

    def clock(self, lang="en_US", role="it"):
        return [
            (pill["state"], pill["label"]) for pill in self.overview(lang, role)["pills"] if pill["kind"] == "clock"
        ]

    # -- clock ---------------------------------------------------------------------------------------------

    def test_clock_of_the_recorder(self):
        for offset, state, label in (
            (1.5, "synced", "Clock off by 0.00 s"),
            (-400, "synced", "Clock off by 0.4 s"),
            (500, "synced", "Clock off by 0.5 s"),
            (-501, "drifting", "Clock off by 0.5 s"),
            (1000, "drifting", "Clock off by 1.0 s"),
            (-41_000, "wrong", "Clock off by 41.0 s"),
            (None, "unknown", ""),
        ):
            self.beat(clock_offset_ms=offset)
            with self.subTest(offset=offset):
                self.assertEqual(self.clock(), [(state, label)])

    def test_clock_for_every_role_and_in_indonesian(self):
        self.beat(clock_offset_ms=-1234)
        for role in ("officer", "supervisor", "management", "auditor", "dpo"):
            with self.subTest(role=role):
                self.assertEqual(self.clock(role=role), [("wrong", "Clock off by 1.2 s")])
        self.assertIn("1,2", self.clock("id_ID")[0][1])

    def test_clock_of_a_silent_node_is_not_known(self):
        self.beat(clock_offset_ms=1)
        self.env.cr.execute("UPDATE cctv_recorder SET last_sync = last_sync - interval '1 hour'")
        self.assertEqual(self.clock(), [("unknown", "")])

    def test_no_clock_where_nothing_is_dated(self):
        self.beat()
        self.camera.with_user(self.it).action_suspend(note="uji")
        self.assertEqual(self.clock(), [])

    # -- the last 24 hours ---------------------------------------------------------------------------------

    def test_almost_complete_is_never_complete(self):
        for share, english, indonesian in (
            (1, "100", "100"),
            (1 - 1e-11, "99.99", "99,99"),
            (0.99996, "99.99", "99,99"),
            (0.9999, "99.99", "99,99"),
            (0.995, "99.50", "99,50"),
            (0.99, "99.0", "99,0"),
            (0.9826, "98.2", "98,2"),
            (0.0004, "0.0", "0,0"),
            (0, "0", "0"),
        ):
            with self.subTest(share=share):
                self.assertEqual(self.camera.with_context(lang="en_US")._percent(share), english)
                self.assertEqual(self.camera.with_context(lang="id_ID")._percent(share), indonesian)

    def test_nothing_recorded_yet(self):
        self.beat(cameras=[{**self.camera_state("waiting"), "last_stop_us": None}])
        self.assertEqual(self.fact("recorded")["text"], "Nothing has been recorded yet.")
        self.assertEqual(self.fact("recorded")["tone"], "")
        self.beat(cameras=[{**self.camera_state("offline"), "last_stop_us": None}])
        self.assertEqual(self.fact("recorded")["tone"], "warning")

    def test_share_and_gaps_of_the_last_day(self):
        stop = now_us() // SECOND * SECOND
        start = stop - 100 * MINUTE
        rows = self.minutes(start, 100)
        self.sync(
            segments=self.columns(rows[:50] + rows[52:]),
            gaps=self.columns([self.gap(start + 50 * MINUTE, start + 52 * MINUTE)]),
            heartbeat=self.heartbeat([self.camera_state("recording", last_stop_us=str(stop))]),
        )
        fact = self.fact("recorded")
        self.assertEqual(
            (fact["text"], fact["tone"]),
            ("Recorded in the last 24 hours: 98.0 % · 1 gap, 2 min (Camera connection lost)", "warning"),
        )
        self.assertIn("98,0 %", self.fact("recorded", "id_ID")["text"])

    def gap_words(self, hours=24):
        self.env.invalidate_all()
        now = fields.Datetime.now()
        camera = self.camera.with_context(lang="en_US")
        return camera._gap_words(camera._head_figures(now - timedelta(hours=hours), now)["gaps"])

    def test_gaps_in_words(self):
        now = now_us() // SECOND * SECOND
        self.assertEqual(self.gap_words(), "")
        first = self.gap(now - 20 * 3600 * SECOND, now - 20 * 3600 * SECOND + 119 * SECOND, "timeout")
        self.sync(gaps=self.columns([first]))
        self.assertEqual(self.gap_words(), "1 gap, 1 min 59 s (Camera did not answer)")
        second = self.gap(now - 10 * 3600 * SECOND, now - 10 * 3600 * SECOND + 30 * MINUTE, "auth_failed")
        self.sync(gaps=self.columns([second, self.gap(now - 50 * 3600 * SECOND, now - 49 * 3600 * SECOND)]))
        self.assertEqual(self.gap_words(), "2 gaps, 31 min 59 s (mostly: Camera refused the password)")
        indonesian = self.camera.with_context(lang="id_ID")._gap_words([["timeout", 1, 119], ["auth_failed", 1, 1800]])
        self.assertEqual(indonesian, "2 celah, 31 mnt 59 dtk (terutama: Kamera menolak kata sandi)")
        self.assertEqual(self.gap_words(15), "1 gap, 30 min (Camera refused the password)")
        third = self.gap(now - 5 * 3600 * SECOND, now - 5 * 3600 * SECOND + MINUTE, "auth_failed")
        self.sync(gaps=self.columns([third]))
        self.assertEqual(self.gap_words(15), "2 gaps, 31 min (Camera refused the password)", "one reason of both")
        self.sync(gaps=self.columns([{**third, "stop_us": third["start_us"]}]))
        self.sync(gaps=self.columns([{**second, "stop_us": second["start_us"]}]))
        self.assertEqual(self.gap_words(), "1 gap, 1 min 59 s (Camera did not answer)", "withdrawn: it was none")

    def test_only_the_part_of_a_gap_inside_the_window_counts(self):
        now = now_us() // SECOND * SECOND
        self.sync(gaps=self.columns([self.gap(now - 30 * 3600 * SECOND, now - 21 * 3600 * SECOND, "disk_full")]))
        self.assertEqual(self.gap_words(), "1 gap, 3 h (Disk full)")

    def test_an_open_gap_lasts_until_the_recorder_s_last_call(self):
        now = now_us() // SECOND * SECOND
        self.sync(gaps=self.columns([self.gap(now - 10 * MINUTE, None, "timeout")]))
        self.assertRegex(self.gap_words(), r"^1 gap, (9 min 5\d s|10 min) \(Camera did not answer\)$")

    # -- days ----------------------------------------------------------------------------------------------

    def test_recorded_days_are_counted_as_they_are_listed(self):
        tomorrow = intervals.day_bounds(intervals.day_of(now_us(), "Asia/Makassar"), "Asia/Makassar")[1]
        starts = [self.midnight(days) + 3600 * SECOND for days in (1, 2, 9, 29, 30, 60)]
        segments = [self.segment(start=start) for start in (*starts, tomorrow)]
        gaps = [self.gap(self.midnight(4) + 3600 * SECOND, self.midnight(4) + 7200 * SECOND)]
        reply = self.sync(segments=self.columns(segments), gaps=self.columns(gaps))
        self.assertEqual(reply["segments"], ["ok"] * 7)
        for role in ("officer", "supervisor", "it", "management", "auditor", "dpo"):
            (card,) = [card for card in self.overview(role=role)["cards"] if card["key"] == "coverage"]
            action = getattr(self.camera.with_user(self.users[role]), card["method"])()
            listed = self.env[action["res_model"]].with_user(self.users[role]).search(action["domain"])
            with self.subTest(role=role):
                self.assertEqual((card["value"], len(listed)), (4, 4))

    def test_oldest_footage_that_is_kept(self):
        self.assertIn("kept for 30 days", self.fact("retention")["text"])
        old, new = (self.segment(start=self.midnight(days) + 3600 * SECOND) for days in (9, 2))
        self.sync(segments=self.columns([old, new]))
        self.assertIn(self._date(9), self.fact("retention")["text"])
        self.sync(segments=self.columns([{**old, "status": "deleted"}]))
        self.assertIn(self._date(2), self.fact("retention")["text"])

    def _date(self, days_ago):
        day = intervals.day_of(now_us() - days_ago * DAY, "Asia/Makassar")
        return f"{day.day} {day:%b %Y}"

    # -- picture -------------------------------------------------------------------------------------------

    def test_the_still_of_a_camera_that_is_away_is_old(self):
        self.camera._with_pass(["last_still_at"]).write({"last_still_at": fields.Datetime.now()})
        for state, shown in (("recording", "ok"), ("waiting", "ok"), ("offline", "old"), ("stalled", "old")):
            self.beat(state)
            with self.subTest(state=state):
                self.assertEqual(self.overview()["picture"]["state"], shown)
