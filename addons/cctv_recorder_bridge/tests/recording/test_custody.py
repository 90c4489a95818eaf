import base64
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.cctv_sop import chain

from ...tools import wire
from ..common import SYNC, BridgeCommon, BridgeHttpCommon, now_us

CUSTODY = "cctv_recorder_bridge.mail_activity_custody"
MODEL = "odoo.addons.cctv_recorder_bridge.models.recording.cctv_recorder_custody"


class CustodyMixin:
    def setUp(self):
        super().setUp()
        self.ledger = self.env["cctv.custody.entry"]
        self.actions_before = self.lines().mapped("action")
        self.as_owner("DELETE FROM cctv_custody_entry")  # each test begins with an empty ledger

    def fill(self, count, mark="D"):
        for number in range(count):
            self.ledger._append("purge.done", f"{mark}{number}", company=self.company)
        self.env.cr.flush()

    def lines(self):
        self.env.cr.flush()
        self.env.invalidate_all()
        return self.ledger.search([("company_id", "=", self.company.id)], order="seq")

    def as_owner(self, query, *values):
        self.env.cr.execute("ALTER TABLE cctv_custody_entry DISABLE TRIGGER cctv_custody_refuse")
        self.env.cr.execute(query, values)
        self.env.cr.execute("ALTER TABLE cctv_custody_entry ENABLE TRIGGER cctv_custody_refuse")
        self.env.invalidate_all()

    def cut(self, after):
        self.as_owner("DELETE FROM cctv_custody_entry WHERE company_id = %s AND seq > %s", self.company.id, after)

    def anchor(self, line=None, **values):
        told = {"company_id": self.company.id, "at_us": str(now_us()), **values}
        return {"seq": line.seq, "hash": line.hash, **told} if line else told

    def alarms(self):
        kind = self.env.ref(CUSTODY)
        return self.env["mail.activity"].search([("activity_type_id", "=", kind.id), ("res_id", "=", self.recorder.id)])

    def events(self):
        return self.env["cctv.recorder.event"].search([("kind", "=", "custody")])


