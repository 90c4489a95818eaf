"""Odoo is away: recording goes on, and within 60 s of its return every row is there."""

import time

import pytest
from support import proofs, wait
from support.erp import Erp
from support.system import now_us

US = 10**6
CATCH_UP_S = 60


def _away(system, seconds):
    it = Erp(system.access, "it")
    cameras = {code: row for code, row in it.cameras().items() if row["state"] == "active"}
    begun = now_us()
    system.stop("odoo")
    print(f"Odoo away for {seconds} s")
    time.sleep(seconds)
    back = _start_odoo(system)
    closed_before = back - 3 * US
    it = Erp(system.access, "it")

    def all_there():
        for code, camera in cameras.items():
            try:
                proofs.files_have_rows(
                    system.media_root, camera["path"], it.segments(camera["id"]), begun, closed_before - 25 * US
                )
            except AssertionError as missing:
                return print(f"{code}: {missing}")
        return True

    wait.until(all_there, CATCH_UP_S, "every segment of the outage in Odoo", 2)
    print(f"all rows there {(now_us() - back) / US:.0f} s after Odoo answered")
    for code, camera in cameras.items():
        rows = [row for row in it.segments(camera["id"]) if int(row["stop_us"]) > begun]
        proofs.rows_match_files(system.media_root, camera["path"], rows)
        if code != "cam-06":
            proofs.gap_free(rows)


def _start_odoo(system):
    system.start_all()
    system.await_healthy("odoo")
    return now_us()


def test_short_outage(system):
    _away(system, 70)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_outage_of_ten_minutes(system):
    _away(system, 600)
