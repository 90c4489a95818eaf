"""Merge a fresh export of an addon's terms into its catalogues: catalogue.py EXPORT.pot I18N_FOLDER."""

import sys
from pathlib import Path

import polib

#: Change with each export and say nothing about the terms.
_DATES = ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator")


def merge(exported: Path, folder: Path) -> list[str]:
    """Write ``<addon>.pot`` and ``id.po``; returns the terms without Indonesian text."""
    fresh = polib.pofile(str(exported))
    template = folder / f"{exported.stem}.pot"
    before = polib.pofile(str(template))
    fresh.header, fresh.metadata = before.header, before.metadata
    fresh.save(str(template))
    catalogue = folder / "id.po"
    old = polib.pofile(str(catalogue))
    known = {entry.msgid: entry.msgstr for entry in old}
    fresh.sort(key=lambda entry: entry.msgid)
    for entry in fresh:
        text = known.get(entry.msgid, "")
        entry.msgstr = "" if text == entry.msgid else text
    fresh.header, fresh.metadata = old.header, {k: v for k, v in old.metadata.items() if k not in _DATES}
    fresh.save(str(catalogue))
    return [entry.msgid for entry in fresh if not entry.msgstr]


if __name__ == "__main__":
    for term in merge(Path(sys.argv[1]), Path(sys.argv[2])):
        print(f"    no Indonesian: {term!r}")
