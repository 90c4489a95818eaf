"""Segments a second that leave by the whole protocol, beside files that are plainly unlinked."""

from ..report import median
from .inside import on_node

SEGMENTS, CAMERAS = 10_000, 100
GOAL = 2000


def measure(system, report, rounds, seed):
    """Make the footage anew for each round of both ways; only its deletion is counted."""
    spent = on_node(system, "purge", segments=SEGMENTS, cameras=CAMERAS, rounds=rounds, seed=seed)
    rate = {way: SEGMENTS / median(spent[way]) for way in ("purge", "plain")}
    report.add(
        f"purge of {SEGMENTS:,} segments, {spent['batch']} a batch, against unlink",
        rate["purge"],
        "files/s",
        baseline=rate["plain"],
        goal=f">= {GOAL}/s",
        met=rate["purge"] >= GOAL,
        raw=[spent["purge"], spent["plain"]],
    )
