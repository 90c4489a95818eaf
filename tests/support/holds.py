"""Legal holds as people make them."""

import time

from .erp import Erp
from .system import now_us

US = 10**6
DAY = 86_400 * US


def second(us):
    """Return µs as Odoo's texts of time have it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(us // US))


def hold(system, camera, start_us, stop_us):
    """An officer preserves, a supervisor confirms and activates; return the hold's id."""
    made = preserve(Erp(system.access, "officer"), camera, start_us, stop_us)
    activate(Erp(system.access, "supervisor"), made)
    return made


def preserve(officer, camera, start_us, stop_us):
    """Hold a stretch of a camera, yet to be confirmed; return the hold's id."""
    values = {"camera_ids": [(6, 0, [camera["id"]])], "start": second(start_us), "stop": second(stop_us)}
    values |= {"reason": "Barang hilang", "case_ref": "LP/1", "review_date": second(now_us() + 30 * DAY)[:10]}
    return officer.call("cctv.legal.hold", "create", values)


def activate(supervisor, made):
    """Confirm and activate."""
    supervisor.call("cctv.legal.hold", "action_confirm", [made])
    supervisor.call("cctv.legal.hold", "action_activate", [made])
