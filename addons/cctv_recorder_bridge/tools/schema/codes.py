"""What a node says in a code: the name of a sentence, and what fills its blanks (docs/wire.md)."""

import re

from .shape import LARGEST, LONGEST

ARGS = 8  # of one sentence, at most
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


def wrong_in_code(code, args):
    """Return the place of the first wrong thing in a code and its arguments, or None."""
    if code is not None and not (isinstance(code, str) and (not code or CODE.fullmatch(code))):
        return "code"
    if args is not None and not (isinstance(args, dict) and len(args) <= ARGS):
        return "args"
    for name, value in (args or {}).items():
        if not CODE.fullmatch(name):
            return "args"
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return f"args.{name}"
        if len(value) > LONGEST if isinstance(value, str) else abs(value) > LARGEST:
            return f"args.{name}"
    return None
