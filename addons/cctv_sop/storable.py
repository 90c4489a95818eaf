"""Texts that PostgreSQL cannot keep, refused in words before it fails on them."""

import re

from odoo.exceptions import UserError

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # NUL, half a character


def check_storable(records, vals):
    """Look through values that are about to be written.

    :raises UserError: naming the first field whose text cannot be kept
    """
    for name, value in vals.items():
        if isinstance(value, str) and name in records._fields and _UNSTORABLE.search(value):
            label = records._fields[name]._description_string(records.env)
            raise UserError(records.env._("“%(field)s” holds a character that cannot be stored.", field=label))
