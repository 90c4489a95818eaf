"""How a program of the bench is told what to do, and tells what it measured."""

import contextlib
import json
import sys


def run(measure):
    """Call ``measure`` with what standard input says; its answer goes to standard output, logs to standard error."""
    with contextlib.redirect_stdout(sys.stderr):
        answer = measure(**json.load(sys.stdin))
    json.dump(answer, sys.stdout)
