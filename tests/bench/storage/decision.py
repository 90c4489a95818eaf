"""How long a node with many rows takes to see which footage is due and held by nobody."""

from ..report import median
from .inside import on_node

CAMERAS = 100
GOAL_S = 0.05


def measure(system, report, large, rounds, seed):
    """Ask a node of ``large`` rows and one of a tenth of them in turn; both have 200 holds and the same hour due."""
    found = on_node(system, "decision", sizes=[large // 10, large], cameras=CAMERAS, rounds=rounds, seed=seed)
    small, spent = map(median, found["spent"])
    report.add(
        f"due of {CAMERAS} cameras, 200 holds, {large:,} rows against a tenth",
        spent * 1000,
        "ms",
        baseline=small * 1000,
        goal=f"<= {GOAL_S * 1000:g} ms",
        met=spent <= GOAL_S,
        raw=found["spent"],
    )
