"""Figures of what is kept, found and deleted: a module each."""

from ..ground import Ground
from . import decision, hold, leave, purge, rebuild, scan

FIGURES = ("purge", "decision", "leave", "scan", "hold", "rebuild")


def measure(figures, system, report, long, seed):
    """Measure the chosen ones of ``FIGURES``."""
    if "purge" in figures:
        purge.measure(system, report, 7 if long else 3, seed)
    if "decision" in figures:
        decision.measure(system, report, 13_000_000 if long else 1_300_000, 40 if long else 20, seed)
    if "leave" in figures:
        with Ground(system, cameras=24) as ground:
            leave.measure(ground, report, 900_000 if long else 240_000, 3, seed)
    if "scan" in figures:
        scan.measure(system, report, 7 if long else 3, seed)
    if "hold" in figures:
        hold.measure(system, report, 15 if long else 5, seed)
    if "rebuild" in figures:
        # as many rows of each camera at both sizes, since each of its days is a call
        with Ground(system, cameras=50 if long else 10) as ground:
            rebuild.measure(ground, report, 100_000 if long else 20_000, 3)
