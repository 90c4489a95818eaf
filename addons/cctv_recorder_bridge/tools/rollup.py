"""Collects what one batch adds to coverage, before anything of it is written. Pure arithmetic, nothing of Odoo."""

from . import intervals

FIGURES = ("recorded", "kept", "bytes", "segments", "gaps", "gap")


class Collector:
    """Sums per (camera, site day). Seconds are µs of the union of intervals, so overlaps and duplicates add nothing.

    Bytes and counts belong to the day in which a segment or gap starts, seconds to the days they lie in.
    """

    def __init__(self, zones):
        """:param dict zones: camera id -> time zone of its site"""
        self.zones = zones
        self.days = {}

    def islands(self, rows):
        """Return the union of the rows' intervals as ``(camera, start, stop)``: where anything may change."""
        by_camera = {}
        for row in rows:
            by_camera.setdefault(row.camera, []).append((row.start, row.stop))
        self._islands = {camera: intervals.merge(pairs) for camera, pairs in by_camera.items()}
        return [(camera, *pair) for camera, pairs in self._islands.items() for pair in pairs]

    def add_segments(self, fresh, changed, known):
        """Add new rows, and stored rows that change.

        :param list fresh: rows not stored before
        :param list changed: pairs (stored row, row as it is now)
        :param dict known: every stored row that touches the islands, by key
        """
        after = {key: row for key, row in known.items()}
        for stored, row in changed:
            after[row.key] = stored._replace(status=row.status, sha256=row.sha256 or stored.sha256)
            if row.recorded and not stored.recorded:
                self._count(row, row.bytes)
        for row in fresh:
            after[row.key] = row
            if row.recorded:
                self._count(row, row.bytes)
        cameras = {row.camera for row in fresh} | {row.camera for _stored, row in changed}
        before = _group(known.values(), cameras)
        after = _group(after.values(), cameras)
        for camera in cameras:
            for figure in ("recorded", "kept"):
                self._difference(camera, figure, before.get(camera, ()), after.get(camera, ()))

    def _difference(self, camera, figure, before, after):
        tz, islands = self.zones[camera], self._islands[camera]
        for sign, rows in ((1, after), (-1, before)):
            pairs = intervals.merge((row.start, row.stop) for row in rows if getattr(row, figure))
            for day, us in intervals.by_day(intervals.intersect(pairs, islands), tz).items():
                self._add(camera, day, figure, sign * us)

    def _count(self, row, size):
        day = intervals.day_of(row.start, self.zones[row.camera])
        self._add(row.camera, day, "segments", 1)
        self._add(row.camera, day, "bytes", size)

    def add_gap(self, camera, start, old_stop, new_stop, fresh):
        """Add a gap that is new, or that got another end; an open gap counts, but has no seconds yet."""
        tz = self.zones[camera]
        if fresh:
            self._add(camera, intervals.day_of(start, tz), "gaps", 1)
        for sign, stop in ((1, new_stop), (-1, old_stop)):
            if stop is not None:
                for day, us in intervals.by_day([(start, stop)], tz).items():
                    self._add(camera, day, "gap", sign * us)

    def _add(self, camera, day, figure, amount):
        if amount:
            figures = self.days.setdefault((camera, day), dict.fromkeys(FIGURES, 0))
            figures[figure] += amount


def _group(rows, cameras):
    grouped = {}
    for row in rows:
        if row.camera in cameras:
            grouped.setdefault(row.camera, []).append(row)
    return grouped
