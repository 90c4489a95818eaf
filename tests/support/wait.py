"""Waiting for something that other processes do."""

import time


def until(reached, limit_s, what, pause_s=0.5):
    """Poll until ``reached()`` answers something true, and return that.

    :raises AssertionError: ``what`` was not so after ``limit_s`` seconds; tells the last answer
    """
    deadline = time.monotonic() + limit_s
    while True:
        answer = reached()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"after {limit_s} s: not {what} (last answer: {answer!r})")
        time.sleep(pause_s)
