"""Holds and deletion: what a node asks for and acknowledges."""

from ..wire import WireError
from .codes import wrong_in_code
from .shape import DIGITS, INT32, UUID, all_there, check, check_us

ACK_FIELDS = frozenset(("hold", "version", "cameras", "from_us", "to_us", "kept", "gone", "kept_bytes", "gone_rows"))
ACKS = 50  # in one call, at most
LARGEST_RUN = 2**53 - 1  # bytes of a purge: what the custody ledger's numbers hold
END_FIELDS = frozenset(("run", "state", "segments", "bytes", "freed", "rescued"))
_SAID = ("code", "args")
_PURGE_CAMERA = {"camera_id": int, "segments": int, "bytes": str, "first_us": str, "last_us": str}
_PURGE = {
    "run": str,
    "kind": str,
    "state": str,
    "reason": (str, type(None)),
    "cutoffs_tag": str,
    "cameras": [_PURGE_CAMERA],
    **dict.fromkeys(_SAID, object),
}


def check_retention(payload):
    """:raises WireError: naming the first field that is wrong"""
    if not DIGITS.fullmatch(payload.get("holds_version", "0")):
        raise WireError("holds_version", "must be a decimal string")
    if len(payload.get("hold_acks") or ()) > ACKS:
        raise WireError("hold_acks", "holds more than %(most)s", most=ACKS)
    if payload.get("purge") is not None:
        _check_asked_purge(payload["purge"])


def _check_asked_purge(purge):
    """The one purge that a node asks for is taken whole or not at all."""
    check(purge, _PURGE, "purge")
    all_there(purge, _PURGE, "purge", optional=("reason", *_SAID))
    if wrong := wrong_in_code(purge.get("code"), purge.get("args")):
        raise WireError(f"purge.{wrong}", "is not valid")
    if not UUID.fullmatch(purge["run"]):
        raise WireError("purge.run", "must be a lower-case UUID")
    for name, known in (("kind", ("retention",)), ("state", ("ask", "parked"))):
        if purge[name] not in known:
            raise WireError(f"purge.{name}", "must be %(words)s", words="|".join(known))
    seen = set()
    for position, camera in enumerate(purge["cameras"]):
        _check_purge_camera(camera, seen, f"purge.cameras[{position}]")
    if sum(camera["segments"] for camera in purge["cameras"]) > INT32:
        raise WireError("purge.cameras", "has no possible number of segments")
    if sum(int(camera["bytes"]) for camera in purge["cameras"]) > LARGEST_RUN:
        raise WireError("purge.cameras", "has no possible number of bytes")


def _check_purge_camera(camera, seen, where):
    all_there(camera, _PURGE_CAMERA, where)
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
        check_us(camera[name], f"{where}.{name}")
