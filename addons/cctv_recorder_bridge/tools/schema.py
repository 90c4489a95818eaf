"""Shape of the sync payload (docs/wire.md). Whatever is unknown, missing or of another type is refused by its name."""

import re

from .intervals import FAR_FUTURE
from .wire import SCHEMA, WireError

UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
DIGITS = re.compile(r"[0-9]{1,18}")
NUMBER = (int, float)
LARGEST = 10**15  # of a measured figure
LONGEST = 200  # characters of a word at the top of a payload
LONGEST_TEXT = 10_000  # of a sentence inside
INT32 = 2**31 - 1

ALARMS = frozenset(
    (
        "quota",
        "disk_low",
        "disk_missing",
        "engine_down",
        "gate_down",
        "clock",
        "parked",
        "key_expiring",
        "purge_parked",
        "purge_locked",
        "disk_tight",
        "only_held",
    )
)
PURGE_STATES = frozenset(("off", "ready", "running", "parked", "locked"))
DISK_LEVELS = frozenset(("normal", "tight", "low", "full"))
DISK_HOURS = ("hours_left", "hours_left_without_purge")
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
CHECK_LEVELS = ("warn", "fail")
CHECKS = 20  # in one heartbeat, at most
ARGS = 8  # of one event, at most
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
CAMERA_STATES = frozenset(("recording", "waiting", "stalled", "offline", "off", "audio_refused"))
GAP_REASONS = (
    "source_lost",
    "auth_failed",
    "not_found",
    "refused",
    "timeout",
    "engine_restart",
    "drift_reset",
    "write_error",
    "disk_full",
    "config_change",
    "quota",
    "missing_file",
    "suspended",
    "unknown",
)
SEGMENT_STATUSES = frozenset(("ok", "recovered", "damaged", "missing", "deleted"))

SEGMENT_COLUMNS = ("camera_id", "start_us", "stop_us", "bytes", "sha256", "run", "number", "status", "test")
GAP_COLUMNS = ("camera_id", "start_us", "stop_us", "reason")
DELETION_COLUMNS = ("camera_id", "start_us", "at_us", "run", "freed")
ACK_FIELDS = frozenset(("hold", "version", "cameras", "from_us", "to_us", "kept", "gone", "kept_bytes", "gone_rows"))
END_FIELDS = frozenset(("run", "state", "segments", "bytes", "freed", "rescued"))
EVENT_FIELDS = frozenset(("seq", "at_us", "kind", "camera_id", "detail", "code", "args"))
JOB_FIELDS = frozenset(("id", "state", "result", "error"))
ANCHOR_FIELDS = frozenset(("company_id", "seq", "hash", "at_us"))
ANCHORS = 10  # in one call, at most
HASH = re.compile(r"[0-9a-f]{64}")
JOB_RESULTS = {
    "test_stream": frozenset(
        (
            "ok",
            "codec",
            "width",
            "height",
            "fps",
            "kbps",
            "keyframe_seconds",
            "has_b_frames",
            "audio",
            "reason",
            "message",
        )
    ),
    "snapshot": frozenset(("jpeg_base64", "sha256", "taken_us", "width", "height", "reason", "message")),
}

# Type of each figure of a job's result, and for texts the longest one; every one may be null.
_RESULT_TYPES = {
    "ok": (bool, None),
    "codec": (str, 50),
    "width": (int, None),
    "height": (int, None),
    "fps": (NUMBER, None),
    "kbps": (NUMBER, None),
    "keyframe_seconds": (NUMBER, None),
    "has_b_frames": (bool, None),
    "audio": (str, 50),
    "reason": (str, 50),
    "message": (str, LONGEST_TEXT),
    "jpeg_base64": (str, 4 * 2**20),
    "sha256": (str, 64),
    "taken_us": (str, 18),
}

