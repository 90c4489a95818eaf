"""The list of figures: printed, and kept as ``.run/bench.json``."""

import json
import statistics


class Report:
    """Collects figures; each has a value, a baseline where one exists, and a goal."""

    def __init__(self):
        self.rows = []

    def add(self, name, value, unit, *, baseline=None, ratio=None, goal="", met=None, raw=()):
        """Add one figure and print it.

        :param ratio: default ``value / baseline``
        :param goal: in words; ``met`` is None where there is none
        """
        if ratio is None and baseline:
            ratio = value / baseline
        row = {"name": name, "value": value, "unit": unit, "baseline": baseline, "ratio": ratio}
        self.rows.append({**row, "goal": goal, "met": met, "raw": list(raw)})
        told = f"ratio {ratio:.3g}" if ratio is not None else ""
        verdict = {True: "met", False: "NOT MET", None: ""}[met]
        print(f"{name:58} {value:>12.5g} {unit:8} {told:14} {goal:12} {verdict}", flush=True)

    def write(self, target):
        """Replace the file; figures of parts that were not run this time stay."""
        known = {row["name"]: row for row in json.loads(target.read_text())} if target.exists() else {}
        known |= {row["name"]: row for row in self.rows}
        partial = target.with_suffix(".json.new")
        partial.write_text(json.dumps(list(known.values()), indent=1) + "\n")
        partial.replace(target)


def median(values):
    """Return the middle value."""
    return statistics.median(values)


def percentile(values, share):
    """Return the value below which ``share`` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]
