from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...tools import wire
from ..common import BridgeCommon, BridgeHttpCommon

SECRET = "s3cr3t-Väld!@:/"
USER = "opérator"


@tagged("post_install", "-at_install")
class TestCameraSource(BridgeCommon):
    def source(self, url="rtsp://192.0.2.7/one", **values):
        values = {"camera_id": self.camera.id, "kind": "sub", "url": url, **values}
        return self.env["cctv.camera.source"].with_user(self.it).create(values)

    def typed(self, source, url, name="same_address"):
        """:return: what the form says while an address is typed"""
        return source.onchange({"url": url}, ["url"], {"url": {}, name: {}})["value"].get(name)

    def secrets(self, source):
        return source.sudo().secret_user, source.sudo().secret_password

    def test_credentials_in_the_address_are_split_off(self):
        source = self.source("rtsp://op%C3%A9rator:s3cr3t-V%C3%A4ld%21%40%3A%2F@192.0.2.7:8554/one?x=1")
        self.assertEqual(source.url, "rtsp://192.0.2.7:8554/one?x=1")
        self.assertEqual(self.secrets(source), (USER, SECRET))
        source.url = "rtsp://192.0.2.7:8554/two"
        self.assertEqual(self.secrets(source), (USER, SECRET), "another path on the same device leaves them alone")
        source.url = "rtsp://nobody@192.0.2.8/two"
        self.assertEqual(self.secrets(source), ("nobody", False))

    def test_an_address_that_is_no_text(self):
        for url in (5, ["rtsp://192.0.2.7/one"], {"a": 1}):
            with self.subTest(url), self.refused("address"):
                self.source(url)

    def test_no_outsider_learns_of_a_closed_camera(self):
        source = self.source()
        source.camera_id.with_user(self.it).action_decommission(note="x")
        for user in (self.users["vendor"], self.users["employee"], self.outsider):
            for vals in ({"transport": "udp"}, {"kind": "main"}, {"url": "rtsp://192.0.2.8/one"}):
                with self.subTest(user=user.name, vals=vals), self.assertRaises(AccessError):
                    self.env.invalidate_all()
                    source.with_user(user).write(vals)
            with self.assertRaises(AccessError):
                source.with_user(user).update_field_translations("url", {"en_US": "x"})

    def test_credentials_stay_with_their_device(self):
        """Else a person could read a password, unlogged, by having the node log in at a server of his own."""
        for url in (
            "rtsp://192.0.2.66/one",
            "rtsp://192.0.2.7:8554/one",
            "rtsps://192.0.2.7:554/one",
            "rtsp://op@192.0.2.66/one",
        ):
            for more in ({}, {"user": "op"}, {"password": False}, {"user": "op", "password": ""}):
                source = self.source(user=USER, password=SECRET)
                with self.subTest(url, more=more):
                    source.write({"url": url, **more})
                    self.assertFalse(self.secrets(source)[1])
                    self.assertNotEqual(self.secrets(source)[0], USER)
                    self.assertNotIn(SECRET, str(self.sync()["config"]))
                source.unlink()
        source = self.source(user=USER, password=SECRET)
        for url in ("rtsp://192.0.2.7:554/one", "RTSP://192.0.2.7/two?x=1"):
            source.url = url
            self.assertEqual(self.secrets(source), (USER, SECRET), "the same device")
        source.write({"url": "rtsp://192.0.2.8/one", "password": "new"})
        self.assertEqual(self.secrets(source), (USER, "new"))

    def test_changes_of_address_are_logged_without_secrets(self):
        other = self.cameras[1]
        source = self.source("rtsp://192.0.2.7/live/hidden1", user=USER, password=SECRET)
        logs = self.env["cctv.workflow.log"]
        for values, told, cameras in (
            ({"url": "rtsp://192.0.2.66/live/hidden2"}, "leads to another device", self.camera),
            ({"url": "rtsp://192.0.2.66/live/hidden3"}, "another path on the same device", self.camera),
            ({"camera_id": other.id}, "CAM-01", self.camera | other),
        ):
            source.write(values)
            for camera in cameras:
                line = logs.search([("res_id", "=", camera.id), ("res_model", "=", "cctv.camera")], limit=1)
                with self.subTest(values=values, camera=camera.code):
                    self.assertEqual((line.step, line.user_id), ("change_stream", self.it))
                    self.assertIn(told, line.note)
                    self.assertIn(told, "".join(camera.message_ids.mapped("body")))
                    everything = str(camera.message_ids.mapped("body")) + line.note
                    self.assertFalse([word for word in ("hidden", "192.0.2", SECRET, USER) if word in everything])
        count = logs.search_count([])
        source.write({"url": source.url, "transport": "udp"})
        self.assertEqual(logs.search_count([]), count, "nothing changed")

    def test_wrong_addresses_are_told(self):
        cases = {
            "": "missing",
            "   ": "missing",
            "192.0.2.7/one": "must begin with",
            "rtsp://192.0.2.7/one#two": "# sign",
            "rtsp://viewer:pa#ss@192.0.2.7/one": "# sign",
            "rtsp://192.0.2.7/one%zz": "two hexadecimal digits",
            "rtsp://cam(1).example/one": "a name or an IP address",
            "ftp://192.0.2.7/one": "must begin with",
            "rtmps://192.0.2.7/one": "must begin with",
            "http://192.0.2.7/one": "must begin with",
            "srt://192.0.2.7:8890": "must begin with",
            "javascript:alert(1)": "must begin with",
            "file:///etc/passwd": "must begin with",
            "rtsp:///one": "names no camera",
            "rtsp://user:pw@/one": "names no camera",
            "rtsp://192.0.2.7:99999/": "port",
            "rtsp://192.0.2.7:0/": "port",
            "rtsp://192.0.2.7/a?user=admin&password=hunter2": "own fields",
            "rtsp://192.0.2.7/a b": "blanks",
            "rtsp://192.0.2.7/a\nb": "blanks",
            "rtsp://192.0.2.7/" + "a" * 600: "500",
        }
        for url, word in cases.items():
            with self.subTest(url[:40]), self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                self.source(url)
            self.assertIn(word, str(caught.exception))

    def test_credentials_that_cannot_be_stored_are_told(self):
        source = self.source()
        for values in ({"password": "x\0y"}, {"user": "x\ud800y"}, {"url": "rtsp://a:x%00y@192.0.2.7/one"}):
            with self.subTest(values), self.refused("cannot be stored"):
                source.write(values)

    def test_streams_of_a_closed_camera_stay_as_they_are(self):
        self.camera.with_user(self.it).action_decommission(note="dibongkar")
        source = self.camera.source_ids.with_user(self.it)
        for change in (
            lambda: source.write({"url": "rtsp://192.0.2.66/x"}),
            lambda: source.write({"password": "x"}),
            lambda: self.source(),
            lambda: source.unlink(),
        ):
            with self.refused("no longer open"):
                change()

    def test_coming_and_going_of_streams_is_logged(self):
        """Else a stream could be led elsewhere without a trace, by removing it and making another."""
        self.camera.with_user(self.it).action_suspend(note="x")
        logs = self.env["cctv.workflow.log"]
        logged = [("res_model", "=", "cctv.camera"), ("res_id", "=", self.camera.id)]
        last = logs.search(logged, limit=1).id
        self.camera.source_ids.with_user(self.it).unlink()
        self.source("rtsp://192.0.2.66/live/hidden", kind="main", user=USER, password=SECRET)
        lines = logs.search([*logged, ("id", ">", last)], order="id")
        self.assertEqual(lines.mapped("step"), ["remove_stream", "add_stream"])
        self.assertEqual(lines.user_id, self.it)
        self.assertEqual(lines.mapped("note"), ["Main stream", "Main stream"])
        told = str(lines.mapped("note")) + str(self.camera.message_ids.mapped("body"))
        self.assertFalse([word for word in ("hidden", "192.0.2", "127.0.0.1", SECRET, USER) if word in told])
        for line in lines:
            self.assertNotEqual(line.step_label, line.step)

    def test_main_stream_stays_while_the_camera_records(self):
        main, other = self.camera.source_ids.with_user(self.it), self.cameras[1]
        for change in (main.unlink, lambda: main.write({"kind": "sub"}), lambda: main.write({"camera_id": other.id})):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                change()
        self.source().unlink()
        main.url = "rtsp://192.0.2.9/new"
        self.camera.with_user(self.it).action_suspend(note="moved")
        main.unlink()
        self.assertFalse(self.camera.source_ids)

    def test_a_form_tells_nothing_of_foreign_cameras_and_recorders(self):
        named = {"fields": {"display_name": {}}}
        attempts = {
            "cctv.camera.source": ({"camera_id": self.camera.id}, {"company_id": named, "recorder_id": named}),
            "cctv.camera": ({"source_ids": [[0, 0, {"camera_id": self.camera.id}]]}, {"source_ids": named}),
            "cctv.recorder.move": ({"recorder_id": self.recorder.id}, {"recorder_id": named, "company_id": named}),
            "cctv.recorder.register": ({"site_id": self.site.id}, {"site_id": named}),
        }
        for model, (values, spec) in attempts.items():
            with self.subTest(model), self.refused(".", AccessError):
                self.env[model].with_user(self.outsider).onchange(values, list(values), spec)

    def test_address_of_another_camera_is_named(self):
        main, other = self.camera.source_ids.with_user(self.it), self.cameras[1].source_ids.with_user(self.it)
        main.url = "rtsp://192.0.2.60/alone"
        self.assertFalse(main.same_address)
        other.url = "rtsp://192.0.2.7:8554/one?x=1"
        for url in ("rtsp://192.0.2.7:8554/one?x=1", f"rtsp://{USER}:hidden@192.0.2.7:8554/one?x=1"):
            with self.subTest(url):
                told = self.typed(main, url)
                self.assertIn(self.cameras[1].display_name, told)
                self.assertFalse([word for word in ("hidden", "192.0.2", USER) if word in told])
        for url in ("rtsp://192.0.2.7:8554/two", "rtsp://192.0.2.7/one?x=1", "rtsp://", "x", False):
            self.assertFalse(self.typed(main, url), url)
        main.url = "rtsp://192.0.2.7:8554/one?x=1"
        self.assertIn(self.cameras[1].display_name, main.same_address, "a warning, no refusal")
        own = self.source("rtsp://192.0.2.70/own")
        main.url = "rtsp://192.0.2.70/own"
        self.assertFalse(main.same_address, "both streams of one camera")
        self.assertFalse(own.same_address)
        for role in ("officer", "supervisor", "management", "auditor", "dpo"):
            self.assertNotIn("same_address", main.with_user(self.users[role]).fields_get())

    def test_a_password_in_the_path_or_query_is_told(self):
        source = self.source()
        stored = "rtsp://192.0.2.7/user=admin_password=hidden_channel=1"
        self.env.cr.execute("UPDATE cctv_camera_source SET url = %s WHERE id = %s", [stored, source.id])
        self.env.invalidate_all()
        self.assertIn("own fields", source.open_password)
        self.assertNotIn("hidden", source.open_password)
        source.transport = "udp"
        self.assertEqual(source.url, stored, "what is stored stays in use")
        other = self.cameras[1].source_ids.with_user(self.it)
        self.assertFalse(other.open_password)
        self.assertIn("own fields", self.typed(other, "rtsp://192.0.2.7/a?pwd=hidden", "open_password"))
        with self.refused("own fields"):
            source.url = "rtsp://192.0.2.7/a?pwd=hidden"
        source.write({"url": "rtsp://192.0.2.7/channel=1", "password": "hidden"})
        self.assertFalse(source.open_password)

    def test_inputs_read_back_empty(self):
        source = self.source(user=USER, password=SECRET)
        self.assertEqual((source.user, source.password), (False, False))
        self.assertTrue(source.has_password and source.has_credentials)
        (back,) = source.web_save({"password": "other"}, {"user": {}, "password": {}, "has_password": {}})
        self.assertEqual((back["user"], back["password"], back["has_password"]), (False, False, True))
        self.assertEqual(self.secrets(source), (USER, "other"))
        source.write({"password": False})
        self.assertEqual(self.secrets(source), (USER, False))
        self.assertFalse(source.has_password)

    def test_secret_fields_are_closed_to_everyone(self):
        source = self.source(user=USER, password=SECRET)
        for user in (self.it, self.env.ref("base.user_admin")):
            mine = source.with_user(user)
            self.assertNotIn("secret_password", mine.fields_get())
            for read in (
                lambda s: s.read(["secret_password"]),
                lambda s: s.export_data(["secret_password"]),
                lambda s: s.search([("secret_password", "=like", "s%")]),
                lambda s: s.search([], order="secret_password"),
                lambda s: s._read_group([], ["secret_password"]),
                lambda s: s.write({"secret_password": "x"}),
                lambda s: s.create([{"camera_id": self.camera.id, "url": "rtsp://h/", "secret_password": "x"}]),
            ):
                with (
                    self.assertRaises(Exception),  # noqa: B017
                    self.env.cr.savepoint(),
                    mute_logger("odoo.addons.base.models.ir_rule"),
                ):
                    read(mine)
        self.it.group_ids += self.env.ref("base.group_allow_export")
        exported = source.with_user(self.it).export_data(["url", "user", "password", "has_password"])
        self.assertNotIn(SECRET, str(exported))
        self.assertNotIn(SECRET, str(source.with_user(self.it).copy_data()))

    def test_reveal_is_logged_without_the_value(self):
        source = self.source(user=USER, password=SECRET)
        logs = self.env["cctv.workflow.log"].search_count([])
        with self.assertLogs("odoo", "DEBUG") as output:
            self.assertEqual(source.with_user(self.it).reveal_credentials(), {"user": USER, "password": SECRET})
            self.env["cctv.recorder"].browse(self.recorder.id)._configuration()
        self.assertNotIn(SECRET, "".join(output.output))
        line = self.env["cctv.workflow.log"].search([], limit=1)
        self.assertEqual(self.env["cctv.workflow.log"].search_count([]), logs + 1)
        self.assertEqual((line.user_id, line.res_id, line.step), (self.it, self.camera.id, "reveal_credentials"))
        told = str(self.camera.message_ids.mapped("body")) + str(
            self.env["cctv.workflow.log"].search([]).mapped("note")
        )
        self.assertIn(self.it.name, told)
        self.assertNotIn(SECRET, told)
        self.assertNotIn(USER, told)

    def test_other_roles_see_nothing(self):
        source = self.source(user=USER, password=SECRET)
        for role, user in self.users.items():
            if role == "it":
                continue
            with self.subTest(role):
                for call in (
                    lambda s: s.read(["url"]),
                    lambda s: s.reveal_credentials(),
                    lambda s: s.write({"url": "rtsp://h/"}),
                ):
                    with self.assertRaises(AccessError):
                        call(source.with_user(user))
        with self.assertRaises(AccessError):
            source.with_user(self.outsider).reveal_credentials()

    def test_configuration_goes_to_the_right_node(self):
        other, _toml = self._new_recorder("GDG-2", self.site)
        foreign = self._recorded_camera("cam-90", other)
        self.source(user=USER, password=SECRET)
        config = self.sync()["config"]
        self.assertEqual([camera["id"] for camera in config["cameras"]], self.cameras.ids)
        self.assertNotIn(foreign.path, str(config))
        first = config["cameras"][0]
        self.assertEqual(
            first["main"],
            {"url": "rtsp://127.0.0.1:18551/main", "user": "viewer", "password": "pw-cam-01", "transport": "tcp"},
        )
        self.assertEqual(first["sub"]["password"], SECRET)
        self.assertEqual(
            (first["record"], first["test"], first["audio"], first["path"]), (True, False, "strip", "ujisatu-cam-01")
        )
        self.assertEqual(
            config["node"],
            {
                "name": "GDG-1",
                "segment_seconds": 60,
                "quota_bytes": "5000000000",
                "reserve_bytes": "2000000000",
                "confirmed": None,
            },
        )

    def test_etag(self):
        etag = self.sync()["config"]["etag"]
        self.assertIsNone(self.sync(etag=etag)["config"])
        seen = {etag}
        source = self.camera.source_ids

        def change(act):
            nonlocal etag
            act()
            etag = self.sync(etag=etag)["config"]["etag"]
            seen.add(etag)
            self.assertIsNone(self.sync(etag=etag)["config"])

        change(lambda: source.write({"password": "new"}))
        change(lambda: source.write({"user": "other"}))
        change(lambda: source.write({"transport": "udp"}))
        change(lambda: source.write({"url": "rtsp://127.0.0.1:18551/other"}))
        change(lambda: self.camera.write({"name": "Another door"}))
        change(lambda: self.recorder.write({"name": "GDG-9", "reserve_gb": 3}))
        change(lambda: self.recorder.with_user(self.it).action_confirm_database(note="x"))
        change(lambda: self.recorder.write({"segment_seconds": 30}))
        change(lambda: self.recorder.write({"quota_gb": 6}))
        change(lambda: self.camera.with_user(self.it).action_suspend(note="x"))
        change(lambda: self.room.write({"security_class": "high_security"}))
        change(lambda: self.cameras[1].with_user(self.users["dpo"]).action_approve_audio(note="x"))
        change(lambda: self.cameras[2].write({"recorder_id": False}))
        self.assertEqual(len(seen), 14)
        config = self.sync()["config"]
        self.assertEqual([c["record"] for c in config["cameras"]], [False, True])
        self.assertEqual(config["cameras"][1]["audio"], "keep")
        self.assertEqual(config["cameras"][0]["retention_days"], 60)

    def test_fingerprint_flushes_what_it_reads_alone(self):
        source = self.camera.source_ids
        self.env.flush_all()
        seen = {self.recorder._head_and_fingerprint()[1]}
        for record, values in (
            (self.recorder, {"quota_gb": 7}),
            (self.camera, {"name": "Another door"}),
            (source, {"password": "new"}),
            (self.cameras[2], {"recorder_id": False}),
        ):
            record.write(values)
            seen.add(self.recorder._head_and_fingerprint()[1])
        self.assertEqual(len(seen), 5)
        self.company.partner_id.ref = "pending"
        with self.assertQueryCount(1, flush=False):
            self.recorder._head_and_fingerprint()[1]

    def test_testing_camera_is_marked(self):
        camera = self._recorded_camera("cam-80", self.recorder, "testing")
        (row,) = [c for c in self.sync()["config"]["cameras"] if c["id"] == camera.id]
        self.assertEqual((row["record"], row["test"]), (True, True))


