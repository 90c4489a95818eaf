import uuid

from odoo import api, models


class CctvCamera(models.Model):
    """Import from CSV and XLSX: what is tried of a wrong row, so that its first error does not hide the others."""

    _inherit = "cctv.camera"

    @api.model
    def _import_attempt(self, fields, rows, span, errors):
        """Return a camera as it can be tried: without the cells told as wrong, with right ones where they are required.

        :return tuple: columns and lines; no lines when nothing right is at hand
        """
        wrong = self._import_told(span[:1], errors)
        cells = self._import_right_cells(fields, rows[span[0]], wrong)
        if None in cells.values():
            return fields, []
        heads = [name.split("/")[0] for name in fields]
        given = {name.split("/")[0] for name in cells}
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
            place = camera.location_id or self._import_right_place(fields)
            cells["location_id/.id"] = str(place.id) if place else None
        return cells

    def _import_right_place(self, fields):
        """:return cctv.location: one where a camera may hang, or none"""
        places = self.env["cctv.location"]
        if "company_id" in fields:
            return places
        for place in places.search([("company_id", "=", self.env.company.id)]):
            if not place._forbidden_ancestor():
                return place
        return places
