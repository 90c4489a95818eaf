#!/usr/bin/python3
"""Count tests: the last line printed is "passed failed skipped".

    counts.py junit FILE
    counts.py odoo --allowed PATTERNS LOG

For Odoo's log every WARNING, ERROR or CRITICAL line counts as a failure unless a pattern of the allow-list matches it,
and a log without a single test is a failure: Odoo itself exits 0 in both cases.
"""

import argparse
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

LINE = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+): (?P<text>.*)$")
TOTAL = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
LOUD = {"WARNING", "ERROR", "CRITICAL"}


def junit(path):
    """Return (passed, failed, skipped) of a pytest report."""
    failed = skipped = total = 0
    for case in ET.parse(path).getroot().iter("testcase"):  # noqa: S314 - written by our own pytest a moment ago
        total += 1
        kinds = {child.tag for child in case}
        failed += bool(kinds & {"failure", "error"})
        skipped += "skipped" in kinds
    return total - failed - skipped, failed, skipped


def allowed_patterns(path):
    """Return the compiled patterns of the allow-list: one a line, # begins a comment."""
    lines = (line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return [re.compile(line) for line in lines if line and not line.startswith("#")]


def odoo(path, allowed):
    """Return (passed, failed, skipped) of Odoo's log, naming each line that is not allowed."""
    tests = broken = skipped = 0
    loud = []
    for raw in Path(path).read_text(encoding="utf-8", errors="replace").splitlines():
        line = LINE.match(raw)
        if not line:
            continue
        total = TOTAL.search(line["text"])
        if total:
            broken += int(total[1]) + int(total[2])
            tests += int(total[3])
        elif line["text"].startswith("skipped ") and line["level"] == "INFO":
            skipped += 1
            print(f"skipped: {line['text']}")
        elif line["level"] in LOUD and not any(pattern.search(raw) for pattern in allowed):
            loud.append(raw)
    for raw in loud:
        print(f"not allowed in the log: {raw[:400]}")
    if not tests:
        print("no test ran")
    failed = max(broken, 1 if loud or not tests else 0)
    return tests - broken - skipped, failed, skipped


def main():
    """Print the counts; exit 1 when something failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=("junit", "odoo"))
    parser.add_argument("file")
    parser.add_argument("--allowed")
    options = parser.parse_args()
    found = junit(options.file) if options.kind == "junit" else odoo(options.file, allowed_patterns(options.allowed))
    print(*found)
    return 1 if found[1] else 0


if __name__ == "__main__":
    sys.exit(main())
