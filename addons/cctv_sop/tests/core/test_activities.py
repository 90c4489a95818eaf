"""Work that the machine gave on a record of the procedure is ended by whom it was given to, and by the machine."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import CctvHttpCommon

QUIET = ("odoo.http", "odoo.addons.rpc.controllers.json2")
REFUSED = "given to Uji supervisor: nobody else"
UNGIVEN = "by the procedure alone"
CONFIRM = "cctv_sop.mail_activity_hold_confirm"
TODO = "mail.mail_activity_data_todo"


@tagged("post_install", "-at_install", "cctv_security")
class TestActivities(CctvHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supervisor = cls.users["supervisor"]
        cls.camera = cls._camera_in("active")
        cls.env["res.users"].browse([user.id for user in cls.users.values()]).lang = "en_US"

    def _hold(self):
        """:return: a hold that the officer made, and the work that it gave"""
        values = {"reason": "x", "camera_ids": [[6, 0, self.camera.ids]], "start": "2026-01-01 00:00:00"}
        body = {"model": "cctv.legal.hold", "vals_list": [values]}
        hold = self.env["cctv.legal.hold"].browse(self.called(self.officer, "create", **body))
        return hold, hold.activity_ids

    @mute_logger(*QUIET)
    def test_nobody_else_ends_it(self):
        hold, work = self._hold()
        self.assertEqual((work.user_id, work.automated), (self.supervisor, True))
        for user in (self.officer, self.it, self.users["dpo"], self.users["admin"]):
            for method in ("unlink", "action_cancel", "action_done", "action_feedback", "action_archive"):
                with self.subTest(user=user.name, method=method):
                    status, answer = self.json2(user, "mail.activity", method, ids=work.ids)
                    self.assertEqual(status, 403, answer)
        for method in ("unlink", "action_cancel", "action_done", "action_feedback"):
            self.denied(REFUSED, self.officer, method, model="mail.activity", ids=work.ids)
        self.env.invalidate_all()
        self.assertEqual((hold.activity_ids, work.active), (work, True))
        self.assertNotIn("done", str(hold.message_ids.mapped("body")))

    @mute_logger(*QUIET)
    def test_nobody_else_changes_it(self):
        hold, work = self._hold()
        elsewhere = {"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": self.officer.partner_id.id}
        changes = [{"active": False}, {"automated": False}, {"user_id": self.officer.id}, {"summary": "x"}]
        for vals in (*changes, {"date_deadline": "2090-01-01"}, elsewhere):
            with self.subTest(vals):
                self.denied(REFUSED, self.officer, "write", model="mail.activity", ids=work.ids, vals=vals)
        kind = "cctv_sop.mail_activity_hold_confirm"
        through_hold = [
            ("write", {"vals": {"activity_ids": [[2, work.id]]}}),
            ("write", {"vals": {"activity_ids": [[5]]}}),
            ("write", {"vals": {"activity_summary": "x"}}),
            ("activity_unlink", {"act_type_xmlids": [kind]}),
            ("activity_feedback", {"act_type_xmlids": [kind]}),
            ("activity_reschedule", {"act_type_xmlids": [kind], "new_user_id": self.officer.id}),
        ]
        for method, body in through_hold:
            with self.subTest(method, **body):
                self.denied(REFUSED, self.officer, method, model="cctv.legal.hold", ids=hold.ids, **body)
        self.assertEqual((hold.activity_ids, work.user_id, work.res_id), (work, self.supervisor, hold.id))

    def test_chatter_offers_it_to_its_assignee_alone(self):
        _hold, work = self._hold()
        for user, offered in ((self.officer, False), (self.supervisor, True)):
            work.invalidate_recordset(["can_write"])
            self.assertEqual(work.with_user(user).can_write, offered, user.name)

    @mute_logger(*QUIET)
    def test_who_cannot_read_it_learns_of_nobody(self):
        _hold, work = self._hold()
        status, answer = self.json2(self.outsider, "mail.activity", "unlink", ids=work.ids)
        self.assertEqual(status, 403)
        self.assertNotIn(self.supervisor.name, answer["message"])

    def test_its_assignee_does_it(self):
        hold, work = self._hold()
        self.called(self.supervisor, "action_reschedule_tomorrow", model="mail.activity", ids=work.ids)
        self.called(self.supervisor, "action_feedback", model="mail.activity", ids=work.ids, feedback="selesai")
        self.assertFalse(work.active)
        self.assertIn("selesai", str(hold.message_ids.mapped("body")))

    @mute_logger(*QUIET)
    def test_done_is_done(self):
        """An alarm rests by when it was done; opened again, or touched, it would silence the next trouble."""
        _hold, work = self._hold()
        self.called(self.supervisor, "action_feedback", model="mail.activity", ids=work.ids, feedback="selesai")
        self.env.cr.execute("UPDATE mail_activity SET write_date = write_date - interval '1 s' WHERE NOT active")
        self.env.invalidate_all()
        for vals in ({"active": True}, {"summary": "x"}, {"feedback": "x"}):
            with self.subTest(vals):
                self.denied("stays as it is", self.supervisor, "write", model="mail.activity", ids=work.ids, vals=vals)
        self.denied("stays as it is", self.supervisor, "action_unarchive", model="mail.activity", ids=work.ids)
        again = {"ids": work.ids, "feedback": "x"}
        self.denied("stays as it is", self.supervisor, "action_feedback", model="mail.activity", **again)

    def test_steps_end_it_for_others(self):
        hold, work = self._hold()
        self.called(self.users["dpo"], "action_confirm", model="cctv.legal.hold", ids=hold.ids)
        self.assertFalse(work.exists())

    def test_it_goes_with_an_archived_user(self):
        _hold, work = self._hold()
        self.called(self.users["admin"], "action_archive", model="res.users", ids=self.supervisor.ids)
        self.assertFalse(work.exists())

    def _planned(self, record, kind=TODO, **values):
        """:return dict: values of an activity on a record"""
        on = {"res_model_id": self.env["ir.model"]._get_id(record._name), "res_id": record.id}
        return {**on, "activity_type_id": self.env.ref(kind).id, "user_id": self.officer.id, **values}

    @mute_logger(*QUIET)
    def test_nobody_plants_it(self):
        hold, work = self._hold()
        kind = self.env.ref(CONFIRM).id
        planned, automated = self._planned(hold, CONFIRM), self._planned(hold, automated=True)
        bare = {name: value for name, value in planned.items() if name != "activity_type_id"}
        ways = [
            ("mail.activity", "create", {"vals_list": [self._planned(hold), planned]}),
            ("mail.activity", "create", {"vals_list": [automated]}),
            ("mail.activity", "create", {"vals_list": [bare], "context": {"default_activity_type_id": kind}}),
            ("mail.activity", "create", {"vals_list": [self._planned(hold)], "context": {"default_automated": True}}),
            ("mail.activity", "web_save", {"ids": [], "vals": planned, "specification": {}}),
            ("cctv.legal.hold", "activity_schedule", {"ids": hold.ids, "act_type_xmlid": CONFIRM}),
            ("cctv.legal.hold", "activity_schedule", {"ids": hold.ids, "act_type_xmlid": TODO}),
            ("cctv.legal.hold", "write", {"ids": hold.ids, "vals": {"activity_ids": [[0, 0, planned]]}}),
        ]
        for user in (self.officer, self.users["dpo"]):
            for model, method, body in ways:
                with self.subTest(user=user.name, method=method, **body):
                    self.denied(UNGIVEN if method != "write" else ".", user, method, model=model, **body)
        self.assertEqual(hold.activity_ids, work)

    @mute_logger(*QUIET)
    def test_nothing_turns_into_it(self):
        hold, work = self._hold()
        free = {"activity_type_id": self.env.ref(CONFIRM).id, "user_id": self.officer.id}
        vals_list = [self._planned(hold), free]
        planned, elsewhere = self.called(self.officer, "create", model="mail.activity", vals_list=vals_list)
        moved = {name: self._planned(hold)[name] for name in ("res_model_id", "res_id")}
        turned = [
            (planned, {"automated": True}),
            (planned, {"activity_type_id": self.env.ref(CONFIRM).id}),
            (elsewhere, moved),
            (elsewhere, {"res_model": hold._name, "res_id": hold.id}),
        ]
        for number, vals in turned:
            with self.subTest(vals):
                self.denied(UNGIVEN, self.officer, "write", model="mail.activity", ids=[number], vals=vals)
        other, _work = self._hold()
        todo = self.env.ref(TODO).id
        for vals in ({"res_id": other.id}, {"automated": False}, {"activity_type_id": todo}):
            with self.subTest(vals):
                self.denied(UNGIVEN, self.supervisor, "write", model="mail.activity", ids=work.ids, vals=vals)
        self.assertEqual((work.res_id, work.automated, work.activity_type_id), (hold.id, True, self.env.ref(CONFIRM)))

    def test_persons_plan_their_own(self):
        hold, work = self._hold()
        values = {"act_type_xmlid": TODO, "automated": False, "user_id": self.it.id}
        self.called(self.officer, "activity_schedule", model="cctv.legal.hold", ids=hold.ids, **values)
        planned = hold.activity_ids - work
        meeting = self.env.ref("mail.mail_activity_data_call").id
        vals = {"activity_type_id": meeting, "res_id": self._hold()[0].id}
        self.called(self.it, "write", model="mail.activity", ids=planned.ids, vals=vals)
        self.assertEqual(planned.activity_type_id.id, meeting)

    def test_what_persons_plan_is_as_odoo_has_it(self):
        hold, _work = self._hold()
        planned = {"res_model_id": self.env["ir.model"]._get_id("cctv.legal.hold"), "res_id": hold.id}
        planned["user_id"] = self.supervisor.id
        ids = self.called(self.users["dpo"], "create", model="mail.activity", vals_list=[planned] * 2)
        self.called(self.officer, "write", model="mail.activity", ids=ids, vals={"summary": "x"})
        self.called(self.officer, "action_feedback", model="mail.activity", ids=ids[:1])
        self.called(self.officer, "unlink", model="mail.activity", ids=ids[1:])
        self.assertFalse(self.env["mail.activity"].browse(ids).exists().filtered("active"))

    def test_other_models_are_untouched(self):
        partner = self.officer.partner_id
        work = partner.activity_schedule("mail.mail_activity_data_todo", user_id=self.it.id)
        self.called(self.users["admin"], "unlink", model="mail.activity", ids=work.ids)
        self.assertFalse(work.exists())

    def test_types_are_offered_where_they_serve(self):
        types = self.env["mail.activity.type"]
        data = self.env["ir.model.data"].search([("module", "=", "cctv_sop"), ("model", "=", types._name)])
        ours = types.browse(data.mapped("res_id"))
        self.assertEqual(set(ours.mapped("res_model")), {"cctv.legal.hold"})
        for model in ("cctv.camera", "res.partner"):
            columns = self.env["mail.activity"].get_activity_data(model, [])["activity_types"]
            self.assertFalse({column["id"] for column in columns} & set(ours.ids), model)
