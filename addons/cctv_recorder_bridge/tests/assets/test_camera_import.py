from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import URL, BridgeCommon


@tagged("post_install", "-at_install")
class TestCameraImport(BridgeCommon):
    FIELDS = ("code", "name", "location_id", "purpose", "lawful_basis", "source_ids/kind", "source_ids/url")

    def _load(self, *kinds, fields=FIELDS, lang="en_US"):
        first = ["cam-41", "Kamera", self.room.complete_name, "Asset security", "Consent"]
        rows = [[*(first if not number else [""] * 5), kind, URL] for number, kind in enumerate(kinds)]
        rows = [[cell for name, cell in zip(self.FIELDS, row, strict=True) if name in fields] for row in rows]
        return self.env["cctv.camera"].with_user(self.it).with_context(lang=lang).load(list(fields), rows)

    def _texts(self, result):
        self.assertFalse(result["ids"])
        return [message["message"] for message in result["messages"]]

    def test_a_camera_with_both_streams(self):
        result = self._load("Main stream", "sub")
        self.assertEqual(
            self.env["cctv.camera"].browse(result["ids"]).source_ids.mapped("kind"), ["main", "sub"], result
        )

    def test_two_streams_of_a_kind_are_told_with_their_row(self):
        text = (
            "Row 3: “Main stream” for “Kind” of this camera stands in row 1 already. "
            "Write once each at most: Main stream, Sub stream."
        )
        self.assertEqual(self._texts(self._load("Main stream", "Sub stream", "main"))[1:], [text])
        fields = [name for name in self.FIELDS if name != "source_ids/kind"]
        self.assertIn("Row 2: “Main stream”", self._texts(self._load("", "", fields=fields))[1])
        self.assertIn("Baris 2: “Aliran utama”", self._texts(self._load("Aliran utama", "main", lang="id_ID"))[1])

    def test_a_missing_name_hides_no_stream(self):
        first = ["cam-41", "", self.room.complete_name, "Asset security", "Consent"]
        rows = [[*first, "main", "http://192.0.2.9/x"], [*[""] * 5, "main", URL]]
        result = self.env["cctv.camera"].with_user(self.it).load(list(self.FIELDS), rows)
        texts = self._texts(result)
        self.assertRegex(texts[1], r"^Row 1: “Name” is missing\. .*rtsp")
        self.assertIn("Row 2: “Main stream”", texts[2])

    def test_a_stream_that_the_camera_has_already(self):
        fields = [".id", "source_ids/kind", "source_ids/url"]
        rows = [[str(self.camera.id), "Main stream", "rtsp://192.0.2.9/other"]]
        with mute_logger("odoo.sql_db"):
            texts = self._texts(self.env["cctv.camera"].with_user(self.it).load(fields, rows))
        self.assertEqual(texts[1:], ["Row 1: A camera has one main and one sub stream."])

    def test_errors_of_different_rules_are_told_at_once(self):
        retired, _toml = self._new_recorder("Recoder 9", self.site)
        self._retire(retired)
        fields = [*self.FIELDS, "source_ids/transport", "recorder_id", "sensor_width_mm"]
        place = self.forbidden.complete_name
        row = [
            "cam-41",
            "Kamera",
            place,
            "Curiosity",
            "Consent",
            "main",
            "http://192.0.2.9/x",
            "tcpp",
            "Recoder",
            "900",
        ]
        result = self.env["cctv.camera"].with_user(self.it).load(fields, [row])
        text = self._texts(result)[1]
        for part in (
            "“tcpp” is not known for “Transport”. Write one of: TCP, UDP.",
            "“Curiosity” is not known",
            f"“Recoder” is not known for “Recorder”. Write one of: {self.recorder.name}. ",
            "The address must begin with",
            "forbidden area",
            "900",
        ):
            self.assertEqual(text.count(part), 1, (part, text))
