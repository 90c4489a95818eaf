import base64
import gzip
import json
import uuid
import zlib
from unittest.mock import patch

from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...tools import wire
from ..common import DAY, MINUTE, SECOND, SYNC, BridgeCommon, now_us


@tagged("post_install", "-at_install")
class TestSync(BridgeCommon):
    def test_rows_arrive_exactly(self):
        start = now_us() - DAY + self.random.randrange(SECOND)
        row = self.segment(start=start, seconds=59.941337, bytes=str(2**33 + 5), number=7, run="ab" * 16, test=1)
        reply = self.sync(segments=self.columns([row]))
        self.assertEqual(reply["segments"], ["ok"])
        segment = self.stored()
        self.assertEqual(
            (
                segment.start_us,
                segment.stop_us,
                segment.sha256,
                segment.run,
                segment.number,
                segment.bytes,
                segment.test,
            ),
            (row["start_us"], row["stop_us"], row["sha256"], row["run"], 7, 2**33 + 5, True),
        )
        self.assertEqual(segment.recorder_id, self.recorder)
        self.assertEqual(segment.sha256_short, row["sha256"][:12])
        self.assertAlmostEqual(segment.duration_s, 59.941337, 6)

    def test_each_status_arrives(self):
        start = now_us() - DAY
        statuses = ["ok", "recovered", "damaged", "missing", "deleted"]
        rows = [self.segment(start=start + n * MINUTE, status=status) for n, status in enumerate(statuses)]
        rows += [self.segment(start=start + 9 * MINUTE, status="missing", sha256="", bytes="0")]
        self.assertEqual(self.sync(segments=self.columns(rows))["segments"], ["ok"] * 6)
        stored = self.stored()
        self.assertEqual(stored.mapped("status"), [*statuses, "missing"])
        self.assertEqual([row.sha256 or "" for row in stored], [row["sha256"] for row in rows])
        self.assertEqual([int(row.bytes) for row in stored], [int(row["bytes"]) for row in rows])
        self.assertFalse(any(row.test for row in stored))

    def test_reply_frame(self):
        first, second = self.sync(), self.sync()
        self.assertEqual(int(second["counter"]), int(first["counter"]) + 1)
        self.assertEqual(first["database"], self.env["ir.config_parameter"].sudo().get_param("database.uuid"))
        self.assertLess(abs(int(first["server_us"]) - now_us()), 3600 * SECOND)
        self.assertTrue(int(first["key_expires_us"]) > now_us() + 300 * DAY)
        self.assertEqual(second["interval"], self.recorder.interval)

    def test_duplicates_change_nothing(self):
        rows = self.columns(self.minutes(now_us() - DAY, 50))
        self.sync(segments=rows)
        before = [(row.recorded_seconds, row.bytes, row.segments) for row in self.coverage().values()]
        reply = self.sync(segments=rows)
        self.assertEqual(reply["segments"], ["ok"] * 50)
        self.assertEqual(len(self.stored()), 50)
        self.assertEqual([(row.recorded_seconds, row.bytes, row.segments) for row in self.coverage().values()], before)

    def test_partial_batch(self):
        start = now_us() - DAY
        other, _toml = self._new_recorder("GDG-2", self.site)
        foreign = self._recorded_camera("cam-99", other)
        good = self.segment(start=start)
        rows = [
            good,
            self.segment(foreign, start),
            self.segment(start=start + MINUTE, camera_id=2**31 - 1),
            self.segment(start=now_us() - 401 * DAY),
            self.segment(start=now_us() + 2 * DAY),
            self.segment(start=start + 2 * MINUTE, seconds=901),
            self.segment(start=start + 3 * MINUTE, sha256="A" * 64),
            self.segment(start=start + 4 * MINUTE, stop_us=str(start)),
            self.segment(start=start, bytes="77"),
            self.segment(start=start + 5 * MINUTE, sha256=""),
            self.segment(start=start + 6 * MINUTE, sha256="", status="missing"),
            self.segment(start=start + 7 * MINUTE, start_us=5),
            self.segment(start=start + 8 * MINUTE, start_us="-5"),
            self.segment(start=start + 9 * MINUTE, status="fine"),
            self.segment(start=start + 10 * MINUTE, run="'); DROP TABLE x; --aaaaaaaaaaaaa"),
            self.segment(start=start + 11 * MINUTE, camera_id=True),
            self.segment(start=start + 12 * MINUTE),
        ]
        verdicts = self.sync(segments=self.columns(rows))["segments"]
        codes = [verdict if verdict == "ok" else verdict[0] for verdict in verdicts]
        self.assertEqual(
            codes,
            ["ok", "not_yours", "not_yours", "bad_time", "bad_time", "too_long", "bad_value", "bad_value", "duplicate"]
            + ["bad_value", "ok", "bad_value", "bad_value", "bad_value", "bad_value", "bad_value", "ok"],
        )
        self.assertTrue(all(verdict == "ok" or verdict[1].endswith(".") for verdict in verdicts))
        self.assertEqual(
            self.stored().mapped("start_us"), [str(start), str(start + 6 * MINUTE), str(start + 12 * MINUTE)]
        )
        self.assertFalse(self.stored(foreign))

    def test_sizes_beyond_reason_never_sink_their_batch(self):
        start = now_us() - DAY
        rows = self.minutes(start, 13)
        batch = [*({**row, "bytes": "9" * 18} for row in rows[:12]), rows[12]]
        verdicts = self.sync(segments=self.columns(batch))["segments"]
        self.assertEqual(verdicts, [["bad_value", "The value of bytes is not valid."]] * 12 + ["ok"])
        largest = [{**row, "bytes": str(2**44)} for row in rows[:12]]
        self.assertEqual(self.sync(segments=self.columns(largest))["segments"], ["ok"] * 12)
        total = 12 * 2**44 + int(rows[12]["bytes"])
        self.assertEqual(sum(day.bytes for day in self.coverage().values()), total)

    def test_conflict_is_told_and_stored_row_stays(self):
        start = now_us() - DAY
        self.sync(segments=self.columns([self.segment(start=start)]))
        for change in ({"sha256": "f" * 64}, {"bytes": "5"}, {"stop_us": str(start + 59 * SECOND)}):
            reply = self.sync(
                segments=self.columns([self.segment(start=start, **change), self.segment(start=start + MINUTE)])
            )
            self.assertEqual([reply["segments"][0][0], reply["segments"][1]], ["conflict", "ok"], change)
        self.assertEqual(self.stored()[0].sha256, self.segment(start=start)["sha256"])

    def test_status_follows_the_file(self):
        start = now_us() - DAY
        row = self.segment(start=start)
        for status, expected in (
            ("ok", "ok"),
            ("damaged", "damaged"),
            ("missing", "missing"),
            ("ok", "ok"),
            ("deleted", "deleted"),
            ("ok", "deleted"),
        ):
            sha256 = "" if status == "missing" else row["sha256"]
            reply = self.sync(segments=self.columns([{**row, "status": status, "sha256": sha256}]))
            self.assertEqual(reply["segments"], ["ok"])
            self.env.invalidate_all()
            self.assertEqual(self.stored().status, expected)
            self.assertEqual(self.stored().sha256, row["sha256"])

    def test_expected_file_that_turns_up(self):
        start = now_us() - DAY
        self.sync(segments=self.columns([self.segment(start=start, status="missing", sha256="", bytes="0")]))
        self.assertEqual(sum(row.segments for row in self.coverage().values()), 0)
        self.sync(segments=self.columns([self.segment(start=start)]))
        self.env.invalidate_all()
        self.assertEqual(self.stored().sha256, self.segment(start=start)["sha256"])
        self.assertEqual(self.stored().status, "ok")
        self.assertAlmostEqual(sum(row.recorded_seconds for row in self.coverage().values()), 60, 6)
        self.assertEqual(sum(row.segments for row in self.coverage().values()), 1)

    def test_five_thousand_rows(self):
        start = now_us() - 5 * DAY
        rows = self.minutes(start, 5000)
        self.assertEqual(self.sync(segments=self.columns(rows))["segments"], ["ok"] * 5000)
        self.assertEqual(len(self.stored()), 5000)
        self.assertAlmostEqual(sum(row.recorded_seconds for row in self.coverage().values()), 5000 * 60, 3)

    def _queries(self, **parts):
        self.env.invalidate_all()
        message = wire.pack(self.message(**parts))
        model = self.env["cctv.recorder"].with_user(self.bot)
        before = self.env.cr.sql_log_count
        model.sync(message)
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow_with_rows_or_cameras(self):
        def parts(start, count, cameras):
            rows = [row for camera in cameras for row in self.minutes(start, count, camera)]
            gaps = [
                self.gap(start + n * MINUTE, start + n * MINUTE + SECOND, camera=camera)
                for n in range(count)
                for camera in cameras
            ]
            states = [self.camera_state("recording", camera) for camera in cameras]
            return {"segments": self.columns(rows), "gaps": self.columns(gaps), "heartbeat": self.heartbeat(states)}

        self._queries(**parts(now_us() - 3 * DAY, 1, self.cameras[:1]))
        few = self._queries(**parts(now_us() - 2 * DAY, 1, self.cameras[:1]))
        for number in range(10, 40):
            self._recorded_camera(f"cam-{number}", self.recorder)
        cameras = self.recorder.camera_ids
        self._queries(**parts(now_us() - 4 * DAY, 1, cameras))
        many = self._queries(**parts(now_us() - DAY, 40, cameras))
        self.assertEqual(len(cameras), 33)
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 15)

    def test_keeping_and_deleting_cost_at_most_two_queries_more(self):
        """With nothing new, whatever the number of cameras and holds: a node asks each two seconds."""

        def parts(cameras):
            return {"heartbeat": self.heartbeat([self.camera_state("recording", camera) for camera in cameras])}

        def questions():
            reply = self.sync(holds_version="0", cutoffs_tag="")
            version = reply["holds"]["version"] if reply["holds"] else "0"
            return {"holds_version": version, "cutoffs_tag": reply["cutoffs"]["tag"], "purge": None}

        self._queries(**parts(self.cameras))
        plain = self._queries(**parts(self.cameras))
        self.assertLessEqual(self._queries(**parts(self.cameras), **questions()), plain + 2)
        for number in range(10, 40):
            self._recorded_camera(f"cam-{number}", self.recorder)
        cameras = self.recorder.camera_ids
        for number in range(20):
            self._new_hold(cameras[number : number + 5])
        asked = questions()
        self._queries(**parts(cameras))
        self.assertLessEqual(self._queries(**parts(cameras), **asked), plain + 2)

    # -- refusals ------------------------------------------------------------------------------------------

    def test_unknown_fields_are_named(self):
        start = now_us() - DAY
        segments = self.columns([self.segment(start=start)])
        cases = {
            "surprise": self.message(surprise=1, segments=segments),
            "heartbeat.mood": self.message(heartbeat=self.heartbeat(mood="good"), segments=segments),
            "heartbeat.disk.colour": self.message(heartbeat={"disk": {"colour": "1"}}, segments=segments),
            "heartbeat.cameras[0].angle": self.message(
                heartbeat=self.heartbeat([self.camera_state("recording", angle=3)]), segments=segments
            ),
            "segments.path": self.message(segments={**segments, "path": ["x"]}),
            "segments.run": self.message(segments={**segments, "run": []}),
            "gaps.why": self.message(gaps={**self.columns([self.gap(start)]), "why": ["x"]}, segments=segments),
            "events[0].size": self.message(events=[{"seq": "1", "size": 2}], segments=segments),
            "jobs[0].result.shell": self.message(
                jobs=[{"id": 1, "state": "done", "result": {"shell": 1}}], segments=segments
            ),
            "schema": {**self.message(segments=segments), "schema": 2},
            "node": {**self.message(segments=segments), "node": "0" * 8},
            "seq": {**self.message(segments=segments), "seq": 5},
        }
        for field, message in cases.items():
            with self.subTest(field), mute_logger(SYNC):
                with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                    self.send(message)
                self.assertIn(f"{field}:", str(caught.exception))
        self.assertFalse(self.stored())

    def test_broken_envelopes(self):
        raw = json.dumps(self.message()).encode()
        packed = gzip.compress(raw)
        cases = {
            "text": "no base64!",
            "not gzip": base64.b64encode(raw).decode(),
            "cut": base64.b64encode(packed[:-6]).decode(),
            "trailing": base64.b64encode(packed + b"x").decode(),
            "not json": base64.b64encode(gzip.compress(b"{")).decode(),
            "not an object": base64.b64encode(gzip.compress(b"[]")).decode(),
            "nan": base64.b64encode(gzip.compress(b'{"schema": NaN}')).decode(),
            "deep": base64.b64encode(gzip.compress(b"[" * 100_000)).decode(),
            "number": 5,
            "none": False,
        }
        for name, payload in cases.items():
            with self.subTest(name), mute_logger(SYNC), self.assertRaises(UserError):
                self.env["cctv.recorder"].with_user(self.bot).sync(payload)

    def test_zip_bomb(self):
        packer = zlib.compressobj(9, wbits=31)
        bomb = b"".join([packer.compress(b" " * 2**20) for _ in range(300)]) + packer.flush()
        unpacked = []
        real = zlib.decompressobj

        def watched(**kwargs):
            opener = real(**kwargs)

            class Watch:
                eof, unused_data = property(lambda s: opener.eof), property(lambda s: opener.unused_data)

                def decompress(self, *args):
                    data = opener.decompress(*args)
                    unpacked.append(len(data))
                    return data

            return Watch()

        with patch.object(zlib, "decompressobj", watched), mute_logger(SYNC), self.assertRaises(UserError) as caught:
            self.env["cctv.recorder"].with_user(self.bot).sync(base64.b64encode(bomb).decode())
        self.assertIn(f"more than {wire.MAX_RAW} bytes: send fewer rows", str(caught.exception))
        self.assertLessEqual(sum(unpacked), wire.MAX_RAW + 1)

    def test_only_the_nodes_bot(self):
        other, _toml = self._new_recorder("GDG-3", self.site)
        payload = wire.pack(self.message())
        for user in (*self.users.values(), self.env.ref("base.user_admin")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["cctv.recorder"].with_user(user).sync(payload)
        with mute_logger(SYNC), self.assertRaises(UserError):
            self.env["cctv.recorder"].with_user(other.bot_user_id).sync(payload)

    def test_retired_node_is_refused(self):
        self._retire(self.recorder, "diganti")
        self.assertFalse(self.bot.active)
        self.assertFalse(self.cameras.recorder_id)
        with self.assertRaises(AccessError):
            self.sync()

    # -- heartbeat -----------------------------------------------------------------------------------------

    def test_heartbeat_shows_on_node_and_cameras(self):
        since = now_us() // SECOND * SECOND - 5 * SECOND
        states = [
            self.camera_state("recording", self.cameras[0], last_stop_us=str(since)),
            self.camera_state("offline", self.cameras[1], reason="auth_failed", since_us=str(since), kbps=None),
        ]
        self.sync(heartbeat=self.heartbeat(states))
        self.assertRecordValues(
            self.recorder,
            [
                {
                    "state": "online",
                    "version_mediamtx": "v1.20.1",
                    "disk_total": 32e12,
                    "engine_state": "up",
                    "recording": True,
                }
            ],
        )
        self.assertEqual(self.cameras.mapped("recording_state"), ["recording", "offline", "unknown"])
        self.assertEqual(self.cameras[1].recording_reason, "auth_failed")
        self.assertTrue(self.cameras[0].last_recorded_at)
        self.sync(heartbeat=self.heartbeat(alarms=["quota", "parked"], recording=False))
        self.assertEqual(self.recorder.state, "degraded")
        self.assertIn("quota", self.recorder.alarm_words)

    def test_pressure_on_the_disk_is_stored_and_told(self):
        disk = {**self.heartbeat()["disk"], "level": "low", "hours_left": 3.25, "hours_left_without_purge": None}
        states = [self.camera_state("recording"), self.camera_state("off", self.cameras[1], reason="disk_full")]
        self.sync(heartbeat=self.heartbeat(states, disk=disk, alarms=["disk_tight"]))
        self.assertRecordValues(
            self.recorder,
            [
                {
                    "state": "degraded",
                    "stopped_since": False,
                    "disk_level": "low",
                    "disk_hours_left": 3.25,
                    "disk_hours_left_without_purge": -1,
                    "disk_ballast": 83886080,
                    "disk_index_free": 2e9,
                }
            ],
        )
        self.assertEqual(self.recorder.alarm_words, "room for footage gets tight")
        self.assertEqual(self.cameras[1].recording_reason, "disk_full")
        (node,) = self.env["cctv.recorder"].with_user(self.it).get_health()["recorders"]
        self.assertEqual((node["disk"]["hours_left"], node["disk"]["hours_left_without_purge"]), (3.25, False))
        older = {name: disk[name] for name in ("path", "total", "free", "used", "quota", "reserve")}
        self.sync(heartbeat=self.heartbeat(disk=older, alarms=["quota", "only_held"]))
        self.assertEqual(self.recorder.disk_level, "low", "left out: the last word stays")

    def test_wrong_figures_of_the_disk_are_named(self):
        for name, value in (
            ("level", "half"),
            ("level", 3),
            ("hours_left", -1),
            ("hours_left", "3"),
            ("hours_left", True),
            ("hours_left_without_purge", 1e16),
            ("ballast", "-5"),
            ("index_free", 5),
            ("cushion", "5"),
        ):
            beat = self.heartbeat(disk={**self.heartbeat()["disk"], name: value})
            with self.subTest(name=name, value=value), mute_logger(SYNC):
                with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                    self.sync(heartbeat=beat)
                self.assertIn(f"heartbeat.disk.{name}:", str(caught.exception))

    def test_camera_that_the_node_no_longer_names_is_unknown(self):
        both = [self.camera_state("recording", camera) for camera in self.cameras[:2]]
        self.sync(heartbeat=self.heartbeat(both))
        partial = self.heartbeat()
        del partial["cameras"]
        self.sync(heartbeat=partial)
        self.env.invalidate_all()
        self.assertEqual(self.cameras[:2].mapped("recording_state"), ["recording"] * 2, "left out: the last word stays")
        self.sync(heartbeat=self.heartbeat(both[:1]))
        self.env.invalidate_all()
        self.assertEqual(self.cameras[:2].mapped("recording_state"), ["recording", "unknown"])
        line = self.env["cctv.camera.health"].search([("camera_id", "=", self.cameras[1].id)])
        self.assertTrue(line.bad_since and line.last_stop)
        self.sync(heartbeat=self.heartbeat())
        self.env.invalidate_all()
        self.assertEqual(self.camera.recording_state, "unknown")

    def test_late_heartbeat_does_not_overwrite(self):
        self.sync(heartbeat=self.heartbeat([self.camera_state("recording")]))
        late = {**self.message(heartbeat=self.heartbeat([self.camera_state("offline")])), "seq": "1"}
        late["segments"] = self.columns([self.segment(start=now_us() - DAY)])
        answer = self.send(late)
        self.assertEqual((answer["segments"], answer["last_seq"]), (["ok"], "1"))
        self.assertEqual(self.camera.recording_state, "recording")
        self.epoch = "12345678-1234-1234-1234-123456789012"
        self.send({**late, "epoch": self.epoch})
        self.env.invalidate_all()
        self.assertEqual(self.camera.recording_state, "offline")

    def test_a_second_program_with_the_key_is_found(self):
        """An index made anew is told once; two that take turns are work for IT."""
        kind = self.env.ref("cctv_recorder_bridge.mail_activity_two_voices")
        events = [("recorder_id", "=", self.recorder.id), ("epoch", "=", "erp")]
        first, second = self.epoch, str(uuid.uuid4())
        found = []
        for epoch in (first, first, second, second, first, second):
            self.epoch = epoch
            self.sync()
            work = self.recorder.activity_ids.filtered(lambda activity: activity.activity_type_id == kind)
            found.append((self.env["cctv.recorder.event"].search_count(events), len(work)))
        self.assertEqual(found, [(0, 0), (0, 0), (1, 0), (1, 0), (1, 1), (1, 1)])
        self.assertEqual(work.user_id, self.it)

    def test_probe_without_heartbeat(self):
        self.sync(heartbeat=self.heartbeat(alarms=["quota"]))
        self.sync(heartbeat={})
        self.assertEqual((self.recorder.state, self.recorder.alarms), ("degraded", "quota"))

    def test_states_of_foreign_cameras_are_passed_over(self):
        other, _toml = self._new_recorder("GDG-4", self.site)
        foreign = self._recorded_camera("cam-98", other)
        self.sync(heartbeat=self.heartbeat([self.camera_state("offline", foreign)]))
        self.assertEqual(foreign.recording_state, "unknown")

    def test_text_that_postgres_cannot_store(self):
        nasty = 'a\x00b\ud800"\\{},NULL'
        beat = self.heartbeat([self.camera_state("offline", detail=nasty, reason=nasty)], versions={"service": nasty})
        event = {"seq": "1", "at_us": str(now_us()), "kind": "integrity", "camera_id": self.camera.id, "detail": nasty}
        message = self.message(heartbeat=beat, events=[event], etag=nasty)
        packed = base64.b64encode(gzip.compress(json.dumps(message).encode())).decode()
        reply = wire.unpack(self.env["cctv.recorder"].with_user(self.bot).sync(packed))
        self.assertEqual(self.recorder.config_etag, 'ab?"\\{},NULL')
        self.assertEqual(reply["events"], ["ok"])
        self.assertEqual(
            self.env["cctv.recorder.event"].search([("recorder_id", "=", self.recorder.id)]).detail, 'ab?"\\{},NULL'
        )

    # -- events --------------------------------------------------------------------------------------------

    def test_events_are_stored_once(self):
        events = [
            {
                "seq": "1",
                "at_us": str(now_us()),
                "kind": "source_lost",
                "camera_id": self.camera.id,
                "detail": "timeout",
            },
            {"seq": "2", "at_us": str(now_us()), "kind": "engine_up", "camera_id": None, "detail": ""},
            {"seq": "3", "at_us": str(now_us()), "kind": "party", "camera_id": None, "detail": ""},
            {"seq": "4", "at_us": str(now_us()), "kind": "parked", "camera_id": 2**31 - 1, "detail": ""},
        ]
        for _repeat in range(2):
            verdicts = self.sync(events=events)["events"]
            self.assertEqual([v if v == "ok" else v[0] for v in verdicts], ["ok", "ok", "bad_value", "not_yours"])
        self.assertEqual(self.env["cctv.recorder.event"].search_count([("recorder_id", "=", self.recorder.id)]), 2)

    # -- keys ----------------------------------------------------------------------------------------------

    def _keys(self):
        self.env.cr.execute("SELECT index FROM res_users_apikeys WHERE user_id = %s ORDER BY id", [self.bot.id])
        return [index for (index,) in self.env.cr.fetchall()]

    def test_rotation_without_a_cut(self):
        (old,) = self._keys()
        self.recorder.with_user(self.it)._rotate_key()
        self.assertEqual(len(self._keys()), 2)
        self.sync(key=old)
        self.assertEqual(len(self._keys()), 2, "the old key serves until the new one is seen")
        new = self._keys()[1]
        self.sync(key=new)
        self.assertEqual(self._keys(), [new])

    def test_expired_key_is_refused_whatever_is_cached(self):
        (key,) = self._keys()
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date = now() - interval '1 day' WHERE index = %s", [key]
        )
        with self.assertRaises(AccessDenied), self.env.cr.savepoint():
            self.sync(key=key)
