from odoo import api, models
from odoo.exceptions import AccessError, MissingError


def check_chosen(records, values):
    """Refuse a choice that the caller may not read; what the records have already is no choice.

    :param records: whose fields are chosen, or an empty recordset of the model
    :param dict values: by field name, as a client sends them
    :raises AccessError: the caller may not read a chosen record
    """
    if records.env.su:
        return
    for name, value in values.items():
        field = records._fields.get(name)
        if field is None or not field.relational:
            continue
        chosen = records.env[field.comodel_name]
        ids, nested = _to_many(value) if field.type.endswith("2many") else _to_one(value)
        # sudo: what is no choice of his must not depend on what he may read
        if not _may_read(chosen.browse(sorted(ids - set(records.sudo()[name]._origin.ids)))):
            # not Odoo's own words, which name the record to who works in debug mode
            label = field._description_string(records.env)
            raise AccessError(records.env._("What is chosen as “%s” you may not read.", label))
        for res_id, inner in nested:
            check_chosen(chosen.browse(res_id or ()), inner)


def _may_read(records):
    try:
        return records.has_access("read")
    except MissingError:
        return False


def _to_one(value):
    """:return tuple: (ids chosen, pairs of an id or nothing and the values given for it)"""
    if isinstance(value, dict):
        return {value["id"]} if _is_id(value.get("id")) else set(), [(None, value)]
    first = value[0] if isinstance(value, (list, tuple)) and value else value
    return {first} if _is_id(first) else set(), []


def _to_many(commands):
    """:return tuple: as of one record"""
    ids, nested = set(), []
    for command in commands if isinstance(commands, (list, tuple)) else ():
        if not isinstance(command, (list, tuple)):
            ids |= {command} if _is_id(command) else set()
            continue
        _code, res_id, more = (*command, None, None, None)[:3]
        ids |= {res_id} if _is_id(res_id) else set()
        if isinstance(more, dict):
            nested.append((res_id if _is_id(res_id) else None, more))
        elif isinstance(more, (list, tuple)):
            ids |= set(filter(_is_id, more))
    return ids, nested


def _is_id(value):
    return type(value) is int and value > 0


class CctvChosenMixin(models.AbstractModel):
    """Record that tells nothing about what its user may not read.

    Odoo's ``onchange`` reads past the rules what follows from a chosen record, and tells the name of any. So does a
    dialogue, which anyone may make about anything, and so do constraints, which name what does not fit.
    """

    _name = "cctv.chosen.mixin"
    _description = "Record that tells nothing of what its user may not read"

    @api.model
    def _with_chosen_defaults(self, values):
        """:return dict: the values with those that the context gives for the others"""
        given = {name[8:]: value for name, value in self.env.context.items() if name.startswith("default_")}
        return {**given, **values}

    def onchange(self, values, field_names, fields_spec):
        """Extend Odoo's.

        :raises AccessError: the caller may not read a record that is chosen
        """
        check_chosen(self, self._with_chosen_defaults(values))
        return super().onchange(values, field_names, fields_spec)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_chosen(self.browse(), self._with_chosen_defaults(vals))
        return super().create(vals_list)

    def write(self, vals):
        check_chosen(self, vals)
        return super().write(vals)