_TOP = {
    "schema": int,
    "node": str,
    "epoch": str,
    "seq": str,
    "sent_us": str,
    "etag": str,
    "key": str,
    "heartbeat": dict,
    "segments": dict,
    "gaps": dict,
    "events": list,
    "jobs": list,
    "custody_anchors": list,
    "holds_version": str,
    "cutoffs_tag": str,
    "hold_acks": list,
    "deletions": dict,
    "purge": (dict, type(None)),
    "purge_ended": list,
}
_REQUIRED = ("schema", "node", "epoch", "seq", "sent_us")
_DISK = {
    **dict.fromkeys(("path", "total", "free", "used", "quota", "reserve", "ballast", "index_free", "level"), str),
    **dict.fromkeys(DISK_HOURS, (*NUMBER, type(None))),
}
_ENGINE = {"state": str, "started_us": (str, type(None))}
_CAMERA = {
    "camera_id": int,
    "state": str,
    "reason": (str, type(None)),
    "since_us": (str, type(None)),
    "last_stop_us": (str, type(None)),
    "kbps": (*NUMBER, type(None)),
    "detail": (str, type(None)),
}
_PURGE_CAMERA = {"camera_id": int, "segments": int, "bytes": str, "first_us": str, "last_us": str}
_PURGE = {
    "run": str,
    "kind": str,
    "state": str,
    "reason": (str, type(None)),
    "cutoffs_tag": str,
    "cameras": [_PURGE_CAMERA],
}
_CHECK = {"name": str, "level": str, "message": str, "fix": str}
_HEARTBEAT = {
    "versions": {"service": str, "mediamtx": str, "ffmpeg": str},
    "clock_offset_ms": (*NUMBER, type(None)),
    "disk": _DISK,
    "engine": _ENGINE,
    "gate": _ENGINE,
    "recording": bool,
    "alarms": [str],
    "pending": {"segments": int, "gaps": int, "parked": int},
    "cameras": [_CAMERA],
    "purge": {
        "state": str,
        "reason": (str, type(None)),
        "due_segments": int,
        "due_bytes": str,
        "held_bytes": str,
    },
    "checks": [_CHECK],
}


def check_payload(payload):
    """Check the frame of a payload; rows are judged one by one later.

    :raises WireError: naming the first field that is unknown, missing or of a wrong type
    """
    _check(payload, _TOP, "")
    for name in _REQUIRED:
        if name not in payload:
            raise WireError(name, "is missing")
    if payload["schema"] != SCHEMA:
        raise WireError("schema", f"{payload['schema']} is not known here, {SCHEMA} is")
    for name in ("node", "epoch"):
        if not UUID.fullmatch(payload[name]):
            raise WireError(name, "must be a lower-case UUID")
    for name in ("seq", "sent_us"):
        if not DIGITS.fullmatch(payload[name]):
            raise WireError(name, "must be a decimal string")
    _check(payload.get("heartbeat") or {}, _HEARTBEAT, "heartbeat")
    _check_heartbeat_values(payload.get("heartbeat") or {})
    _check_rows(payload)
    _check_retention(payload)


def _check_rows(payload):
    for name, columns in (("segments", SEGMENT_COLUMNS), ("gaps", GAP_COLUMNS), ("deletions", DELETION_COLUMNS)):
        _check_columns(payload.get(name) or {}, columns, name)
    for name, known in (
        ("events", EVENT_FIELDS),
        ("jobs", JOB_FIELDS),
        ("custody_anchors", ANCHOR_FIELDS),
        ("hold_acks", ACK_FIELDS),
        ("purge_ended", END_FIELDS),
    ):
        _check_list(payload.get(name) or [], known, name)
    _check_anchors(payload.get("custody_anchors") or [])


def _check_request(payload, known, optional=()):
    _check(payload, known, "")
    for name in known:
        if name not in payload and name not in optional:
            raise WireError(name, "is missing")
    if payload["schema"] != SCHEMA:
        raise WireError("schema", f"{payload['schema']} is not known here, {SCHEMA} is")


def check_custody_page(payload):
    """Check a request for a page of the custody ledger.

    :raises WireError: naming the first field that is unknown, missing or of a wrong type
    """
    _check_request(payload, {"schema": int, "node": str, "after": int})
    if not 0 <= payload["after"] <= INT32:
        raise WireError("after", "is no number of a line")


