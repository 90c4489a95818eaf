"""A month with holds that leaves the ERP's index, beside DELETE and VACUUM of as many rows."""

import json

from ..report import median

#: a hold of two hours of one camera for so many rows: 0.6 % of a month is held
ROWS_A_HOLD = 20_000
TIME_GOAL, WAL_GOAL = 1 / 3, 1 / 10
SHELL = "import sys; sys.path.insert(0, {place!r})\nfrom leaving import run\nrun(env, {job!r})\n"


def measure(ground, report, rows, rounds, seed):
    """Fill a month for each way in each round; filling is not counted."""
    job, result = ground.work / "leave.json", ground.work / "left.json"
    told = {"cameras": ground.seed["cameras"], "node_id": ground.seed["node_id"], "holds": rows // ROWS_A_HOLD}
    job.write_text(json.dumps({**told, "rows": rows, "rounds": rounds, "seed": seed, "result": str(result)}))
    ground.run_in_shell(SHELL.format(place=str(ground.here), job=str(job)))
    found = json.loads(result.read_text())
    assert all(0 < left < rows for way in found.values() for left in way["left"]), "held rows stay, others go"
    for what, unit, factor, goal in (("seconds", "s", 1, TIME_GOAL), ("wal", "MB", 1e-6, WAL_GOAL)):
        ours, plain = (median(found[way][what]) * factor for way in ("leave", "delete"))
        report.add(
            f"a month of {rows:,} rows leaves, {what}, against DELETE, VACUUM",
            ours,
            unit,
            baseline=plain,
            goal=f"<= {goal:.2g}",
            met=ours / plain <= goal,
            raw=[found["leave"][what], found["delete"][what]],
        )
