"""``recorder rebuild --from erp`` of a node's whole index, beside a plain walk of its disk."""

import json
import os
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta

from ..ground import as_service
from ..report import median
from .inside import on_node

GOAL_S = 60.0
PER = 100_000
BYTES = 512
US = 10**6
FILL = """
INSERT INTO cctv_segment_data (camera_id, recorder_id, start, stop, bytes, sha256, run, number, status, test)
SELECT c, %(node)s, m, m + interval '1 minute', %(bytes)s, sha256((c::text || m::text)::bytea),
       '00000000-0000-0000-0000-000000000001', extract(epoch FROM m - %(from)s) / 60, 'ok', false
  FROM generate_series(%(from)s::timestamp, %(to)s::timestamp - interval '1 minute', interval '1 minute') AS m,
       LATERAL unnest(%(cameras)s::int[]) AS c
"""


def measure(ground, report, segments, rounds):
    """Rows in Odoo and a file for each on the disk; the index is made anew ``rounds`` times."""
    minutes = segments // len(ground.seed["cameras"])
    end = datetime.now(UTC).replace(tzinfo=None, second=0, microsecond=0) - timedelta(days=1)
    begin = end - timedelta(minutes=minutes)
    paths = _fill(ground, begin, end)
    node = Node(ground)
    tree = {"root": str(node.media), "node": ground.seed["node"], "cameras": paths, "size": BYTES}
    tree["begin_us"] = int(begin.replace(tzinfo=UTC).timestamp()) * US
    try:
        made = on_node(ground.system, "tree", minutes=minutes, **tree)
        spent, walked = [], []
        for _number in range(rounds):
            walked.append(on_node(ground.system, "tree", minutes=0, **tree)["seconds"])
            spent.append(node.rebuild(made["files"]))
    finally:
        node.remove()
    share = PER / made["files"]
    seconds, plain = median(spent) * share, median(walked) * share
    report.add(
        f"rebuild of {made['files']:,} from Odoo, for {PER:,}, against a walk",
        seconds,
        "s",
        baseline=plain,
        goal=f"<= {GOAL_S:g} s",
        met=seconds <= GOAL_S,
        raw=[spent, walked],
    )


def _fill(ground, begin, end):
    """Make the rows in Odoo; return the cameras' paths by number."""
    months = f"env['cctv.segment']._ensure_months({{datetime({begin.year}, {begin.month}, 1)}})\nenv.cr.commit()\n"
    ground.run_in_shell(f"from datetime import datetime\n{months}")
    connection = ground.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        values = {"node": ground.seed["node_id"], "cameras": ground.seed["cameras"], "bytes": BYTES}
        cursor.execute(FILL, {**values, "from": begin, "to": end})
        cursor.execute("VACUUM ANALYZE cctv_segment_data")
        cursor.execute("SELECT id, path FROM cctv_camera WHERE recorder_id = %s", (ground.seed["node_id"],))
        found = dict(cursor.fetchall())
    connection.close()
    return found


class Node:
    """The bench's node with its own settings, index and media folder; its service does not run."""

    def __init__(self, ground):
        self._system = ground.system
        self._folder = ground.system.owned_folder(ground.work / "rebuilt")
        self.media = ground.system.owned_folder(self._folder / "media")
        settings = self._folder / "recorder.toml"
        settings.touch(mode=0o600)
        settings.write_text(ground.seed["settings"])
        if os.geteuid() == 0:
            shutil.chown(settings, "cctv")
        self._place = {
            "RECORDER_CONFIG": settings,
            "RECORDER_MEDIA__ROOT": self.media,
            "RECORDER_ODOO__URL": ground.url,
        }

    def rebuild(self, files):
        """Return seconds of the whole command, the interpreter's start included."""
        for name in self._folder.glob("index.sqlite*"):
            name.unlink()
        known, python = self._system.recorder_command()
        known |= {name: str(value) for name, value in self._place.items()}
        words = ["env", *(f"{name}={value}" for name, value in known.items()), python, "-m", "recorder_service"]
        command = as_service(*words, "rebuild", "--from", "erp", "--json")
        begun = time.perf_counter()
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
        spent = time.perf_counter() - begun
        if done.returncode:
            raise RuntimeError(f"rebuild: {done.stderr[-1000:]}{done.stdout[-500:]}")
        told = json.loads(done.stdout)
        assert (told["rows"], told["unknown"]) == (files, 0), (told["rows"], told["unknown"], files)
        return spent

    def remove(self):
        """Throw all of it away."""
        shutil.rmtree(self._folder)
