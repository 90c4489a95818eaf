"""A month's partition is made ahead while rows arrive and somebody else is busy with the table."""

import threading
import time

from support import rows, wait

TABLE = "cctv_segment_data"
BUSY_S = 20
# docs/architecture.md: whoever attaches waits two seconds for its locks at most; a node calls each one or two seconds
LONGEST_SILENCE_S = 2 + 5
PARTITIONS = f"SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = '{TABLE}'::regclass ORDER BY 1"


class Silence(threading.Thread):
    """Watches how long the node's calls stay away."""

    def __init__(self, system):
        super().__init__(daemon=True)
        self.system, self.longest, self.done = system, 0.0, threading.Event()

    def run(self):
        seen, since = self._calls(), time.monotonic()
        while not self.done.wait(0.3):
            calls = self._calls()
            if calls != seen:
                seen, since = calls, time.monotonic()
            self.longest = max(self.longest, time.monotonic() - since)

    def _calls(self):
        return rows.psql(self.system, "SELECT sum(counter) FROM cctv_recorder")


def partitions(system):
    """Return the attached partitions."""
    return {name for (name,) in rows.psql(system, PARTITIONS)}


def make_ahead(admin):
    """Run the job that makes the coming months; return the seconds that it took."""
    found = admin.search_read("ir.cron", [("code", "=", "model._cron_partitions()")], ["id"])
    begun = time.monotonic()
    admin.call("ir.cron", "method_direct_trigger", [found[0]["id"]])
    return time.monotonic() - begun


def test_a_busy_table_stalls_nobody(system, admin, it):
    last = max(partitions(system) - {f"{TABLE}_default"})
    assert rows.psql(system, f"SELECT count(*) FROM {last}") == [["0"]]
    rows.psql(system, f"DROP TABLE {last}")
    camera = it.camera("cam-01")["id"]
    newest = it.segments(camera)[-1]["start_us"]
    watch = Silence(system)
    watch.start()
    busy = system.psql(f"BEGIN; LOCK TABLE {TABLE}_default IN ROW EXCLUSIVE MODE; SELECT pg_sleep({BUSY_S}); COMMIT")
    time.sleep(1)
    spent = make_ahead(admin)
    assert last not in partitions(system), "it could not be attached meanwhile"
    assert spent < BUSY_S / 2, "the job gives up after its lock's time"
    assert busy.wait(BUSY_S + 10) == 0
    make_ahead(admin)
    watch.done.set()
    watch.join()
    assert last in partitions(system)
    assert watch.longest < LONGEST_SILENCE_S
    wait.until(lambda: it.segments(camera)[-1]["start_us"] > newest, 90, "rows go on", 2)
    assert rows.psql(system, f"SELECT count(*) FROM ONLY {TABLE}_default") == [["0"]]
