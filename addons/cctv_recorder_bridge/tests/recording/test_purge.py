import uuid
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...tools import intervals
from ...tools.schema.shape import INT32
from ..common import DAY, SECOND, SYNC, BridgeCommon, now_us

HOUR = 3600 * SECOND


@tagged("post_install", "-at_install")
class TestPurge(BridgeCommon):
    def ask(self, purge, recorder=None):
        answer = self.sync(recorder, holds_version="0", purge=purge)["purge"]
        self.assertEqual(answer["run"], purge["run"])
        return answer["verdict"], answer["reason"]

    def run_of(self, purge):
        self.env.invalidate_all()
        return self.env["cctv.deletion.run"].search([("uuid", "=", purge["run"])])

    # -- cutoffs -------------------------------------------------------------------------------------------

    def test_cutoffs(self):
        self.assertIsNone(self.sync()["cutoffs"], "not asked for")
        answer = self.sync(cutoffs_tag="")
        cutoffs = answer["cutoffs"]
        hour = int(answer["server_us"]) // HOUR * HOUR
        self.assertEqual(
            cutoffs["rows"],
            [{"camera_id": id, "cutoff_us": str(hour - 30 * DAY), "days": 30} for id in sorted(self.cameras.ids)],
        )
        self.assertIsNone(self.sync(cutoffs_tag=cutoffs["tag"])["cutoffs"])
        self.room.security_class = "high_security"
        changed = self.sync(cutoffs_tag=cutoffs["tag"])["cutoffs"]
        self.assertEqual(changed["rows"][0]["cutoff_us"], str(hour - 60 * DAY))

    def test_cutoffs_by_which_a_run_was_refused_are_told_anew_when_they_come_back(self):
        """Retention that was lengthened for a while: what was chosen before is chosen again at once."""
        former = self.sync(cutoffs_tag="")["cutoffs"]
        self.room.security_class = "high_security"
        purge = self.purge(cutoffs_tag=former["tag"], last=now_us() - 45 * DAY)
        answer = self.sync(holds_version="0", cutoffs_tag=former["tag"], purge=purge)
        self.assertEqual(answer["purge"]["verdict"], "refused")
        self.assertIs(answer["purge"]["person"], False, "by the ERP itself")
        longer = answer["cutoffs"]
        self.env.invalidate_all()
        self.assertIsNone(self.sync(cutoffs_tag=longer["tag"])["cutoffs"])
        self.room.security_class = "public"
        again = self.sync(cutoffs_tag=longer["tag"])["cutoffs"]
        self.assertEqual([row["days"] for row in again["rows"]], [row["days"] for row in former["rows"]])
        self.assertNotIn(again["tag"], (former["tag"], longer["tag"]))

    def test_a_run_that_these_cutoffs_refuse_changes_none(self):
        """Else a node that is mistaken would ask, and be refused, each minute."""
        cutoffs = self.sync(cutoffs_tag="")["cutoffs"]
        for _repeat in range(2):
            purge = self.purge(cutoffs_tag=cutoffs["tag"], last=now_us() - DAY)
            answer = self.sync(holds_version="0", cutoffs_tag=cutoffs["tag"], purge=purge)
            self.assertEqual((answer["purge"]["verdict"], answer["cutoffs"]), ("refused", None))

    # -- verdicts ------------------------------------------------------------------------------------------

    def test_go(self):
        purge = self.purge(self.cameras)
        for _repeat in range(2):
            self.assertEqual(self.ask(purge), ("go", ""))
        run = self.run_of(purge)
        self.assertRecordValues(
            run,
            [
                {
                    "state": "confirmed",
                    "cameras": 3,
                    "segments": 30,
                    "bytes": 3e7,
                    "recorder_id": self.recorder.id,
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertEqual(run.line_ids.camera_id, self.cameras)

    def unallowed(self):
        """:return: what was told of footage that went without permission: events, ledger lines, work"""
        self.env.flush_all()
        kind = self.env.ref("cctv_recorder_bridge.mail_activity_unallowed")
        events = self.env["cctv.recorder.event"].search([("recorder_id", "=", self.recorder.id), ("epoch", "=", "erp")])
        self.env.cr.execute(
            "SELECT entry::json #>> '{data,segments}' FROM cctv_custody_waiting WHERE entry LIKE '%footage.unallowed%'"
        )
        lines = [int(count) for (count,) in self.env.cr.fetchall()]
        return events.mapped("told"), lines, self.recorder.activity_ids.filtered(lambda a: a.activity_type_id == kind)

    def test_what_goes_by_an_allowed_run_is_no_news(self):
        rows = self.minutes(now_us() - 40 * DAY, 3)
        self.sync(segments=self.columns(rows))
        purge = self.allowed(rows)
        self.gone(rows, purge)
        self.assertEqual(self.unallowed(), ([], [], self.env["mail.activity"]))

    def allowed(self, rows, **share):
        """:return: a purge of these rows of one camera that this database has allowed"""
        purge = self.purge()
        purge["cameras"][0] |= {"segments": len(rows), "last_us": rows[-1]["stop_us"], **share}
        self.assertEqual(self.ask(purge)[0], "go")
        return purge

    def gone(self, rows, purge, **values):
        self.sync(deletions=self.columns([self.deletion(row, purge["run"], **values) for row in rows]))
        self.env.invalidate_all()

    def test_rows_told_after_the_end_of_their_run_are_no_news(self):
        """A call holds some hundreds; the end of a run goes up with the first of them, or long before the last."""
        rows = self.minutes(now_us() - 40 * DAY, 4)
        self.sync(segments=self.columns(rows))
        purge = self.allowed(rows)
        first, rest = rows[:1], rows[1:]
        gone = self.columns([self.deletion(row, purge["run"]) for row in first])
        self.sync(deletions=gone, purge_ended=[self.ended(purge["run"], segments=4, rescued=0)])
        self.gone(rest, purge)
        self.assertEqual(self.unallowed(), ([], [], self.env["mail.activity"]))
        self.assertFalse(self.run_of(purge).unallowed)

    def test_what_a_run_was_not_allowed_is_told_though_the_run_was(self):
        old, young = self.minutes(now_us() - 40 * DAY, 4), self.minutes(now_us() - DAY, 2)
        others = self.minutes(now_us() - 40 * DAY, 2, self.cameras[1])
        for rows in (old, young, others):
            self.sync(segments=self.columns(rows))
        purge = self.allowed(old, segments=3)
        for rows in (young, others, old):
            self.gone(rows, purge)
        told, lines, work = self.unallowed()
        self.assertEqual(sorted(lines), [1, 2, 2], "one more than allowed, younger, another camera")
        run = self.run_of(purge)
        self.assertEqual((run.unallowed, len(work)), (5, 1))
        self.assertIn("Deleted without permission: 5.", run.with_context(lang="en_US").summary)
        self.assertIn(f"(runs: {run.name}; cameras: {self.cameras[1].code})", " ".join(told))

    def test_what_goes_after_the_end_of_its_run_is_told(self):
        rows = self.minutes(now_us() - 40 * DAY, 4)
        self.sync(segments=self.columns(rows))
        purge = self.allowed(rows)
        self.gone(rows[:2], purge)
        self.sync(purge_ended=[self.ended(purge["run"], segments=2, rescued=2)])
        self.gone(rows[2:3], purge, at_us=str(now_us() + HOUR))
        self.assertEqual(self.unallowed()[1], [1])

    def test_what_a_hold_keeps_is_told_when_it_goes_by_an_allowed_run(self):
        rows = self.minutes(now_us() - 40 * DAY, 4)
        self.sync(segments=self.columns(rows))
        purge = self.allowed(rows)
        start = intervals.from_us(int(rows[1]["start_us"])).replace(microsecond=0) + timedelta(seconds=2)
        hold = self._new_hold(self.camera, start=start, stop=start + timedelta(minutes=1))
        (row,) = (r for r in self.sync(holds_version="0")["holds"]["rows"] if r["hold"] == hold.uuid)
        self.gone(rows[1:2], purge)
        self.assertEqual(self.unallowed()[1], [], "it went before the node held it")
        self.assertEqual(self.sync(hold_acks=[self.ack(row)])["hold_acks"], ["ok"])
        self.gone(rows[:1], purge, at_us=str(now_us() + HOUR))
        self.assertEqual(self.unallowed()[1], [], "what no hold touches")
        self.gone(rows[2:3], purge, at_us=str(now_us() + HOUR))
        self.assertEqual(self.unallowed()[1], [1])

    def test_a_run_ended_that_nobody_allowed_is_told(self):
        purge = self.purge(state="parked")
        self.ask(purge)
        for _repeat in range(2):
            self.sync(purge_ended=[self.ended(purge["run"], segments=10, rescued=0)])
        run = self.run_of(purge)
        self.assertEqual(self.unallowed()[1], [10])
        self.assertEqual((run.unallowed, self.ledger(run)), (10, []))
        self.assertIn("without permission: 10", run.with_context(lang="en_US").summary)
        self.assertIn("tanpa izin: 10", run.with_context(lang="id_ID").summary)

    def test_what_goes_without_permission_is_told(self):
        """By a run that nobody allowed, or by none at all: whoever holds a node's key can say so."""
        rows = self.minutes(now_us() - DAY, 5)
        self.sync(segments=self.columns(rows))
        parked = self.purge(state="parked")
        self.ask(parked)
        for run, row in ((str(uuid.uuid4()), rows[0]), (parked["run"], rows[1])):
            self.sync(deletions=self.columns([self.deletion(row, run)]))
        self.sync(segments=self.columns([{**row, "status": "deleted"} for row in rows[2:4]]))
        told, lines, work = self.unallowed()
        self.assertEqual(sorted(lines), [1, 1, 2])
        self.assertEqual(len(told), 3)
        self.assertIn("2 segments deleted that this database never allowed", " ".join(told))
        self.assertEqual(work.user_id, self.users["auditor"], "one work, however often")
        self.sync(segments=self.columns([{**row, "status": "deleted"} for row in rows[2:4]]))
        self.assertEqual(len(self.unallowed()[0]), 3, "said again is no news")

    def test_younger_than_the_cutoff_is_refused_for_good(self):
        cutoff = int(self.sync(cutoffs_tag="")["cutoffs"]["rows"][0]["cutoff_us"])
        self.assertEqual(self.ask(self.purge(last=cutoff))[0], "go")
        purge = self.purge(last=cutoff + 1)
        self.assertEqual(
            self.ask(purge), ("refused", "Footage of CAM-01 Kamera cam-01 is younger than it must be kept.")
        )
        self.assertEqual(self.run_of(purge).state, "refused")
        older = self.purge(run=purge["run"])
        self.assertEqual(self.ask(older)[0], "refused", "that run is over")

    def test_foreign_camera_and_empty_run_are_refused(self):
        other, _toml = self._new_recorder("GDG-2", self.site)
        foreign = self._recorded_camera("cam-99", other)
        self.assertIn("not recorded by this node", self.ask(self.purge(self.camera | foreign))[1])
        self.assertEqual(self.ask(self.purge(self.env["cctv.camera"]))[0], "refused")

    def test_run_of_another_node_is_another_run(self):
        other, _toml = self._new_recorder("GDG-2", self.site)
        foreign = self._recorded_camera("cam-99", other)
        purge = self.purge(state="parked")
        self.ask(purge)
        theirs = self.purge(foreign, run=purge["run"])
        self.assertEqual(self.ask(theirs, other)[0], "go")
        self.assertEqual(sorted(self.run_of(purge).mapped("state")), ["confirmed", "parked"])

    def test_no_go_without_the_holds(self):
        purge = self.purge()
        answer = self.sync(purge=purge)["purge"]
        self.assertEqual(answer["verdict"], "wait")
        self.assertFalse(self.run_of(purge))

    def test_late_call_is_not_answered(self):
        self.sync()
        late = {**self.message(holds_version="0", purge=self.purge()), "seq": "1"}
        self.assertIsNone(self.send(late)["purge"])

    # -- parked --------------------------------------------------------------------------------------------

    def test_parked_waits_for_one_person(self):
        purge = self.purge(state="parked", reason="node was off for three days")
        self.assertEqual(self.ask(purge)[0], "wait")
        self.assertEqual(self.ask(purge)[0], "wait")
        run = self.run_of(purge)
        self.assertEqual((run.state, run.reason), ("parked", purge["reason"]))
        self.assertEqual(run.activity_ids.user_id, self.it)
        self.assertIn("10 seg", run.activity_ids.summary)
        for role in ("officer", "supervisor", "auditor", "dpo"):
            with self.subTest(role), self.assertRaises(AccessError), self.env.cr.savepoint():
                run.with_user(self.users[role]).action_release(note="x")
        run.with_user(self.management).action_release(note="benar mati tiga hari")
        self.assertFalse(run.activity_ids)
        self.assertEqual(self.ask(purge), ("go", ""))
        self.assertEqual(self.run_of(purge).state, "confirmed")

    def test_a_word_for_few_is_none_for_more(self):
        purge = self.purge(state="parked", reason="node was off for three days")
        self.ask(purge)
        self.run_of(purge).with_user(self.it).action_release(note="ten segments")
        more = {**purge, "state": "ask", "cameras": [{**row, "segments": 110} for row in purge["cameras"]]}
        for _repeat in range(2):
            self.assertEqual(self.ask(more)[0], "wait")
        run = self.run_of(purge)
        self.assertEqual((run.state, run.segments), ("parked", 110))
        self.assertIn("110 seg", run.activity_ids.summary)
        run.with_user(self.it).action_release(note="all of them")
        self.assertEqual(self.ask(more), ("go", ""))

    def test_a_word_is_for_what_was_shown(self):
        """Another camera, more bytes or younger footage is another question, though it be fewer segments."""
        other = {"camera_id": self.cameras[1].id, "segments": 9}
        for change in (other, {"bytes": "10000001"}, {"last_us": str(now_us() - 40 * DAY)}):
            purge = self.purge(state="parked")
            self.ask(purge)
            self.run_of(purge).with_user(self.it).action_release(note="x")
            asked = {**purge, "state": "ask", "cameras": [{**purge["cameras"][0], **change}]}
            with self.subTest(change):
                self.assertEqual(self.ask(asked)[0], "wait")
                run = self.run_of(purge)
                self.assertEqual((run.state, run.decided_by.id), ("parked", False))
                self.assertEqual(run.line_ids.camera_id.id, asked["cameras"][0]["camera_id"])
                run.with_user(self.it).action_release(note="y")
                self.assertEqual(self.ask(asked)[0], "go")

    def test_a_run_names_what_was_asked(self):
        purge = self.purge(state="parked")
        self.ask(purge)
        asked = {**purge, "cameras": [{**purge["cameras"][0], "camera_id": self.cameras[1].id}]}
        self.ask(asked)
        self.assertEqual(self.run_of(purge).line_ids.camera_id, self.cameras[1], "the same figures")

    def test_released_is_still_judged(self):
        purge = self.purge(state="parked")
        self.ask(purge)
        self.run_of(purge).with_user(self.it).action_release(note="x")
        self.room.security_class = "high_security"
        young = self.purge(run=purge["run"], last=now_us() - 45 * DAY, state="parked")
        self.assertEqual(self.ask(young)[0], "refused")

    def test_more_than_was_released_waits_again(self):
        purge = self.purge(state="parked")
        self.ask(purge)
        self.run_of(purge).with_user(self.it).action_release(note="x")
        less = {**purge, "cameras": [{**purge["cameras"][0], "segments": 9}]}
        self.assertEqual(self.ask(less)[0], "go", "a hold saved one")
        more = {**purge, "cameras": [{**purge["cameras"][0], "segments": 11}]}
        self.assertEqual(self.ask(more)[0], "wait")
        run = self.run_of(purge)
        self.assertEqual((run.state, run.segments, run.decided_by.id), ("parked", 11, False))

    def test_refused_by_a_person(self):
        purge = self.purge(state="parked")
        self.ask(purge)
        self.run_of(purge).with_user(self.it).action_refuse(note="jam salah")
        self.assertIs(self.sync(holds_version="0", purge=purge)["purge"]["person"], True)
        verdict, reason = self.ask(purge)
        self.assertEqual(verdict, "refused")
        self.assertIn("has been refused", reason)
        self.assertEqual(self.ask({**purge, "state": "ask"})[0], "refused")

    # -- ended ---------------------------------------------------------------------------------------------

    def ended(self, run, **values):
        row = {"run": run, "state": "done", "segments": 8, "bytes": "8", "freed": "7", "rescued": 2}
        return {**row, **values}

    def test_ended(self):
        purge = self.purge()
        self.ask(purge)
        for _repeat in range(2):
            self.assertEqual(self.sync(purge_ended=[self.ended(purge["run"])])["purge_ended"], ["ok"])
        self.assertRecordValues(self.run_of(purge), [{"state": "done", "done_segments": 8, "freed": 7, "rescued": 2}])
        self.assertEqual(self.ask(purge)[0], "refused")

    def interrupted(self):
        """:return: a purge of which two of five segments went before a restart; its rows"""
        rows = self.minutes(now_us() - 40 * DAY, 5)
        self.sync(segments=self.columns(rows))
        purge = self.purge()
        purge["cameras"][0] |= {"segments": 5, "last_us": rows[-1]["stop_us"]}
        self.assertEqual(self.ask(purge)[0], "go")
        self.room.security_class = "high_security"
        return purge, rows

    def ledger(self, run):
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT entry::json ->> 'action', entry::json #>> '{data,segments}' FROM cctv_custody_waiting
                WHERE entry::json ->> 'object' = %s ORDER BY id""",
            [run.name],
        )
        return self.env.cr.fetchall()

    def test_a_part_went_before_the_rest_was_refused(self):
        purge, rows = self.interrupted()
        self.assertEqual(self.ask(purge)[0], "refused")
        gone = [self.deletion(row, purge["run"]) for row in rows[:2]]
        self.sync(deletions=self.columns(gone[:1]))
        self.sync(purge_ended=[self.ended(purge["run"], segments=2, rescued=0)])
        self.sync(deletions=self.columns(gone[1:]))
        self.assertEqual(self.unallowed(), ([], [], self.env["mail.activity"]), "it went by leave")
        run = self.run_of(purge)
        self.assertEqual((run.state, run.done_segments, run.segments), ("done", 2, 5))
        self.assertIn("2 of 5 segments deleted", run.with_context(lang="en_US").summary)
        self.assertIn("is younger than it must be kept", run.with_context(lang="en_US").refusal)
        self.assertIn("belum melewati masa simpannya", run.with_context(lang="id_ID").refusal)
        self.assertEqual(self.ledger(run), [("purge.done", "2")])

    def test_a_part_went_by_a_service_that_calls_it_cancelled(self):
        purge, rows = self.interrupted()
        self.sync(deletions=self.columns([self.deletion(row, purge["run"]) for row in rows[:2]]))
        self.assertEqual(self.ask(purge)[0], "refused")
        self.sync(purge_ended=[self.ended(purge["run"], state="cancelled", segments=0, freed="0", rescued=0)])
        run = self.run_of(purge)
        self.assertEqual((run.state, run.done_segments), ("done", 2))
        self.assertEqual(self.ledger(run), [("purge.done", "2")])

    def test_a_part_went_before_more_was_asked_and_refused(self):
        purge, rows = self.interrupted()
        purge["cameras"][0]["segments"] += 1
        self.assertEqual(self.ask(purge)[0], "refused")
        self.sync(deletions=self.columns([self.deletion(rows[0], purge["run"])]))
        self.assertEqual(self.unallowed()[0], [])

    def test_ended_without_leave_is_no_leave(self):
        rows = self.minutes(now_us() - DAY, 2)
        self.sync(segments=self.columns(rows))
        run = str(uuid.uuid4())
        self.sync(purge_ended=[self.ended(run, segments=2, rescued=0)])
        self.sync(deletions=self.columns([self.deletion(row, run) for row in rows]))
        self.assertEqual(self.unallowed()[1], [2])

    def test_chatter_is_in_the_language_of_who_reads_it(self):
        """A node speaks no language; Odoo keeps the words of a state as they were when it changed."""
        for lang, made, state in (
            ("id_ID", "Pemusnahan dibuat", "Dikonfirmasi"),
            ("en_US", "Deletion Run created", "Confirmed"),
        ):
            self.it.lang = lang
            purge = self.purge(state="parked")
            self.ask(purge)
            self.env.cr.flush()
            self.run_of(purge).with_user(self.it).action_release(note="x")
            self.env.cr.flush()
            self.assertEqual(self.ask(purge)[0], "go")
            self.env.cr.flush()
            messages = self.run_of(purge).sudo().message_ids
            with self.subTest(lang):
                self.assertIn(made, " ".join(messages.mapped("body")))
                self.assertIn(state, messages.tracking_value_ids.mapped("new_value_char"))

    def test_refused_by_a_person_says_why(self):
        purge = self.purge(state="parked")
        self.ask(purge)
        self.run_of(purge).with_user(self.it).action_refuse(note="jam salah")
        self.sync(purge_ended=[self.ended(purge["run"], state="cancelled", segments=0, freed="0", rescued=0)])
        run = self.run_of(purge)
        self.assertEqual((run.state, run.refusal), ("refused", "jam salah"))
        self.assertEqual(self.ledger(run), [])

    def test_run_that_only_the_node_knows(self):
        row = self.ended(str(uuid.uuid4()), state="cancelled")
        self.assertEqual(self.sync(purge_ended=[row])["purge_ended"], ["ok"])
        run = self.run_of(row)
        self.assertEqual((run.state, run.segments, run.company_id), ("cancelled", 10, self.company))

    def test_bad_rows(self):
        good = self.ended(str(uuid.uuid4()))
        rows = [{**good, name: None} for name in good] + [{**good, "state": "asked"}, {**good, "segments": -1}, good]
        verdicts = self.sync(purge_ended=rows)["purge_ended"]
        self.assertEqual([v if v == "ok" else v[0] for v in verdicts], ["bad_value"] * 8 + ["ok"])

    def test_more_segments_than_can_be_counted_are_a_bad_value(self):
        row = self.ended(str(uuid.uuid4()), segments=INT32, rescued=1)
        verdict = self.sync(purge_ended=[row])["purge_ended"][0]
        self.assertEqual(verdict[0], "bad_value")
        self.assertIn("rescued", verdict[1])

    def test_more_bytes_than_the_ledger_counts_are_a_bad_value(self):
        for name in ("bytes", "freed"):
            row = self.ended(str(uuid.uuid4()), **{name: str(2**53)})
            (verdict,) = self.sync(purge_ended=[row])["purge_ended"]
            self.assertEqual(verdict[0], "bad_value")
            self.assertIn(name, verdict[1])

    def test_frame_is_refused_whole(self):
        row = self.purge()["cameras"][0]
        cases = {
            "purge.run": {"run": "x"},
            "purge.kind": {"kind": "quota"},
            "purge.state": {"state": "running"},
            "purge.mood": {"mood": 1},
            "purge.cameras": {"cameras": {}},
            "purge.cameras[0].segments": {"cameras": [{**row, "segments": -1}]},
            "purge.cameras[0].bytes": {"cameras": [{**row, "bytes": 5}]},
            "purge.cameras[0].last_us": {"cameras": [{**row, "last_us": "9" * 18}]},
            "purge.cameras[0].first_us": {"cameras": [{**row, "first_us": ""}]},
            "purge.cameras[0].camera_id": {"cameras": [{**row, "camera_id": 0}]},
            "purge.cameras[1].camera_id": {"cameras": [row, row]},
            "purge.cameras   ": {"cameras": [{**row, "bytes": str(2**53)}]},
            "purge.cameras  ": {
                "cameras": [{**row, "camera_id": camera, "segments": INT32} for camera in self.cameras.ids[:2]]
            },
        }
        messages = {field: {**self.purge(), **values} for field, values in cases.items()}
        for name in ("run", "kind", "state", "cutoffs_tag", "cameras"):
            messages[f"purge.{name} "] = {key: value for key, value in self.purge().items() if key != name}
        for field, purge in messages.items():
            wrong = self.assertRaises(UserError)
            with self.subTest(field), mute_logger(SYNC), wrong as caught, self.env.cr.savepoint():
                self.sync(holds_version="0", purge=purge)
            self.assertIn(f"{field.strip()}:", str(caught.exception))

    # -- the node's own word -------------------------------------------------------------------------------

    def test_heartbeat(self):
        beat = {"state": "locked", "reason": "counter", "due_segments": 2**40, "due_bytes": "5", "held_bytes": "7"}
        self.sync(heartbeat=self.heartbeat(purge=beat, alarms=["purge_locked"]))
        self.assertRecordValues(
            self.recorder,
            [
                {
                    "purge_state": "locked",
                    "purge_reason": "counter",
                    "purge_due_segments": 2**31 - 1,
                    "purge_due_bytes": 5,
                    "purge_held_bytes": 7,
                    "state": "degraded",
                }
            ],
        )
        self.assertIn("locked", self.recorder.alarm_words)
        (node,) = self.env["cctv.recorder"].with_user(self.it).get_health()["recorders"]
        self.assertEqual((node["purge"]["state"], node["held"]), ("locked", 7))
        self.sync(heartbeat=self.heartbeat())
        self.assertEqual(self.recorder.purge_state, "locked", "left out: the last word stays")

    def test_why_is_told_in_the_readers_language(self):
        words = {"reason": "apart; set both by NTP", "code": "clocks_apart", "args": {"seconds": -86400}}
        beat = {"state": "off", "due_segments": 0, "due_bytes": "0", "held_bytes": "0"}
        self.sync(heartbeat=self.heartbeat(purge={**beat, **words}))
        self.assertIn("-86,400 s apart", self.recorder.with_context(lang="en_US").purge_why)
        self.assertIn("berselisih -86.400 detik", self.recorder.with_context(lang="id_ID").purge_why)
        (node,) = self.env["cctv.recorder"].with_user(self.it).with_context(lang="id_ID").get_health()["recorders"]
        self.assertIn("berselisih", node["purge"]["reason"])
        self.sync(heartbeat=self.heartbeat(purge={**beat, "reason": "newer", "code": "of_a_newer_service", "args": {}}))
        self.assertEqual(self.recorder.purge_why, "newer")

    def test_why_a_run_waits_is_told_in_the_readers_language(self):
        words = {"reason": "it was off", "code": "limit_leapt", "args": {"count": 2, "hours": 71}}
        purge = {**self.purge(self.cameras, state="parked"), **words}
        self.assertEqual(self.ask(purge)[0], "wait")
        run = self.run_of(purge).with_user(self.it)
        self.assertIn("71 h further", run.why)
        self.assertIn("71 jam lebih jauh", run.with_context(lang="id_ID").why)
        wrong = {**self.purge(), "code": "Not a code", "args": {}}
        with mute_logger(SYNC), self.assertRaisesRegex(UserError, "purge.code"):
            self.sync(holds_version="0", purge=wrong)

    def test_only_held_stops_the_node(self):
        self.sync(heartbeat=self.heartbeat(alarms=["only_held"], recording=False))
        self.assertTrue(self.recorder.stopped_since)

    def test_database_is_confirmed_by_it_alone(self):
        reply = self.sync()
        self.assertIsNone(reply["config"]["node"]["confirmed"])
        etag = reply["config"]["etag"]
        for role in ("officer", "supervisor", "management", "auditor", "dpo"):
            with self.subTest(role), self.assertRaises(AccessError), self.env.cr.savepoint():
                self.recorder.with_user(self.users[role]).action_confirm_database(note="x")
        self.recorder.with_user(self.it).action_confirm_database(note="dipulihkan dari cadangan")
        reply = self.sync(etag=etag)
        confirmed = reply["config"]["node"]["confirmed"]
        self.assertEqual(confirmed["database"], reply["database"])
        self.assertEqual(int(confirmed["counter"]), int(reply["counter"]) - 1)
        line = self.env["cctv.workflow.log"].search([("step", "=", "action_confirm_database")], limit=1)
        self.assertEqual((line.user_id, line.res_id), (self.it, self.recorder.id))