@tagged("post_install", "-at_install")
class TestCameraSourceRpc(BridgeHttpCommon):
    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.jsonrpc", "odoo.addons.base.models.ir_rule")
    def test_every_role_over_json2(self):
        source = self.camera.source_ids
        source.write({"user": "hiddenviewer", "password": "unguessable"})
        self.env.flush_all()
        for role, user in {**self.users, "it_other": self.outsider, "bot": self.bot}.items():
            for method, body in (
                ("read", {"ids": source.ids}),
                ("search_read", {"domain": []}),
                ("export_data", {"ids": source.ids, "fields_to_export": ["url", "user", "password"]}),
                ("reveal_credentials", {"ids": source.ids}),
                ("web_read", {"ids": source.ids, "specification": {"url": {}, "user": {}, "password": {}}}),
            ):
                with self.subTest(role=role, method=method):
                    status, answer = self.json2(user, "cctv.camera.source", method, **body)
                    told = "unguessable" in str(answer) or "hiddenviewer" in str(answer)
                    self.assertEqual(told, (role, method) == ("it", "reveal_credentials"))
                    if role not in ("it", "it_other"):
                        self.assertGreaterEqual(status, 400)
            status, answer = self.json2(user, "cctv.camera", "read", ids=self.camera.ids)
            self.assertNotIn("unguessable", str(answer))

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2", "odoo.addons.base.models.ir_rule")
    def test_no_address_in_what_other_roles_read_of_a_change(self):
        sources = self.env["cctv.camera.source"].with_user(self.it).with_context(tracking_disable=False)
        source = sources.create({"camera_id": self.camera.id, "kind": "sub", "url": "rtsp://192.0.2.66/one"})
        source.url = "rtsp://192.0.2.77:8554/two"
        source.camera_id = self.cameras[1]
        source.unlink()
        self.camera.source_ids.with_user(self.it).url = "rtsp://192.0.2.88/three"
        self.env.flush_all()
        cameras = [["model", "=", "cctv.camera"], ["res_id", "in", self.cameras.ids]]
        values = ["old_value_char", "new_value_char", "old_value_text", "new_value_text"]
        for role, user in self.users.items():
            told = [
                self.json2(user, "mail.message", "search_read", domain=cameras, fields=["body", "preview"]),
                self.json2(user, "mail.tracking.value", "search_read", domain=[], fields=values),
                self.json2(user, "cctv.workflow.log", "search_read", domain=[], fields=["note", "res_name"]),
            ]
            with self.subTest(role=role):
                self.assertNotRegex(str(told), r"192\.0\.2|127\.0\.0\.1")
                if role == "supervisor":
                    self.assertIn("another device", str(told[0]))

    def test_only_the_own_node_receives_them(self):
        other, _toml = self._new_recorder("GDG-2", self.site)
        self.camera.source_ids.write({"password": "unguessable"})
        mine = wire.unpack(self.json2(self.bot, "cctv.recorder", "sync", payload=wire.pack(self.message()))[1])
        theirs = wire.unpack(
            self.json2(other.bot_user_id, "cctv.recorder", "sync", payload=wire.pack(self.message(other)))[1]
        )
        self.assertIn("unguessable", str(mine))
        self.assertNotIn("unguessable", str(theirs))
