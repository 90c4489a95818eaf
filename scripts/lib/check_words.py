#!/usr/bin/python3
"""Compare a translation with a fresh export of its addon:  check_words.py EXPORT.pot TRANSLATION.po   (needs polib)

Exit 1 when a term is missing, untranslated, fuzzy or left over, or when a translation drops a placeholder.
"""

import re
import sys
from pathlib import Path

import polib

PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[sdf]|%[sd]|\$\{[^}]*\}|\{[a-z_0-9]*\}")
SHOWN = 40


def problems(template, translation):
    """Yield one sentence per term that is wrong."""
    known = {entry.msgid: entry for entry in translation if not entry.obsolete}
    wanted = {entry.msgid for entry in template}
    for msgid in sorted(wanted - known.keys()):
        yield f"missing: {msgid!r}"
    for msgid in sorted(known.keys() - wanted):
        yield f"left over: {msgid!r}"
    for msgid in sorted(wanted & known.keys()):
        entry = known[msgid]
        if entry.fuzzy:
            yield f"fuzzy: {msgid!r}"
        elif not entry.msgstr:
            yield f"not translated: {msgid!r}"
        elif sorted(PLACEHOLDER.findall(msgid)) != sorted(PLACEHOLDER.findall(entry.msgstr)):
            yield f"other placeholders: {msgid!r} -> {entry.msgstr!r}"


def main(template_path, translation_path):
    """Print what is wrong, at most a screenful."""
    if not Path(translation_path).exists():
        print(f"{translation_path} is missing")
        return 1
    template = polib.pofile(template_path)
    found = list(problems(template, polib.pofile(translation_path)))
    for sentence in found[:SHOWN]:
        print(sentence)
    print(f"{translation_path}: {len(template)} terms, {len(found)} wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
