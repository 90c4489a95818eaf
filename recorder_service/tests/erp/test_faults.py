"""What a server's traceback is told as."""

from __future__ import annotations

import pytest

from recorder_service.erp.faults import from_server_error

_TRACE = 'Traceback (most recent call last):\n  File "/o/a.py", line 2, in x\n    y()\n'
_FULL = "psycopg2.errors.DiskFull: could not extend file: No space left on device\nHINT:  Check free disk space.\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (_TRACE + _FULL + "CONTEXT:  PL/pgSQL function x() line 3 at SQL statement\n\n", "DiskFull: could not extend"),
        (
            _TRACE + "ValueError: odd\n\nDuring handling …:\n\n" + _TRACE + "KeyError: 'second'\nmore",
            "KeyError: 'second'",
        ),
        ("just words\nand a last line\n", "and a last line"),
        ("", "no details"),
    ],
)
def test_the_line_that_names_the_error(text: str, told: str) -> None:
    said = str(from_server_error("acme", text))
    assert told in said
    assert "CONTEXT" not in said
