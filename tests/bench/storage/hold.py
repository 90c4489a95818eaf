"""How long after an officer's hold its recorder has stored it and Odoo knows, in intervals of its sync."""

import random
import time

from support import wait
from support.erp import Erp
from support.holds import US, activate, preserve
from support.system import now_us

from ..report import median, percentile

GOAL = 2
LIMIT_S = 60
NOTE = "bench"


def measure(system, report, rounds, seed):
    """Hold a minute of a camera that is drawn, at a moment that is drawn; release each hold in the end."""
    draw = random.Random(seed)
    officer, supervisor, it = (Erp(system.access, role) for role in ("officer", "supervisor", "it"))
    cameras = sorted(it.cameras().values(), key=lambda camera: camera["code"])
    interval = it.search_read("cctv.recorder", [("state", "!=", "retired")], ["interval"], limit=1)[0]["interval"]
    spent, made = [], []
    try:
        for _number in range(rounds):
            time.sleep(draw.uniform(0, interval))
            now = now_us()
            made.append(preserve(officer, draw.choice(cameras), now - 60 * US, now))
            begun = time.monotonic()
            activate(supervisor, made[-1])
            wait.until(lambda: _stored(it, made[-1]), LIMIT_S, "the recorder's acknowledgement", 0.05)
            spent.append((time.monotonic() - begun) / interval)
    finally:
        _release(system, supervisor, made)
    values = {"baseline": 1, "raw": spent}
    report.add(
        f"hold to its acknowledgement, in intervals of {interval} s, median",
        median(spent),
        "interval",
        goal=f"<= {GOAL}",
        met=median(spent) <= GOAL,
        **values,
    )
    report.add("hold to its acknowledgement, in intervals, p95", percentile(spent, 0.95), "interval", **values)


def _stored(it, held):
    acks = it.search_read("cctv.hold.ack", [("hold_id", "=", held)], ["state"])
    return acks and all(ack["state"] == "active" for ack in acks)


def _release(system, supervisor, made):
    management = Erp(system.access, "management")
    for held in made:
        supervisor.call("cctv.legal.hold", "action_request_release", [held], note=NOTE)
        management.call("cctv.legal.hold", "action_release", [held], note=NOTE)
