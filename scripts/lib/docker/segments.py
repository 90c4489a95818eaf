#!/usr/bin/python3
"""Compare Odoo's segments with the files inside the recorder's container, over XML-RPC and with coreutils' sha256sum.

segments.py --url URL --db NAME --logins FILE [--from US] [--least N] [--no-gap-from US] -- COMMAND...

COMMAND runs what follows it inside that container. Waits until each sample camera has N rows that start after --from
(in µs) and everything agrees; exit 1 with the differences when that takes too long.
"""

import argparse
import subprocess
import sys
import time
import xmlrpc.client
from collections import defaultdict
from datetime import datetime, timezone

from erp import Erp

MEDIA = "/srv/cctv/media"
SETTLE = 150  # seconds
PAUSE = 5  # seconds
READER = "it"
# mode, size and hash of each file that is sealed; the engine's open file is not yet
LISTING = f"find {MEDIA} -name '*.mp4' ! -perm /0222 -exec stat -c 'size %s %n' {{}} + ; "
LISTING += f"find {MEDIA} -name '*.mp4' ! -perm /0222 -exec sha256sum {{}} +"


def file_of(path, start_us):
    """Return the file that a row implies (docs/wire.md)."""
    day = datetime.fromtimestamp(start_us / 1e6, timezone.utc).strftime("%Y-%m-%d")
    return f"{MEDIA}/{path}/{day}/{start_us // 10**6}-{start_us % 10**6:06d}.mp4"


def files(command):
    """Return {path: (size, sha256)} of the sealed files."""
    done = subprocess.run(
        [*command, "sh", "-c", LISTING], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    size_of, hash_of = {}, {}
    for line in done.stdout.replace("\r", "").splitlines():
        if line.startswith("size "):
            _word, size, name = line.split(" ", 2)
            size_of[name] = int(size)
        else:
            digest, name = line.split("  ", 1)
            hash_of[name] = digest
    return {name: (size_of[name], hash_of[name]) for name in size_of if name in hash_of}


def problems(erp, options):
    """Yield one sentence for each difference."""
    on_disk = files(options.command)
    cameras = {row["id"]: row for row in erp.read("cctv.camera", ["code", "path"])}
    rows = erp.read("cctv.segment", ["camera_id", "start_us", "bytes", "sha256", "run", "number", "status"])
    told, new, runs = set(), defaultdict(int), defaultdict(list)
    for row in rows:
        camera = cameras[row["camera_id"][0]]
        name = file_of(camera["path"], int(row["start_us"]))
        told.add(name)
        new[camera["id"]] += int(row["start_us"]) >= options.since
        runs[camera["code"], row["run"]].append(row["number"])
        if name in on_disk and on_disk[name] != (int(row["bytes"]), row["sha256"]):
            yield f"{name}: Odoo has {int(row['bytes'])} bytes {row['sha256']}, the disk {on_disk[name]}"
    yield from (f"{name}: Odoo has no row" for name in sorted(set(on_disk) - told))
    yield from (f"{name}: a row without a file" for name in sorted(told - set(files(options.command))))
    for (code, run), numbers in runs.items():
        missing = sorted(set(range(max(numbers) + 1)) - set(numbers))
        if missing:
            yield f"{code}, run {run}: numbers {missing} are missing"
    yield from (f"{c['code']}: only {new[i]} segments" for i, c in cameras.items() if new[i] < options.least)
    yield from _gaps(erp, options)


def _gaps(erp, options):
    if options.no_gap_from is None:
        return
    for gap in erp.read("cctv.gap", ["camera_id", "start_us", "reason"]):
        if int(gap["start_us"]) >= options.no_gap_from:
            yield f"gap of {gap['camera_id'][1]}: {gap['reason']}"


def main():
    """Try until everything agrees."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--db", required=True)
    parser.add_argument("--logins", required=True, type=argparse.FileType())
    parser.add_argument("--from", dest="since", type=int, default=0)
    parser.add_argument("--least", type=int, default=1)
    parser.add_argument("--no-gap-from", type=int)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    begun, erp, found = time.monotonic(), None, ["Odoo does not answer"]
    while found and time.monotonic() - begun < SETTLE:
        time.sleep(PAUSE)
        try:
            erp = erp or Erp(options.url, options.db, options.logins, READER)
            found = list(problems(erp, options))
        except (OSError, xmlrpc.client.Error, subprocess.CalledProcessError) as error:
            found = [str(error)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
