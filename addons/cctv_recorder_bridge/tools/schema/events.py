"""What a node tells of: the kind of an event, and what it says in a code (docs/wire.md, "Events")."""

import re

from .shape import LARGEST, LONGEST

EVENT_KINDS = frozenset(
    (
        "source_lost",
        "source_back",
        "disk_low",
        "quota_reached",
        "clock_step",
        "integrity",
        "engine_down",
        "engine_up",
        "config_refused",
        "parked",
        "audio_refused",
    )
)
EVENT_FIELDS = frozenset(("seq", "at_us", "kind", "camera_id", "detail", "code", "args"))
ARGS = 8  # of one event, at most
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


def wrong_in_event(code, args):
    """Return the place of the first wrong thing in what an event says in a code, or None."""
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
