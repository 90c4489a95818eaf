from odoo.exceptions import UserError, ValidationError
from odoo.modules.module import get_module_path
from odoo.tests import tagged
from odoo.tools import file_open

from ...hooks import uninstall_hook
from ..common import DAY, BridgeCommon, now_us

REGISTRATION = "odoo.addons.cctv_recorder_bridge.models.recording.cctv_recorder_registration"


@tagged("post_install", "-at_install")
class TestLifecycle(BridgeCommon):
    def relations(self):
        self.env.cr.execute(
            "SELECT relname FROM pg_class WHERE relname LIKE 'cctv\\_segment%' AND relkind IN ('r', "
            "'p', 'S', 'v', 'i', 'I')"
        )
        return [name for (name,) in self.env.cr.fetchall()]

    def keys(self):
        self.env.cr.execute("SELECT count(*) FROM res_users_apikeys WHERE user_id = %s", [self.bot.id])
        return self.env.cr.fetchone()[0]

    def test_uninstall_hook(self):
        self.sync(segments=self.columns(self.minutes(now_us() - DAY, 3)))
        self.assertTrue(self.relations())
        uninstall_hook(self.env)
        self.assertEqual(self.relations(), [])
        self.assertEqual(self.keys(), 0)
        self.assertFalse(self.bot.active)

    def test_update_keeps_rows(self):
        self.sync(segments=self.columns(self.minutes(now_us() - DAY, 3)))
        before = self.stored().mapped("sha256")
        self.env["cctv.segment"].init()
        self.env.invalidate_all()
        self.assertEqual(self.stored().mapped("sha256"), before)

    def test_missing_column_is_added(self):
        self.env.cr.execute("ALTER TABLE cctv_segment_data DROP COLUMN status_at")
        self.env["cctv.segment"].init()
        self.assertFalse(self.stored().mapped("status_at"))

    def test_neutralized_copy_is_no_erp_of_the_nodes(self):
        self.camera.with_user(self.it).action_test_stream()
        self.env.flush_all()
        opened = {
            "rtsp://192.0.2.7:8554/one?user=admin&password=hidden": "rtsp://192.0.2.7:8554/one",
            "rtsp://192.0.2.7/live/user=admin_password=hidden_channel=1/x": "rtsp://192.0.2.7/live",
            "rtsp://192.0.2.7/one;pwd=hidden/two": "rtsp://192.0.2.7/one",
        }
        sources = self.cameras.source_ids
        for source, url in zip(sources, opened, strict=True):
            self.env.cr.execute("UPDATE cctv_camera_source SET url = %s WHERE id = %s", [url, source.id])
        with file_open(f"{get_module_path('cctv_recorder_bridge')}/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        self.assertEqual((self.keys(), self.bot.active, self.recorder.bot_user_id.id), (0, False, False))
        self.assertFalse(self.camera.source_ids.has_credentials)
        self.assertEqual(sources.mapped("url"), list(opened.values()))
        self.assertEqual(self.camera.job_ids.mapped("state"), ["cancelled"])

    def test_retired_recorder(self):
        self._retire(self.recorder, "rusak")
        self.assertEqual((self.keys(), self.bot.active, self.recorder.state), (0, False, "retired"))
        self.assertEqual(self.cameras.mapped("recording_state"), ["not_recorded"] * 3)

    def test_recorder_that_records_is_not_retired(self):
        recorder = self.recorder.with_user(self.it)
        for note in (None, "rusak"):
            with self.subTest(note), self.refused("GDG-1 still records CAM-01, CAM-02, CAM-03\\. .*Move Cameras"):
                recorder.action_retire(note=note)
        self.assertEqual((self.recorder.state, self.keys(), self.cameras.recorder_id), ("new", 1, self.recorder))
        self.camera.with_user(self.it).action_suspend(note="renovasi")
        for number in range(50, 61):
            self._recorded_camera(f"cam-{number}", self.recorder, "testing")
        with self.refused("CAM-02, CAM-03, CAM-50, .*, CAM-57 and 3 more\\."):
            recorder.action_retire(note="rusak")
        (self.recorder.camera_ids - self.camera).with_user(self.it).recorder_id = False
        recorder.action_retire(note="rusak")
        self.assertEqual((self.recorder.state, self.camera.recorder_id.ids), ("retired", []))

    def test_an_impossible_quota_of_earlier_times_reaches_no_node(self):
        self.env.cr.execute("UPDATE cctv_recorder SET quota_gb = 5e11 WHERE id = %s", [self.recorder.id])
        self.recorder.invalidate_recordset()
        self.assertEqual(self.recorder._configuration()["node"]["quota_bytes"], str(10**15))

    def test_a_quota_too_small_to_be_stored_is_refused_and_does_not_become_none(self):
        wizards = self.env["cctv.recorder.register"].with_user(self.it)
        wizard = wizards.create({"name": "GDG-4", "quota_gb": 0.001})
        recorder = self.recorder.with_user(self.it)
        for quota in (0.0004, 0.0009, 1e-9):
            for change in (
                lambda quota=quota: recorder.write({"quota_gb": quota}),
                lambda quota=quota: wizard.write({"quota_gb": quota}),
                lambda quota=quota: wizards.create({"name": "GDG-5", "quota_gb": quota}),
                lambda quota=quota: recorder.sudo().create({"name": "GDG-6", "quota_gb": quota}),
            ):
                with self.subTest(quota), self.assertRaisesRegex(ValidationError, "at least 0.001 GB"):
                    change()
        self.assertEqual((recorder.quota_gb, wizard.quota_gb), (5, 0.001))
        recorder.quota_gb = 0.001
        self.assertEqual(recorder.sudo()._configuration()["node"]["quota_bytes"], "1000000")
        recorder.quota_gb = 0

    def test_bytes_written_for_gigabytes_are_refused(self):
        wizards = self.env["cctv.recorder.register"].with_user(self.it)
        wizard = wizards.create({"name": "GDG-4", "quota_gb": 1_000_000, "reserve_gb": 1_000_000})
        recorder = self.recorder.with_user(self.it)
        for name in ("quota_gb", "reserve_gb"):
            for value in (1_000_001, 5e11, "500000000000", float("inf"), float("nan")):
                for change in (
                    lambda vals: recorder.write(vals),
                    lambda vals: wizard.write(vals),
                    lambda vals: wizards.create({"name": "GDG-5", **vals}),
                    lambda vals: recorder.sudo().create({"name": "GDG-6", **vals}),
                ):
                    with self.subTest(name, value=value), self.assertRaisesRegex(ValidationError, "not bytes"):
                        change({name: value})
        with self.assertRaisesRegex(ValidationError, "not bytes"):
            recorder.sudo().with_context(default_quota_gb=5e11).create({"name": "GDG-6"})
        recorder.write({"quota_gb": 1_000_000, "reserve_gb": 1_000_000})
        node = recorder.sudo()._configuration()["node"]
        self.assertEqual((node["quota_bytes"], node["reserve_bytes"]), ("1000000000000000", "1000000000000000"))
        beat = self.heartbeat()
        beat["disk"] |= {"quota": node["quota_bytes"], "reserve": node["reserve_bytes"]}
        self.sync(heartbeat=beat)

    def test_recorder_keeps_its_company(self):
        other = self.env["res.company"].create({"name": "Other", "cctv_code": "other"})
        self.recorder.with_user(self.it).write({"company_id": self.recorder.company_id.id, "note": "same"})
        for recorder in (self.recorder.with_user(self.it), self.recorder):
            with self.assertRaises(UserError):
                recorder.write({"company_id": other.id})

    def test_slip_in_the_settings_does_not_stop_a_node(self):
        parameters = self.env["ir.config_parameter"]
        for value in ("400 days", "-1", "0"):
            parameters.set_param("cctv_recorder_bridge.earliest_days", value)
            with self.assertLogs(REGISTRATION, "WARNING"):
                reply = self.sync(segments=self.columns(self.minutes(now_us() - DAY, 1)))
            self.assertEqual(reply["segments"], ["ok"], value)
        parameters.set_param("cctv_recorder_bridge.earliest_days", "1")
        reply = self.sync(segments=self.columns(self.minutes(now_us() - 3 * DAY, 1)))
        self.assertEqual(reply["segments"][0][0], "bad_time")

    def test_form_leads_to_the_recorder_s_lines(self):
        self.camera.with_user(self.it).action_test_stream()
        self.sync(
            gaps=self.columns([self.gap(now_us() - DAY)]),
            events=[{"seq": "1", "at_us": str(now_us()), "kind": "engine_up", "camera_id": None, "detail": ""}],
        )
        self.env.invalidate_all()
        recorder = self.recorder.with_user(self.it)
        self.assertEqual((recorder.event_count, recorder.job_count, recorder.gap_count), (1, 1, 1))
        for action in (recorder.action_view_events(), recorder.action_view_jobs(), recorder.action_view_gaps()):
            lines = self.env[action["res_model"]].with_user(self.it).search(action["domain"])
            self.assertEqual((len(lines), lines.recorder_id), (1, recorder), action["res_model"])
        manager = self.recorder.with_user(self.users["management"])
        self.assertEqual((manager.event_count, manager.gap_count), (0, 1), "events are not for this role")
