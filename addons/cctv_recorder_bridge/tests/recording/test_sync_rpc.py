import json
from datetime import datetime, timedelta
from xmlrpc.client import Fault

from odoo.tests import tagged
from odoo.tools import mute_logger

from ...tools import wire
from ..common import DAY, MINUTE, SYNC, BridgeHttpCommon, now_us

RPC = ("odoo.addons.rpc.controllers.xmlrpc", "odoo.addons.rpc.controllers.jsonrpc", "odoo.http")


@tagged("post_install", "-at_install")
class TestSyncRpc(BridgeHttpCommon):
    """The same calls as a node makes them, over both protocols, with the key of the printed settings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = next(line for line in cls.toml.splitlines() if line.startswith("key = ")).split('"')[1]

    def xmlrpc(self, payload, key=None):
        return self.xmlrpc_object.execute_kw(
            self.env.cr.dbname, self.bot.id, key or self.key, "cctv.recorder", "sync", [payload]
        )

    def json2(self, model, method, arguments, key=None):
        return self.url_open(
            f"/json/2/{model}/{method}",
            data=json.dumps(arguments),
            headers={
                "Authorization": f"bearer {key or self.key}",
                "Content-Type": "application/json",
                "X-Odoo-Database": self.env.cr.dbname,
            },
        )

    def jsonrpc2(self, payload, key=None):
        answer = self.json2("cctv.recorder", "sync", {"payload": payload}, key)
        return answer.status_code, answer.json()

    @mute_logger(*RPC)
    def test_xmlrpc(self):
        uid = self.xmlrpc_common.login(self.env.cr.dbname, self.bot.login, self.key)
        self.assertEqual(uid, self.bot.id)
        rows = self.columns([*self.minutes(now_us() - DAY, 20), self.segment(start=5)])
        for _repeat in range(2):
            reply = wire.unpack(self.xmlrpc(wire.pack(self.message(segments=rows, heartbeat=self.heartbeat()))))
            self.assertEqual(reply["segments"][:20], ["ok"] * 20)
            self.assertEqual(reply["segments"][20][0], "bad_time")
            self.assertEqual(reply["config"]["cameras"][0]["main"]["password"], "pw-cam-01")
        self.assertEqual(len(self.stored()), 20)

    @mute_logger(*RPC)
    def test_json2(self):
        rows = self.columns(self.minutes(now_us() - DAY, 20))
        for _repeat in range(2):
            status, body = self.jsonrpc2(wire.pack(self.message(segments=rows)))
            self.assertEqual(status, 200)
            self.assertEqual(wire.unpack(body)["segments"], ["ok"] * 20)
        self.assertEqual(len(self.stored()), 20)

    @mute_logger(*RPC)
    def test_what_screens_ask_goes_over_xmlrpc(self):
        """A node that never spoke and a day that is not known are False there: XML-RPC has no null."""
        key = self.env["res.users.apikeys"].with_user(self.it)._generate("rpc", "test", datetime.now() + timedelta(1))

        def ask(model, method, *args):
            return self.xmlrpc_object.execute_kw(self.env.cr.dbname, self.it.id, key, model, method, args)

        self._new_recorder("GDG-9", self.site)
        health = ask("cctv.recorder", "get_health")
        self.assertEqual({node["disk"] for node in health["recorders"]}, {False})
        self.assertEqual({node["clock_offset_ms"] for node in health["recorders"]}, {False})
        overview = ask("cctv.camera", "get_overview", [self.camera.id])
        self.assertEqual({day["ratio"] for day in overview["strip"]["days"]}, {False})
        whole = ask("cctv.camera", "read", [self.camera.id])[0]
        self.assertEqual({day["ratio"] for day in whole["week_strip"]}, {False})
        job = ask("cctv.camera.source", "queue_test", self.camera.source_ids[:1].ids)
        ask("cctv.recorder.job", "action_cancel", [job])
        self.assertEqual(self.env["cctv.recorder.job"].browse(job).state, "cancelled")

    @mute_logger(*RPC, SYNC)
    def test_refusals_name_the_field(self):
        payload = wire.pack(self.message(surprise=1))
        with self.assertRaises(Fault) as caught:
            self.xmlrpc(payload)
        self.assertIn("surprise: is not a known field", caught.exception.faultString)
        status, body = self.jsonrpc2(payload)
        self.assertEqual(status, 422)
        self.assertIn("surprise: is not a known field", body["message"])

    @mute_logger(*RPC)
    def test_wrong_and_revoked_keys(self):
        payload = wire.pack(self.message())
        self.assertEqual(self.jsonrpc2(payload, "0" * 40)[0], 401)
        with self.assertRaises(Fault):
            self.xmlrpc(payload, "0" * 40)
        self.assertTrue(self.xmlrpc(payload))
        self.recorder._cut_off()
        self.env.flush_all()
        self.assertEqual(self.jsonrpc2(payload)[0], 401)
        with self.assertRaises(Fault):
            self.xmlrpc(payload)
        self.assertFalse(self.xmlrpc_common.login(self.env.cr.dbname, self.bot.login, self.key))

    @mute_logger(*RPC)
    def test_bot_reaches_nothing_else(self):
        models = [name for name in self.env.registry if name.startswith("cctv.")]
        for model in models:
            if self.env[model]._abstract:
                continue
            with self.subTest(model), self.assertRaises(Fault):
                self.xmlrpc_object.execute_kw(
                    self.env.cr.dbname, self.bot.id, self.key, model, "search_read", [[], ["display_name"]]
                )
        call = [self.env.cr.dbname, self.bot.id, self.key]
        self.assertEqual(self.xmlrpc_object.execute_kw(*call, "res.users", "search", [[]]), [self.bot.id])
        for method in (
            "get_health",
            "_exchange",
            "_configuration",
            "_new_config",
            "_calling_recorder",
            "_register_node",
        ):
            with self.subTest(method), self.assertRaises(Fault):
                self.xmlrpc_object.execute_kw(*call, "cctv.recorder", method, [])

    @mute_logger(*RPC)
    def test_bot_cannot_change_its_own_user(self):
        """Odoo lets everybody write parts of their own user; a stolen key must not sign as a person."""
        call = [self.env.cr.dbname, self.bot.id, self.key, "res.users"]
        before = self.bot.read(["name", "email", "lang", "signature", "tz"])
        for vals in ({"name": "Petugas"}, {"email": "x@example.com"}, {"lang": "en_US"}, {"signature": "Petugas"}):
            for method in ("write", "web_save"):
                args = [self.bot.ids, vals, {}] if method == "web_save" else [self.bot.ids, vals]
                with self.subTest(method, vals=vals), self.assertRaisesRegex(Fault, "recorder itself"):
                    self.xmlrpc_object.execute_kw(*call, method, args)
        answer = self.json2("res.users", "write", {"ids": self.bot.ids, "vals": {"name": "Petugas"}})
        self.assertEqual(answer.status_code, 403)
        with self.assertRaises(Fault):
            self.xmlrpc_object.execute_kw(*call, "change_password", [self.key, "sandi-baru-2026"])
        self.env.invalidate_all()
        self.assertEqual(self.bot.read(["name", "email", "lang", "signature", "tz"]), before)
        self.bot.name = "GDG-1 bot"
        self.assertEqual(self.bot.name, "GDG-1 bot", "administrators may")
        self.assertTrue(self.xmlrpc(wire.pack(self.message())))

    @mute_logger(*RPC)
    def test_five_thousand_rows_over_the_wire(self):
        rows = self.columns(self.minutes(now_us() - 5 * DAY, 5000))
        reply = wire.unpack(self.xmlrpc(wire.pack(self.message(segments=rows))))
        self.assertEqual(reply["segments"], ["ok"] * 5000)
        self.assertEqual(len(self.stored()), 5000)
        self.assertEqual(self.stored()[-1].start_us, rows["start_us"][-1])
        self.assertEqual(MINUTE, int(rows["start_us"][1]) - int(rows["start_us"][0]))
