"""How the intake's cost a file grows from a handful of cameras to many, each with a day of files."""

from ..report import median
from .inside import on_node

FEW, MANY = 6, 200
GOAL = 1.3


def measure(system, report, rounds, seed):
    """Scan both in turn: once with nothing new, once with some new segments of each camera."""
    pattern = min(system.media_root.glob("*/*/*.mp4"), key=_closed_size)
    found = on_node(system, "scan", few=FEW, many=MANY, pattern=str(pattern), rounds=rounds, seed=seed)
    words = {"quiet": ("nothing new, a file there", "µs", 1e6), "new": ("a file taken in", "ms", 1e3)}
    for what, (text, unit, factor) in words.items():
        few, many = (median(found[size][what]) * factor for size in ("few", "many"))
        report.add(
            f"scan of {MANY} cameras against {FEW}, {text}",
            many,
            unit,
            baseline=few,
            goal=f"<= {GOAL:g}",
            met=many / few <= GOAL,
            raw=[found["few"][what], found["many"][what]],
        )
    whole = median(found["many"]["quiet"]) * found["files"]
    report.add(f"scan of {MANY} cameras, {found['files']:,} files, nothing new", whole, "s")


def _closed_size(file):
    """Sort what is sealed first, by size."""
    status = file.stat()
    return bool(status.st_mode & 0o200), status.st_size