def check_index_page(payload, longest_us, *, of_camera=False):
    """Check a request for rows of a node's index, or for their digests.

    :param int longest_us: longest stretch of time that may be asked for
    :param bool of_camera: whether a camera must be named
    :raises WireError: naming the first field that is unknown, missing or of a wrong type
    """
    known = {"schema": int, "node": str, "from_us": str, "to_us": str, "camera_id": int}
    _check_request(payload, known, optional=() if of_camera else ("camera_id",))
    if not 0 < payload.get("camera_id", 1) <= INT32:
        raise WireError("camera_id", "is not a camera's number")
    for name in ("from_us", "to_us"):
        if not payload[name]:
            raise WireError(name, "must be a decimal string")
        _check_us(payload[name], name)
    if not 0 <= int(payload["to_us"]) - int(payload["from_us"]) <= longest_us:
        raise WireError("to_us", "is before from_us, or asks for too long a time")


def _check_anchors(anchors):
    if len(anchors) > ANCHORS:
        raise WireError("custody_anchors", f"holds more than {ANCHORS}")
    for position, anchor in enumerate(anchors):
        for name in ("company_id", "seq"):
            if not (type(anchor.get(name)) is int and 0 < anchor[name] <= INT32):
                raise WireError(f"custody_anchors[{position}].{name}", "is no whole number above zero")
        if not (isinstance(anchor.get("hash"), str) and HASH.fullmatch(anchor["hash"])):
            raise WireError(f"custody_anchors[{position}].hash", "must be 64 lower-case hexadecimal digits")
        at = anchor.get("at_us")
        if not (isinstance(at, str) and DIGITS.fullmatch(at) and int(at) < FAR_FUTURE):
            raise WireError(f"custody_anchors[{position}].at_us", "must be a decimal string before the year 2096")


def _check_retention(payload):
    if not DIGITS.fullmatch(payload.get("holds_version", "0")):
        raise WireError("holds_version", "must be a decimal string")
    if payload.get("purge") is not None:
        _check_purge(payload["purge"])


def wrong_in_result(kind, result):
    """Return the place of the first wrong thing in a job's result, or None."""
    if not isinstance(result, dict):
        return "result"
    for name, value in result.items():
        if name not in JOB_RESULTS[kind]:
            return "result"
        expected, longest = _RESULT_TYPES[name]
        if value is None:
            continue
        if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
            return f"result.{name}"
        if isinstance(value, str):
            if len(value) > longest:
                return f"result.{name}"
        elif not 0 <= value <= LARGEST:  # neither infinite nor NaN
            return f"result.{name}"
    return None


def _check(value, spec, where):
    if isinstance(spec, dict):
        if not isinstance(value, dict):
            raise WireError(where, "must be an object")
        for name in value:
            path = f"{where}.{name[:LONGEST]}" if where else name[:LONGEST]
            if name not in spec:
                raise WireError(path, "is not a known field")
            _check(value[name], spec[name], path)
    elif isinstance(spec, list):
        if not isinstance(value, list):
            raise WireError(where, "must be a list")
        for position, item in enumerate(value):
            _check(item, spec[0], f"{where}[{position}]")
    else:
        _check_plain(value, spec, where)


def _check_plain(value, expected, where):
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        raise WireError(where, "has a wrong type")
    if isinstance(value, str) and len(value) > (LONGEST_TEXT if "." in where else LONGEST):
        raise WireError(where, "is too long")
    if isinstance(value, NUMBER) and not abs(value) <= LARGEST:  # neither infinite nor NaN
        raise WireError(where, "is no possible number")


