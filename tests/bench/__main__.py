"""``scripts/bench`` runs this; see there for the words it takes."""

import argparse
import os
import random
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from support import media  # noqa: E402, F401 - puts the sample cameras on the path
from support.system import System  # noqa: E402

from . import cpu, ingest, latency, queries, storage  # noqa: E402
from .ground import Ground  # noqa: E402
from .report import Report  # noqa: E402

PARTS = ("latency", "ingest", "queries", "cpu", "storage", *storage.FIGURES)


def main():
    """Measure the chosen parts; 1 when a goal was not met."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", metavar="PART", help=" ".join(PARTS))
    parser.add_argument("--long", action="store_true", help="more rounds, twenty million rows")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--runs", type=int, help="of the CPU figure, each of both sides (default 3, with --long 5)")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(unknown)}")
    system, report = System(os.environ["CCTV_RUN"]), Report()
    chosen = set(options.parts or PARTS)
    if "storage" in chosen:
        chosen.update(storage.FIGURES)
    print(f"seed {options.seed}")
    if "latency" in chosen:
        latency.measure(system, report, 300 if options.long else 75)
    if "ingest" in chosen or "queries" in chosen:
        with Ground(system) as ground:
            if "ingest" in chosen:
                ingest.measure(ground, report, 11 if options.long else 5, options.seed)
            if "queries" in chosen:
                sizes = (1_000_000, 20_000_000) if options.long else (100_000, 1_000_000)
                queries.measure(ground, report, *sizes, options.seed)
    if "cpu" in chosen:
        cpu.measure(system, report, options.runs or (5 if options.long else 3), 120 if options.long else 60)
    storage.measure(chosen, system, report, options.long, options.seed)
    report.write(system.run / "bench.json")
    return 0 if all(row["met"] is not False for row in report.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
