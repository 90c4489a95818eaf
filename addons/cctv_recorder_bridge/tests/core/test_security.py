from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import DAY, MINUTE, URL, BridgeCommon, now_us

# role -> model -> operations; whatever is not named here is refused
ALL = ("officer", "supervisor", "it", "management", "auditor", "dpo")
NOT_OFFICER = ALL[1:]
MATRIX = {
    "cctv.recorder": {**dict.fromkeys(NOT_OFFICER, "r"), "it": "rwc"},
    "cctv.camera.source": {"it": "rwcd"},
    "cctv.camera.health": {"it": "r"},
    "cctv.segment": dict.fromkeys(NOT_OFFICER, "r"),
    "cctv.coverage": dict.fromkeys(ALL, "r"),
    "cctv.gap": dict.fromkeys(ALL, "r"),
    "cctv.recorder.event": dict.fromkeys(("it", "supervisor", "auditor"), "r"),
    "cctv.recorder.job": {"it": "r"},
    "cctv.recorder.stay": {"it": "r"},
    "cctv.hold.ack": dict.fromkeys(ALL, "r"),
    "cctv.recorder.register": {"it": "rwc"},
    "cctv.recorder.rotate": {"it": "rwc"},
    "cctv.recorder.move": {"it": "rwc"},
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}


