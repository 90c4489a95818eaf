import re
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ...models.recording.cctv_recorder_event_words import WORDS
from ...tools import intervals
from ...tools.schema.codes import ARGS
from ..common import DAY, SECOND, BridgeCommon, now_us

_BLANK = re.compile(r"%\((\w+)\)s")


@tagged("post_install", "-at_install")
class TestEvent(BridgeCommon):
    def row(self, seq="1", camera=None, **values):
        row = {"seq": seq, "at_us": str(now_us()), "kind": "source_lost", "camera_id": camera and camera.id}
        return {**row, **values}

    def event(self, detail, camera=None, seq="1", **values):
        row = self.row(seq, camera, detail=detail, **values)
        self.assertEqual(self.sync(events=[row])["events"], ["ok"])
        return self.env["cctv.recorder.event"].search(
            [("recorder_id", "=", self.recorder.id), ("seq", "=", int(seq))], limit=1
        )

    def told(self, event, lang="en_US"):
        return event.with_context(lang=lang).told

    def test_time_of_the_camera_s_site(self):
        jakarta = self._new_tree(self.company, "Kantor Jakarta", "Asia/Jakarta")
        self.recorder.site_id = jakarta[0]
        self.assertEqual(self.event("x", self.camera).tz, "Asia/Makassar")
        self.assertEqual(self.event("x", seq="2").tz, "Asia/Jakarta", "of the recorder itself")

    def test_reason_is_told_in_words(self):
        event = self.event("auth_failed: the camera refused the password", self.camera)
        self.assertEqual(event.with_context(lang="id_ID").told, "Kamera menolak kata sandi")
        self.assertEqual(event.with_context(lang="en_US").told, "Camera refused the password")
        for number, (detail, told) in enumerate(
            (("unknown: it went quiet", "it went quiet"), ("MediaMTX v1: started", "MediaMTX v1: started"), ("", False))
        ):
            self.assertEqual(self.event(detail, self.camera, f"{number + 2}").told or False, told)

    def test_no_event_lies_ahead(self):
        before = fields.Datetime.now()
        for seq, ahead in (("1", 60 * DAY), ("2", 3600 * SECOND)):
            event = self.event("x", seq=seq, at_us=str(now_us() + ahead))
            self.assertTrue(before <= event.at <= fields.Datetime.now() + timedelta(seconds=1), event.at)
        past = now_us() // SECOND * SECOND - DAY
        self.assertEqual(self.event("x", seq="3", at_us=str(past)).at, intervals.from_us(past))

    def test_each_code_has_a_sentence_in_both_languages(self):
        for number, code in enumerate(WORDS):
            blanks = _BLANK.findall(str(WORDS[code]))
            event = self.event("as logged", seq=str(number + 1), code=code, args={name: f"<{name}>" for name in blanks})
            english, indonesian = self.told(event), self.told(event, "id_ID")
            with self.subTest(code=code):
                self.assertNotEqual(english, indonesian)
                for told in (english, indonesian):
                    self.assertNotIn("%", told)
                    self.assertNotEqual(told, "as logged")
                    for name in blanks:
                        self.assertIn(f"<{name}>", told)

    def test_numbers_are_written_as_the_language_does(self):
        sound = self.event("x", code="sound_erased", args={"bytes": 1234567, "file": "a/1.50"})
        self.assertIn("1,234,567 bytes): a/1.50", self.told(sound))
        self.assertIn("1.234.567", self.told(sound, "id_ID"))
        self.assertIn("a/1.50", self.told(sound, "id_ID"))
        clock = self.event("x", seq="2", code="host_clock", args={"seconds": "+3600.5"})
        self.assertIn("+3,600.5 ", self.told(clock))
        self.assertIn("+3.600,5 ", self.told(clock, "id_ID"))
        clock = self.event("x", seq="3", code="host_clock", args={"seconds": "-0.7"})
        self.assertIn("-0,7 ", self.told(clock, "id_ID"))

    def test_numbers_that_are_no_measured_figures_stay_as_they_are(self):
        odd = ("1" * 27 + ".5", "0." + "1" * 190, "٣.٥", "9" * 198 + ".1", "1e5.0", ".5")
        for number, text in enumerate(odd, 1):
            event = self.event("x", seq=str(number), code="host_clock", args={"seconds": text})
            with self.subTest(text):
                self.assertIn(f" {text} ", self.told(event, "id_ID"))
        most = self.event("x", seq="9", code="host_clock", args={"seconds": "9" * 15 + "." + "9" * 9})
        self.assertIn("999.999.999.999.999,999999999", self.told(most, "id_ID"))

    def test_an_argument_that_is_missing_is_a_dash(self):
        event = self.event("x", code="engine_up")
        self.assertEqual(self.told(event), "MediaMTX – records again.")
        event = self.event("x", seq="2", code="engine_up", args={"other": "100 %(x)s %"})
        self.assertEqual(self.told(event), "MediaMTX – records again.")
        event = self.event("x", seq="3", code="engine_up", args={"version": "100 %(x)s %"})
        self.assertEqual(self.told(event), "MediaMTX 100 %(x)s % records again.")

    def test_what_is_not_known_here_is_told_as_the_recorder_wrote_it(self):
        self.assertEqual(self.told(self.event("It rains.", code="rain", args={"mm": 3})), "It rains.")
        self.assertEqual(self.told(self.event("It rains.", seq="2", code="")), "It rains.")

    def test_a_lost_camera_tells_its_reason(self):
        detail = "auth_failed: 401 from 192.0.2.7"
        event = self.event(detail, self.camera, code="camera_lost", args={"reason": "auth_failed"})
        self.assertEqual(self.told(event), "Camera refused the password")
        self.assertEqual(self.told(event, "id_ID"), "Kamera menolak kata sandi")
        for number, args in enumerate(({}, {"reason": "new_reason"})):
            event = self.event("no picture", self.camera, str(number + 2), code="camera_lost", args=args)
            self.assertEqual(self.told(event), "no picture")

    def test_code_and_arguments_are_stored_as_they_came(self):
        event = self.event("x", code="files_gone", args={"count": 2, "day": "2026-11-22", "file": "a\x00b.mp4"})
        self.assertEqual((event.code, event.args), ("files_gone", {"count": 2, "day": "2026-11-22", "file": "ab.mp4"}))
        self.assertEqual((self.event("x", seq="2").code, self.event("x", seq="3", args={}).args), (False, False))

    def test_odd_codes_and_arguments_are_named(self):
        cases = [
            ("code", {"code": 5}),
            ("code", {"code": "Engine up"}),
            ("code", {"code": "a" * 41}),
            ("code", {"code": "1st"}),
            ("args", {"args": ["x"]}),
            ("args", {"args": {f"n{number}": 1 for number in range(ARGS + 1)}}),
            ("args", {"args": {"%(x)s": 1}}),
            ("args.n", {"args": {"n": None}}),
            ("args.n", {"args": {"n": True}}),
            ("args.n", {"args": {"n": 1.5}}),
            ("args.n", {"args": {"n": {"deep": 1}}}),
            ("args.n", {"args": {"n": "x" * 201}}),
            ("args.n", {"args": {"n": 10**15 + 1}}),
        ]
        rows = [self.row(str(number + 1), detail="x", **wrong) for number, (_name, wrong) in enumerate(cases)]
        verdicts = self.sync(events=[*rows, self.row("99", code="engine_up", args={"version": "x" * 200})])["events"]
        for (name, wrong), verdict in zip(cases, verdicts[:-1], strict=True):
            with self.subTest(**wrong):
                self.assertEqual(verdict, ["bad_value", f"The value of {name} is not valid."])
        self.assertEqual(verdicts[-1], "ok")
        self.assertEqual(self.env["cctv.recorder.event"].search_count([("recorder_id", "=", self.recorder.id)]), 1)
