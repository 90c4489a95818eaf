"""The web client's own way: upload, preview with nothing chosen, then the import with what the preview sent back."""

import io
import json
from pathlib import Path

import openpyxl

from odoo.http import Request
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import CctvHttpCommon

# As the client starts: it leaves separator and encoding to be guessed.
OPTIONS = json.loads(Path(__file__).with_name("import_options.json").read_text())


@tagged("post_install", "-at_install")
class TestImportClient(CctvHttpCommon):
    HEAD = "Code,Name,Location,Purpose,Lawful Basis"

    def setUp(self):
        super().setUp()
        self.authenticate(self.it.login, self.it.login)

    def _row(self, code, name="Kamera"):
        return f"{code},{name},{self.room.complete_name},Asset security,Consent"

    def _call(self, name, *args, **kwargs):
        params = {"model": "base_import.import", "method": name, "args": args, "kwargs": kwargs}
        return self.make_jsonrpc_request(f"/web/dataset/call_kw/base_import.import/{name}", params)

    def _upload(self, content, name="kamera.csv", kind="text/csv"):
        wizard = self._call("create", [{"res_model": "cctv.camera"}])[0]
        data = {"csrf_token": Request.csrf_token(self), "id": wizard}
        with mute_logger("odoo.http"):  # the route takes the file from the request and calls it ignored
            answer = self.url_open("/base_import/set_file", data=data, files={"ufile": (name, content, kind)})
        self.assertTrue(json.loads(answer.text)["result"])
        return wizard

    def _preview(self, wizard, **options):
        preview = self._call("parse_preview", [wizard], {**OPTIONS, **options})
        self.assertNotIn("error", preview)
        return preview

    def _execute(self, wizard, preview, dryrun=False, **options):
        matches = preview["matches"] or {}
        fields = ["/".join(matches.get(str(column), [])) or False for column in range(len(preview["headers"]))]
        columns = [heading.strip().lower() for heading in preview["headers"]]
        return self._call("execute_import", [wizard], fields, columns, {**preview["options"], **options}, dryrun=dryrun)

    def _import(self, content, *args, **options):
        wizard = self._upload(content, *args)
        return self._execute(wizard, self._preview(wizard, **options))

    def _codes(self):
        return self.env["cctv.camera"].search([("company_id", "=", self.company.id)], order="code").mapped("code")

    def test_files_as_people_save_them(self):
        first, second = self._row("FIRST"), self._row("SECOND", "Café “dua”")
        lines = [self.HEAD, first, second]
        for number, (name, text, encoding) in enumerate(
            (
                ("plain", "\n".join(lines), "utf-8"),
                ("blank line in the middle", "\n".join([self.HEAD, first, "", second]), "utf-8"),
                ("blank line at the end", "\n".join([*lines, "", ""]), "utf-8"),
                ("blank line at the end, CRLF", "\r\n".join([*lines, "", ""]), "utf-8"),
                ("blank lines with blanks", "\n".join([*lines, "  ", ",,,,"]), "utf-8"),
                ("semicolons", "\n".join(lines).replace(",", ";"), "utf-8"),
                ("semicolons and a blank line", "\n".join([*lines, "", ""]).replace(",", ";"), "utf-8"),
                ("tabs and a blank line", "\n".join([*lines, "", ""]).replace(",", "\t"), "utf-8"),
                ("byte order mark", "\r\n".join([*lines, ""]), "utf-8-sig"),
                ("byte order mark and a blank line", "\r\n".join([*lines, "", ""]), "utf-8-sig"),
                ("Windows-1252 and a blank line", "\r\n".join([*lines, "", ""]), "windows-1252"),
                ("last cell left out", "\n".join([self.HEAD, first, second.removesuffix(",Consent")]), "utf-8"),
            )
        ):
            with self.subTest(name):
                codes = [f"cam-{number}-1", f"cam-{number}-2"]
                text = text.replace("FIRST", codes[0]).replace("SECOND", codes[1])
                result = self._import(text.encode(encoding))
                self.assertFalse(result["messages"])
                cameras = self.env["cctv.camera"].browse(result["ids"])
                self.assertEqual(cameras.mapped("code"), codes)
                self.assertEqual(cameras[1].name, "Café “dua”")

    def test_numbers_as_indonesians_write_them(self):
        head = self.HEAD.replace(",", ";") + ";Target distance (m)"
        typed = {"cam-51": ("8,7", 8.7), "cam-52": ("8.7", 8.7), "cam-53": ("12", 12), "cam-54": ("1.234,5", 1234.5)}
        rows = [f"{self._row(code).replace(',', ';')};{text}" for code, (text, _number) in typed.items()]
        result = self._import("\n".join([head, *rows]).encode())
        self.assertFalse(result["messages"])
        found = {camera.code: camera.distance_m for camera in self.env["cctv.camera"].browse(result["ids"])}
        self.assertEqual(found, {code: number for code, (_text, number) in typed.items()})

    def test_a_number_that_reads_in_two_ways_is_refused(self):
        head = self.HEAD.replace(",", ";") + ";Target distance (m)"
        row = self._row("cam-55").replace(",", ";")
        result = self._import(f"{head}\n{row};1,250".encode())
        self.assertIn("“1,250” for “Target distance (m)” can be read in two ways", result["messages"][0]["message"])
        result = self._import(f"{head}\n{row};1.250".encode())
        self.assertEqual(self.env["cctv.camera"].browse(result["ids"]).distance_m, 1.25)

    def test_a_wrong_row_after_blank_lines_has_its_number(self):
        lines = [self.HEAD, "", self._row("cam-41"), "", self._row(""), "", ""]
        for name, text, encoding in (
            ("commas", "\r\n".join(lines), "utf-8"),
            ("semicolons", "\n".join(lines).replace(",", ";"), "utf-8-sig"),
        ):
            with self.subTest(name):
                (message,) = self._import(text.encode(encoding))["messages"]
                self.assertEqual(message["message"].splitlines()[1:], ["Row 5: “Code” is missing."])

    def test_options_emptied_by_hand(self):
        text = "\n".join([self.HEAD, self._row("cam-41"), "", ""]).encode()
        wizard = self._upload(text)
        result = self._execute(wizard, self._preview(wizard), quoting="", separator="", encoding="")
        self.assertFalse(result["messages"])
        self.assertEqual(self._codes(), ["cam-41"])

    def test_a_mark_before_the_heading_in_a_chosen_encoding(self):
        result = self._import("\n".join([self.HEAD, self._row("cam-41")]).encode("utf-8-sig"), encoding="utf-8")
        self.assertFalse(result["messages"])
        self.assertEqual(self._codes(), ["cam-41"])

    def test_changed_codes_are_told_once_when_they_are_saved(self):
        wizard = self._upload("\n".join([self.HEAD, self._row("CAM 41")]).encode())
        preview = self._preview(wizard)
        told = self.env["bus.bus"].search_count([("message", "ilike", "simple_notification")])
        self.assertFalse(self._execute(wizard, preview, dryrun=True)["messages"])
        self.assertEqual(self.env["bus.bus"].search_count([("message", "ilike", "simple_notification")]), told)
        self._execute(wizard, preview)
        self.assertEqual(self.env["bus.bus"].search_count([("message", "ilike", "simple_notification")]), told + 1)

    def test_one_column(self):
        for text in ("Code\ncam-41\n", "Code\ncam-41\n\n"):
            (message,) = self._import(text.encode())["messages"]
            self.assertEqual(message["message"].splitlines()[1:], ["Row 2: “Name” is missing. “Location” is missing."])

    def test_xlsx_with_blank_rows(self):
        book = openpyxl.Workbook()
        for line in (self.HEAD, "", self._row("cam-41"), "", self._row(""), "", ""):
            book.active.append(line.split(",") if line else [None, " "])
        file = io.BytesIO()
        book.save(file)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        (message,) = self._import(file.getvalue(), "kamera.xlsx", kind)["messages"]
        self.assertEqual(message["message"].splitlines()[1:], ["Row 5: “Code” is missing."])

    def _lines(self, rows, columns="", **options):
        text = "\n".join([self.HEAD + columns, *rows]).encode()
        wizard = self._upload(text)
        preview = self._preview(wizard)
        result = self._execute(wizard, preview, **options)
        return [line for message in result["messages"] for line in message["message"].splitlines()], result

    def test_numbers_that_no_computation_takes(self):
        columns = ",Picture width (px),Focal length (mm),Sensor width (mm),Target distance (m)"
        rows = [
            self._row("cam-41") + ",1920,2.8,5.6,nan",
            self._row("cam-42") + ",1920,inf,5.6,4",
            self._row("cam-43") + ",99999999999,2.8,5.6,4",
            self._row("cam-44") + ",1920,2.8,5.6,1e400",
            self._row("cam-45") + ",1920,2.8,5.6,4",
        ]
        lines, _result = self._lines(rows, columns)
        self.assertEqual(
            lines,
            [
                "Import of cameras: 1 right, 4 wrong; nothing is saved yet.",
                "Row 2: “nan” is no number for “Target distance (m)”. Write digits only, as 4.",
                "Row 3: “inf” is no number for “Focal length (mm)”. Write digits only, as 4.",
                "Row 4: “99999999999” is too large for “Picture width (px)”. Write a smaller number.",
                "Row 5: “1e400” is no number for “Target distance (m)”. Write digits only, as 4.",
            ],
        )

    def test_a_later_batch_tells_that_earlier_ones_are_saved(self):
        wrong = self._row("cam-44").replace("Asset security", "Curiosity")
        rows = [self._row("cam-41"), self._row("cam-42"), "", self._row("cam-43"), wrong]
        lines, result = self._lines(rows, limit=2)
        self.assertFalse(lines)
        self.assertEqual(self._codes(), ["cam-41", "cam-42"])
        lines, result = self._lines(rows, limit=2, skip=result["nextrow"])
        self.assertEqual(
            lines[0],
            "Import of cameras from row 5 on: 1 right, 1 wrong; none of these is saved yet. "
            "Cameras of earlier rows that are saved stay saved: import only the rest again.",
        )
        self.assertTrue(lines[1].startswith("Row 6: “Curiosity” is not known"), lines)
        self.assertEqual(self._codes(), ["cam-41", "cam-42"])
