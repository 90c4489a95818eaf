"""What counts as a failed test run: Odoo exits 0 for most of it."""

import counts
import pytest

ODOO = "2026-01-02 03:04:05,678 99 {} db odoo.{}: {}"
TOTAL = ODOO.format("INFO", "tests.result", "0 failed, 0 error(s) of 12 tests when loading database 'db'")


@pytest.fixture
def log(tmp_path):
    """Return a function that counts a log of the given lines."""

    def count(*lines, allowed=()):
        path = tmp_path / "odoo.log"
        path.write_text("\n".join(lines))
        patterns = tmp_path / "allowed.txt"
        patterns.write_text("# why\n" + "\n".join(allowed))
        return counts.odoo(path, counts.allowed_patterns(patterns))

    return count


def test_clean_run(log):
    assert log(TOTAL) == (12, 0, 0)


def test_failures_and_errors_are_added(log):
    assert log(TOTAL.replace("0 failed, 0 error", "2 failed, 1 error")) == (9, 3, 0)


def test_run_without_tests_has_failed(log):
    assert log(ODOO.format("INFO", "modules", "all loaded"))[1] == 1


def test_skipped_browser_test_is_counted(log):
    line = ODOO.format(
        "INFO", "addons.cctv_sop.tests.ui", "skipped test_tour (x.Y) : websocket-client module is not installed"
    )
    assert log(line, TOTAL) == (11, 0, 1)


@pytest.mark.parametrize("level", ["WARNING", "ERROR", "CRITICAL"])
def test_loud_line_fails_the_run_unless_allowed(log, level):
    line = ODOO.format(level, "addons.cctv_sop.models", "something is off")
    assert log(line, TOTAL)[1] == 1
    assert log(line, TOTAL, allowed=["something is off"]) == (12, 0, 0)


def test_junit_counts(tmp_path):
    report = tmp_path / "r.xml"
    report.write_text(
        "<testsuites><testsuite><testcase/><testcase><failure/></testcase>"
        "<testcase><error/></testcase><testcase><skipped/></testcase></testsuite></testsuites>"
    )
    assert counts.junit(report) == (1, 2, 1)
