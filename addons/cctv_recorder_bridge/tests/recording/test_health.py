from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...tools import intervals
from ..common import DAY, MINUTE, SECOND, BridgeCommon, now_us

READERS = ("it", "supervisor", "management", "auditor", "dpo")


@tagged("post_install", "-at_install")
class TestHealth(BridgeCommon):
    def count(self, call):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        result = call()
        return result, self.env.cr.sql_log_count - before

    def fill(self):
        self.sync(
            heartbeat=self.heartbeat([self.camera_state("recording", camera) for camera in self.recorder.camera_ids]),
            segments=self.columns(
                [row for c in self.recorder.camera_ids for row in self.minutes(self.midnight(), 60, c)]
            ),
            gaps=self.columns([self.gap(self.midnight() + 7200 * SECOND, self.midnight() + 7260 * SECOND)]),
        )

    def test_reason_is_told_in_words(self):
        self.sync(heartbeat=self.heartbeat([self.camera_state("offline", reason="auth_failed")]))
        self.env.invalidate_all()
        for lang in ("en_US", "id_ID"):
            camera = self.camera.with_user(self.it).with_context(lang=lang)
            reasons = self.env["cctv.gap"]._fields["reason"]
            word = dict(reasons._description_selection(camera.env))["auth_failed"]
            self.assertEqual(camera.recording_reason_word, word)
            self.assertEqual(camera.get_overview()["pills"][0]["detail"], word)

    def test_health_is_constant_in_queries(self):
        self.fill()
        self._recorded_camera("cam-09", self.recorder)
        model = self.env["cctv.recorder"].with_user(self.it)
        model.get_health()
        _few, queries = self.count(model.get_health)
        for number in range(2, 6):
            recorder, _toml = self._new_recorder(f"GDG-{number}", self.site)
            for index in range(5):
                self._recorded_camera(f"cam-{number}{index}", recorder)
        model.get_health()
        many, more = self.count(model.get_health)
        self.assertEqual((len(many["recorders"]), len(many["cameras"])), (5, 24))
        self.assertLessEqual(more, queries)
        self.assertLessEqual(more, 12)

    def test_lost_footage_is_told_for_a_day(self):
        gone = {"code": "files_gone", "args": {"count": 3, "day": "2026-11-28", "file": "cam-07/a.mp4"}}
        rows = [
            {"seq": str(seq), "at_us": str(now_us() - ago * SECOND), "kind": "integrity", "camera_id": None, **words}
            for seq, (ago, words) in enumerate(((3600, gone), (60, {"code": "room_again", "args": {}})), 1)
        ]
        self.assertEqual(self.sync(heartbeat=self.heartbeat([]), events=rows)["events"], ["ok", "ok"])
        model = self.env["cctv.recorder"].with_user(self.management).with_context(lang="id_ID")
        (check,) = model.get_health()["recorders"][0]["checks"]
        self.assertEqual((check["name"], check["level"]), ("lost files", "warn"))
        self.assertEqual(
            check["message"], "3 berkas dari 2026-11-28 hilang tanpa ada yang menghapusnya: cam-07/a.mp4 …"
        )
        later = fields.Datetime.now() + timedelta(days=1)
        self.assertEqual(self.recorder._loss_checks(later), {})

    def test_cameras_left_without_a_recorder_stay_in_sight(self):
        self.fill()
        for camera in self.cameras:
            camera.with_user(self.it).recorder_id = False
        self.cameras[2].with_user(self.it).action_suspend(note="Renovasi")
        never = self._new_camera("cam-90")
        never.with_user(self.it).action_take_over(note="NVR lain")
        health = self.env["cctv.recorder"].with_user(self.it).get_health()
        self.assertEqual([row["id"] for row in health["cameras"]], self.cameras[:2].ids)

    def test_times_of_a_recorder_without_a_site_are_the_readers(self):
        self.it.tz = "Asia/Jakarta"
        recorder, _toml = self._new_recorder("GDG-2", self.site)
        recorder.with_user(self.it).site_id = False
        health = self.env["cctv.recorder"].with_user(self.it).get_health()
        self.assertEqual({row["name"]: row["tz"] for row in health["recorders"]}["GDG-2"], "Asia/Jakarta")

    def test_health_tells_facts(self):
        self.fill()
        health = self.env["cctv.recorder"].with_user(self.it).get_health()
        (node,) = health["recorders"]
        self.assertTrue(health["can_manage"] and node["fresh"])
        self.assertEqual(
            (node["state"], node["tz"], node["camera_count"], node["site"]),
            ("online", "Asia/Makassar", 3, self.site.name),
        )
        self.assertEqual(node["disk"]["total"], 32 * 10**12)
        self.assertEqual(
            [node["disk"][name] for name in ("level", "hours_left", "hours_left_without_purge")], ["normal", 51.5, 50]
        )
        size = sum(row.bytes for camera in self.cameras for row in self.coverage(camera).values())
        self.assertAlmostEqual(node["rate"], 24 * size, msg="an hour was recorded")
        self.assertEqual(node["obligation_days"], 30)
        self.assertAlmostEqual(node["days_left"], (10**12 - 7) / (24 * size))
        self.assertEqual(health["cameras"][0]["code"], "CAM-01")
        self.assertEqual(health["cameras"][0]["recording_state"], "recording")

    def test_scheduled_work_that_stands_still(self):
        watch = self.env.ref("cctv_recorder_bridge.cron_watch")
        model = self.env["cctv.recorder"].with_user(self.users["auditor"])
        now = fields.Datetime.now()
        for minutes, told in ((1, False), (4, False), (6, True)):
            watch.lastcall = now - timedelta(minutes=minutes)
            since = model.get_health()["idle_since"]
            self.assertEqual(since, told and fields.Datetime.to_string(watch.lastcall), minutes)
        watch.active = False
        self.assertTrue(model.get_health()["idle_since"], "nor does it watch when somebody has put it to sleep")
        watch.unlink()
        self.assertIs(model.get_health()["idle_since"], False)

    def test_gaps_of_the_last_hour(self):
        """A camera that comes and goes is told, with what was lost and why most of it."""
        now = now_us()
        ask = self.env["cctv.recorder"].with_user(self.it).get_health
        self.assertEqual([row["gaps"] for row in ask()["cameras"]], [False] * 3)
        starts = [now - n * MINUTE for n in (2, 5, 8, 90)]
        gaps = [self.gap(start, start + 20 * SECOND) for start in starts]
        late = now - 12 * MINUTE
        gaps += [self.gap(late, late + 30 * SECOND, reason="auth_failed")]
        withdrawn = now - 15 * MINUTE
        gaps += [self.gap(withdrawn, withdrawn + SECOND)]
        self.sync(gaps=self.columns(gaps))
        self.sync(gaps=self.columns([self.gap(withdrawn, withdrawn)]))
        told, *others = (row["gaps"] for row in ask()["cameras"])
        self.assertEqual(told, {"count": 4, "seconds": 90, "reason": gaps[0]["reason"]})
        self.assertEqual(others, [False, False])

    def test_rate_of_a_newcomer(self):
        """Ten minutes tell it: nobody waits for the end of the day."""
        start = now_us() - 20 * MINUTE
        model = self.env["cctv.recorder"].with_user(self.it)
        self.sync(segments=self.columns(self.minutes(start, 9)))
        self.assertIs(model.get_health()["recorders"][0]["rate"], False)
        self.sync(segments=self.columns(self.minutes(start + 9 * MINUTE, 3)))
        size = sum(row.bytes for row in self.coverage().values())
        self.assertAlmostEqual(model.get_health()["recorders"][0]["rate"], size * 24 * 60 / 12, delta=1)

    def test_who_tests_streams_sees_how_the_latest_test_went(self):
        (old,) = self.camera.with_user(self.it).action_test_stream()
        ask = self.env["cctv.recorder"].with_user(self.it).get_health
        self.assertEqual([row["test"] and row["test"]["job"] for row in ask()["cameras"]], [old, False, False])
        self.assertEqual(ask()["cameras"][0]["test"]["state"], "queued")
        self.sync()
        self.sync(jobs=[{"id": old, "state": "done", "result": {"ok": False, "reason": "timeout"}, "error": ""}])
        self.env.invalidate_all()
        test = ask()["cameras"][0]["test"]
        self.assertEqual((test["state"], test["message"]), ("failed", "Camera did not answer"))
        self.assertEqual(test["at"], fields.Datetime.to_string(self.env["cctv.recorder.job"].browse(old).done_at))
        told = self.env["cctv.recorder"].with_user(self.users["supervisor"]).get_health()["cameras"]
        self.assertFalse(any(row["test"] for row in told), "jobs are IT's")

    def test_readers(self):
        for role, user in self.users.items():
            model = self.env["cctv.recorder"].with_user(user)
            if role in READERS:
                self.assertEqual(model.get_health()["can_manage"], role == "it")
            else:
                with self.subTest(role), self.assertRaises(AccessError):
                    model.get_health()
        self.assertEqual(self.env["cctv.recorder"].with_user(self.outsider).get_health()["recorders"], [])
        self.assertEqual(self.env["cctv.recorder"].with_user(self.outsider).get_health()["cameras"], [])

    def test_overview(self):
        self.fill()
        camera = self.camera.with_user(self.it)
        camera.get_overview()
        overview, queries = self.count(camera.get_overview)
        self.assertLessEqual(queries, 10)
        self.assertEqual(overview["pills"][0]["state"], "recording")
        days = overview["strip"]["days"]
        self.assertEqual(len(days), 30)
        self.assertAlmostEqual(days[-3]["ratio"], 3600 / 86400)
        self.assertEqual((days[-3]["gaps"], days[-3]["gap_seconds"], days[-3]["explained"]), (1, 60, False))
        self.assertIs(days[0]["ratio"], False)
        self.assertEqual({card["key"]: card["value"] for card in overview["cards"]}["gaps"], 1)

    def test_young_camera_does_not_cry_wolf(self):
        start = now_us() - 20 * MINUTE
        self.sync(
            segments=self.columns(self.minutes(start, 20)), heartbeat=self.heartbeat([self.camera_state("recording")])
        )
        facts = {fact["key"]: fact for fact in self.camera.with_user(self.it).get_overview()["facts"]}
        self.assertEqual(facts["recorded"]["tone"], "")
        self.assertGreater(max(row.percent for row in self.coverage().values()), 99)

    def test_open_segment_is_no_loss(self):
        """The file that is being written is not there yet: a camera minutes old is not amber for it."""
        start = now_us() - 6 * MINUTE
        last = start + 5 * MINUTE
        self.sync(
            segments=self.columns(self.minutes(start, 5)),
            heartbeat=self.heartbeat([self.camera_state("recording", last_stop_us=str(last))]),
        )
        self.env.invalidate_all()
        facts = {fact["key"]: fact for fact in self.camera.with_user(self.it).get_overview()["facts"]}
        self.assertEqual(facts["recorded"]["tone"], "", facts["recorded"]["text"])
        self.assertIn("100 %", facts["recorded"]["text"])
        self.assertGreater(max(row.percent for row in self.coverage().values()), 99.9)
        self.assertGreater(self.camera._strip_days()[self.camera.id][-1]["ratio"], 0.999)
        self.sync(heartbeat=self.heartbeat([self.camera_state("stalled", last_stop_us=str(last))]))
        self.env.invalidate_all()
        facts = {fact["key"]: fact for fact in self.camera.with_user(self.it).get_overview()["facts"]}
        self.assertNotEqual(facts["recorded"]["tone"], "", "what is missing since it stalled counts")

    def test_no_time_of_a_heartbeat_lies_ahead(self):
        future, before = str(now_us() + 30 * DAY), fields.Datetime.now() - timedelta(seconds=1)
        self.sync(
            heartbeat=self.heartbeat(
                [self.camera_state("recording", last_stop_us=future, since_us=future)],
                engine={"state": "up", "started_us": future},
            )
        )
        self.env.invalidate_all()
        for moment in (self.camera.last_recorded_at, self.camera.recording_since, self.recorder.engine_started):
            self.assertTrue(before <= moment <= fields.Datetime.now() + timedelta(seconds=1), moment)

    def test_a_last_recorded_ahead_of_now_falls(self):
        self.sync(heartbeat=self.heartbeat([self.camera_state("recording")]))
        line = self.env["cctv.camera.health"].search([("camera_id", "=", self.camera.id)])
        line.last_stop = fields.Datetime.now() + timedelta(days=3650)
        last = now_us() // SECOND * SECOND - 90 * SECOND
        for older in (0, 60 * SECOND):
            self.sync(heartbeat=self.heartbeat([self.camera_state("recording", last_stop_us=str(last - older))]))
            self.env.invalidate_all()
            self.assertEqual(line.last_stop, intervals.from_us(last), "and never below what is known")

    def test_overview_for_every_role(self):
        self.fill()
        for role in ("officer", "supervisor", "it", "management", "auditor", "dpo"):
            overview = self.camera.with_user(self.users[role]).get_overview()
            self.assertTrue(overview["strip"]["measured"])
            self.assertEqual(overview["picture"]["state"] == "no_right", role in ("management", "auditor", "dpo"))

    def test_summary_is_constant_in_queries(self):
        self.fill()
        _result, one = self.count(self.cameras[:1].with_user(self.it)._recording_summary)
        _result, three = self.count(self.cameras.with_user(self.it)._recording_summary)
        self.assertLessEqual(three, one)

    def test_share_of_a_window(self):
        start = now_us() - DAY
        self.sync(segments=self.columns([self.segment(start=start + n * MINUTE, seconds=30) for n in range(100)]))
        from ...tools import intervals

        low, high = intervals.from_us(start), intervals.from_us(start + 100 * MINUTE)
        self.assertAlmostEqual(self.camera._recorded_share(low, high), 0.5, 6)

    def test_who_may_see_it_has_the_menu(self):
        menu = self.env.ref("cctv_recorder_bridge.menu_cctv_recorder_health")
        for role in ("officer", *READERS):
            user = self.users[role]
            seen = menu.id in self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            self.assertEqual(seen, role in READERS, role)

    def test_landing_of_it(self):
        homes = [group for group, _action in self.env["cctv.home"]._homes()]
        position = homes.index("cctv_sop.group_it")
        self.assertEqual(
            self.env["cctv.home"]._homes()[position][1], "cctv_recorder_bridge.action_cctv_recorder_health"
        )
