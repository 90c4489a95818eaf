"""What a message on a record of the procedure carries stays, and what hangs there goes with its openness."""

import base64

from odoo.http import Request
from odoo.tests import tagged
from odoo.tools import file_open, mute_logger

from ..common import CctvHttpCommon

QUIET = ("odoo.http", "odoo.addons.rpc.controllers.json2")
FIRST, OTHER = (base64.b64encode(text).decode() for text in (b"as told", b"forged"))


@tagged("post_install", "-at_install", "cctv_security")
class TestMessageFiles(CctvHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dpo, cls.admin = cls.users["dpo"], cls.users["admin"]
        for user in (cls.officer, cls.dpo, cls.it, cls.admin):
            user.lang = "en_US"
        cls.hold = cls._new_hold(cls._camera_in("active"), cls.dpo)

    def _activate(self):
        for name in ("action_confirm", "action_activate"):
            self.called(self.dpo, name, model="cctv.legal.hold", ids=self.hold.ids)

    def _file(self, user, **values):
        vals = {"name": "bukti.txt", "datas": FIRST, "res_model": "cctv.legal.hold", "res_id": self.hold.id, **values}
        return self.env["ir.attachment"].browse(self._on_files(user, "create", vals_list=[vals]))

    def _on_files(self, user, method, **body):
        return self.called(user, method, model="ir.attachment", **body)

    def _refused(self, pattern, user, method, **body):
        status, answer = self.json2(user, "ir.attachment", method, **body)
        self.assertIn(status, (403, 422))
        self.assertRegex(answer["message"], pattern)
        self.env.invalidate_all()

    def _told(self, user, file, record=None):
        record = record or self.hold
        body = {"body": "x", "message_type": "comment", "attachment_ids": file.ids}
        ids = self.called(user, "message_post", model=record._name, ids=record.ids, **body)
        return self.env["mail.message"].browse(ids)

    def _routed(self, user, route, **params):
        """:return str: the words of the error that a route of chatter answers, or nothing"""
        self.authenticate(user.login, user.login)
        answer = self.url_open(route, json={"params": params}).json()
        self.authenticate(None, None)  # a key's calls go without a session
        self.env.invalidate_all()
        return answer.get("error", {}).get("data", {}).get("message", "")

    def _uploaded(self, user, pending):
        self.authenticate(user.login, user.login)
        data = {"thread_id": self.hold.id, "thread_model": "cctv.legal.hold", "is_pending": pending}
        data["csrf_token"] = Request.csrf_token(self)
        with file_open("cctv_sop/static/description/icon.png", "rb") as file:
            answer = self.url_open("/mail/attachment/upload", data=data, files={"ufile": ("x.png", file, "image/png")})
        self.authenticate(None, None)
        return self.env["ir.attachment"].browse(answer.json()["data"]["attachment_id"])

    @mute_logger(*QUIET)
    def test_carried_files_stay(self):
        self._activate()
        file = self._file(self.dpo)
        message = self._told(self.dpo, file)
        camera = self.hold.camera_ids
        forgeries = [
            {"datas": OTHER},
            {"raw": "forged"},
            {"name": "lain.txt"},
            {"mimetype": "text/html"},
            {"public": True},
            {"type": "url", "url": "https://example.com"},
            {"res_model": "cctv.camera", "res_id": camera.id},
            {"res_field": "reason"},
            {"res_id": False},
        ]
        for user in (self.officer, self.dpo):
            for vals in forgeries:
                with self.subTest(user=user.name, vals=vals):
                    self._refused("carries stays as it is", user, "write", ids=file.ids, vals=vals)
            self._refused("carries stays as it is", user, "unlink", ids=file.ids)
        self.assertEqual((file.raw, file.name, file.mimetype), (b"as told", "bukti.txt", "text/plain"))
        self.assertEqual((file.res_model, file.res_id, message.attachment_ids), ("cctv.legal.hold", self.hold.id, file))

    @mute_logger(*QUIET)
    def test_carried_files_stay_in_chatter(self):
        file = self._file(self.officer)
        message = self._told(self.officer, file)
        for user in (self.dpo, self.officer):
            words = self._routed(user, "/mail/attachment/delete", attachment_id=file.id)
            self.assertIn("carries stays as it is", words, user.name)
        emptied = {"body": "", "attachment_ids": []}
        words = self._routed(self.officer, "/mail/message/update_content", message_id=message.id, update_data=emptied)
        self.assertIn("carries stays as it is", words)
        self.assertEqual(message.attachment_ids, file)
        self.assertEqual(file.raw, b"as told")

    @mute_logger(*QUIET)
    def test_no_outsider_learns_of_a_file(self):
        file = self._file(self.dpo)
        self._told(self.dpo, file)
        for user in (self.outsider, self.users["employee"]):
            self._refused("not allowed to access this document", user, "write", ids=file.ids, vals={"name": "x"})
            self._refused("not allowed to access this document", user, "unlink", ids=file.ids)

    @mute_logger(*QUIET)
    def test_who_wrote_none_yet_removes_his_upload(self):
        self._activate()
        sent, left = self._uploaded(self.officer, "true"), self._uploaded(self.officer, "true")
        self.assertTrue(sent.raw)
        self.assertTrue(self._routed(self.dpo, "/mail/attachment/delete", attachment_id=left.id))
        self.assertFalse(self._routed(self.officer, "/mail/attachment/delete", attachment_id=left.id))
        self.assertFalse(left.exists())
        self.assertEqual(self._told(self.officer, sent).attachment_ids, sent)
        self.assertEqual((sent.res_model, sent.res_id), ("cctv.legal.hold", self.hold.id))
        self.assertIn("stays as it is", self._routed(self.officer, "/mail/attachment/delete", attachment_id=sent.id))

    @mute_logger(*QUIET)
    def test_files_without_a_message_go_with_the_record(self):
        first, second = self._file(self.officer), self._uploaded(self.officer, "false")
        self._on_files(self.dpo, "write", ids=first.ids, vals={"name": "lain.txt"})
        self._activate()
        for file in first | second:
            self._refused("no longer open", self.dpo, "write", ids=file.ids, vals={"datas": OTHER})
            self._refused("no longer open", self.dpo, "unlink", ids=file.ids)
            self.assertIn("no longer open", self._routed(self.dpo, "/mail/attachment/delete", attachment_id=file.id))
        elsewhere = self._file(self.officer, res_id=self._new_hold(self.hold.camera_ids, self.dpo).id)
        self._refused("no longer open", self.dpo, "write", ids=elsewhere.ids, vals={"res_id": self.hold.id})
        self._on_files(self.officer, "unlink", ids=first.ids)
        self.assertFalse(self._routed(self.officer, "/mail/attachment/delete", attachment_id=second.id))
        self.assertFalse((first | second).exists())

    def test_what_is_around_a_file_goes_on(self):
        file = self._file(self.dpo)
        self._told(self.dpo, file)
        self.assertTrue(self._on_files(self.officer, "generate_access_token", ids=file.ids))

    def test_other_models_are_untouched(self):
        partner = self.env["res.partner"].create({"name": "Tamu"})
        file = self._file(self.admin, res_model="res.partner", res_id=partner.id)
        self._told(self.admin, file, partner)
        self._on_files(self.admin, "write", ids=file.ids, vals={"datas": OTHER})
        self.assertFalse(self._routed(self.admin, "/mail/attachment/delete", attachment_id=file.id))
        self.assertFalse(file.exists())
