"""A node's heartbeat: what it measures of itself and of its cameras."""

from ..wire import WireError
from .codes import wrong_in_code
from .shape import DIGITS, INT32, NUMBER, all_there, check, check_us

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
CHECK_LEVELS = ("warn", "fail")
CHECKS = 20  # in one heartbeat, at most
CAMERA_STATES = frozenset(("recording", "waiting", "stalled", "offline", "off", "audio_refused"))

_DISK = {
    **dict.fromkeys(("path", "total", "free", "used", "quota", "reserve", "ballast", "index_free", "level"), str),
    **dict.fromkeys(DISK_HOURS, (*NUMBER, type(None))),
}
_ENGINE = {"state": str, "started_us": (str, type(None))}
_SAID = dict.fromkeys(("code", "args"), object)  # read by what judges codes
_CAMERA = {
    "camera_id": int,
    "state": str,
    "reason": (str, type(None)),
    "since_us": (str, type(None)),
    "last_stop_us": (str, type(None)),
    "kbps": (*NUMBER, type(None)),
    "detail": (str, type(None)),
    **_SAID,
}
_CHECK = {"name": str, "level": str, "message": str, "fix": str, **_SAID}
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
        **_SAID,
    },
    "checks": [_CHECK],
}


def check_heartbeat(beat):
    """:raises WireError: naming the first field that is wrong"""
    check(beat, _HEARTBEAT, "heartbeat")
    _check_disk(beat.get("disk", {}))
    for name in ("engine", "gate"):
        _check_engine(beat.get(name, {}), f"heartbeat.{name}")
    for position, alarm in enumerate(beat.get("alarms", ())):
        if alarm not in ALARMS:
            raise WireError(f"heartbeat.alarms[{position}]", "is not a known alarm")
    _check_purge_state(beat.get("purge", {}))
    _check_checks(beat.get("checks", ()))
    for position, camera in enumerate(beat.get("cameras", ())):
        _check_camera(camera, f"heartbeat.cameras[{position}]")


def _check_engine(engine, where):
    if engine.get("state", "up") not in ("up", "down"):
        raise WireError(f"{where}.state", "must be %(words)s", words="up|down")
    check_us(engine.get("started_us"), f"{where}.started_us")


def _check_purge_state(purge):
    if purge.get("state", "off") not in PURGE_STATES:
        raise WireError("heartbeat.purge.state", "is not a known state")
    for name in ("due_bytes", "held_bytes"):
        if not DIGITS.fullmatch(purge.get(name, "0")):
            raise WireError(f"heartbeat.purge.{name}", "must be a decimal string")
    _check_said(purge, "heartbeat.purge")


def _check_camera(camera, where):
    if "camera_id" not in camera:
        raise WireError(f"{where}.camera_id", "is missing")
    if not 0 < camera["camera_id"] <= INT32:
        raise WireError(f"{where}.camera_id", "is not a camera's number")
    if camera.get("state") not in CAMERA_STATES:
        raise WireError(f"{where}.state", "is not a known state")
    for name in ("since_us", "last_stop_us"):
        check_us(camera.get(name), f"{where}.{name}")
    _check_said(camera, where)


def _check_checks(checks):
    if len(checks) > CHECKS:
        raise WireError("heartbeat.checks", "holds more than %(most)s", most=CHECKS)
    for position, found in enumerate(checks):
        where = f"heartbeat.checks[{position}]"
        all_there(found, _CHECK, where, optional=("fix", *_SAID))
        if found["level"] not in CHECK_LEVELS:
            raise WireError(f"{where}.level", "must be %(words)s", words="|".join(CHECK_LEVELS))
        _check_said(found, where)


def _check_said(said, where):
    if wrong := wrong_in_code(said.get("code"), said.get("args")):
        raise WireError(f"{where}.{wrong}", "is not valid")


def _check_disk(disk):
    for name, value in disk.items():
        if name in DISK_HOURS:
            if value is not None and value < 0:
                raise WireError(f"heartbeat.disk.{name}", "cannot be negative")
        elif name == "level":
            if value not in DISK_LEVELS:
                raise WireError("heartbeat.disk.level", "is not a known level")
        elif name != "path" and not DIGITS.fullmatch(value):
            raise WireError(f"heartbeat.disk.{name}", "must be a decimal string")
