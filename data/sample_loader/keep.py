"""Records that are made once and then belong to whoever uses the system."""

import csv
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[1] / "sample"
MODULE = "cctv_sample"


def rows(name):
    """Return the lines of ``sample/<name>.csv`` as dicts of stripped strings."""
    with (SAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return [{key: value.strip() for key, value in row.items()} for row in csv.DictReader(stream)]


def find(env, key):
    """Return the sample record of that key, or an empty list when it was not made yet."""
    return env.ref(f"{MODULE}.{key}", raise_if_not_found=False) or []


def need(env, key):
    """Return the sample record of that key; ``ValueError`` when it is missing."""
    return env.ref(f"{MODULE}.{key}")


def name(env, key, record):
    """Remember ``record`` under ``key``."""
    env["ir.model.data"]._update_xmlids([{"xml_id": f"{MODULE}.{key}", "record": record, "noupdate": True}])
    return record


def keep(env, model, key, values):
    """Return the record of that key, made from ``values()`` when it is missing."""
    return find(env, key) or name(env, key, env[model].create(values()))
