"""Requests for pages: of the custody ledger, and of a node's rows."""

from ..wire import WireError
from .shape import INT32, check_request, check_us


def check_custody_page(payload):
    """Check a request for a page of the custody ledger.

    :raises WireError: naming the first field that is unknown, missing or of a wrong type
    """
    check_request(payload, {"schema": int, "node": str, "after": int})
    if not 0 <= payload["after"] <= INT32:
        raise WireError("after", "is no number of a line")


def check_index_page(payload, longest_us, *, of_camera=False):
    """Check a request for rows of a node's index, or for their digests.

    :param int longest_us: longest stretch of time that may be asked for
    :param bool of_camera: whether a camera must be named
    :raises WireError: naming the first field that is unknown, missing or of a wrong type
    """
    known = {"schema": int, "node": str, "from_us": str, "to_us": str, "camera_id": int}
    check_request(payload, known, optional=() if of_camera else ("camera_id",))
    if not 0 < payload.get("camera_id", 1) <= INT32:
        raise WireError("camera_id", "is not a camera's number")
    for name in ("from_us", "to_us"):
        if not payload[name]:
            raise WireError(name, "must be a decimal string")
        check_us(payload[name], name)
    if not 0 <= int(payload["to_us"]) - int(payload["from_us"]) <= longest_us:
        raise WireError("to_us", "is before from_us, or asks for too long a time")
