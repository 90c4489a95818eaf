"""What chatter told of a record of the procedure stays, in the name of who told it."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import CctvHttpCommon

QUIET = ("odoo.http", "odoo.addons.rpc.controllers.json2")


@tagged("post_install", "-at_install", "cctv_security")
class TestMessages(CctvHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera = cls._new_camera()
        cls.officer.lang = "en_US"

    def _messages(self, record):
        return self.env["mail.message"].search([("model", "=", record._name), ("res_id", "=", record.id)])

    def _told(self):
        """:return: what chatter told of a change that IT made"""
        self.called(self.it, "write", ids=self.camera.ids, vals={"name": "Lain"})
        return self._messages(self.camera).filtered("tracking_value_ids")[:1]

    @mute_logger(*QUIET)
    def test_messages_stay(self):
        message = self._told()
        self.assertEqual(message.author_id, self.it.partner_id)
        administrator = self.users["admin"].partner_id
        for user in (self.it, self.users["admin"]):
            self.env["ir.model.access"].search([("model_id.model", "=", "cctv.camera")]).copy(
                {"group_id": self.env.ref("base.group_system").id, "perm_write": True}
            )
            for vals in ({"body": "x"}, {"author_id": administrator.id}, {"date": "2020-01-01 00:00:00"}):
                self.denied("stay as they are", user, "write", model="mail.message", ids=message.ids, vals=vals)
            self.denied("stay as they are", user, "unlink", model="mail.message", ids=message.ids)
        self.assertTrue(message.exists().tracking_value_ids)

    @mute_logger(*QUIET)
    def test_nobody_writes_as_another(self):
        administrator = self.users["admin"].partner_id
        on_camera = {"model": "cctv.camera", "res_id": self.camera.id, "body": "x"}
        forgeries = [
            {"author_id": administrator.id},
            {"author_id": False, "email_from": "administrator@example.com"},
            {"author_id": False},
            {"date": "2020-01-01 00:00:00"},
        ]
        before = self._messages(self.camera)
        for forged in forgeries:
            defaults = {"lang": "en_US", **{f"default_{name}": value for name, value in forged.items()}}
            with self.subTest(forged):
                create = {"model": "mail.message", "vals_list": [{**on_camera, **forged}]}
                self.denied("own name", self.officer, "create", **create)
                create = {"model": "mail.message", "vals_list": [on_camera], "context": defaults}
                self.denied("own name", self.officer, "create", **create)
                self.denied("own name", self.officer, "message_post", ids=self.camera.ids, body="x", **forged)
        create = {"model": "mail.message", "vals_list": [{**on_camera, "email_from": "administrator@example.com"}]}
        self.denied("own name", self.officer, "create", **create)
        values = [[0, 0, {"field_id": self.env["ir.model.fields"]._get("cctv.camera", "name").id}]]
        self.denied("own name", self.officer, "message_post", ids=self.camera.ids, tracking_value_ids=values)
        notify = {"partner_ids": self.it.partner_id.ids, "body": "x", "author_id": administrator.id}
        self.denied("own name", self.officer, "message_notify", ids=self.camera.ids, **notify)
        self.assertEqual(self._messages(self.camera), before)

    @mute_logger(*QUIET)
    def test_nobody_mails_as_another(self):
        administrator = self.users["admin"].partner_id
        values = {"model": "cctv.camera", "res_ids": str(self.camera.ids), "body": "x", "subject": "x"}
        values["partner_ids"] = [[6, 0, self.it.partner_id.ids]]
        before = self._messages(self.camera)
        for mode in ("comment", "mass_mail"):
            for forged in ({"author_id": administrator.id}, {"email_from": "administrator@example.com"}):
                values_of = {**values, "composition_mode": mode, **forged}
                ids = self.called(self.officer, "create", model="mail.compose.message", vals_list=[values_of])
                with self.subTest(mode=mode, forged=forged):
                    self.denied("own name", self.officer, "action_send_mail", model="mail.compose.message", ids=ids)
        self.assertEqual(self._messages(self.camera), before)

    @mute_logger(*QUIET)
    def test_a_message_is_not_brought_to_a_record(self):
        administrator = self.users["admin"]
        values = {"model": "res.partner", "res_id": administrator.partner_id.id, "body": "x"}
        ids = self.called(administrator, "create", model="mail.message", vals_list=[values])
        vals = {"model": "cctv.camera", "res_id": self.camera.id}
        self.denied("stay as they are", administrator, "write", model="mail.message", ids=ids, vals=vals)

    def test_chatter_goes_on(self):
        for user in (self.officer, self.it):
            message = self.env["mail.message"].browse(self.called(user, "message_post", ids=self.camera.ids, body="x"))
            self.assertEqual(message.author_id, user.partner_id)
        self.called(self.it, "toggle_message_starred", model="mail.message", ids=message.ids)
        values = {"res_model_id": self.env["ir.model"]._get_id("cctv.camera"), "res_id": self.camera.id}
        activities = self.called(self.it, "create", model="mail.activity", vals_list=[values])
        self.called(self.it, "action_feedback", model="mail.activity", ids=activities, feedback="selesai")
        self.assertIn("selesai", str(self._messages(self.camera).mapped("body")))

    def test_own_comment_is_changed_in_chatter(self):
        self.authenticate(self.it.login, self.it.login)
        data = {"body": "satu", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        thread = {"thread_model": "cctv.camera", "thread_id": self.camera.id}
        made = self.make_jsonrpc_request("/mail/message/post", {**thread, "post_data": data})
        changed = {"message_id": made["message_id"], "update_data": {"body": "dua"}}
        self.make_jsonrpc_request("/mail/message/update_content", changed)
        self.env.invalidate_all()
        self.assertIn("dua", self.env["mail.message"].browse(made["message_id"]).body)

    def test_other_models_are_untouched(self):
        partner = self.env["res.partner"].create({"name": "Tamu"})
        values = {"model": "res.partner", "res_id": partner.id, "body": "x", "author_id": self.it.partner_id.id}
        ids = self.called(self.users["admin"], "create", model="mail.message", vals_list=[values])
        self.called(self.users["admin"], "write", model="mail.message", ids=ids, vals={"body": "y"})
        self.called(self.users["admin"], "unlink", model="mail.message", ids=ids)
