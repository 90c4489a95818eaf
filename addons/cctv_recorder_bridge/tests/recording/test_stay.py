import uuid

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import DAY, MINUTE, SECOND, BridgeCommon, now_us


@tagged("post_install", "-at_install")
class TestStay(BridgeCommon):
    """A camera that moved: what the former node recorded is still on its disk, and its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other, _toml = cls._new_recorder("GDG-2", cls.site)

    def move(self, camera=None):
        (camera or self.camera).with_user(self.it).recorder_id = self.other
        self.env.flush_all()

    def test_late_rows_of_the_former_node(self):
        start = now_us() - DAY
        self.move()
        before, after = self.segment(start=start), self.segment(start=now_us() + 3600 * SECOND)
        gaps = [self.gap(start + MINUTE, start + 2 * MINUTE), self.gap(now_us() + 3600 * SECOND)]
        reply = self.sync(segments=self.columns([before, after]), gaps=self.columns(gaps))
        for name in ("segments", "gaps"):
            self.assertEqual([v if v == "ok" else v[0] for v in reply[name]], ["ok", "not_yours"], name)
        self.assertEqual(self.stored().recorder_id, self.recorder)
        self.assertEqual(self.sync(self.other, segments=self.columns([after]))["segments"], ["ok"])

    def test_rows_of_another_node_stay_as_they_are(self):
        start, run = now_us() - DAY, str(uuid.uuid4())
        rows, gap = self.minutes(start, 5), self.gap(start + 10 * MINUTE, start + 20 * MINUTE)
        self.sync(segments=self.columns(rows), gaps=self.columns([gap]))
        self.move()
        self.assertEqual(self.sync(self.other, segments=self.columns(rows))["segments"], ["ok"] * 5, "the same files")
        gone = [{**row, "sha256": "", "status": "missing"} for row in rows]
        reply = self.sync(
            self.other,
            segments=self.columns(gone),
            gaps=self.columns([{**gap, "stop_us": gap["start_us"]}]),
            deletions=self.columns([self.deletion(row, run) for row in rows]),
        )
        for name in ("segments", "gaps", "deletions"):
            self.assertEqual({verdict[0] for verdict in reply[name]}, {"not_yours"}, name)
        self.env.invalidate_all()
        self.assertEqual(set(self.stored().mapped("status")), {"ok"})
        self.assertEqual(self.stored().recorder_id, self.recorder)
        stored = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id), ("state", "=", "unexplained")])
        self.assertEqual((stored.recorder_id, stored.duration_s), (self.recorder, 600))
        self.assertEqual(sum(day.kept_seconds for day in self.coverage().values()), 300)
        reply = self.sync(segments=self.columns(gone), deletions=self.columns([self.deletion(rows[0], run)]))
        self.assertEqual((reply["segments"], reply["deletions"]), (["ok"] * 5, ["ok"]), "its own node may")

    def test_quick_look_sees_the_move(self):
        rows = self.minutes(now_us() - DAY, 20)
        self.move()
        self.assertEqual(self.sync(segments=self.columns(rows))["segments"], ["ok"] * 20)
        late = self.minutes(now_us() + 3600 * SECOND, 2)
        self.assertEqual({v[0] for v in self.sync(segments=self.columns(late))["segments"]}, {"not_yours"})

    def test_deletions_holds_cutoffs_and_purges_reach_it(self):
        rows = self.minutes(now_us() - 40 * DAY, 2)
        self.sync(segments=self.columns(rows))
        self.move()
        hold = self._new_hold(self.camera, stop=False)
        reply = self.sync(
            holds_version="0",
            cutoffs_tag="",
            deletions=self.columns([self.deletion(rows[0], str(uuid.uuid4()))]),
            purge=self.purge(),
        )
        self.assertEqual(reply["deletions"], ["ok"])
        self.assertEqual(reply["holds"]["rows"][0]["cameras"], self.camera.ids)
        self.assertIn(self.camera.id, [row["camera_id"] for row in reply["cutoffs"]["rows"]])
        self.assertEqual(reply["purge"]["verdict"], "go")
        self.assertEqual(hold.ack_ids.recorder_id, self.recorder | self.other)
        ids = [camera["id"] for camera in self.sync()["config"]["cameras"]]
        self.assertNotIn(self.camera.id, ids, "it records it no more")

    def test_the_new_node_hears_of_older_holds(self):
        hold = self._new_hold(self.camera)
        newer = self._new_hold(self._recorded_camera("cam-77", self.other))
        version = self.sync(self.other, holds_version="0")["holds"]["version"]
        self.assertEqual(int(version), int(newer.wire_version))
        self.assertIsNone(self.sync(self.other, holds_version=version)["holds"])
        self.move()
        (row,) = self.sync(self.other, holds_version=version)["holds"]["rows"]
        self.assertEqual((row["hold"], row["cameras"]), (hold.uuid, self.camera.ids))
        self.assertEqual(hold.hold_state, "requested")

    def test_health_of_a_former_camera_is_the_new_nodes(self):
        self.move()
        self.sync(self.other, heartbeat=self.heartbeat([self.camera_state("recording")]))
        self.sync(heartbeat=self.heartbeat([self.camera_state("offline")]))
        self.env.invalidate_all()
        self.assertEqual(self.camera.recording_state, "recording")

    def test_back_again(self):
        self.move()
        self.camera.with_user(self.it).recorder_id = self.recorder
        row = self.segment(start=now_us() - MINUTE)
        self.assertEqual(self.sync(segments=self.columns([row]))["segments"], ["ok"])
        ids = [row["camera_id"] for row in self.sync(cutoffs_tag="")["cutoffs"]["rows"]]
        self.assertEqual(sorted(ids), sorted(self.cameras.ids), "each camera once")
        stays = self.env["cctv.recorder.stay"].search([("camera_id", "=", self.camera.id)])
        self.assertEqual(stays.recorder_id, self.recorder | self.other)
        self.assertTrue(all(stay.since <= stay.until for stay in stays))

    def test_never_there_stays_foreign(self):
        camera = self._recorded_camera("cam-88", self.other)
        row = self.segment(camera, now_us() - DAY)
        self.assertEqual(self.sync(segments=self.columns([row]))["segments"][0][0], "not_yours")

    def test_nobody_writes(self):
        self.move()
        stay = self.env["cctv.recorder.stay"].search([("camera_id", "=", self.camera.id)])
        self.assertEqual(stay.recorder_id, self.recorder)
        for user in (*self.users.values(), self.env.ref("base.user_admin")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                stay.with_user(user).write({"until": "2090-01-01"})
