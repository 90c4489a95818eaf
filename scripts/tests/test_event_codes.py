"""What nodes say goes through three parts: the service's codes, the bridge's sentences and the wire's description."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "recorder_service" / "src" / "recorder_service"
RECORDING = ROOT / "addons" / "cctv_recorder_bridge" / "models" / "recording"
_BLANK = re.compile(r"%\((\w+)\)s")


class Codes:
    """One list of codes; `by_reason`: told by the reason of the gap, not by a sentence of its own."""

    def __init__(self, module, enum, words, heading, by_reason):
        self.module, self.enum, self.words, self.heading, self.by_reason = module, enum, words, heading, by_reason

    def of_service(self):
        """Return name and value of each member of the service's list."""
        (code,) = [
            node for node in tree(SERVICE / "domain" / self.module).body if getattr(node, "name", "") == self.enum
        ]
        return {line.targets[0].id: line.value.value for line in code.body if isinstance(line, ast.Assign)}

    def sentences(self):
        """Return the bridge's sentences by code."""
        file, name = self.words
        (words,) = [
            node.value
            for node in tree(RECORDING / file).body
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name
        ]
        return {key.value: call.args[0].value for key, call in zip(words.keys, words.values, strict=True)}

    def described(self):
        """Return the codes and arguments of the wire's table."""
        text = (ROOT / "docs" / "wire.md").read_text("utf-8").partition(f"### {self.heading}\n")[2]
        section = re.split(r"\n##+ ", text)[0]
        rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
        names = re.compile(r"`(\w+)`")
        return [(names.findall(codes), set(names.findall(args))) for codes, args in rows]


def tree(path):
    return ast.parse(path.read_text("utf-8"))


EVENTS = Codes("event.py", "Code", ("cctv_recorder_event_words.py", "WORDS"), "Codes of events", {"camera_lost"})
SAID = Codes(
    "said.py", "SaidCode", ("cctv_recorder_said.py", "SAID"), "Codes of checks, cameras and jobs", {"by_reason"}
)
# made of the kind of fault: `Code(f"file_{fault}")`
FAULTS = {"FILE_UNSYNCED", "FILE_TROUBLE", "FILE_REFUSED", "FILE_FOREIGN", "FILE_RECOVERED", "FILE_DAMAGED"}


@pytest.mark.parametrize("codes", [EVENTS, SAID], ids=["events", "said"])
def test_each_code_of_the_service_has_a_sentence_and_each_sentence_a_code(codes):
    values = set(codes.of_service().values())
    assert len(values) > 30
    assert values == codes.sentences().keys() | codes.by_reason


@pytest.mark.parametrize(("codes", "built"), [(EVENTS, FAULTS), (SAID, set())], ids=["events", "said"])
def test_the_service_uses_each_of_its_codes(codes, built):
    source = "\n".join(path.read_text("utf-8") for path in SERVICE.rglob("*.py"))
    unused = {name for name in codes.of_service() if not re.search(rf"\b{codes.enum}\.{name}\b", source)}
    assert unused == built


@pytest.mark.parametrize("codes", [EVENTS, SAID], ids=["events", "said"])
def test_the_wire_describes_each_code_with_its_blanks(codes):
    rows = codes.described()
    told = [code for names, _args in rows for code in names]
    assert len(told) == len(set(told))
    assert set(told) == set(codes.of_service().values())
    blanks = {code: set(_BLANK.findall(text)) for code, text in codes.sentences().items()}
    for names, args in rows:
        named = set().union(*(blanks.get(code, {"reason"} if code == "camera_lost" else set()) for code in names))
        assert named <= args, f"{names}: {named - args} is not described"


def test_each_sentence_finds_its_blanks_in_what_the_service_says():
    source = "\n".join(path.read_text("utf-8") for path in SERVICE.rglob("*.py"))
    words = {name for text in SAID.sentences().values() for name in _BLANK.findall(text)}
    assert {name for name in words if not re.search(rf'\b{name}=|"{name}": ', source)} == set()
