from odoo import models
from odoo.fields import Domain


class CctvCamera(models.Model):
    """Import of cameras with their streams, of which each camera has one of a kind."""

    _inherit = "cctv.camera"

    def _import_lists(self, fields, rows, spans, errors):
        super()._import_lists(fields, rows, spans, errors)
        columns = [column for column, name in enumerate(fields) if name.startswith("source_ids/")]
        if not columns or {"source_ids/id", "source_ids/.id"} & set(fields):
            return  # streams that are there already: the constraint in the database answers
        self._import_stream_choices(fields, rows, errors)
        kinds, default = self._import_stream_kinds(), self.env["cctv.camera.source"].default_get(["kind"])["kind"]
        for span in spans:
            seen = {}
            for index in span:
                if not any(rows[index][column] for column in columns):
                    continue
                typed = rows[index][fields.index("source_ids/kind")] if "source_ids/kind" in fields else default
                kind = kinds.get(typed.strip().casefold(), typed)
                if seen.setdefault(kind, index) != index:
                    errors[index].append(("source_ids", self._import_stream_text(kind, seen[kind])))

    def _import_choosable(self, field):
        in_service = Domain("state", "!=", "retired")
        return super()._import_choosable(field) & (in_service if field.name == "recorder_id" else Domain.TRUE)

    def _import_stream_choices(self, fields, rows, errors):
        """Tell each wrong choice and go on with a right one: Odoo stops at the first error of a stream."""
        sources = self.env["cctv.camera.source"]
        for column, name in enumerate(fields):
            field = sources._fields.get(name.removeprefix("source_ids/"))
            if not name.startswith("source_ids/") or not field or field.type != "selection":
                continue
            for index, row in enumerate(rows):
                if not row[column] or self._import_is_choice(field, row[column]):
                    continue
                text = self._import_choice_text(field, row[column])
                if field.name == "kind":
                    # which of the camera's streams it is stays unknown: none of it can be tried
                    errors[index].append(("source_ids", text))
                else:
                    errors[index].append((name, text))
                    row[column] = sources.default_get([field.name]).get(field.name) or ""

    def _import_is_choice(self, field, value):
        try:
            self.env["ir.fields.converter"]._str_to_selection(self, field, value, savepoint=None)
        except ValueError:
            return False
        return True

    def _import_stream_kinds(self):
        """:return dict: kind of stream by each way to write it: its key, its label, in English too"""
        field = self.env["cctv.camera.source"]._fields["kind"]
        labels = [*field.selection, *field._description_selection(self.env)]
        return {text.casefold(): kind for kind, label in labels for text in (kind, label)}

    def _import_stream_text(self, kind, row):
        field = self.env["cctv.camera.source"]._fields["kind"]
        labels = dict(field._description_selection(self.env))
        return self.env._(
            "“%(value)s” for “%(field)s” of this camera stands in row %(row)s already. "
            "Write once each at most: %(choices)s.",
            value=labels.get(kind, kind),
            field=field._description_string(self.env),
            row=self._file_row(row),
            choices=", ".join(labels.values()),
        )

    def _sql_error_to_message(self, exc):
        """Streams are saved along with an imported camera, which is then asked for the words of their constraints."""
        sources = self.env["cctv.camera.source"]
        return (sources if exc.diag.table_name == sources._table else super())._sql_error_to_message(exc)