@tagged("post_install", "-at_install")
class TestSecurity(BridgeCommon):
    def test_matrix(self):
        people = {**self.users, "bot": self.bot}
        for model, roles in MATRIX.items():
            for role, user in people.items():
                allowed = {
                    letter for letter, name in OPERATIONS.items() if self.env[model].with_user(user).has_access(name)
                }
                with self.subTest(model=model, role=role):
                    self.assertEqual(allowed, set(roles.get(role, "")))

    def test_every_model_of_ours_is_in_the_matrix(self):
        ours = self.env["ir.model"].search([("model", "=like", "cctv.%"), ("transient", "in", (True, False))])
        mine = {
            model.model
            for model in ours
            if "cctv_recorder_bridge" in model.modules.split(", ")
            and "cctv_sop" not in model.modules
            # an abstract one has neither records nor rights of its own
            and not self.env[model.model]._abstract
        }
        self.assertEqual(mine, set(MATRIX))

    def test_other_company_sees_nothing(self):
        self.sync(
            segments=self.columns(self.minutes(now_us() - DAY, 2)),
            gaps=self.columns([self.gap(now_us() - DAY)]),
            events=[{"seq": "1", "at_us": str(now_us()), "kind": "engine_up", "camera_id": None, "detail": ""}],
            heartbeat=self.heartbeat([self.camera_state("recording")]),
        )
        self.camera.with_user(self.it).action_test_stream()
        self._new_hold(self.camera)
        self.cameras[1].recorder_id = False
        for model in MATRIX:
            if not self.env[model]._transient:
                with self.subTest(model):
                    self.assertTrue(self.env[model].with_user(self.it).search_count([]))
                    self.assertFalse(self.env[model].with_user(self.outsider).search_count([]))

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_camera_and_node_of_two_companies(self):
        theirs = self._new_tree(self.other_company, "Situs Lain", "Asia/Jakarta")[3]
        camera = self._camera_in("active", "cam-50", location=theirs)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            camera.recorder_id = self.recorder
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.recorder.with_user(self.outsider).action_retire(note="x")

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_names_of_foreign_nodes_stay_unknown(self):
        theirs = self._new_tree(self.other_company, "Situs Lain", "Asia/Jakarta")[3]
        camera = self._camera_in("active", "cam-50", location=theirs).with_user(self.outsider)
        retired, _toml = self._new_recorder("GDG-9", self.site)
        retired.with_user(self.it).action_retire(note="uji")
        values = {"code": "cam-51", "name": "x", "location_id": theirs.id}
        for recorder in (self.recorder, retired):
            with self.subTest(recorder.state), self.refused("you may not read", AccessError):
                camera.write({"recorder_id": recorder.id})
            with self.subTest(recorder.state), self.refused("you may not read", AccessError):
                camera.create({**values, "recorder_id": recorder.id})
        with self.refused("you may not read", AccessError):
            self.env["cctv.recorder"].with_user(self.outsider).create({"name": "X", "site_id": self.site.id})
        with self.refused("you may not read", AccessError):
            self.env["cctv.camera.source"].with_user(self.outsider).create({"camera_id": self.camera.id, "url": URL})

    def test_guarded_fields_cannot_be_forged(self):
        recorder = self.recorder.with_user(self.it)
        for name in self.env["cctv.recorder"]._guarded_names():
            field = recorder._fields[name]
            value = {"char": "x", "text": "x", "boolean": True, "selection": "online", "many2one": self.it.id}.get(
                field.type, 1
            )
            for target in (recorder, recorder.sudo()):
                with self.subTest(name), self.assertRaises(AccessError):
                    target.write({name: value})
        for name in ("recording_state", "recording_reason", "recording_since", "last_still", "last_still_at"):
            with self.subTest(name), self.assertRaises(AccessError):
                self.camera.with_user(self.it).write({name: False})
        with self.assertRaises(AccessError):
            self.env["cctv.recorder"].with_user(self.it).create({"name": "X", "node": self.recorder.node})
        made = (
            self.env["cctv.recorder"]
            .with_user(self.it)
            .with_context(default_state="online", default_node="x")
            .create({"name": "Y"})
        )
        self.assertEqual((made.state, made.node == "x"), ("new", False))

    def test_nodes_are_never_deleted(self):
        with self.assertRaises(UserError):
            self.recorder.unlink()

    def test_bot_is_a_portal_user(self):
        self.assertTrue(self.bot.share)
        self.assertFalse(self.bot.has_group("base.group_user"))
        self.assertEqual(self.bot.company_ids, self.company)

    def test_wizards(self):
        wizard = (
            self.env["cctv.recorder.register"]
            .with_user(self.it)
            .create({"name": "GDG-7", "site_id": self.site.id, "company_id": self.company.id})
        )
        action = wizard.action_register()
        text = action["context"]["default_config_text"]
        shown = self.env["cctv.recorder.register"].with_user(self.it).with_context(**action["context"]).new()
        self.assertEqual(shown.config_text, text)
        key = text.split('key = "')[1].split('"')[0]
        self.assertEqual(
            self.env["res.users.apikeys"]._check_credentials(scope="rpc", key=key), shown.recorder_id.bot_user_id.id
        )
        self.env.flush_all()
        for table in ("cctv_recorder", "cctv_recorder_register", "mail_message", "ir_attachment", "cctv_workflow_log"):
            self.env.cr.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{key}%"])  # noqa: S608
            self.assertEqual(self.env.cr.fetchone()[0], 0, table)
        rotate = (
            self.env["cctv.recorder.rotate"]
            .with_user(self.it)
            .create({"recorder_id": shown.recorder_id.id, "note": "hilang"})
        )
        second = rotate.action_rotate()["context"]["default_config_text"].split('key = "')[1].split('"')[0]
        self.assertNotEqual(key, second)
        for role, user in self.users.items():
            if role != "it":
                with self.subTest(role), self.assertRaises(AccessError):
                    self.env["cctv.recorder.register"].with_user(user).create({"name": "X"})
                with self.subTest(role), self.assertRaises(AccessError):
                    self.recorder.with_user(user).action_rotate_key()

    def test_keys_are_in_the_step_log(self):
        """A key is a way to every password that its node is told: who made one stands beside who read one."""
        wizard = (
            self.env["cctv.recorder.register"]
            .with_user(self.it)
            .create({"name": "GDG-7", "site_id": self.site.id, "company_id": self.company.id})
        )
        recorder = self.env["cctv.recorder"].browse(wizard.action_register()["context"]["default_recorder_id"])
        self.env["cctv.recorder.rotate"].with_user(self.it).create(
            {"recorder_id": recorder.id, "note": "hilang"}
        ).action_rotate()
        lines = self.env["cctv.workflow.log"].search(
            [("res_model", "=", "cctv.recorder"), ("res_id", "=", recorder.id)], order="id"
        )
        self.assertEqual(lines.mapped("step"), ["register_node", "rotate_key"])
        self.assertEqual(lines.user_id, self.it)
        self.assertIn("hilang", lines[1].note)
        for line in lines:
            self.assertIn("credentials", line.note)
            self.assertNotEqual(line.step_label, line.step)

    def test_figures_of_a_recorder_are_tracked(self):
        recorder = self.recorder.with_context(tracking_disable=False)
        self.flush_tracking()
        recorder.write({"quota_gb": 7, "reserve_gb": 3, "segment_seconds": 30})
        self.flush_tracking()
        names = recorder.message_ids.sudo().tracking_value_ids.field_id.mapped("name")
        self.assertEqual(set(names), {"quota_gb", "reserve_gb", "segment_seconds"})

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.flush()
        self.env.cr.precommit.run()

    def test_settings_file_can_be_read_whatever_the_name(self):
        import tomllib

        recorder, text = self._new_recorder('Gudang "A"\n\\ 2', self.site)
        settings = tomllib.loads(text)
        self.assertEqual(settings["node"]["uuid"], recorder.node)
        self.assertEqual(settings["odoo"]["login"], recorder.bot_user_id.login)
        self.assertEqual(set(settings), {"odoo", "node", "media"})

    def test_explaining_is_for_some(self):
        self.sync(gaps=self.columns([self.gap(now_us() - DAY, now_us() - DAY + MINUTE)]))
        gap = self.env["cctv.gap"].search([("camera_id", "=", self.camera.id)])
        for role in ALL:
            mine = gap.with_user(self.users[role])
            if role in ("it", "supervisor"):
                mine.action_explain(note="x")
            else:
                with self.subTest(role), self.assertRaises(AccessError):
                    mine.action_explain(note="x")
            with self.assertRaises(AccessError):
                mine.write({"explanation": "y"})
