#!/usr/bin/python3
"""Hold what the sample cameras record, as an officer and a supervisor do, and wait until their recorder has stored it.

hold.py --url URL --db NAME --logins FILE
"""

import argparse
import sys
import time
from datetime import date, datetime, timedelta, timezone

from erp import Erp

SETTLE = 60  # seconds
STORED = "active"


def preserve(officer):
    """Make a hold over all cameras, from an hour ago on without end; return its id."""
    values = {
        "camera_ids": [[6, 0, officer.call("cctv.camera", "search", [])]],
        "start": (datetime.now(timezone.utc) - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S"),
        "reason": "Barang hilang",
        "case_ref": "LP/1",
        "review_date": str(date.today() + timedelta(days=30)),
    }
    return officer.call("cctv.legal.hold", "create", [values])[0]


def is_stored(officer, hold):
    """Return whether the recorder has answered that it keeps footage for the hold."""
    return officer.call("cctv.legal.hold", "read", [hold], ["hold_state"])[0]["hold_state"] == STORED


def main():
    """Make it, and see it stored."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--db", required=True)
    parser.add_argument("--logins", required=True, type=argparse.FileType())
    options = parser.parse_args()
    officer, supervisor = (Erp(options.url, options.db, options.logins, role) for role in ("officer", "supervisor"))
    hold = preserve(officer)
    supervisor.call("cctv.legal.hold", "action_confirm", [hold])
    supervisor.call("cctv.legal.hold", "action_activate", [hold])
    begun = time.monotonic()
    while not is_stored(officer, hold):
        if time.monotonic() - begun > SETTLE:
            print("The recorder has not stored the hold.")
            return 1
        time.sleep(1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
