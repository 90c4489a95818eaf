import difflib
import re
from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.models import fix_import_export_id_paths

from ...rpc import without_none

_REQUIRED = ("code", "name", "location_id")
_SEPARATOR = re.compile(r"\s*[/›>]\s*")


def _canonical(place):
    """:return str: a place's path as typed, comparable: one separator, one case"""
    return " / ".join(part for part in _SEPARATOR.split((place or "").strip().casefold()) if part)


class CctvCamera(models.Model):
    """Import from CSV and XLSX: every wrong row is named with what to do, and nothing is saved unless all are right."""

    _inherit = "cctv.camera"

    @api.model
    def load(self, fields, data):
        """Extend Odoo's import with what only cameras know: codes and places.

        Codes are brought to their stored form, which is told; a place may be written as its path with ``/``, ``›``
        or ``>``, or by its name alone where that is unique.

        :param list fields: column names, as in Odoo
        :param list data: rows of strings, as in Odoo
        :return dict: ``ids`` (``False`` when any row is wrong), ``messages``, ``nextrow``, as in Odoo
        """
        return without_none(self._load_rows(list(fields), data))

    def _load_rows(self, fields, data):
        if unknown := self._import_unknown_columns(fields):
            return unknown
        rows = self._import_texts(fields, data)
        spans = self._import_spans(fields, rows)
        errors, notes = defaultdict(list), []
        self._import_required(fields, rows, spans, errors)
        self._import_numbers(fields, rows, errors)
        self._import_lists(fields, rows, spans, errors)
        if "code" in fields:
            self._import_codes(fields, rows, errors, notes)
        if "serial_no" in fields:
            self._import_serial_numbers(fields, rows, errors)
        if "location_id" in fields:
            self._import_places(fields, rows, errors)
        result = None if errors else self._load_standard(fields, rows)
        if not result or any(message["type"] == "error" for message in result["messages"]):
            self._import_trial(fields, rows, spans, errors)
        if errors:
            return self._import_refused(spans, errors)
        if notes and result["ids"]:
            self._tell_import_notes(notes, result)
        return result

    def _load_standard(self, fields, rows):
        """Odoo's own import."""
        return super().load(fields, rows)

    def _import_unknown_columns(self, fields):
        """:return dict: answer of :meth:`load` that names the columns that no camera has, or ``None``"""
        heads = [re.split(r"[/:]", name)[0] for name in fields]
        unknown = [name for name, head in zip(fields, heads, strict=True) if head not in self._fields and head != ".id"]
        if not unknown:
            return None
        text = self.env._(
            "A camera has no field %s. Nothing is saved; name the columns as the template of the import does.",
            ", ".join(f"“{name}”" for name in unknown),
        )
        return {"ids": False, "messages": [{"type": "error", "message": text}], "nextrow": 0}

    def _import_spans(self, fields, rows):
        """:return list: the range of rows of each camera; lines of a list inside it follow its own row"""
        records = self._extract_records([fix_import_export_id_paths(name) for name in fields], rows)
        return [range(place["rows"]["from"], place["rows"]["to"] + 1) for _record, place in records]

    def _import_required(self, fields, rows, spans, errors):
        given = {name.split("/")[0]: column for column, name in enumerate(fields)}
        absent = set(_REQUIRED) - given.keys() - self.default_get(_REQUIRED).keys()
        for index, *_more in spans:
            missing = [name for name in _REQUIRED if name in given and not str(rows[index][given[name]] or "").strip()]
            if absent and not self._import_target(fields, rows[index]):
                missing += [name for name in _REQUIRED if name in absent]
            for name in missing:
                label = self._fields[name]._description_string(self.env)
                errors[index].append((name, self.env._("“%s” is missing.", label)))

    def _import_lists(self, fields, rows, spans, errors):
        """For add-ons: check the lists of each camera, whose lines take several rows of the file."""

    # -- codes -------------------------------------------------------------------------------------------

    def _import_codes(self, fields, rows, errors, notes):
        column = fields.index("code")
        seen = {}
        for index, row in enumerate(rows):
            typed = (row[column] or "").strip()
            if not typed:
                continue
            try:
                row[column] = code = self._normalise_code(typed)
            except UserError as error:
                errors[index].append(("code", str(error)))
                continue
            if code.upper() != typed.upper():  # screens show capitals, whatever was typed
                notes.append((typed, code))
            first = seen.setdefault((self._import_company(fields, row), code), index)
            if first != index:
                text = self.env._(
                    "code %(code)s stands in row %(row)s already.", code=code.upper(), row=self._file_row(first)
                )
                errors[index].append(("code", text))
        self._import_known_codes(fields, rows, seen, errors)

    def _import_known_codes(self, fields, rows, seen, errors):
        """A code that a camera has already is wrong, unless the row updates that very camera."""
        codes = [code for _company, code in seen]
        companies = {company.id for company, _code in seen}
        for camera in self.search([("code", "in", codes), ("company_id", "in", list(companies))]):
            index = seen.get((camera.company_id, camera.code))
            if index is not None and self._import_target(fields, rows[index]) != camera.id:
                text = self.env._(
                    "code %(code)s is used by “%(name)s” in %(place)s already.",
                    code=camera.code.upper(),
                    name=camera.name,
                    place=camera.location_id.complete_name,
                )
                errors[index].append(("code", text))

    def _import_serial_numbers(self, fields, rows, errors):
        column = fields.index("serial_no")
        seen = {}
        for index, row in enumerate(rows):
            serial = (row[column] or "").strip()
            if serial and seen.setdefault(serial, index) != index:
                text = self.env._(
                    "serial number %(serial)s stands in row %(row)s already.",
                    serial=serial,
                    row=self._file_row(seen[serial]),
                )
                errors[index].append(("serial_no", text))

    def _import_target(self, fields, row):
        """:return int: id of the camera that a row updates, or ``False`` for a new one"""
        if ".id" in fields:
            typed = row[fields.index(".id")]
            return int(typed) if typed.isdecimal() else False
        xmlid = row[fields.index("id")] if "id" in fields else ""
        if not xmlid:
            return False
        full = xmlid if "." in xmlid else f"__import__.{xmlid}"
        model, res_id = self.env["ir.model.data"]._xmlid_to_res_model_res_id(full)
        return res_id if model == self._name else False

    # -- places ------------------------------------------------------------------------------------------

    def _import_places(self, fields, rows, errors):
        """Replace each place's name by its id."""
        column = fields.index("location_id")
        known = {}
        for index, row in enumerate(rows):
            typed = (row[column] or "").strip()
            if not typed:
                continue
            company = self._import_company(fields, row)
            if company not in known:
                known[company] = self._import_known_places(company or self.env.companies)
            paths, names = known[company]
            wanted = _canonical(typed)
            found = paths.get(wanted) or names.get(wanted) or []
            if len(found) == 1:
                row[column] = str(found[0].id)
            else:
                errors[index].append(("location_id", self._import_place_text(typed, wanted, found, paths, names)))
        fields[column] = "location_id/.id"

    def _import_known_places(self, companies):
        """:return: two dicts of lists of locations: by canonical path, by canonical name"""
        domain = [("company_id", "in", companies.ids)]
        paths, names = defaultdict(list), defaultdict(list)
        for place in self.env["cctv.location"].search_fetch(domain, ["complete_name", "name"]):
            paths[_canonical(place.complete_name)].append(place)
            names[_canonical(place.name)].append(place)
        return paths, names

    def _import_place_text(self, typed, wanted, found, paths, names):
        if found:
            places = "; ".join(place.complete_name for place in found[:3])
            return self.env._(
                "place “%(place)s” is not unique. Write its whole path: %(places)s.", place=typed, places=places
            )
        nearest = difflib.get_close_matches(wanted, [*paths, *names], n=1, cutoff=0.6)
        nearest = nearest or [name for name in names if name.startswith(wanted)][:1]
        if not nearest:
            return self.env._("place “%s” is not known. Make it first, or correct its path.", typed)
        place = (paths.get(nearest[0]) or names[nearest[0]])[0]
        return self.env._(
            "place “%(place)s” is not known; perhaps “%(nearest)s”.", place=typed, nearest=place.complete_name
        )

    # -- answers -----------------------------------------------------------------------------------------

    def _file_row(self, index):
        """:return int: row number as a spreadsheet shows it; files have a heading row, RPC calls have none"""
        numbers = self.env.context.get("import_rows")
        if isinstance(numbers, list) and index < len(numbers) and isinstance(numbers[index], int):
            return numbers[index]
        return index + (2 if self.env.context.get("import_file") else 1)

    def _import_trial(self, fields, rows, spans, errors):
        """Try each camera, so that all errors of the file are told at once, and save nothing.

        One by one: of rows together, Odoo blames the first for the error of any, and stops after ten.
        """
        with self._import_undone():
            for span in spans:
                if found := self._import_row_errors(fields, rows, span, errors):
                    errors[span[0]] += found

    def _import_refused(self, spans, errors):
        """One line for each wrong row. To the import screen they go as one message: it would show a few only."""
        wrong = sum(not errors.keys().isdisjoint(span) for span in spans)
        counts = {"right": len(spans) - wrong, "wrong": wrong}
        text = self.env._("Import of cameras: %(right)s right, %(wrong)s wrong; nothing is saved yet.", **counts)
        if self.env.context.get("import_skip"):
            text = self.env._(
                "Import of cameras from row %(row)s on: %(right)s right, %(wrong)s wrong; none of these is saved yet. "
                "Cameras of earlier rows that are saved stay saved: import only the rest again.",
                row=self._file_row(0),
                **counts,
            )
        messages = [{"type": "error", "message": text}]
        for index, found in sorted(errors.items()):
            text = " ".join(
                text if number == 0 else text[:1].upper() + text[1:] for number, (_, text) in enumerate(found)
            )
            text = self.env._("Row %(row)s: %(error)s", row=self._file_row(index), error=text)
            rows_of = {"from": index, "to": index}
            messages.append({"type": "error", "message": text, "record": index, "rows": rows_of, "field": found[0][0]})
        if self.env.context.get("import_file"):
            messages = [{"type": "error", "message": "\n".join(message["message"] for message in messages)}]
        return {"ids": False, "messages": messages, "nextrow": 0}

    def _tell_import_notes(self, notes, result):
        typed, code = notes[0]
        text = self.env._(
            "Camera codes brought to their stored form: %(count)s, for example “%(typed)s” to “%(code)s”.",
            count=len(notes),
            typed=typed,
            code=code,
        )
        if self.env.context.get("import_dryrun"):
            return  # told when they are saved
        if self.env.context.get("import_file"):
            # the import screen takes every message for an error and stops
            self.env.user._bus_send("simple_notification", {"message": text, "type": "info", "sticky": True})
        else:
            result["messages"].append({"type": "info", "message": text})
