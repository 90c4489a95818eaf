"""The import screen's own way: a CSV and an XLSX file, headings as people write them."""

import csv
import io

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

    def _csv(self, rows):
        text = io.StringIO()
        csv.writer(text).writerows([HEADINGS, *rows])
        return text.getvalue().encode(), "text/csv", "kamera.csv"

    def _xlsx(self, rows):
        book = openpyxl.Workbook()
        for row in (HEADINGS, *rows):
            book.active.append(row)
        file = io.BytesIO()
        book.save(file)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return file.getvalue(), kind, "kamera.xlsx"

    def _import(self, content, kind, name, dryrun=False):
        values = {"res_model": "cctv.camera", "file": content, "file_type": kind, "file_name": name}
        wizard = self.env["base_import.import"].with_user(self.it).create(values)
        return wizard.execute_import(list(COLUMNS), [heading.lower() for heading in HEADINGS], OPTIONS, dryrun=dryrun)

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
            self.assertIn("1 rows are right, 1 wrong; nothing is saved yet", text)
            self.assertIn(f"Row 2: place “{place}” is not known; perhaps “{self.room.complete_name}”", text)
            self.assertFalse(self._cameras())
