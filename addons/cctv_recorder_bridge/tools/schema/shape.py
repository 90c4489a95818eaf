"""What every part of a payload is checked with. Each refusal names the field."""

import re

from ..intervals import FAR_FUTURE
from ..wire import SCHEMA, WireError

UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
DIGITS = re.compile(r"[0-9]{1,18}")
NUMBER = (int, float)
LARGEST = 10**15  # of a measured figure
LONGEST = 200  # characters of a word at the top of a payload
LONGEST_TEXT = 10_000  # of a sentence inside
INT32 = 2**31 - 1


def check(value, spec, where):
    """Hold a value against a spec: a dict names the fields, a list has one kind of item, else it is a type.

    :raises WireError: what is not known or has another type; what is missing is nobody's business here
    """
    if isinstance(spec, dict):
        if not isinstance(value, dict):
            raise WireError(where, "must be an object")
        for name in value:
            path = f"{where}.{name[:LONGEST]}" if where else name[:LONGEST]
            if name not in spec:
                raise WireError(path, "is not a known field")
            check(value[name], spec[name], path)
    elif isinstance(spec, list):
        if not isinstance(value, list):
            raise WireError(where, "must be a list")
        for position, item in enumerate(value):
            check(item, spec[0], f"{where}[{position}]")
    else:
        _check_plain(value, spec, where)


def _check_plain(value, expected, where):
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        raise WireError(where, "has a wrong type")
    if isinstance(value, str) and len(value) > (LONGEST_TEXT if "." in where else LONGEST):
        raise WireError(where, "is too long")
    if isinstance(value, NUMBER) and not abs(value) <= LARGEST:  # neither infinite nor NaN
        raise WireError(where, "is no possible number")


def all_there(value, spec, where, optional=()):
    """:raises WireError: a field of the spec is missing"""
    for name in spec:
        if name not in value and name not in optional:
            raise WireError(f"{where}.{name}", "is missing")


def check_request(payload, known, optional=()):
    """:raises WireError: a small request with a field too much or too few, or of another schema"""
    check(payload, known, "")
    for name in known:
        if name not in payload and name not in optional:
            raise WireError(name, "is missing")
    if payload["schema"] != SCHEMA:
        raise WireError("schema", "%(found)s is not known here, %(known)s is", found=payload["schema"], known=SCHEMA)


def check_us(value, where):
    """:raises WireError: not a decimal string of µs, or one of the far future; nothing is fine"""
    if value and not DIGITS.fullmatch(value):
        raise WireError(where, "must be a decimal string")
    if value and int(value) >= FAR_FUTURE:
        raise WireError(where, "lies too far in the future")


def check_columns(table, columns, where):
    """:raises WireError: rows by column need each of the columns, all of one length"""
    for name in table:
        if name not in columns:
            raise WireError(f"{where}.{name[:LONGEST]}", "is not a known field")
        if not isinstance(table[name], list):
            raise WireError(f"{where}.{name}", "must be a list")
    if not table:
        return
    length = None
    for name in columns:
        if name not in table:
            raise WireError(f"{where}.{name}", "is missing")
        if length is not None and len(table[name]) != length:
            raise WireError(f"{where}.{name}", "has another length than its sister columns")
        length = len(table[name])


def check_list(items, known, where):
    """:raises WireError: an item is no object, or has a field that is not known"""
    for position, item in enumerate(items):
        if not isinstance(item, dict):
            raise WireError(f"{where}[{position}]", "must be an object")
        for name in item:
            if name not in known:
                raise WireError(f"{where}[{position}].{name[:LONGEST]}", "is not a known field")
