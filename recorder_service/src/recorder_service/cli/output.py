"""What happened is data; this shows it, as a table for people or as JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from ..logs.redact import redact, redact_value

_PIPE_WIDTH = 160  # a pipe has no width of its own

_out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
_err = Console(stderr=True, soft_wrap=True, highlight=False)


def show_json(value: Any) -> None:
    """One JSON document on stdout, without secrets."""
    print(json.dumps(redact_value(value), indent=2, default=str))


def show_rows(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """A table; empty cells for None."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    _out.print(table)


def _cell(value: Any) -> str:
    return "" if value is None else redact(str(value)).replace("[", r"\[")


def show_pairs(pairs: Mapping[str, Any]) -> None:
    """``name: value`` lines."""
    for name, value in pairs.items():
        _out.print(f"{name.replace('_', ' ')}: {_cell(value)}")


def say(text: str) -> None:
    _out.print(redact(text), markup=False)


def complain(text: str) -> None:
    """A problem, on stderr."""
    _err.print(redact(text), markup=False)
