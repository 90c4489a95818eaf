import contextlib
import uuid

from odoo import api, models

# columns that say which camera a row is
_IDENTITY = frozenset({"id", ".id", "company_id", "code", "name"})
# wrong cameras of a file of which each field is tried alone; it takes some times as long as a camera
_TRIED_ALONE = 100


class CctvCamera(models.Model):
    """Import from CSV and XLSX: what is tried of a wrong row, so that its first error does not hide the others."""

    _inherit = "cctv.camera"

    @api.model
    def _import_row_errors(self, fields, rows, span, errors):
        """Return the errors of one camera, each once, as ``errors`` holds them.

        What is right stays until the caller rolls back: the next rows are compared with it.
        """
        found = self._import_tried(fields, rows, span, errors)
        if any(field is None for field, _text in found) and len(errors) < _TRIED_ALONE:
            found += self._import_errors_alone(fields, rows, span, errors)
        texts = {}
        for field, text in found:
            texts.setdefault(text, field)
        return [(field, text) for text, field in texts.items()]

    def _import_errors_alone(self, fields, rows, span, errors):
        """Try each field alone: a rule of the model names no field when it refuses, and hides those that come after."""
        found = []
        heads = {name.split("/")[0] for name in fields} - _IDENTITY
        filled = {name.split("/")[0] for index in span for name, cell in zip(fields, rows[index], strict=True) if cell}
        for head in sorted(heads & filled):
            if self._fields[head].type == "selection":
                continue  # what is no choice is told with its field
            with self._import_undone():
                found += self._import_tried(fields, rows, span, errors, without=heads - {head})
        return found

    @contextlib.contextmanager
    def _import_undone(self):
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)
            self.pool.reset_changes()

    def _import_tried(self, fields, rows, span, errors, without=frozenset()):
        """Import one camera and return its errors, without the cells told as wrong.

        :param without: names of more fields to leave out
        """
        first = rows[span[0]]
        cells = self._import_right_cells(fields, first, self._import_told(span[:1], errors) | without)
        if None in cells.values():
            return []
        columns, lines = self._import_attempt(fields, rows, span, errors, cells, without)
        values = dict(zip(fields, first, strict=True))
        found = self._import_errors_of(values, self._load_standard(columns, lines)["messages"])
        if not self._import_target(fields, first):
            found = [(field, self._import_as_typed(text, cells, values)) for field, text in found]
        return found

    def _import_as_typed(self, text, cells, values):
        """:return str: an error of a new camera with the code and the name that stand in the file"""
        code, name = cells.get("code", ""), cells.get("name", "")
        if code:
            text = text.replace(code.upper(), values.get("code", "").strip().upper())
        return text.replace(name, values.get("name", "").strip()) if name else text

    def _import_attempt(self, fields, rows, span, errors, cells, without):
        """:return tuple: columns and lines of a camera with ``cells`` in place of its own"""
        heads = [name.split("/")[0] for name in fields]
        given = {name.split("/")[0] for name in cells} | without
        columns = [column for column, head in enumerate(heads) if head not in given]
        lines = []
        for index in span:
            told = self._import_told([index], errors)
            line = ["" if heads[column] in told else rows[index][column] for column in columns]
            more = ["" for _name in cells] if lines else list(cells.values())
            if not lines or any(line):
                lines.append(line + more)
        return [fields[column] for column in columns] + list(cells), lines

    def _import_told(self, indexes, errors):
        """:return set: names of the fields that are told as wrong in these rows"""
        return {name for index in indexes for name, _text in errors.get(index, ())}

    def _import_right_cells(self, fields, row, wrong):
        """:return dict: by column a right cell for each required one that is wrong; ``None`` when there is none"""
        camera = self.browse(self._import_target(fields, row) or []).exists()
        cells = {}
        if "code" in wrong:
            cells["code"] = camera.code or uuid.uuid4().hex
        if "name" in wrong:
            cells["name"] = camera.name or uuid.uuid4().hex
        if "location_id" in wrong:
            place = camera.location_id or self._import_right_place(self._import_company(fields, row))
            cells["location_id/.id"] = str(place.id) if place else None
        return cells

    def _import_right_place(self, company):
        """:return cctv.location: one where a camera may hang, or none"""
        for place in self.env["cctv.location"].search([("company_id", "=", company.id)]):
            if not place._forbidden_ancestor():
                return place
        return self.env["cctv.location"]
