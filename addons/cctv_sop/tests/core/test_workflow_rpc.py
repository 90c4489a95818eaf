"""The same guard, met as a client meets it: over JSON-2 with a key and over JSON-RPC with a session."""

from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from ..common import CctvHttpCommon


@tagged("post_install", "-at_install")
class TestWorkflowRpc(CctvHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera = cls._new_camera()

    def _refused(self, status, /, *args, **body):
        code, answer = self.json2(*args, **body)
        self.assertEqual(code, status, answer)
        self.env.invalidate_all()
        self.assertEqual(self.camera.state, "planned")

    def _new_values(self, **values):
        return {"code": "cam-9", "name": "x", "location_id": self.room.id, **values}

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2")
    def test_json2_forgeries_refused(self):
        ids, it = self.camera.ids, self.it
        self._refused(403, it, "cctv.camera", "write", ids=ids, vals={"state": "active"})
        self._refused(403, it, "cctv.camera", "create", vals_list=[self._new_values(state="active")])
        self._refused(403, it, "cctv.camera", "web_save", ids=ids, vals={"state": "active"}, specification={})
        for context in ({"_workflow": {"names": ["state"]}}, {"install_mode": True}):
            self._refused(403, it, "cctv.camera", "write", ids=ids, vals={"state": "active"}, context=context)
        self._refused(403, it, "cctv.camera", "copy", ids=ids, default={"code": "cam-8", "state": "active"})
        self._refused(403, it, "cctv.camera", "unlink", ids=ids)

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2")
    def test_json2_private_methods_refused(self):
        ids, it = self.camera.ids, self.it
        self._refused(403, it, "cctv.camera", "_run_step", ids=ids, step={}, method="x", note="x")
        self._refused(403, it, "cctv.camera", "_with_pass", ids=ids, names=["state"])
        auditor = self.users["auditor"]
        self._refused(403, auditor, "cctv.workflow.log", "create", vals_list=[{"res_model": "x"}])
        self._refused(403, auditor, "cctv.workflow.log", "_append", record=1)
        self._refused(403, it, "cctv.camera.mounting", "create", vals_list=[{"camera_id": 1}])

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2")
    def test_json2_steps_follow_roles(self):
        self._refused(403, self.officer, "cctv.camera", "action_take_over", ids=self.camera.ids, note="x")
        code, answer = self.json2(self.it, "cctv.camera", "action_take_over", ids=self.camera.ids, note="x")
        self.assertEqual((code, answer), (200, True))
        self.env.invalidate_all()
        self.assertEqual(self.camera.state, "active")

    @mute_logger("odoo.http")
    def test_json2_default_keys_have_no_effect(self):
        context = {"default_state": "active", "default_path": "x", "default_take_over": True}
        code, ids = self.json2(self.it, "cctv.camera", "create", vals_list=[self._new_values()], context=context)
        self.assertEqual(code, 200, ids)
        camera = self.env["cctv.camera"].browse(ids)
        self.assertEqual((camera.state, camera.path, camera.take_over), ("planned", "ujisatu-cam-9", False))

    @mute_logger("odoo.http")
    def test_json_rpc_refused(self):
        self.authenticate(self.it.login, self.it.login)
        params = {"model": "cctv.camera", "method": "write", "args": [self.camera.ids, {"state": "active"}]}
        with self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request("/web/dataset/call_kw", {**params, "kwargs": {}})
        params = {"model": "cctv.camera", "method": "action_take_over", "args": [self.camera.ids]}
        action = self.make_jsonrpc_request("/web/dataset/call_button", {**params, "kwargs": {}})
        self.assertEqual(action["res_model"], "cctv.step.reason")
        self.make_jsonrpc_request("/web/dataset/call_kw", {**params, "kwargs": {"note": "x"}})
        self.env.invalidate_all()
        self.assertEqual(self.camera.state, "active")

    @mute_logger("odoo.http")
    def test_a_step_takes_what_the_log_can_keep(self):
        for name, body, told in (
            ("action_take_over", {"note": "x" * 10_001}, "10000 characters"),
            ("action_take_over", {"note": "x\0y"}, "cannot be stored"),
            ("action_take_over", {"note": "x\ud800y"}, "cannot be stored"),
            ("write", {"vals": {"name": "x\0y"}}, "“Name” holds a character"),
            ("action_take_over", {"note": "x", "reason": 1, "by": 2}, "by, reason"),
        ):
            code, answer = self.json2(self.it, "cctv.camera", name, ids=self.camera.ids, **body)
            with self.subTest(body.keys()):
                self.assertEqual((code, answer["name"]), (422, "odoo.exceptions.UserError"))
                self.assertIn(told, answer["message"])
        code, answer = self.json2(self.it, "cctv.camera", "action_take_over", ids=self.camera.ids, note="x" * 10_000)
        self.assertEqual((code, answer), (200, True))

    @mute_logger("odoo.http")
    def test_answers_of_an_import_go_over_xmlrpc(self):
        key = self.env["res.users.apikeys"].with_user(self.it).sudo()._generate("rpc", "uji", None)
        forbidden = self.forbidden.complete_name
        for fields, row in ((["code", "name", "location_id"], ["cam-9", "x", forbidden]), (["nothing"], ["x"])):
            answer = self.xmlrpc_object.execute_kw(
                self.env.cr.dbname, self.it.id, key, "cctv.camera", "load", [fields, [row]]
            )
            with self.subTest(fields):
                self.assertFalse(answer["ids"])
                self.assertTrue(answer["messages"])
