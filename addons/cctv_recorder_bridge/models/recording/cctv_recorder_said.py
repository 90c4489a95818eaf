"""What a node says of its checks, its cameras and its jobs: a sentence for each code of the wire (docs/wire.md)."""

from odoo.tools.translate import LazyTranslate

from ...tools import pg
from .cctv_recorder_event_words import Filled

_lt = LazyTranslate(__name__)

# says no more than the reason beside it
BY_REASON = "by_reason"
SAID = {
    "settings_open": _lt("Others can read %(file)s (mode %(mode)s)."),
    "settings_owner": _lt("%(file)s belongs to another user."),
    "link_is_media": _lt("%(file)s is the footage folder, yet the engine's link to it must be there."),
    "link_taken": _lt("%(file)s is where the engine's link to the footage folder must be."),
    "media_absent": _lt("The footage folder is missing: %(folder)s"),
    "media_foreign": _lt("The footage folder belongs to another recorder: %(folder)s"),
    "media_unmarked": _lt("The footage folder carries no mark of a recorder: %(folder)s"),
    "media_mark_broken": _lt("The recorder's mark in the footage folder cannot be read: %(folder)s"),
    "media_unreadable": _lt("The footage folder cannot be opened: %(folder)s (%(words)s)"),
    "footage_unreadable": _lt("The footage disk cannot be read: %(words)s"),
    "media_unwritable": _lt("The footage folder cannot be written: %(folder)s (%(words)s)"),
    "media_open": _lt("Every user of the machine can open %(folder)s (mode %(mode)s)."),
    "media_read_only": _lt(
        "The footage disk can only be read: %(folder)s. Look for its errors, repair it and mount it writable again."
    ),
    "holds_unknown": _lt("Holds and retention have not been fetched from here yet."),
    "database_unconfirmed": _lt("This database looks restored or copied: IT confirms it with Confirm Database."),
    "erp_clock_unknown": _lt("The clock of this server is not known to the recorder yet."),
    "clocks_apart": _lt("The recorder's clock and this server's are %(seconds)s s apart: set both by NTP."),
    "host_clock_set": _lt("The recorder's clock was set by %(seconds)s s while it ran: is it right now?"),
    "erp_clock_set": _lt("This server's clock was set by %(seconds)s s while the recorder ran: is it right now?"),
    "limit_leapt": _lt(
        "The retention limit of cameras (%(count)s) moved %(hours)s h further than the recorder has run: it was off, "
        "its clock was set, or footage is to be kept for a shorter time than before."
    ),
    "files_stuck": _lt(
        "Files that the disk does not let go (%(count)s): %(words)s. They are tried again once a day and when the "
        "recorder starts."
    ),
    "deletion_refused": _lt("The deletion of what is due was refused; the recorder asks for it again after a day."),
    "space_left": _lt("%(free)s of %(total)s GB are free; the reserve is %(reserve)s GB."),
    "quota_used": _lt("%(used)s of %(quota)s GB are used."),
    "rows_refused": _lt("Rows that were refused here are kept on the recorder: %(count)s"),
    "database_stepped": _lt("This database looked restored or copied at %(at)s."),
    "program_absent": _lt("%(program)s is not found."),
    "clock_alone": _lt("The machine's clock follows no time source."),
    "clock_off": _lt("The machine's clock is %(ms)s ms off its time source."),
    "worker_fails": _lt("It fails again and again: %(words)s"),
    "worker_hangs": _lt("It hangs."),
    "recording_off": _lt("Recording is switched off here."),
    "room_left": _lt("%(free)s GB are free, %(reserve)s GB must stay free."),
    "room_of_quota": _lt("%(used)s of %(quota)s GB are used."),
    "held_back": _lt("Room is kept for cameras of higher priority."),
    "index_unwritable": _lt("The disk of the index takes nothing; footage is recorded all the same: %(words)s"),
    "index_full": _lt("The disk has no room left for the index."),
    "volume_gone": _lt("The footage disk is missing or is not this recorder's."),
    "engine_away": _lt("The recording engine does not answer."),
    "engine_says": _lt("The recording engine says: %(words)s"),
    "engine_refuses": _lt("The recording engine refuses the address: %(words)s"),
    "connecting": _lt("Connecting to the camera."),
    "sends_nothing": _lt("The camera is connected but sends nothing."),
    "sound_stays": _lt("Its sound cannot be taken out, so nothing is recorded."),
    "first_segment": _lt("Its pictures arrive; the first segment is not closed yet."),
    "no_segment": _lt("Its pictures arrive, yet no segment was closed."),
    "path_invalid": _lt("The camera's path is not of small letters, digits and hyphens: %(path)s"),
    "address_blank": _lt("The address holds a space or a control character."),
    "address_percent": _lt("A percent sign in the address must be followed by two hexadecimal digits."),
    "address_hash": _lt("The address must not hold a # sign."),
    "address_invalid": _lt("The address is not valid: look at brackets and at the port."),
    "address_scheme": _lt("The address must begin with rtsp:// or rtsps:// and name a host."),
    "address_login": _lt("User and password belong into their own fields, not into the address."),
    "address_host": _lt("The host in the address must be a name or an IP address (IPv6 in brackets)."),
    "camera_unknown": _lt("The recorder does not know this camera yet."),
    "no_substream": _lt("The camera has no sub stream."),
    "stream_silent": _lt("The stream sends no pictures."),
    "stream_unreadable": _lt("The stream could not be read."),
    "stream_blind": _lt("The stream holds no pictures."),
    "still_large": _lt("The picture stays larger than %(bytes)s bytes; ask for a smaller width."),
    "still_failed": _lt("The picture could not be made."),
    "job_broke": _lt("The recorder failed at this job: %(words)s"),
    "job_unknown": _lt("The recorder does not know such work: update its service."),
}

# what this side finds of a job or of a deletion, told by no node
FOUND = {
    "purge_empty": _lt("The run names no footage."),
    "purge_foreign": _lt("Camera %(camera)s is not and was not recorded by this node."),
    "purge_young": _lt("Footage of %(camera)s is younger than it must be kept."),
    "never_answered": _lt("The recorder took this job three times and never answered."),
    "picture_unreadable": _lt("The picture could not be read."),
    "picture_no_jpeg": _lt("The picture is no JPEG of at most 300 kB."),
    "picture_altered": _lt("The picture does not match its hash."),
}


def in_words(env, code, args):
    """:return str: the sentence of a code in the reader's language; empty for one that is not known here"""
    source = SAID.get(code) or FOUND.get(code)
    sentence = env._(source) if source else ""
    return sentence % Filled(env, args or {})


def told(env, said, text):
    """What a node says, in the reader's language where its code is known here.

    :param dict said: with ``code`` and ``args``; or nothing
    :param text: the same as the node wrote it, returned as it is where the code says nothing
    """
    said = said or {}
    return in_words(env, said.get("code"), said.get("args")) or text


def kept(said):
    """:return dict: code and arguments of what a node says, as they are stored; empty when it says none"""
    if not said.get("code"):
        return {}
    args = said.get("args") or {}
    clean = {name: pg.clean(value) if isinstance(value, str) else value for name, value in args.items()}
    return {"code": said["code"], "args": clean}
