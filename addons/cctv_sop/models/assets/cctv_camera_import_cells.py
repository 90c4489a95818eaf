import difflib
import math
import re
from datetime import date

from odoo import api, models
from odoo.fields import Domain

ONE_MARK = re.compile(r"[-+]?\d+([.,])(\d+)")
_WHOLE = range(-(2**31), 2**31)  # what a column of the database holds


def _finite(text):
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_READERS = {"integer": int, "float": _finite, "date": date.fromisoformat}


def _text(cell):
    if cell is None or cell is False:
        return ""
    # programs that hold tables write whole numbers as 1920.0
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)


class CctvCamera(models.Model):
    """Import from CSV and XLSX: cells that cannot be read, told with what to write instead."""

    _inherit = "cctv.camera"

    @api.model
    def _import_texts(self, fields, data):
        """:return list: rows with a text in each column; calls of other programs bring numbers and ragged rows"""
        width = len(fields)
        rows = [[_text(cell) for cell in row[:width]] for row in data]
        return [row + [""] * (width - len(row)) for row in rows]

    def _import_numbers(self, fields, rows, errors):
        """Odoo reads “nan” as a number and whole numbers of any length, which no computation or column then takes."""
        for column, name in enumerate(fields):
            field = self._fields.get("id" if name == ".id" else name)
            if not field or name == "id" or field.type not in ("integer", "float"):
                continue
            for index, row in enumerate(rows):
                if text := self._import_unread_text(field, row[column]):
                    errors[index].append((name, text))

    def _import_errors_of(self, values, messages):
        """:return list: Odoo's errors of a row, each once and in one line, as ``errors`` holds them"""
        errors = [message for message in messages if message["type"] == "error"]
        found = {self._import_error_text(values, message): message.get("field") for message in errors}
        return [(field, text) for text, field in found.items()]

    def _import_error_text(self, values, message):
        field = self._fields.get(message.get("field"))
        if field and field.type == "selection" and field.name in values:
            return self._import_choice_text(field, values[field.name])
        if field and field.type == "many2one" and (text := self._import_record_text(field, values.get(field.name))):
            return text
        if field and field.name in values and (text := self._import_unread_text(field, values[field.name])):
            return text
        return " ".join(message["message"].split())

    def _import_choice_text(self, field, value):
        """Odoo lists the labels in English."""
        return self._import_unknown_text(field, value, dict(field._description_selection(self.env)).values())

    def _import_record_text(self, field, value):
        """:return str: for a name that no record has, the names that are nearest to it; nothing when one has it"""
        records = self.env[field.comodel_name]
        if not value or records.name_search(value, operator="="):
            return ""
        names = records.search(self._import_choosable(field), limit=1000).mapped("display_name")
        return self._import_unknown_text(field, value, difflib.get_close_matches(value, names, 5, 0)) if names else ""

    def _import_choosable(self, field):
        """:return: domain of the records that may be named for a field; add-ons leave out those of no use"""
        return Domain.TRUE

    def _import_unknown_text(self, field, value, choices):
        return self.env._(
            "“%(value)s” is not known for “%(field)s”. Write one of: %(choices)s.",
            value=value,
            field=field._description_string(self.env),
            choices=", ".join(choices),
        )

    def _import_unread_text(self, field, value):
        """:return str: what to write instead of a number or day that cannot be read; nothing when it can"""
        read = _READERS.get(field.type)
        if not read or not value:
            return ""
        words = {"value": value, "field": field._description_string(self.env)}
        try:
            number = read(value)
        except ValueError:
            return self._import_unread_words(field, words)
        if field.type == "integer" and number not in _WHOLE:
            return self.env._("“%(value)s” is too large for “%(field)s”. Write a smaller number.", **words)
        return ""

    def _import_unread_words(self, field, words):
        if field.type == "date":
            return self.env._(
                "“%(value)s” is no date for “%(field)s”. Write year, month and day, as 2026-11-27.", **words
            )
        if field.type == "integer":
            return self.env._("“%(value)s” is no whole number for “%(field)s”. Write digits only, as 1920.", **words)
        mark = ONE_MARK.fullmatch(words["value"].strip())
        if mark and len(mark[2]) == 3:
            return self.env._(
                "“%(value)s” for “%(field)s” can be read in two ways."
                " Write it with one or two decimals, or without a mark.",
                **words,
            )
        return self.env._("“%(value)s” is no number for “%(field)s”. Write digits only, as 4.", **words)
