"""Odoo answers and does no scheduled work: who operates it is told.

By its name this runs before the tests that kill processes: a young Odoo is waited for, up to five minutes.
"""

from datetime import UTC, datetime, timedelta

import pytest
from support import wait, watch

STANDSTILL = timedelta(minutes=5)


def _up_for(system):
    return datetime.now(UTC) - datetime.fromisoformat(system.state("odoo")["since"])


@pytest.mark.timeout(600)
def test_status_names_scheduled_work_that_stands_still(system):
    system.await_healthy("odoo")
    wait.until(lambda: _up_for(system) > STANDSTILL, STANDSTILL.seconds, "an Odoo that is up for long")
    watch.stop(system)
    try:
        done = system.script("status", "--only", "odoo", check=False)
        assert (done.returncode, "its scheduled work stands still since" in done.stdout) == (1, True), done.stdout
        system.kill("odoo")
        system.await_healthy("odoo")  # one that was just started is given time
    finally:
        watch.go_on(system)
    watch.await_next(system)
