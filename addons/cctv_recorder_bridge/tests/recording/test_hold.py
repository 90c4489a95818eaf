import uuid
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.cctv_sop.site_time import site_minute

from ...tools import intervals
from ..common import DAY, SYNC, BridgeCommon, now_us


@tagged("post_install", "-at_install")
class TestHold(BridgeCommon):
    def pull(self, version=0, recorder=None):
        return self.sync(recorder, holds_version=str(version))["holds"]

    def told(self, version=0, recorder=None):
        """:return dict: hold's UUID -> its row, of what a node is told"""
        answer = self.pull(version, recorder)
        return {row["hold"]: row for row in answer["rows"]} if answer else {}

    def released(self):
        hold = self._new_hold(self.camera, self.officer)
        hold.with_user(self.users["supervisor"]).action_confirm()
        hold.with_user(self.users["supervisor"]).action_activate()
        hold.with_user(self.users["supervisor"]).action_request_release(note="x")
        hold.with_user(self.management).action_release(note="x")
        return hold

    # -- down ----------------------------------------------------------------------------------------------

    def test_row(self):
        self.assertIsNone(self.pull())
        hold = self._new_hold(self.cameras[:2], self.officer, stop=False)
        answer = self.pull()
        (row,) = answer["rows"]
        self.assertEqual(answer["version"], row["version"])
        self.assertEqual(
            row,
            {
                "hold": hold.uuid,
                "version": str(int(hold.wire_version)),
                "state": "active",
                "cameras": self.cameras[:2].ids,
                "from_us": str(intervals.to_us(hold.start)),
                "to_us": None,
            },
        )
        self.assertGreater(int(row["version"]), now_us() - 3600 * intervals.SECOND)
        self.assertIsNone(self.pull(answer["version"]), "nothing newer")
        self.assertIsNone(self.sync()["holds"], "not asked for")

    def test_only_the_nodes_own_cameras(self):
        other, _toml = self._new_recorder("GDG-2", self.site)
        foreign = self._recorded_camera("cam-99", other)
        hold = self._new_hold(self.camera | foreign)
        theirs = self._new_hold(foreign)
        self.assertEqual(self.told(), {hold.uuid: self.told()[hold.uuid]})
        self.assertEqual(self.told()[hold.uuid]["cameras"], self.camera.ids)
        self.assertEqual(self.told(recorder=other).keys(), {hold.uuid, theirs.uuid})
        self.assertEqual(hold.ack_ids.recorder_id, self.recorder | other)

    def test_versions_grow(self):
        versions = [self._new_hold(self.camera).wire_version for _n in range(3)]
        self.assertEqual(versions, sorted(set(versions)))
        far = now_us() + 3600 * intervals.SECOND  # (no rollback takes it back)
        self.env["cctv.legal.hold"]._next_version(far)
        self.assertGreater(self._new_hold(self.camera).wire_version, far, "also after a clock that stepped back")

    def test_change_is_told_and_a_step_as_a_version_alone(self):
        hold = self._new_hold(self.camera, self.officer)
        row = self.told()[hold.uuid]
        self.sync(hold_acks=[self.ack(row)])
        before = int(row["version"])
        for name in ("action_confirm", "action_activate", "action_renew", "action_request_release", "action_keep"):
            getattr(hold.with_user(self.users["supervisor"]), name)(note="x")
            with self.subTest(name):
                fresh = self.told(before)[hold.uuid]
                self.assertEqual({**fresh, "version": None}, {**row, "version": None})
                before = int(fresh["version"])
                self.assertEqual(hold.hold_state, "active", "all of it is stored there already")
        hold = self._new_hold(self.camera, self.officer)
        before = int(self.pull()["version"])
        hold.with_user(self.officer).write({"camera_ids": [(4, self.cameras[1].id)], "stop": False})
        row = self.told(before)[hold.uuid]
        self.assertEqual((row["cameras"], row["to_us"], row["state"]), (self.cameras[:2].ids, None, "active"))

    def test_released_is_told_when_the_grace_is_over(self):
        hold = self.released()
        self.assertEqual(self.told()[hold.uuid]["state"], "active")
        before = int(self.pull()["version"])
        self._run_holds_until(fields.Datetime.now() + timedelta(days=6))
        self.assertIsNone(self.pull(before))
        self._run_holds_until(fields.Datetime.now() + timedelta(days=8))
        self.assertEqual(self.told(before)[hold.uuid]["state"], "released")
        self.assertEqual(hold.hold_state, "released")

    def test_lapsed_is_told(self):
        hold = self._new_hold(self.camera, self.officer)
        before = int(self.pull()["version"])
        self._run_holds_until(fields.Datetime.now() + timedelta(hours=73))
        self.assertEqual(self.told(before)[hold.uuid]["state"], "released")

    # -- up ------------------------------------------------------------------------------------------------

    def test_asked_held_ended(self):
        hold = self._new_hold(self.camera, self.officer)
        self.assertEqual(hold.hold_state, "requested")
        self.assertIn("GDG-1", hold.hold_detail)
        row = self.told()[hold.uuid]
        self.assertEqual(self.sync(hold_acks=[self.ack(row)])["hold_acks"], ["ok"])
        self.env.invalidate_all()
        self.assertEqual((hold.hold_state, hold.hold_detail), ("active", "Held: 5 segments kept."))
        self.assertRecordValues(
            hold.ack_ids.with_user(self.officer),
            [{"recorder_id": self.recorder.id, "kept": 5, "gone": 0, "kept_bytes": 5e6, "state": "active"}],
        )
        self.env.invalidate_all()
        self.assertEqual(hold.ack_ids.with_user(self.officer).display_name, "GDG-1")
        hold.with_user(self.officer).stop = False
        self.assertEqual(hold.hold_state, "requested", "what it stored is not the hold as it is now")
        self.sync(hold_acks=[self.ack(row)])
        self.env.invalidate_all()
        self.assertEqual(hold.hold_state, "requested", "the acknowledgement is of the former version")

    def test_a_count_is_of_when_the_hold_was_stored(self):
        hold = self._new_hold(self.camera, start=datetime(2026, 11, 2, 1), stop=False)
        row = self.told()[hold.uuid]
        with freeze_time("2026-11-02 02:21:40"):
            self.sync(hold_acks=[self.ack(row)])
        self.env.invalidate_all()
        said = "Held: 5 segments when stored on 2 Nov 2026 10:21 WITA. Later footage is kept too."
        self.assertEqual((hold.hold_state, hold.hold_detail), ("active", said))
        hold.ack_ids.write({"kept": 2, "gone": 3})
        said = "Held in part: 2 segments when stored on 2 Nov 2026 10:21 WITA, 3 had been deleted before. "
        self.assertEqual(hold.hold_detail, said + "Later footage is kept too.")

    def test_nothing_after_its_end_is_said_to_be_kept(self):
        said = "Held: 5 segments when stored on 2 Nov 2026 10:21 WITA. "
        for stop, more in (
            (datetime(2026, 11, 2, 2, 30), "Later footage until 2 Nov 2026 10:30 WITA is kept too."),
            (datetime(2026, 11, 2, 2, 20), "What was still being recorded then is kept too."),
        ):
            hold = self._new_hold(self.camera, start=datetime(2026, 11, 2, 1), stop=stop)
            row = self.told()[hold.uuid]
            with self.subTest(stop=stop), freeze_time("2026-11-02 02:21:40"):
                self.sync(hold_acks=[self.ack(row)])
                self.env.invalidate_all()
                self.assertEqual(hold.hold_detail, said + more)

    def test_a_released_hold_is_not_shown_as_plainly_held(self):
        hold = self.released()
        self.sync(hold_acks=[self.ack(self.told()[hold.uuid])])
        self.env.invalidate_all()
        until = site_minute(self.env, hold.grace_until, hold.tz)
        said = f"Released: the hold lasts until {until}, then retention resumes."
        self.assertEqual((hold.hold_state, hold.hold_detail), ("grace", said))
        self.assertEqual(hold.ack_ids.state, "grace")

    def test_held_without_footage_is_not_plainly_held(self):
        hold = self._new_hold(self.camera)
        self.sync(hold_acks=[self.ack(self.told()[hold.uuid], kept=0, kept_bytes="0")])
        self.env.invalidate_all()
        said = "Held, but nothing was recorded in this time."
        self.assertEqual((hold.hold_state, hold.hold_detail), ("empty", said))
        hold.ack_ids.write({"gone": 3})
        self.assertEqual(hold.hold_state, "active", "gone before: said by its own words")

    def test_held_from_a_time_to_come(self):
        hold = self._new_hold(self.camera, start="2026-11-03 22:30:00", stop=False)
        row = self.told()[hold.uuid]
        with freeze_time("2026-11-02 02:21:40"):
            self.sync(hold_acks=[self.ack(row, kept=0, kept_bytes="0")])
            self.env.invalidate_all()
            said = "Held, but nothing is recorded yet: it begins on 4 Nov 2026 06:30 WITA."
            self.assertEqual((hold.hold_state, hold.hold_detail), ("empty", said))
        with freeze_time("2026-11-03 23:00:00"):
            self.env.invalidate_all()
            said = "Held: nothing was recorded in this time when stored on 2 Nov 2026 10:21 WITA. "
            self.assertEqual((hold.hold_state, hold.hold_detail), ("active", said + "Later footage is kept too."))

    def test_partial_is_said(self):
        hold = self._new_hold(self.camera)
        row = self.told()[hold.uuid]
        gone = [[self.camera.id, str(intervals.to_us(hold.start) + n * intervals.SECOND)] for n in range(3)]
        self.sync(hold_acks=[self.ack(row, kept=2, gone=3, gone_rows=gone)])
        self.env.invalidate_all()
        self.assertEqual(hold.hold_detail, "Held in part: 2 segments kept, 3 had been deleted before.")
        self.assertIn("3 segments", hold.ack_ids.gone_words)
        self.sync(hold_acks=[self.ack(row, kept=0, gone=3, gone_rows=gone)])
        self.env.invalidate_all()
        self.assertIn("all 3 segments of this time had been deleted", hold.hold_detail)

    def test_every_node_must_have_stored_it(self):
        other, _toml = self._new_recorder("GDG-2", self.site)
        hold = self._new_hold(self.camera | self._recorded_camera("cam-99", other))
        self.sync(hold_acks=[self.ack(self.told()[hold.uuid])])
        self.env.invalidate_all()
        self.assertEqual(hold.hold_state, "requested")
        self.assertIn("GDG-2", hold.hold_detail)
        self.assertNotIn("GDG-1", hold.hold_detail)
        row = self.told(recorder=other)[hold.uuid]
        self.sync(other, hold_acks=[self.ack(row)])
        self.env.invalidate_all()
        self.assertEqual(hold.hold_state, "active")

    def test_hold_that_only_the_node_knows(self):
        row = {
            "hold": str(uuid.uuid4()),
            "version": str(now_us() - DAY),
            "cameras": [self.camera.id, 2**31 - 1],
            "from_us": str(now_us() - 9 * DAY),
            "to_us": str(now_us() - 8 * DAY),
        }
        for _repeat in range(2):
            self.assertEqual(self.sync(hold_acks=[self.ack(row)])["hold_acks"], ["ok"])
        hold = self.env["cctv.legal.hold"].search([("uuid", "=", row["hold"])])
        self.assertRecordValues(
            hold,
            [
                {
                    "state": "active",
                    "origin": "recorder",
                    "camera_ids": self.camera.ids,
                    "company_id": self.company.id,
                    "preserved_by": False,
                    "hold_state": "active",
                    "ended_at": False,
                }
            ],
        )
        self.assertLessEqual(intervals.to_us(hold.start), int(row["from_us"]))
        self.assertGreaterEqual(intervals.to_us(hold.stop), int(row["to_us"]))
        self.assertEqual(int(hold.wire_version), int(row["version"]))
        kind = self.env.ref("cctv_sop.mail_activity_hold_judge")
        self.assertEqual(hold.activity_ids.activity_type_id, kind)
        self.assertIsNone(self.pull(row["version"]), "the node has it already")
        hold.with_user(self.users["supervisor"]).action_request_release(note="x")
        hold.with_user(self.management).action_release(note="x")
        self.assertEqual(hold.state, "released")

    def unknown(self, **values):
        """What a node says of a hold that only it knows."""
        row = {
            "hold": str(uuid.uuid4()),
            "version": str(now_us() - DAY),
            "cameras": [self.camera.id],
            "from_us": str(now_us() - 9 * DAY),
            "to_us": None,
        }
        return self.ack({**row, **values})

    def test_no_node_carries_the_versions_of_all_holds_away(self):
        hold = self._new_hold(self.camera)
        row = self.told()[hold.uuid]
        far = str(now_us() + DAY + 3600 * intervals.SECOND)
        acks = [self.unknown(version=far), self.ack({**row, "version": far}), self.ack(row)]
        refused = ["bad_value", "The value of version is not valid."]
        self.assertEqual(self.sync(hold_acks=acks)["hold_acks"], [refused, refused, "ok"])
        self.assertEqual(self.env["cctv.legal.hold"].search_count([("origin", "=", "recorder")]), 0)
        self.assertLess(self._new_hold(self.camera).wire_version, now_us() + DAY)

    def test_a_version_that_was_handed_out_is_acknowledged(self):
        """Also where the clock has stepped back since, or the versions had been carried away before."""
        hold = self._new_hold(self.camera)
        for version in (now_us() + 30 * DAY, 4 * 10**15):
            hold._with_pass(["wire_version"]).write({"wire_version": version})
            with self.subTest(version=version):
                self.assertEqual(self.sync(hold_acks=[self.ack(self.told()[hold.uuid])])["hold_acks"], ["ok"])
                self.env.invalidate_all()
                self.assertEqual(hold.hold_state, "active")

    def test_many_holds_that_only_the_node_knows_are_one_work(self):
        acks = [self.unknown() for _n in range(3)]
        self.assertEqual(self.sync(hold_acks=[*acks, acks[0]])["hold_acks"], ["ok"] * 4)
        holds = self.env["cctv.legal.hold"].search([("origin", "=", "recorder")], order="id")
        self.assertEqual(holds.mapped("uuid"), [ack["hold"] for ack in acks])
        (work,) = holds.activity_ids
        for word in (" 3 ", holds[0].name, holds[2].name):
            self.assertIn(word, work.summary)
        self.assertEqual(holds.ack_ids.mapped("kept"), [5] * 3)

    def test_more_acks_than_a_call_may_hold_are_refused_whole(self):
        acks = [self.unknown() for _n in range(51)]
        with self.assertRaises(UserError) as caught, mute_logger(SYNC), self.env.cr.savepoint():
            self.sync(hold_acks=acks)
        self.assertIn("hold_acks: holds more than 50", str(caught.exception))
        self.assertEqual(set(self.sync(hold_acks=acks[1:])["hold_acks"]), {"ok"})

    @staticmethod
    def noting(calls, method):
        def noted(this, *args):
            calls.append(method.__name__)
            return method(this, *args)

        return noted

    def test_the_versions_are_waited_for_once_and_last(self):
        """Whoever changes a hold waits for them until the call has ended."""
        known = self._new_hold(self.camera)
        row = self.told()[known.uuid]
        later = self.ack({**row, "version": str(int(row["version"]) + 10**6)})
        calls, holds = [], self.env.registry["cctv.legal.hold"]
        for name in ("_made_anew", "_next_version"):
            self.patch(holds, name, self.noting(calls, getattr(holds, name)))
        self.sync(hold_acks=[later, self.unknown(), self.unknown()])
        self.assertEqual(calls[:3], ["_made_anew", "_made_anew", "_next_version"])
        self.assertNotIn("_made_anew", calls[3:])

    def test_node_that_knows_a_later_version(self):
        """A restored database forgets that the hold was widened and confirmed; the node does not."""
        hold = self._new_hold(self.camera, self.officer)
        row = self.told()[hold.uuid]
        later = {
            **row,
            "version": str(int(row["version"]) + 10**6),
            "cameras": self.cameras[:2].ids,
            "from_us": str(int(row["from_us"]) - DAY),
            "to_us": None,
        }
        self.assertEqual(self.sync(hold_acks=[self.ack(later)])["hold_acks"], ["ok"])
        self.assertEqual((hold.camera_ids, hold.stop, hold.state), (self.cameras[:2], False, "active"))
        self.assertEqual(intervals.to_us(hold.start), int(row["from_us"]) - DAY)
        self.assertGreater(hold.wire_version, int(later["version"]))
        self._run_holds_until(fields.Datetime.now() + timedelta(hours=100))
        self.assertEqual((hold.state, hold.ended_at), ("active", False), "no cron ends what a person confirmed once")

    def test_bad_acks_are_answered_row_by_row(self):
        hold = self._new_hold(self.camera)
        good = self.ack(self.told()[hold.uuid])
        theirs = self._new_tree(self.other_company, "Situs Lain", "Asia/Jakarta")[3]
        foreign = self._new_hold(self._camera_in("active", "cam-50", location=theirs))
        cases = {
            "hold": ["x", None, 5, hold.uuid.upper()],
            "version": ["-1", 5, None, "4" + "0" * 15],
            "cameras": [[], [0], ["1"], None, [True]],
            "from_us": ["", "1", None, "9" * 16],
            "to_us": ["", good["from_us"], 5, "9" * 16],
            "kept": [-1, "1", None, 1.5, True],
            "gone": [-1, None, 2**31],
            "kept_bytes": [1, "-1", None],
            "gone_rows": [None, [[1]], [["1", "1"]], [[1, 1]], [[1, "1"]] * 501],
        }
        rows = [{**good, name: value} for name, values in cases.items() for value in values]
        rows += [{name: value for name, value in good.items() if name != "to_us"}]
        wrong = [name for name, values in cases.items() for _value in values] + ["to_us"]
        stranger = {**good, "hold": str(uuid.uuid4()), "cameras": [2**31 - 1]}
        verdicts = self.sync(hold_acks=[*rows, stranger, {**good, "hold": foreign.uuid}, good])["hold_acks"]
        for name, row, verdict in zip(wrong, rows, verdicts, strict=False):
            with self.subTest(name=name, value=row.get(name)):
                self.assertEqual(verdict, ["bad_value", f"The value of {name} is not valid."])
        self.assertEqual([verdict[0] for verdict in verdicts[-3:-1]] + verdicts[-1:], ["not_yours"] * 2 + ["ok"])
        self.assertFalse(foreign.ack_ids)
        self.assertEqual(self.env["cctv.legal.hold"].search_count([("origin", "=", "recorder")]), 0)

    def test_unknown_fields_are_named(self):
        hold = self._new_hold(self.camera)
        ack = self.ack(self.told()[hold.uuid])
        for field, parts in (
            ("hold_acks[0].mood", {"hold_acks": [{**ack, "mood": 1}]}),
            ("holds_version", {"holds_version": "x"}),
            ("holds_version", {"holds_version": 5}),
            ("cutoffs_tag", {"cutoffs_tag": None}),
            ("heartbeat.purge.state", {"heartbeat": {"purge": {"state": "busy"}}}),
            ("heartbeat.purge.due_bytes", {"heartbeat": {"purge": {"due_bytes": "-1"}}}),
            ("heartbeat.purge.mood", {"heartbeat": {"purge": {"mood": 1}}}),
        ):
            wrong = self.assertRaises(UserError)
            with self.subTest(field), mute_logger(SYNC), wrong as caught, self.env.cr.savepoint():
                self.sync(**parts)
            self.assertIn(f"{field}:", str(caught.exception))

    # -- shown ---------------------------------------------------------------------------------------------

    def test_camera_shows_held_days(self):
        self._new_hold(self.camera)
        camera = self.camera.with_user(self.officer)
        self.assertEqual(camera._hold_status()[camera.id], {"measured": True, "count": 1})
        days = camera._recording_summary()[camera.id]["days"]
        held = [day["day"] for day in days if day["held"]]
        hold = self.env["cctv.legal.hold"].search([("camera_ids", "in", camera.ids)])
        first = intervals.day_of(intervals.to_us(hold.start), "Asia/Makassar")
        last = intervals.day_of(intervals.to_us(hold.stop) - 1, "Asia/Makassar")
        self.assertEqual((held[0], held[-1]), (first.isoformat(), last.isoformat()))

    def test_form_opens_for_every_role(self):
        hold = self._new_hold(self.camera)
        for role in ("officer", "supervisor", "it", "management", "auditor", "dpo"):
            mine = hold.with_user(self.users[role])
            row = {"recorder_id": {"fields": {"display_name": {}}}, "state": {}, "tz": {}, "gone_words": {}}
            (page,) = mine.web_read({"ack_ids": {"fields": row}, "hold_state": {}, "hold_detail": {}})
            self.assertEqual(page["ack_ids"][0]["recorder_id"]["display_name"], "GDG-1", role)

    def test_who_retires_a_recorder_is_told_what_it_still_keeps(self):
        self.cameras.with_user(self.it).recorder_id = False

        def advice():
            action = self.recorder.with_user(self.it).action_retire()
            return Form(self.env["cctv.step.reason"].with_user(self.it).with_context(**action["context"])).advice

        self.assertFalse(advice(), "it never recorded")
        self.sync()
        self.assertIn("until the retention of its footage is over", advice())
        self._new_hold(self.camera)
        self.assertIn("1 legal holds need footage", advice())

    def test_retired_node_is_waited_for_by_nobody(self):
        other, _toml = self._new_recorder("GDG-2", self.site)
        hold = self._new_hold(self.camera | self._recorded_camera("cam-99", other))
        self.sync(hold_acks=[self.ack(self.told()[hold.uuid])])
        self.sync(other, hold_acks=[self.ack(self.told(recorder=other)[hold.uuid])])
        self._retire(other, "rusak")
        self.assertEqual({ack.recorder_id: ack.state for ack in hold.ack_ids}[other], "retired")
        self.assertEqual(self.told()[hold.uuid]["cameras"], self.camera.ids)
        self.sync(hold_acks=[self.ack(self.told()[hold.uuid])])
        self.env.invalidate_all()
        self.assertEqual({ack.recorder_id: ack.state for ack in hold.ack_ids}[self.recorder], "active")
        self.assertEqual(hold.hold_state, "active")