@tagged("post_install", "-at_install", "cctv_security")
class TestCustody(CustodyMixin, BridgeCommon):
    # -- first writers -----------------------------------------------------------------------------------

    def test_a_password_read_is_written(self):
        self.camera.source_ids.with_user(self.it).reveal_credentials()
        line = self.lines()
        self.assertEqual((line.action, line.actor), ("camera.credentials.read", self.it.login))
        self.assertEqual(line.object, f"cctv.camera/{self.camera.id} {self.camera.display_name}")
        self.assertEqual(line.data, '{"stream":"main"}')
        self.assertNotIn("pw-cam-01", line.body_text)

    def test_registration_is_written(self):
        self.assertEqual(set(self.actions_before), {"recorder.key.made"})

    def test_keys_and_retirement_are_written(self):
        text = self.recorder.with_user(self.it)._rotate_key("laptop hilang")
        self._retire(self.recorder, "diganti")
        made, retired = self.lines()
        self.assertEqual((made.action, retired.action), ("recorder.key.made", "recorder.retired"))
        self.assertIn('"reason":"laptop hilang"', made.data)
        self.assertEqual(retired.data, '{"reason":"diganti"}')
        key = text.split('key = "')[1].split('"')[0]
        self.assertNotIn(key[:8], made.body_text)

    def test_words_of_every_action(self):
        words = self.ledger._action_words()
        self.assertEqual(dict(self.ledger._fields["action"]._description_selection(self.env)), words)

    # -- heads and anchors -------------------------------------------------------------------------------

    def test_the_head_comes_with_each_answer(self):
        self.assertIsNone(self.sync()["custody"])
        self.fill(3)
        last = self.lines()[-1]
        self.assertEqual(self.sync()["custody"], {"company_id": self.company.id, "seq": 3, "head": last.hash})

    def test_anchors_in_their_places_raise_nothing(self):
        self.fill(5)
        lines = self.lines()
        self.sync(custody_anchors=[self.anchor(lines[4]), self.anchor(lines[1])])
        self.assertEqual((self.recorder.custody_seq, self.recorder.custody_hash), (5, lines[4].hash))
        self.assertFalse(self.recorder.custody_alarm or self.alarms() or self.events())
        answer = self.ledger.with_user(self.users["auditor"]).action_verify()["params"]
        self.assertEqual(answer["type"], "success")
        self.assertIn("agree", answer["message"])

    def test_a_cut_tail_raises_the_alarm_once(self):
        self.fill(5)
        newest = self.anchor(self.lines()[4])
        self.sync(custody_anchors=[newest])
        self.cut(3)
        self.assertIn("line 4", self.ledger.with_user(self.users["auditor"]).action_verify()["params"]["message"])
        for _call in range(3):
            self.sync(custody_anchors=[newest])
        self.assertTrue(self.recorder.custody_alarm)
        self.assertEqual((self.recorder.custody_broken_seq, len(self.alarms()), len(self.events())), (5, 1, 1))
        self.assertEqual(self.alarms().user_id, self.users["auditor"])
        self.assertIn("5", self.alarms().summary)
        self.assertIn("5", self.events().detail)

    def test_a_persons_own_work_of_the_type_is_no_alarm(self):
        kind = self.env.ref(CUSTODY)
        on = {"res_model_id": self.env["ir.model"]._get_id("cctv.recorder"), "res_id": self.recorder.id}
        own = self.env["mail.activity"].create({**on, "activity_type_id": kind.id, "user_id": self.it.id})
        self.fill(5)
        newest = self.anchor(self.lines()[4])
        self.cut(3)
        self.sync(custody_anchors=[newest])
        self.assertEqual((self.alarms() - own).user_id, self.users["auditor"])

    def test_a_chain_made_anew_raises_the_alarm_by_an_older_anchor(self):
        self.fill(5)
        old = self.anchor(self.lines()[1])
        self.cut(0)
        self.fill(6, "forged")
        self.assertIsNone(self.ledger._verify(self.company)[1], "in itself it is flawless")
        self.sync(custody_anchors=[self.anchor(self.lines()[5]), old])
        self.assertEqual(self.recorder.custody_broken_seq, 2)
        self.assertEqual(len(self.alarms()), 1)
        walk, bad = self.ledger._verify(self.company)
        self.assertEqual((walk.seq, bad), (1, (2, "anchor", self.recorder.name)))

    def test_the_lowest_line_stays(self):
        self.fill(6)
        lines = self.lines()
        anchors = [self.anchor(lines[number]) for number in (5, 2, 4)]
        self.cut(1)
        for anchor in anchors:
            self.sync(custody_anchors=[anchor])
        self.assertEqual(self.recorder.custody_broken_seq, 3)
        self.assertEqual((len(self.alarms()), len(self.events())), (1, 2))

    def test_judging_is_for_who_does_not_run_the_database(self):
        self.fill(4)
        lost = self.anchor(self.lines()[3])
        self.cut(2)
        self.sync(custody_anchors=[lost])
        for role in ("it", "officer", "supervisor"):
            with self.subTest(role), self.assertRaises(AccessError), self.env.cr.savepoint():
                self.recorder.with_user(self.users[role]).action_judge_custody(note="x")
        self.recorder.with_user(self.users["auditor"]).action_judge_custody(note="cadangan dipulihkan")
        self.assertFalse(self.recorder.custody_alarm or self.alarms())
        self.assertEqual(self.recorder.custody_broken_seq, 4, "what was found stays")
        line = self.lines()[-1]
        self.assertEqual((line.seq, line.action), (3, "ledger.judged"))
        self.assertIn("cadangan dipulihkan", line.data)
        self.sync(custody_anchors=[lost])
        self.assertFalse(self.recorder.custody_alarm, "it is judged")
        with self.refused("Nothing is to be judged"):
            self.recorder.with_user(self.users["auditor"]).action_judge_custody(note="x")
        self.sync(custody_anchors=[self.anchor(seq=9, hash="a" * 64, at_us=str(now_us() + 10_000_000))])
        self.assertTrue(self.recorder.custody_alarm, "seen after the judgement: another change")

    def test_the_alarm_is_its_judges_work(self):
        """Not of those whom it tells of: IT, who may write the recorder."""
        self.fill(4)
        lost = self.anchor(self.lines()[3])
        self.cut(2)
        self.sync(custody_anchors=[lost])
        alarm, auditor = self.alarms(), self.users["auditor"]
        for method in ("action_cancel", "action_done", "unlink"):
            with self.subTest(method), self.refused(f"given to {auditor.name}", AccessError):
                getattr(alarm.with_user(self.it), method)()
        self.assertTrue(alarm.active)
        alarm.with_user(auditor).action_feedback(feedback="dilihat")
        self.assertFalse(alarm.active)

    def test_another_companys_anchors_say_nothing(self):
        self.fill(1)
        self.sync(custody_anchors=[self.anchor(company_id=self.other_company.id, seq=1, hash="a" * 64)])
        self.assertFalse(self.recorder.custody_alarm or self.recorder.custody_seq)

    @mute_logger("odoo.addons.cctv_recorder_bridge.models.recording.cctv_recorder_sync")
    def test_wrong_anchors_are_refused_by_their_field(self):
        good = self.anchor(seq=1, hash="a" * 64)
        for anchors, word in (
            ("x", "custody_anchors"),
            ([1], "custody_anchors[0]"),
            ([{**good, "seq": 0}], "custody_anchors[0].seq"),
            ([good, {**good, "seq": True}], "custody_anchors[1].seq"),
            ([{**good, "seq": 2**31}], "custody_anchors[0].seq"),
            ([{**good, "company_id": "1"}], "custody_anchors[0].company_id"),
            ([{**good, "hash": "A" * 64}], "custody_anchors[0].hash"),
            ([{**good, "at_us": 5}], "custody_anchors[0].at_us"),
            ([{**good, "at_us": "9" * 18}], "custody_anchors[0].at_us"),
            ([{**good, "extra": 1}], "custody_anchors[0].extra"),
            ([good] * 11, "custody_anchors"),
        ):
            with self.subTest(word), self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                self.sync(custody_anchors=anchors)
            self.assertIn(f"{word}:", str(caught.exception))

    # -- pages for the node ------------------------------------------------------------------------------

    def page(self, after=0, user=None, **values):
        message = {"schema": 1, "node": self.recorder.node, "after": after, **values}
        model = self.env["cctv.recorder"].with_user(user or self.bot)
        return wire.unpack(model.ledger(wire.pack(message)))

    def test_pages_hold_the_bytes_that_were_hashed(self):
        self.fill(5)
        self.ledger._append("purge.done", "lain", company=self.other_company)
        self.env.cr.flush()
        walk, after, calls = chain.Walk(), 0, 0
        self.patch_page(2)
        while True:
            page = self.page(after)
            calls += 1
            for line in zip(page["seq"], page["hash"], map(base64.b64decode, page["body"]), strict=True):
                self.assertIsNone(walk.step(*line))
            if not page["more"]:
                break
            after = page["seq"][-1]
        self.assertEqual((walk.seq, walk.hash, calls), (5, self.lines()[-1].hash, 3))
        self.assertEqual(page["company_id"], self.company.id)

    def patch_page(self, rows):
        patcher = patch(f"{MODEL}.PAGE_ROWS", rows)
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_an_empty_ledger_is_one_empty_page(self):
        self.assertEqual((self.page()["seq"], self.page()["more"]), ([], False))

    @mute_logger(SYNC)
    def test_pages_are_for_the_companys_nodes_alone(self):
        self.fill(1)
        for user in (*self.users.values(), self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.page(user=user)
        other, _toml = self._new_recorder("GDG-2", self.site)
        with self.refused("node"):
            self.page(user=other.bot_user_id)
        other.with_user(self.it).action_retire(note="x")
        with self.assertRaises(AccessError):
            self.page(user=other.bot_user_id, node=other.node)

    @mute_logger(SYNC)
    def test_wrong_requests_are_refused_by_their_field(self):
        for values, word in (
            ({"after": -1}, "after"),
            ({"after": "1"}, "after"),
            ({"after": 2**31}, "after"),
            ({"schema": 2}, "schema"),
            ({"company_id": 1}, "company_id"),
        ):
            with self.subTest(word), self.assertRaises(UserError) as caught:
                self.page(**values)
            self.assertIn(f"{word}:", str(caught.exception))


@tagged("post_install", "-at_install", "cctv_security")
class TestCustodyRpc(CustodyMixin, BridgeHttpCommon):
    def test_a_password_read_over_rpc_is_one_line(self):
        status, _answer = self.json2(
            self.it, "cctv.camera.source", "reveal_credentials", ids=self.camera.source_ids.ids
        )
        self.assertEqual(status, 200)
        self.assertEqual(self.lines().mapped("action"), ["camera.credentials.read"])
        message = {"schema": 1, "node": self.recorder.node, "after": 0}
        status, answer = self.json2(self.bot, "cctv.recorder", "ledger", payload=wire.pack(message))
        self.assertEqual((status, wire.unpack(answer)["seq"]), (200, [1]))

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2")
    def test_guarded_fields_are_not_for_clients(self):
        values = {"custody_seq": 9, "custody_broken_seq": 0, "custody_judged_at": "2026-01-01 00:00:00"}
        for name, value in values.items():
            status, _answer = self.json2(self.it, "cctv.recorder", "write", ids=self.recorder.ids, vals={name: value})
            self.assertEqual(status, 403, name)

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2")
    def test_nobody_silences_an_alarm_by_one_of_his_own(self):
        """Each type on its model: nobody gives himself what the machine would not give twice."""
        types = self.env["mail.activity.type"]
        data = self.env["ir.model.data"].search([("module", "=", "cctv_recorder_bridge"), ("model", "=", types._name)])
        run = self._new_run(self.camera)
        for kind in types.browse(data.mapped("res_id")):
            record = {"cctv.camera": self.camera, "cctv.deletion.run": run}.get(kind.res_model, self.recorder)
            planted = {"activity_type_id": kind.id, "res_model_id": self.env["ir.model"]._get_id(record._name)}
            planted |= {"res_id": record.id, "user_id": self.it.id}
            for method, model, body in (
                ("create", "mail.activity", {"vals_list": [planted]}),
                ("create", "mail.activity", {"vals_list": [{**planted, "active": False}]}),
                ("activity_schedule", record._name, {"ids": record.ids, "activity_type_id": kind.id}),
            ):
                with self.subTest(kind.name, method=method):
                    self.denied("by the procedure alone", self.it, method, model=model, **body)
        self.assertFalse(self.recorder.activity_ids + self.camera.activity_ids + run.activity_ids)
