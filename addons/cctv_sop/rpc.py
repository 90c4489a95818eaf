"""Answers of public methods as each of Odoo's protocols can carry them."""


def without_none(value):
    """Return plain data with False where nothing is known: XML-RPC has no null."""
    if isinstance(value, dict):
        return {name: without_none(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_none(item) for item in value]
    return False if value is None else value
