"""What a node's events say: a sentence for each code of the wire (docs/wire.md)."""

import re
from decimal import Decimal

from babel.numbers import format_decimal

from odoo.tools import babel_locale_parse
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

WORDS = {
    "camera_back": _lt("The camera is recorded again."),
    "sound_refused": _lt("Its sound cannot be taken out, so nothing is recorded."),
    "sound_erased": _lt("Sound was erased before the file was stored (%(bytes)s bytes): %(file)s"),
    "camera_refused": _lt("This camera cannot be recorded: its address is not valid."),
    "strange_pictures": _lt("Pictures arrive that are not the camera's, which is away; they are recorded."),
    "engine_up": _lt("MediaMTX %(version)s records again."),
    "engine_down": _lt("The recording engine does not answer."),
    "engine_file_refused": _lt("The engine's settings were refused; the former ones stay in force."),
    "config_refused": _lt("The configuration from here was refused; the last good one stays in force."),
    "host_clock": _lt("The recorder's clock was set by %(seconds)s seconds."),
    "media_missing": _lt("Recording is stopped: the footage disk is missing or is not this recorder's."),
    "index_disk": _lt("The disk of the index has %(bytes)s bytes left: free it from other files."),
    "room_gone": _lt("Recording is stopped: no room is left for footage."),
    "room_held": _lt("Not recorded from now on, for want of room: %(cameras)s"),
    "room_again": _lt("There is room again; recording resumes."),
    "room_again_for": _lt("There is room again for %(cameras)s."),
    "room_tight": _lt("Room for footage gets tight."),
    "room_tight_for": _lt("Room for footage gets tight; it lasts for %(hours)s hours."),
    "deletion_waits": _lt("A deletion waits for a person."),
    "files_gone": _lt("%(count)s files of %(day)s are gone and nobody deleted them: %(file)s …"),
    "files_back": _lt("%(count)s files of %(day)s that were missing are there again: %(file)s …"),
    "files_stuck": _lt("Past their time, yet the disk does not let them go (%(count)s, %(words)s): %(file)s"),
    "file_unsynced": _lt("The disk did not take the file: %(file)s"),
    "file_trouble": _lt("The file cannot be taken in; it is tried again every ten minutes: %(file)s"),
    "file_refused": _lt("The file is left as it is: %(file)s"),
    "file_foreign": _lt("Not a segment, left as it is: %(file)s"),
    "file_empty": _lt("The file was empty and is removed: %(file)s"),
    "file_recovered": _lt("The engine did not close the file; what is whole of it is kept: %(file)s"),
    "file_damaged": _lt("The file is damaged: %(file)s"),
    "bytes_differ": _lt("The file is not the one that was recorded any more, its hash differs: %(file)s"),
    "file_unreadable": _lt("The disk does not give the file back: %(file)s"),
    "file_sound": _lt("The file is again as it was recorded, its hash agrees: %(file)s"),
    "footage_unreadable": _lt("The footage disk cannot be read: %(words)s"),
    "footage_readable": _lt("The footage disk can be read again."),
    "file_misnamed": _lt("The file's name is not its time: %(file)s"),
    "file_clock": _lt("Recorded with a clock that was wrong: %(file)s"),
    "numbers_missing": _lt("Files are missing inside a run of the engine: %(count)s"),
    "index_older": _lt("The recorder's index is an older copy; it goes on in a new epoch."),
    "index_deleted": _lt(
        "The recorder's index was deleted while it ran; it was written anew, and nothing of it is lost."
    ),
    "rows_parked": _lt("Rows that were refused here are kept on the recorder: %(count)s"),
    "database_back": _lt("This database looks restored or copied; rows that are sent again: %(count)s"),
}


# as long as a measured figure may be: a longer one is no number that babel could write
_FRACTION = re.compile(r"[+-]?[0-9]{1,15}\.[0-9]{1,9}")


class Filled(dict):
    """Arguments of an event as its sentence shows them; one that is missing is a dash."""

    def __init__(self, env, args):
        locale = babel_locale_parse(env.lang)
        super().__init__((name, _shown(value, locale)) for name, value in args.items())

    def __missing__(self, name):
        return "–"


def _shown(value, locale):
    """Numbers as the language writes them; the wire has fractions as text."""
    if isinstance(value, str):
        if not _FRACTION.fullmatch(value):
            return value
        sign, value = "+" if value.startswith("+") else "", Decimal(value)
        return sign + format_decimal(value, locale=locale, decimal_quantization=False)
    return format_decimal(value, locale=locale)
