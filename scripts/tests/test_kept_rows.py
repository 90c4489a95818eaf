"""What scripts/test-docker compares after a restore: one row that is gone, changed or of nowhere is told."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib" / "docker"))
import kept  # noqa: E402 - found by the line above

ENTRY = {"company_id": 1, "action": "hold"}


@pytest.fixture
def before():
    """Return a row of each table and three lines of the ledger."""
    lines = []
    for table, (key, _columns, _rows) in {**kept.OF_ODOO, **kept.OF_INDEX}.items():
        lines += [(table, {**dict.fromkeys(key.split(", "), 7), "id": 7, "word": "as it was"})]
    lines += [("cctv_custody_entry", {**ENTRY, "seq": seq}) for seq in (8, 9)]
    return [*lines, ("file", {"store_fname": "ab/abcd", "sha256": "1"})]


def told(before, after):
    """Return what is told of the rows afterwards."""
    sides = (kept.keyed(map(json.dumps, lines)) for lines in (before, after))
    return list(kept.differences(*sides))


def test_the_same_rows_and_later_ones_are_no_difference(before):
    later = [("cctv_custody_entry", {**ENTRY, "seq": 10}), ("file", {"store_fname": "cd/cdef", "sha256": "2"})]
    assert told(before, [*before, *later]) == []


def test_a_row_that_is_gone_is_told_in_each_table(before):
    for number, (table, _row) in enumerate(before):
        (line,) = told(before, before[:number] + before[number + 1 :])
        assert line.startswith(f"{table}: ")
        assert line.endswith("is gone")


def test_a_changed_row_is_told_with_what_changed(before):
    table, row = before[0]
    (line,) = told(before, [(table, {**row, "word": "another"}), *before[1:]])
    assert line.endswith("is another one in word")


def test_a_file_of_other_bytes_is_told(before):
    assert told(before, [*before[:-1], ("file", {"store_fname": "ab/abcd", "sha256": "2"})])


def test_a_line_among_those_of_before_is_told(before):
    without = [line for line in before if line[1].get("seq") != 8]
    (line,) = told(without, before)
    assert line == "cctv_custody_entry: [1, 8] was not there"


def test_a_table_without_rows_proves_nothing(before):
    (line,) = told(before[1:], before)
    assert "no rows" in line


def test_a_row_that_is_there_twice_is_an_error(before):
    with pytest.raises(ValueError, match="twice"):
        told(before, [*before, before[0]])
