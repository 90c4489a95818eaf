"""What events say goes through three parts: the service's codes, the bridge's sentences and the wire's description."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "recorder_service" / "src" / "recorder_service"
WORDS = ROOT / "addons" / "cctv_recorder_bridge" / "models" / "recording" / "cctv_recorder_event_words.py"
# told by the reason of the gap, not by a sentence of its own
BY_REASON = {"camera_lost"}
_BLANK = re.compile(r"%\((\w+)\)s")


def tree(path):
    return ast.parse(path.read_text("utf-8"))


def service_codes():
    """Return name and value of each member of the service's `Code`."""
    (code,) = [node for node in tree(SERVICE / "domain" / "event.py").body if getattr(node, "name", "") == "Code"]
    return {line.targets[0].id: line.value.value for line in code.body if isinstance(line, ast.Assign)}


def sentences():
    """Return the bridge's sentences by code."""
    (words,) = [
        node.value
        for node in tree(WORDS).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "WORDS"
    ]
    return {key.value: call.args[0].value for key, call in zip(words.keys, words.values, strict=True)}


def described():
    """Return the codes and arguments of the wire's table."""
    section = (ROOT / "docs" / "wire.md").read_text("utf-8").partition("### Codes of events")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    names = re.compile(r"`(\w+)`")
    return [(names.findall(codes), set(names.findall(args))) for codes, args in rows]


def test_each_code_of_the_service_has_a_sentence_and_each_sentence_a_code():
    codes = set(service_codes().values())
    assert len(codes) > 30
    assert codes == sentences().keys() | BY_REASON


def test_the_service_uses_each_of_its_codes():
    source = "\n".join(path.read_text("utf-8") for path in SERVICE.rglob("*.py"))
    unused = {name for name in service_codes() if f"Code.{name}" not in source}
    # made of the kind of fault: `Code(f"file_{fault}")`
    faults = {"FILE_UNSYNCED", "FILE_TROUBLE", "FILE_REFUSED", "FILE_FOREIGN", "FILE_RECOVERED", "FILE_DAMAGED"}
    assert unused == faults


def test_the_wire_describes_each_code_with_its_blanks():
    rows = described()
    told = [code for codes, _args in rows for code in codes]
    assert len(told) == len(set(told))
    assert set(told) == set(service_codes().values())
    blanks = {code: set(_BLANK.findall(text)) for code, text in sentences().items()}
    for codes, args in rows:
        named = set().union(*(blanks.get(code, {"reason"}) for code in codes))
        assert named <= args, f"{codes}: {named - args} is not described"
