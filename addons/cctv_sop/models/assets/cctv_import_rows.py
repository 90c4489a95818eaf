import codecs
import csv
import io

import openpyxl

from odoo import models
from odoo.tools.mimetypes import guess_mimetype

from odoo.addons.base_import.models.base_import import MIMETYPE_TO_READER, ImportValidationError

from .cctv_camera_import_cells import ONE_MARK

_OTHER_SEPARATORS = ";\t|"


class BaseImport(models.TransientModel):
    """The import screen for cameras: rows are numbered as a spreadsheet shows them, no wrong cell hides another."""

    _inherit = "base_import.import"

    def execute_import(self, fields, columns, options, dryrun=False):
        rows = self._rows_in_file(fields, options) if self.res_model == "cctv.camera" else []
        screen = self.with_context(import_rows=rows, import_skip=options.get("skip") or 0, import_dryrun=dryrun)
        return super(BaseImport, screen).execute_import(fields, columns, options, dryrun=dryrun)

    def _rows_in_file(self, fields, options):
        """:return list: for each row that will be loaded, its number in the file, blank lines counted"""
        try:
            _length, rows = self._read_file(options)
        except (ImportValidationError, ValueError):
            return []  # the import says by itself why the file cannot be read
        numbers = self._filled_rows(options)
        if len(numbers) != len(rows):
            numbers = range(1, len(rows) + 1)
        numbered = list(zip(numbers, rows, strict=True))
        used = [index for index, field in enumerate(fields) if field]
        header = 1 if options.get("has_headers") else 0
        filled = [number for number, row in numbered[header:] if any(row[index] for index in used)]
        return filled[options.get("skip") or 0 :]

    def _filled_rows(self, options):
        """:return list: numbers of the rows that are not blank; empty for kinds of files that only Odoo can read"""
        kind = MIMETYPE_TO_READER.get(guess_mimetype(self.file), "csv")
        if kind == "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(self.file), data_only=True, read_only=True)
            rows = book[options["sheet"]].iter_rows(values_only=True)
        elif kind == "csv":
            text = io.StringIO(self.file.decode(options["encoding"]))
            rows = csv.reader(text, quotechar=options["quoting"], delimiter=options["separator"])
        else:
            return []
        return [number for number, row in enumerate(rows, 1) if any(str(x).strip() for x in row if x is not None)]

    def _read_csv(self, options):
        """Extend Odoo's reading: blank lines, a byte order mark and cells left out at the end do not mislead it."""
        if self.res_model != "cctv.camera":
            return super()._read_csv(options)
        options["quoting"] = options.get("quoting") or '"'
        if self.file and self.file.startswith(codecs.BOM_UTF8):
            options["encoding"] = "utf-8-sig"
        found = super()._read_csv(options)
        if found and found[1] and not options.get("separator"):
            options["separator"] = self._separator_of(found[1][0])
            found = super()._read_csv(options)
        if found and found[1]:
            width = len(found[1][0])
            found = (found[0], [row + [""] * (width - len(row)) for row in found[1]])
        return found

    def _separator_of(self, heading):
        """:return str: separator of a file whose heading row was read with commas"""
        return next((mark for mark in _OTHER_SEPARATORS if len(heading) == 1 and mark in heading[0]), ",")

    # -- cells: one that cannot be read stays as typed; the camera's own import tells it with its row ---------

    def _parse_float_from_data(self, data, index, name, options):
        rows = data
        if self.res_model == "cctv.camera":
            rows = [line for line in data if not self._reads_in_two_ways(line[index], options)]
            for line in rows:
                line[index] = self._with_decimal_mark(line[index], options)
        self._parse_cells(super()._parse_float_from_data, rows, index, name, options)

    def _one_mark(self, cell):
        return ONE_MARK.fullmatch(cell.strip()) if isinstance(cell, str) else None

    def _reads_in_two_ways(self, text, options):
        """Whether “1,250” may be 1250 or 1.25: it stays as typed and is refused with its row."""
        found = self._one_mark(text)
        return bool(found) and found[1] == options.get("float_thousand_separator") and len(found[2]) == 3

    def _with_decimal_mark(self, text, options):
        """Odoo drops the mark of thousands wherever it stands: an Indonesian “8,7” would become 87."""
        found = self._one_mark(text)
        if not found or found[1] != options.get("float_thousand_separator"):
            return text
        return text.replace(found[1], options.get("float_decimal_separator") or ".")

    def _parse_date_from_data(self, data, index, name, field_type, options):
        self._parse_cells(super()._parse_date_from_data, data, index, name, field_type, options)

    def _parse_cells(self, parse, data, index, *args):
        if self.res_model != "cctv.camera":
            return parse(data, index, *args)
        for line in data:
            typed = line[index]
            try:
                parse([line], index, *args)
            except (ImportValidationError, AttributeError):
                line[index] = str(typed)
        return None
