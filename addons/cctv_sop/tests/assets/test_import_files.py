"""The import screen's own way: a CSV and an XLSX file, headings as people write them."""

import csv
import io
from datetime import date

import openpyxl

from odoo.tests import tagged

from ..common import CctvCommon

HEADINGS = ("Code", "Name", "Location", "Purpose", "Lawful Basis", "Serial number")
COLUMNS = ["code", "name", "location_id", "purpose", "lawful_basis", "serial_no"]
OPTIONS = {"has_headers": True, "quoting": '"', "separator": ",", "encoding": "utf-8", "keep_matches": False}


@tagged("post_install", "-at_install")
class TestImportFiles(CctvCommon):
    def _rows(self, place=None):
        place = place or self.room.complete_name
        return [
            ("CAM-31", "Dock, timur", place, "Asset security", "Consent", "SN-31"),
            ("CAM-32", "Dock barat", self.floor.complete_name, "Employee safety", "Contract", ""),
        ]

    def _csv(self, rows, headings=HEADINGS):
        text = io.StringIO()
        csv.writer(text).writerows([headings, *rows] if headings else rows)
        return text.getvalue().encode(), "text/csv", "kamera.csv"

    def _xlsx(self, rows, headings=HEADINGS):
        book = openpyxl.Workbook()
        for row in [headings, *rows] if headings else rows:
            book.active.append(row)
        file = io.BytesIO()
        book.save(file)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return file.getvalue(), kind, "kamera.xlsx"

    def _import(self, content, kind, name, dryrun=False, columns=tuple(COLUMNS), **options):
        values = {"res_model": "cctv.camera", "file": content, "file_type": kind, "file_name": name}
        wizard = self.env["base_import.import"].with_user(self.it).create(values)
        headings = [heading.lower() for heading in columns]
        return wizard.execute_import(list(columns), headings, {**OPTIONS, **options}, dryrun=dryrun)

    def _lines(self, *args, **options):
        (message,) = self._import(*args, **options)["messages"]
        self.assertFalse(self._cameras())
        return message["message"].splitlines()

    def _cameras(self):
        return self.env["cctv.camera"].search([("company_id", "=", self.company.id)], order="code")

    def test_both_kinds_of_file(self):
        for kind in (self._csv, self._xlsx):
            with self.subTest(kind=kind.__name__), self.env.cr.savepoint() as savepoint:
                result = self._import(*kind(self._rows()))
                self.assertFalse(result["messages"])
                cameras = self._cameras()
                self.assertEqual(cameras.mapped("path"), ["ujisatu-cam-31", "ujisatu-cam-32"])
                self.assertEqual(cameras.location_id, self.room | self.floor)
                self.assertEqual(cameras[0].equipment_id.serial_no, "SN-31")
                savepoint.rollback()

    def test_trial_saves_nothing(self):
        result = self._import(*self._csv(self._rows()), dryrun=True)
        self.assertFalse(result["messages"])
        self.assertFalse(self._cameras())

    def test_wrong_place_names_the_files_row_and_saves_nothing(self):
        place = self.room.complete_name.replace("Dock", "Dok")
        for kind in (self._csv, self._xlsx):
            result = self._import(*kind(self._rows(place)))
            (text,) = (message["message"] for message in result["messages"])
            self.assertIn("1 right, 1 wrong; nothing is saved yet", text)
            self.assertIn(f"Row 2: place “{place}” is not known; perhaps “{self.room.complete_name}”", text)
            self.assertFalse(self._cameras())

    def test_rows_have_the_numbers_that_the_spreadsheet_shows(self):
        blank = ("",) * len(HEADINGS)
        right, wrong = self._rows()[0], ("CAM-33", "Dok", "Nowhere at all", "Asset security", "Consent", "")
        for kind in (self._csv, self._xlsx):
            for rows, headings, options, number in (
                ([right, wrong], HEADINGS, {}, 3),
                ([blank, right, blank, blank, wrong], HEADINGS, {}, 6),
                ([right, wrong], None, {"has_headers": False}, 2),
                ([blank, right, blank, wrong], HEADINGS, {"skip": 1}, 5),
                ([("CAM-30", "two\nlines", *right[2:]), wrong], HEADINGS, {}, 3),
            ):
                with self.subTest(kind=kind.__name__, number=number, **options):
                    lines = self._lines(*kind(rows, headings), **options)
                    self.assertTrue(lines[1].startswith(f"Row {number}: place “Nowhere at all”"), lines)

    def test_wrong_numbers_are_told_with_their_row_and_column(self):
        headings = (*HEADINGS, "Focal length (mm)", "Picture width (px)")
        columns = [*COLUMNS, "focal_length_mm", "resolution_width"]
        rows = [
            (*self._rows()[0], "2.8", "1920"),
            ("CAM-33", "Dok", *self._rows()[1][2:], "wide", "1920"),
            ("CAM-34", "Dok", *self._rows()[1][2:], "4", "full"),
            ("CAM-35", "", *self._rows()[1][2:], "", ""),
        ]
        for kind in (self._csv, self._xlsx):
            with self.subTest(kind=kind.__name__):
                lines = self._lines(*kind(rows, headings), columns=columns)
                self.assertEqual(
                    lines,
                    [
                        "Import of cameras: 1 right, 3 wrong; nothing is saved yet.",
                        "Row 3: “wide” is no number for “Focal length (mm)”. Write digits only, as 4.",
                        "Row 4: “full” is no whole number for “Picture width (px)”. Write digits only, as 1920.",
                        "Row 5: “Name” is missing.",
                    ],
                )

    def test_a_day_in_a_column_of_numbers(self):
        headings, columns = (*HEADINGS, "Focal length (mm)"), [*COLUMNS, "focal_length_mm"]
        lines = self._lines(*self._xlsx([(*self._rows()[0], date(2026, 8, 2))], headings), columns=columns)
        self.assertIn("“2026-08-02” is no number for “Focal length (mm)”", lines[1])

    def test_cameras_are_counted_not_lines(self):
        """A camera with a list of its own takes several lines of the file."""
        columns = [*COLUMNS, "message_follower_ids/.id"]
        spans = self.env["cctv.camera"]._import_spans(columns, [["a", *[""] * 6], [*[""] * 6, "1"], ["b", *[""] * 6]])
        told = self.env["cctv.camera"]._import_refused(spans, {2: [("code", "x")]})["messages"][0]["message"]
        self.assertEqual(told, "Import of cameras: 1 right, 1 wrong; nothing is saved yet.")
