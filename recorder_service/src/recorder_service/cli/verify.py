"""``recorder verify``: the custody ledger in Odoo against its own rule and against what this node has seen of it."""

from __future__ import annotations

from typing import Any

from ..erp.connect import connect
from ..erp.errors import ErpError
from ..erp.ledger import Finding, verify
from ..settings import Settings
from .output import say, show_json
from .reading import open_index

INTACT, PARTIAL, CHANGED = 0, 1, 2

_WORDS = {INTACT: "intact", PARTIAL: "partial", CHANGED: "changed"}
_WHY = {
    "missing": "is missing",
    "order": "a line stands here twice or without a number",
    "hash": "its text is not the one that was hashed",
    "body": "its text is not in the form of an entry",
    "prev": "does not follow the line before",
    "anchor": "is another one than {} was told here",
    "tail": "is missing, and so is the end of the ledger: {} was told a later one",
}


def run(settings: Settings) -> tuple[int, dict[str, Any]]:
    """Exit status and what was found.

    Raises:
        DatabaseError: there is no index to take the node's anchors from.
    """
    with open_index(settings) as index:
        seen = index.anchors.all()
    try:
        port = connect(settings.odoo)
        try:
            finding = verify(port, settings.node.uuid, seen)
        finally:
            port.close()
    except ErpError as error:
        return PARTIAL, {"result": _WORDS[PARTIAL], "message": f"the ledger could not be read: {error}"}
    status = _status(finding)
    return status, {
        "result": _WORDS[status],
        "message": _message(finding, status),
        "lines": finding.lines,
        "head": finding.head,
        "anchors": finding.anchors,
        "anchors_found": finding.met,
        "first_bad": {"seq": finding.bad.seq, "why": finding.bad.why} if finding.bad else None,
    }


def _status(finding: Finding) -> int:
    if finding.bad:
        return CHANGED
    return PARTIAL if finding.lines and not finding.anchors else INTACT


def _message(finding: Finding, status: int) -> str:
    if finding.bad:
        why = _WHY[finding.bad.why].format(finding.bad.seen_by)
        return f"line {finding.bad.seq}: {why}; lines after it are not judged"
    text = f"{finding.lines} lines are intact"
    if status == PARTIAL:
        return f"{text} in themselves; this node has seen none of them yet, so a cut end would not be noticed"
    return f"{text}; {finding.met} heads that this node has seen stand in their places"


def show(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(found)
    else:
        say(f"{found['result']}: {found['message']}")