def _check_heartbeat_values(beat):  # noqa: C901
    _check_disk_values(beat.get("disk", {}))
    for name in ("engine", "gate"):
        if beat.get(name, {}).get("state", "up") not in ("up", "down"):
            raise WireError(f"heartbeat.{name}.state", "must be up or down")
        _check_us(beat.get(name, {}).get("started_us"), f"heartbeat.{name}.started_us")
    for position, alarm in enumerate(beat.get("alarms", ())):
        if alarm not in ALARMS:
            raise WireError(f"heartbeat.alarms[{position}]", "is not a known alarm")
    if beat.get("purge", {}).get("state", "off") not in PURGE_STATES:
        raise WireError("heartbeat.purge.state", "is not a known state")
    for name in ("due_bytes", "held_bytes"):
        if not DIGITS.fullmatch(beat.get("purge", {}).get(name, "0")):
            raise WireError(f"heartbeat.purge.{name}", "must be a decimal string")
    _check_checks(beat.get("checks", ()))
    for position, camera in enumerate(beat.get("cameras", ())):
        where = f"heartbeat.cameras[{position}]"
        if "camera_id" not in camera:
            raise WireError(f"{where}.camera_id", "is missing")
        if not 0 < camera["camera_id"] <= INT32:
            raise WireError(f"{where}.camera_id", "is not a camera's number")
        if camera.get("state") not in CAMERA_STATES:
            raise WireError(f"{where}.state", "is not a known state")
        for name in ("since_us", "last_stop_us"):
            _check_us(camera.get(name), f"{where}.{name}")


def _check_checks(checks):
    if len(checks) > CHECKS:
        raise WireError("heartbeat.checks", f"holds more than {CHECKS}")
    for position, check in enumerate(checks):
        where = f"heartbeat.checks[{position}]"
        _all_there(check, _CHECK, where, optional=("fix",))
        if check["level"] not in CHECK_LEVELS:
            raise WireError(f"{where}.level", f"must be {' or '.join(CHECK_LEVELS)}")


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


def _check_purge(purge):
    """The one purge that a node asks for is taken whole or not at all."""
    _check(purge, _PURGE, "purge")
    _all_there(purge, _PURGE, "purge", optional=("reason",))
    if not UUID.fullmatch(purge["run"]):
        raise WireError("purge.run", "must be a lower-case UUID")
    for name, known in (("kind", ("retention",)), ("state", ("ask", "parked"))):
        if purge[name] not in known:
            raise WireError(f"purge.{name}", f"must be {' or '.join(known)}")
    seen = set()
    for position, camera in enumerate(purge["cameras"]):
        where = f"purge.cameras[{position}]"
        _all_there(camera, _PURGE_CAMERA, where)
        if not 0 < camera["camera_id"] <= INT32 or camera["camera_id"] in seen:
            raise WireError(f"{where}.camera_id", "is no camera's number, or came before")
        seen.add(camera["camera_id"])
        if not 0 <= camera["segments"] <= INT32:
            raise WireError(f"{where}.segments", "is no possible number")
        if not DIGITS.fullmatch(camera["bytes"]):
            raise WireError(f"{where}.bytes", "must be a decimal string")
        for name in ("first_us", "last_us"):
            if not camera[name]:
                raise WireError(f"{where}.{name}", "must be a decimal string")
            _check_us(camera[name], f"{where}.{name}")


def _all_there(value, spec, where, optional=()):
    for name in spec:
        if name not in value and name not in optional:
            raise WireError(f"{where}.{name}", "is missing")


def _check_disk_values(disk):
    for name, value in disk.items():
        if name in DISK_HOURS:
            if value is not None and value < 0:
                raise WireError(f"heartbeat.disk.{name}", "cannot be negative")
        elif name == "level":
            if value not in DISK_LEVELS:
                raise WireError("heartbeat.disk.level", "is not a known level")
        elif name != "path" and not DIGITS.fullmatch(value):
            raise WireError(f"heartbeat.disk.{name}", "must be a decimal string")


def _check_us(value, where):
    if value and not DIGITS.fullmatch(value):
        raise WireError(where, "must be a decimal string")
    if value and int(value) >= FAR_FUTURE:
        raise WireError(where, "lies too far in the future")


def _check_columns(table, columns, where):
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


def _check_list(items, known, where):
    for position, item in enumerate(items):
        if not isinstance(item, dict):
            raise WireError(f"{where}[{position}]", "must be an object")
        for name in item:
            if name not in known:
                raise WireError(f"{where}[{position}].{name[:LONGEST]}", "is not a known field")
        if where == "jobs" and isinstance(item.get("result"), dict):
            for name in item["result"]:
                if not any(name in fields for fields in JOB_RESULTS.values()):
                    raise WireError(f"{where}[{position}].result.{name[:LONGEST]}", "is not a known field")
