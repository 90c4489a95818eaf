"""Array literals: a Python list as a parameter becomes ARRAY[...] text that costs twice the time of '{...}'."""


def numbers(values):
    """Return integers (or None) as a PostgreSQL array literal."""
    return "{" + ",".join(map(str, values)).replace("None", "NULL") + "}"


def words(values):
    """Return strings (or None) as a PostgreSQL array literal, quoted."""
    return "{" + ",".join("NULL" if value is None else _quoted(value) for value in values) + "}"


def clean(text):
    """Return text that PostgreSQL can store: without NUL and without lone surrogates, which JSON may carry."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _quoted(text):
    escaped = clean(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def plain(values):
    """Return strings of hexadecimal digits or known words as an array literal, unquoted; empty becomes NULL."""
    return "{" + ",".join([value or "NULL" for value in values]) + "}"
