"""A camera's day and hour and the first list page, at a small and a large table: growth and pages touched."""

import random
import re
import time
from datetime import datetime, timedelta

from .report import median

FILL = """
INSERT INTO cctv_segment_data (camera_id, recorder_id, start, stop, bytes, sha256, run, number, status, test)
SELECT c, %(node)s, m, m + interval '60 s', 15000000, decode(md5(c::text || m::text) || md5(m::text), 'hex'),
       '00000000-0000-0000-0000-000000000001', 1, 'ok', false
  FROM generate_series(%(from)s::timestamp, %(to)s::timestamp, interval '1 minute') AS m,
       LATERAL unnest(%(cameras)s::int[]) AS c ORDER BY m, c
"""
CAMERA = "SELECT * FROM cctv_segment_data WHERE camera_id = %(camera)s"
QUERIES = {
    "camera-day": f"{CAMERA} AND start >= %(day)s AND start < %(day_end)s",
    "camera-hour": f"{CAMERA} AND start >= %(hour)s AND start < %(hour_end)s",
    "first list page": "SELECT * FROM cctv_segment_data ORDER BY start DESC, id DESC LIMIT 80",
}
GOALS = {"camera-day": 2.0, "camera-hour": 1.3, "first list page": 1.3}
REPEATS = 25


def measure(ground, report, small, large, seed):
    """Fill to ``small`` rows, measure, fill to ``large``, measure; print the growth."""
    connection = ground.connect()
    connection.autocommit = True
    end = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        before = _filled(ground, cursor, end, 0, small, seed)
        after = _filled(ground, cursor, end, small, large, seed)
    for name in QUERIES:
        growth = after[name][0] / before[name][0]
        goal = GOALS[name]
        report.add(
            f"{name} at {large:,} rows against {small:,}",
            after[name][0] * 1000,
            "ms",
            baseline=before[name][0] * 1000,
            goal=f"<= {goal:g}",
            met=growth <= goal,
            raw=[before[name], after[name]],
        )
        report.add(f"{name} at {large:,} rows, pages touched", after[name][1], "pages", baseline=before[name][1])


def _filled(ground, cursor, end, have, want, seed):
    cameras = ground.seed["cameras"]
    minutes_have, minutes_want = have // len(cameras), want // len(cameras)
    ground_from, ground_to = end - timedelta(minutes=minutes_want), end - timedelta(minutes=minutes_have + 1)
    _months(ground, ground_from, ground_to)
    values = {"node": ground.seed["node_id"], "cameras": cameras, "from": ground_from, "to": ground_to}
    cursor.execute(FILL, values)
    cursor.execute("VACUUM ANALYZE cctv_segment_data")
    draw = random.Random(seed)
    return {name: _timed(cursor, query, cameras, end, draw) for name, query in QUERIES.items()}


def _months(ground, first, last):
    """Make the partitions as ingest would: by the model's own method."""
    ground.run_in_shell(
        "from datetime import datetime\n"
        f"days = [datetime.fromisoformat({first.isoformat()!r}), datetime.fromisoformat({last.isoformat()!r})]\n"
        "from dateutil.relativedelta import relativedelta\n"
        "model, months, day = env['cctv.segment'], set(), days[0].replace(day=1, hour=0, minute=0)\n"
        "while day <= days[1]:\n    months.add(day)\n    day += relativedelta(months=1)\n"
        "model._ensure_months(months)\nenv.cr.commit()\n"
    )


def _timed(cursor, query, cameras, end, draw):
    spent, pages = [], []
    for number in range(REPEATS + 2):
        day = end - timedelta(days=1 + draw.randrange(3))
        hour = day + timedelta(hours=draw.randrange(23))
        values = {"camera": draw.choice(cameras), "day": day, "day_end": day + timedelta(days=1)}
        values |= {"hour": hour, "hour_end": hour + timedelta(hours=1)}
        begun = time.perf_counter()
        cursor.execute(query, values)
        cursor.fetchall()
        if number > 1:
            spent.append(time.perf_counter() - begun)
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {query}", values)
        pages.append(_pages(line for (line,) in cursor.fetchall()))
    return median(spent), median(pages)


def _pages(plan):
    """Return what the whole plan touched: its first line of buffers counts those below it too."""
    buffers = next(line for line in plan if "Buffers:" in line)
    return sum(int(count) for count in re.findall(r"(?:hit|read)=(\d+)", buffers))
