from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import BridgeCommon

WATCH = "odoo.addons.cctv_recorder_bridge.models.recording.cctv_recorder_watch"
OFFLINE = ("cctv_recorder_bridge.mail_activity_offline", "cctv_recorder_bridge.mail_activity_camera_offline")


@tagged("post_install", "-at_install")
class TestWatch(BridgeCommon):
    def setUp(self):
        super().setUp()
        self.site.responsible_id = self.it
        self.it.lang = "en_US"
        self.sync(heartbeat=self.heartbeat([self.camera_state("recording", camera) for camera in self.cameras]))

    def sync(self, *args, **kwargs):
        """As in a transaction of its own: a node is heard now, not when this class of tests began."""
        reply = super().sync(*args, **kwargs)
        self.env.flush_all()
        self.env.cr.execute("UPDATE cctv_recorder SET last_sync = clock_timestamp() AT TIME ZONE 'utc'")
        self.env.invalidate_all()
        return reply

    def alarms(self):
        kinds = [self.env.ref(kind).id for kind in OFFLINE]
        return self.env["mail.activity"].search([("activity_type_id", "in", kinds)])

    def later(self, minutes, *, heard=None, states=None, **beat):
        """Move the past back by some minutes, let the node call again if asked, and run the watch."""
        self.env.flush_all()
        shift = [timedelta(minutes=minutes)]
        self.env.cr.execute(
            "UPDATE cctv_recorder SET last_sync = last_sync - %s, state_since = state_since - %s,"
            " stopped_since = stopped_since - %s, resumed_at = resumed_at - %s",
            shift * 4,
        )
        self.env.cr.execute(
            "UPDATE cctv_camera_health SET bad_since = bad_since - %s, good_since = good_since - %s", shift * 2
        )
        self.env.cr.execute("UPDATE cctv_workflow_log SET at = at - %s", shift)
        self.env.cr.execute("UPDATE mail_activity SET write_date = write_date - %s", shift)
        self.env.cr.execute("UPDATE cctv_camera SET recording_since = recording_since - %s", shift)
        self.env.invalidate_all()
        if heard:
            rows = [
                self.camera_state(state, camera)
                for camera, state in zip(self.cameras, states or ["recording"] * 3)  # noqa: B905
            ]
            self.sync(heartbeat=self.heartbeat(rows, **beat))
        self.env["cctv.recorder"]._cron_watch()
        self.env.invalidate_all()

    def mark_done(self):
        self.alarms().action_feedback(feedback="Sudah dilihat")
        self.env.flush_all()
        # a person's click is a transaction of its own
        self.env.cr.execute(
            "UPDATE mail_activity SET write_date = clock_timestamp() AT TIME ZONE 'utc' WHERE NOT active"
        )

    def test_types_are_offered_where_they_serve(self):
        types = self.env["mail.activity.type"]
        data = self.env["ir.model.data"].search([("module", "=", "cctv_recorder_bridge"), ("model", "=", types._name)])
        models = {line.name: types.browse(line.res_id).res_model for line in data}
        camera, run = models.pop("mail_activity_camera_offline"), models.pop("mail_activity_purge")
        self.assertEqual((camera, run, set(models.values())), ("cctv.camera", "cctv.deletion.run", {"cctv.recorder"}))

    def test_alarm_is_of_its_records_type(self):
        for minutes in (0, 1.1):
            self.later(minutes, heard=True, states=["offline", "recording", "recording"])
        alarms = self.alarms()
        self.later(2)
        alarms |= self.alarms()
        self.assertEqual(set(alarms.mapped("res_model")), {"cctv.camera", "cctv.recorder"})
        for alarm in alarms:
            self.assertEqual(alarm.res_model, alarm.activity_type_id.res_model)

    def test_alarm_is_due_on_its_owners_today(self):
        """Where it is another day than in UTC, as in an Indonesian night."""
        self.it.tz = "Pacific/Kiritimati" if fields.Datetime.now().hour >= 10 else "Etc/GMT+12"
        self.later(1)
        self.env.cr.execute("UPDATE cctv_recorder SET last_sync = last_sync - interval '31 seconds'")
        self.env.invalidate_all()
        self.later(1)
        today = fields.Date.context_today(self.env["cctv.recorder"].with_context(tz=self.it.tz))
        self.assertNotEqual(today, fields.Datetime.now().date())
        self.assertEqual(self.alarms().mapped("date_deadline"), [today])

    def test_held_back_is_told_apart_from_off(self):
        self.sync(heartbeat=self.heartbeat([self.camera_state("off", reason="quota")]))
        self.assertEqual((self.camera.recording_state, self.camera.recording_shown), ("off", "not_recording"))
        self.sync(heartbeat=self.heartbeat([self.camera_state("off")]))
        self.env.invalidate_all()
        self.assertEqual(self.camera.recording_shown, "off")

    def test_silent_node(self):
        self.later(1)
        self.assertEqual((self.recorder.state, len(self.alarms())), ("online", 0))
        self.assertEqual(self.camera.recording_shown, "recording")
        self.env.cr.execute("UPDATE cctv_recorder SET last_sync = last_sync - interval '31 seconds'")
        self.env.invalidate_all()
        self.assertEqual(
            (self.camera.recording_state, self.camera.recording_shown), ("recording", "unknown"), "before any cron"
        )
        self.later(1)
        self.assertEqual(self.recorder.state, "offline")
        self.assertEqual(self.cameras.mapped("recording_state"), ["unknown"] * 3)
        alarm = self.alarms()
        self.assertEqual(
            (len(alarm), alarm.res_model, alarm.res_id, alarm.user_id), (1, "cctv.recorder", self.recorder.id, self.it)
        )
        self.later(30)
        self.assertEqual(len(self.alarms()), 1)
        self.later(0, heard=True)
        self.assertEqual((self.recorder.state, len(self.alarms())), ("online", 1))
        self.assertEqual(self.cameras.mapped("recording_state"), ["recording"] * 3)
        self.later(9, heard=True)
        self.assertEqual(len(self.alarms()), 1, "not stable for ten minutes yet")
        self.later(1.1, heard=True)
        self.assertEqual(len(self.alarms()), 0)

    def test_alarm_that_ends_is_told_in_its_owners_language(self):
        self.it.lang = "id_ID"
        self.later(2)
        self.later(0, heard=True)
        self.later(10.1, heard=True)
        body = self.recorder.message_ids[0].body
        self.assertIn("Baik lagi selama sepuluh menit.", body)
        self.assertIn("awalnya ditugaskan untuk", body, "Odoo's own words too")

    def test_flapping_node_keeps_one_alarm(self):
        for _flap in range(5):
            self.later(2)
            self.later(5, heard=True)
            self.assertEqual(len(self.alarms()), 1)
        self.later(10.1, heard=True)
        self.assertEqual(len(self.alarms()), 0)

    def test_degraded_in_between_is_not_a_flap(self):
        self.later(2)
        self.later(0, heard=True)
        self.later(6, heard=True)
        self.sync(heartbeat=self.heartbeat(alarms=["clock"]))
        self.later(5, heard=True)
        self.assertEqual(len(self.alarms()), 0)

    def test_bad_cameras(self):
        bad = ["offline", "stalled", "recording"]
        self.later(0, heard=True, states=bad)
        self.assertFalse(self.alarms(), "a moment is no fault")
        self.later(1.1, heard=True, states=bad)
        self.assertEqual(sorted(self.alarms().mapped("res_id")), self.cameras[:2].ids)
        self.assertEqual(set(self.alarms().mapped("res_model")), {"cctv.camera"})
        self.later(5, heard=True, states=bad)
        self.assertEqual(len(self.alarms()), 2)
        self.later(0, heard=True, states=["recording", "stalled", "recording"])
        self.later(10.1, heard=True, states=["recording", "stalled", "recording"])
        self.assertEqual(self.alarms().mapped("res_id"), self.cameras[1].ids)

    def test_cameras_of_a_silent_node_are_not_counted_apart(self):
        self.later(0, heard=True, states=["offline"] * 3)
        self.later(2)
        self.assertEqual(self.alarms().mapped("res_model"), ["cctv.recorder"])

    def test_node_that_stopped_is_one_alarm(self):
        """Quota, disk and engine: each calls one person once, and nobody for each camera."""
        for alarm, word in (("quota", "quota"), ("disk_low", "disk"), ("disk_missing", "disk"), ("engine_down", "eng")):
            with self.subTest(alarm):
                stopped = {"heard": True, "states": ["off", "off", "offline"], "alarms": [alarm]}
                self.later(0, **stopped)
                self.assertFalse(self.alarms(), "a moment is no fault")
                for _repeat in range(2):
                    self.later(1.1, **stopped)
                    self.assertEqual(
                        [(a.res_model, a.res_id, a.user_id) for a in self.alarms()],
                        [("cctv.recorder", self.recorder.id, self.it)],
                    )
                self.assertIn(word, self.alarms().summary)
                self.later(0, heard=True)
                self.later(9, heard=True)
                self.assertEqual(len(self.alarms()), 1, "not stable for ten minutes yet")
                self.later(1.1, heard=True)
                self.assertFalse(self.alarms())

    def test_silence_of_a_stopped_node_is_the_same_alarm(self):
        self.later(0, heard=True, alarms=["quota"])
        self.later(1.1, heard=True, alarms=["quota"])
        self.later(2)
        self.assertEqual(len(self.alarms()), 1)
        self.assertIn("silent", self.alarms().summary)

    def test_cameras_get_a_minute_after_their_node_records_again(self):
        states = ["stalled", "recording", "recording"]
        self.later(0, heard=True, states=states, alarms=["engine_down"])
        self.later(5, heard=True, states=states)
        self.assertEqual(self.alarms().mapped("res_model"), [])
        self.later(1.1, heard=True, states=states)
        self.assertEqual(self.alarms().mapped("res_model"), ["cctv.camera"])

    def test_held_camera_does_not_record(self):
        held = [self.camera_state("off", reason=reason) for reason in ("quota", "")]
        for row, bad in zip(held, (True, False), strict=True):
            self.sync(heartbeat=self.heartbeat([row]))
            line = self.env["cctv.camera.health"].search([("camera_id", "=", self.camera.id)])
            line.invalidate_recordset()
            self.assertEqual(bool(line.bad_since), bad, row)

    def test_alarms_speak_the_language_of_who_gets_them(self):
        self.it.lang = "id_ID"
        states = [self.camera_state("offline", camera, reason="auth_failed") for camera in self.cameras]
        self.sync(heartbeat=self.heartbeat(states))
        self.env.cr.execute("UPDATE cctv_camera_health SET bad_since = bad_since - interval '2 minutes'")
        self.env.invalidate_all()
        self.env["cctv.recorder"]._cron_watch()
        reasons = self.env["cctv.gap"].with_context(lang="id_ID")._fields["reason"]
        word = dict(reasons._description_selection(self.env(context={"lang": "id_ID"})))["auth_failed"]
        summary = self.alarms()[:1].summary
        self.assertIn(word, summary)
        self.assertNotIn("does not record", summary)
        self.assertNotIn("auth_failed", summary)

    def test_one_broken_record_leaves_the_others_watched(self):
        states = ["offline"] * 3
        self.later(0, heard=True, states=states)
        first = self.camera

        def raise_alarm(model, record, *args):
            if record == first:
                self.env.cr.execute("SELECT 1/0")
            return original(model, record, *args)

        cls = type(self.env["cctv.recorder"])
        original = cls._raise_alarm_on
        with patch.object(cls, "_raise_alarm_on", raise_alarm), mute_logger("odoo.sql_db", WATCH):
            self.later(1.1, heard=True, states=states)
        self.assertEqual(sorted(self.alarms().mapped("res_id")), self.cameras[1:].ids)
        with patch.object(cls, "_mark_silent", lambda model: 1 / 0), mute_logger(WATCH):
            self.later(1, heard=True, states=states)
        self.assertEqual(len(self.alarms()), 3)

    def test_alarm_marked_done_rests_until_the_state_changes(self):
        states = ["offline", "recording", "recording"]
        self.later(0, heard=True, states=states)
        self.later(1.1, heard=True, states=states)
        self.mark_done()
        for _minute in range(3):
            self.later(1.1, heard=True, states=states)
            self.assertFalse(self.alarms(), "somebody has seen it")
        self.later(0, heard=True)
        self.later(11, heard=True)
        self.later(0, heard=True, states=states)
        self.later(1.1, heard=True, states=states)
        self.assertEqual(self.alarms().mapped("res_id"), self.camera.ids, "it broke again")

    def test_node_alarm_marked_done_rests_until_the_state_changes(self):
        self.later(2)
        self.mark_done()
        self.later(5)
        self.assertFalse(self.alarms())
        self.later(0, heard=True)
        self.later(2)
        self.assertEqual(len(self.alarms()), 1, "silent again")

    def persons_own(self, kind, record, **values):
        """:return: work of an alarm's type that a person gave himself, from before that was refused"""
        on = {"res_model_id": self.env["ir.model"]._get_id(record._name), "res_id": record.id}
        given = {"activity_type_id": self.env.ref(kind).id, "user_id": self.users["officer"].id}
        return self.env["mail.activity"].create({**on, **given, **values})

    def test_what_persons_give_themselves_is_no_alarm(self):
        node, camera = OFFLINE
        states = ["offline", "recording", "recording"]
        self.later(0, heard=True, states=states)
        own = self.persons_own(camera, self.camera) | self.persons_own(node, self.recorder)
        self.persons_own(camera, self.camera, active=False)
        self.persons_own(node, self.recorder, active=False)
        self.env.flush_all()
        self.env.cr.execute("UPDATE mail_activity SET write_date = clock_timestamp() AT TIME ZONE 'utc'")
        self.later(1.1, heard=True, states=states)
        alarm = self.alarms() - own
        self.assertEqual((alarm.res_model, alarm.res_id, alarm.user_id), ("cctv.camera", self.camera.id, self.it))
        self.later(0, heard=True)
        self.later(10.1, heard=True)
        self.assertEqual(self.alarms(), own, "the machine ends its own alone")
        self.later(2)
        alarm = self.alarms() - own
        self.assertEqual((alarm.res_model, alarm.user_id), ("cctv.recorder", self.it))

    def test_node_that_never_called(self):
        recorder, _toml = self._new_recorder("GDG-8", self.site)
        self.later(11, heard=True)
        self.assertFalse(self.alarms(), "nothing counts on it")
        camera = self._recorded_camera("cam-81", recorder)
        self.later(9, heard=True)
        self.assertFalse(self.alarms(), "it may still be set up")
        for _repeat in range(2):
            self.later(1.1, heard=True)
            self.assertEqual(self.alarms().mapped("res_id"), recorder.ids)
        self.assertIn("never called", self.alarms().summary)
        camera.recorder_id = self.recorder
        self.later(0, heard=True)
        self.assertNotIn(recorder.id, self.alarms().filtered(lambda a: a.res_model == recorder._name).mapped("res_id"))

    def test_node_that_comes_back_without_a_camera(self):
        self.later(2)
        self.assertEqual(self.camera.recording_state, "unknown")
        back = [self.camera_state("recording", camera) for camera in self.cameras[1:]]
        self.sync(heartbeat=self.heartbeat(back))
        self.later(0)
        self.env.cr.execute("UPDATE cctv_camera_health SET bad_since = bad_since - interval '61 seconds'")
        self.sync(heartbeat=self.heartbeat(back))
        self.env.invalidate_all()
        self.env["cctv.recorder"]._cron_watch()
        cameras = self.alarms().filtered(lambda alarm: alarm.res_model == "cctv.camera")
        self.assertEqual(cameras.mapped("res_id"), self.camera.ids)

    def test_camera_whose_recorder_is_taken_away(self):
        self._camera_in("active", "cam-82")  # recorded by another system: it never had one
        self.camera.recorder_id = False
        self.later(0, heard=True)
        self.assertFalse(self.alarms(), "it may be on its way to another one")
        for _repeat in range(2):
            self.later(1.1, heard=True)
            self.assertEqual(self.alarms().mapped("res_id"), self.camera.ids)
        self.assertIn("no recorder any more", self.alarms().summary)
        self.camera.with_user(self.it).action_suspend(note="uji")
        self.later(1, heard=True)
        self.assertFalse(self.alarms())

    def test_camera_in_use_again_without_a_recorder_is_alarmed_again(self):
        self.camera.recorder_id = False
        self.later(0, heard=True)
        self.later(1.1, heard=True)
        self.assertEqual(self.alarms().mapped("res_id"), self.camera.ids)
        self.camera.with_user(self.it).action_suspend(note="uji")
        self.later(1, heard=True)
        self.assertFalse(self.alarms())
        self.later(1, heard=True)
        self.camera.with_user(self.it).action_resume()
        self.later(1, heard=True)
        self.assertEqual(self.alarms().mapped("res_id"), self.camera.ids)
        self.later(1, heard=True)
        self.mark_done()
        self.later(1, heard=True)
        self.assertFalse(self.alarms(), "somebody has seen it")

    def test_alarm_of_a_camera_says_what_it_lacks_now(self):
        self.camera.recorder_id = False
        self.later(0, heard=True)
        self.later(1.1, heard=True)
        (alarm,) = self.alarms()
        self.camera.recorder_id = self.recorder
        for reason, word in (("auth_failed", "password"), ("disk_full", "Disk full"), (None, "no recorder any more")):
            states = [self.camera_state("recording", camera) for camera in self.cameras[1:]]
            if reason:
                states.append(self.camera_state("offline", reason=reason))
            else:
                self.camera.recorder_id = False
            self.sync(heartbeat=self.heartbeat(states))
            self.later(1.1)
            self.assertEqual(self.alarms(), alarm)
            self.assertIn(word, alarm.summary)

    def test_retired_recorder_leaves_no_camera_unwatched(self):
        self._retire(self.recorder, "rusak")
        self.later(1.1)
        self.assertEqual(sorted(self.alarms().mapped("res_id")), self.cameras.ids)

    def test_suspended_camera_needs_nobody(self):
        self.later(0, heard=True, states=["offline"] * 3)
        self.later(1.1, heard=True, states=["offline"] * 3)
        self.assertEqual(len(self.alarms()), 3)
        self.camera.with_user(self.it).action_suspend(note="x")
        self.later(0, heard=True, states=["offline"] * 3)
        self.assertEqual(sorted(self.alarms().mapped("res_id")), self.cameras[1:].ids)

    def test_responsible_without_a_name_on_the_site(self):
        self.site.responsible_id = False
        self.assertEqual(self.recorder._responsible(), self.it)

    def test_responsible_must_be_able_to_act(self):
        self.site.responsible_id = self.users["officer"]
        self.assertEqual(self.recorder._responsible(), self.it, "no IT role")
        self.site.responsible_id = self.it
        self.it.active = False
        self.assertNotEqual(self.recorder._responsible(), self.it)

    def test_key_alarm(self):
        kind = self.env.ref("cctv_recorder_bridge.mail_activity_key")

        def alarms():
            return self.env["mail.activity"].search(
                [("activity_type_id", "=", kind.id), ("res_id", "=", self.recorder.id)]
            )

        self.env["cctv.recorder"]._cron_keys()
        self.assertFalse(alarms())
        with freeze_time(fields.Datetime.now() + timedelta(days=352)):
            for _repeat in range(2):
                self.env["cctv.recorder"]._cron_keys()
                self.assertEqual((len(alarms()), alarms().user_id), (1, self.it))
        self.recorder.with_user(self.it)._rotate_key()
        self.env["cctv.recorder"]._cron_keys()
        self.assertFalse(alarms())
