import re

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.recording.cctv_recorder_said import SAID, in_words, told
from ..common import BridgeCommon

SYNC = "odoo.addons.cctv_recorder_bridge.models.recording.cctv_recorder_sync"
_BLANK = re.compile(r"%\((\w+)\)s")


@tagged("post_install", "-at_install")
class TestSaid(BridgeCommon):
    """What a node says of checks, cameras and jobs is told in the reader's language."""

    def check(self, **values):
        return {"name": "clock", "level": "warn", "message": "as logged", "fix": "run chrony", **values}

    def beat(self, **values):
        self.sync(heartbeat=self.heartbeat(**values))
        self.env.invalidate_all()

    def line(self, **values):
        return {"camera_id": self.camera.id, "state": "offline", "reason": "unknown", "detail": "as logged", **values}

    def detail(self, lang="id_ID"):
        health = self.env["cctv.recorder"].with_user(self.it).with_context(lang=lang).get_health()
        (camera,) = [row for row in health["cameras"] if row["id"] == self.camera.id]
        return camera["detail"]

    def job(self, kind="test_stream", params=None, **answer):
        jobs = self.env["cctv.recorder.job"].with_user(self.it)
        job = jobs._request(self.camera, kind, params or {"which": "main"})
        self.sync()
        self.assertEqual(self.sync(jobs=[{"id": job.id, **answer}])["jobs"], ["ok"])
        self.env.invalidate_all()
        return job.with_context(lang="id_ID")

    def test_each_code_has_a_sentence_in_both_languages(self):
        indonesian = self.env(context={"lang": "id_ID"})
        for code, sentence in SAID.items():
            args = {name: f"<{name}>" for name in _BLANK.findall(str(sentence))}
            english, told = in_words(self.env, code, args), in_words(indonesian, code, args)
            with self.subTest(code=code):
                self.assertNotEqual(english, told)
                for text in (english, told):
                    self.assertNotIn("%(", text)
                    for blank in args.values():
                        self.assertIn(blank, text)

    def test_what_has_no_words_here_is_told_as_it_was_written(self):
        env = self.env(context={"lang": "id_ID"})
        self.assertEqual(told(env, {"code": "clock_alone"}, "x"), "Jam mesin tidak mengikuti sumber waktu apa pun.")
        for said in ({"code": "of_a_newer_service", "args": {}}, {"message": "x"}, {}, None, False):
            self.assertEqual(told(env, said, "as logged"), "as logged")
        self.assertIs(told(env, None, False), False)

    def test_a_check_is_told_on_the_screen_and_on_the_form(self):
        self.beat(checks=[self.check(code="clock_alone", args={}), self.check(name="fan", code="fan_stands")])
        recorder = self.recorder.with_user(self.it).with_context(lang="id_ID")
        (node,) = recorder.get_health()["recorders"]
        self.assertEqual(
            [check["message"] for check in node["checks"]],
            ["Jam mesin tidak mengikuti sumber waktu apa pun.", "as logged"],
        )
        self.assertEqual(recorder.checks_told, node["checks"])
        self.assertEqual(
            self.recorder.checks_told[0], self.check(message="The machine's clock follows no time source.")
        )

    def test_figures_of_a_check_as_the_language_writes_them(self):
        args = {"free": "1234.5", "total": "2000.0", "reserve": "2.0"}
        self.beat(checks=[self.check(name="free space", code="space_left", args=args)])
        (check,) = self.recorder.with_context(lang="id_ID").checks_told
        self.assertIn("1.234,5", check["message"])

    def test_a_camera_s_detail(self):
        self.beat(cameras=[self.line(code="sends_nothing", args={})])
        self.assertEqual(self.detail(), "Kamera tersambung tetapi tidak mengirim apa pun.")
        self.assertEqual(self.detail("en_US"), "The camera is connected but sends nothing.")
        self.beat(cameras=[self.line(code="engine_says", args={"words": "EOF\x00"})])
        self.assertEqual(self.detail(), "Kata mesin rekam: EOF")
        self.beat(cameras=[self.line(code="by_reason")])
        self.assertEqual(self.detail(), "", "the reason stands beside it")
        self.beat(cameras=[self.line(code="rain", args={"mm": 3})])
        self.assertEqual(self.detail(), "as logged")
        self.beat(cameras=[self.line()])
        self.assertEqual(self.detail(), "as logged")

    def test_a_job_s_answer(self):
        wrong = {"ok": False, "reason": "unknown", "message": "as logged"}
        job = self.job(state="done", result={**wrong, "code": "stream_silent", "args": {}}, error="")
        self.assertEqual(job.message, "Aliran tidak mengirim gambar.")
        self.assertEqual(self.camera.source_ids[:1].with_context(lang="id_ID").test_result, job.message)
        self.assertEqual(self.job(state="done", result={**wrong, "code": "rain"}, error="").message, "as logged")
        self.assertEqual(self.job(state="done", result=wrong, error="").message, "as logged")
        refused = {**wrong, "reason": "auth_failed", "code": "engine_says", "args": {"words": "401"}}
        self.assertEqual(self.job(state="done", result=refused, error="").message, "Kamera menolak kata sandi")
        broken = {"code": "job_broke", "args": {"words": "OSError: a\x00b"}}
        job = self.job("snapshot", {"max_width": 640}, state="failed", result=broken, error="as logged")
        self.assertEqual(job.message, "Perekam gagal mengerjakan tugas ini: OSError: ab")
        job = self.job(
            "snapshot", {"max_width": 640}, state="failed", result={"args": {"n": "a\x00b"}}, error="as logged"
        )
        self.assertEqual((job.message, job.result), ("as logged", False), "arguments of no code are nobody's")

    def test_odd_codes_are_named(self):
        for name, heartbeat in (
            ("heartbeat.checks[0].code", {"checks": [self.check(code="Not one")]}),
            ("heartbeat.checks[0].args", {"checks": [self.check(code="x", args=["x"])]}),
            ("heartbeat.checks[0].args.n", {"checks": [self.check(code="x", args={"n": 1.5})]}),
            ("heartbeat.cameras[0].code", {"cameras": [self.line(code=5)]}),
            ("heartbeat.cameras[0].args.n", {"cameras": [self.line(code="x", args={"n": "x" * 201})]}),
        ):
            with self.subTest(name), mute_logger(SYNC):
                with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                    self.sync(heartbeat=self.heartbeat(**heartbeat))
                self.assertIn(f"{name}:", str(caught.exception))
        jobs = self.env["cctv.recorder.job"].with_user(self.it)
        job = jobs._request(self.camera, "snapshot", {"max_width": 640})
        self.sync()
        for name, result in (("code", {"code": "A"}), ("args.n", {"code": "a", "args": {"n": None}})):
            (verdict,) = self.sync(jobs=[{"id": job.id, "state": "failed", "result": result, "error": ""}])["jobs"]
            self.assertEqual(verdict, ["bad_value", f"The value of result.{name} is not valid."])
