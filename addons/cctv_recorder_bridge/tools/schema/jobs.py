"""Answers of jobs."""

from ..wire import WireError
from .codes import wrong_in_code
from .shape import LARGEST, LONGEST, LONGEST_TEXT, NUMBER, check_list

JOB_FIELDS = frozenset(("id", "state", "result", "error"))
_SAID = ("code", "args")
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
            *_SAID,
        )
    ),
    "snapshot": frozenset(("jpeg_base64", "sha256", "taken_us", "width", "height", "reason", "message", *_SAID)),
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


def check_jobs(jobs):
    """:raises WireError: an answer, or a result in it, has a field that is not known"""
    check_list(jobs, JOB_FIELDS, "jobs")
    known = frozenset().union(*JOB_RESULTS.values())
    for position, job in enumerate(jobs):
        result = job.get("result")
        for name in result if isinstance(result, dict) else ():
            if name not in known:
                raise WireError(f"jobs[{position}].result.{name[:LONGEST]}", "is not a known field")


def wrong_in_result(kind, result):
    """Return the place of the first wrong thing in a job's result, or None."""
    if not isinstance(result, dict):
        return "result"
    for name, value in result.items():
        if name not in JOB_RESULTS[kind]:
            return "result"
        if value is None or name in _SAID:
            continue
        expected, longest = _RESULT_TYPES[name]
        if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
            return f"result.{name}"
        if isinstance(value, str):
            if len(value) > longest:
                return f"result.{name}"
        elif not 0 <= value <= LARGEST:  # neither infinite nor NaN
            return f"result.{name}"
    wrong = wrong_in_code(result.get("code"), result.get("args"))
    return wrong and f"result.{wrong}"
