"""Collects what one batch adds to coverage, before anything of it is written. Pure arithmetic, nothing of Odoo."""

from operator import attrgetter

from . import intervals
from .rows import PRESENT

FIGURES = ("recorded", "kept", "bytes", "kept_bytes", "segments", "gaps", "gap")


class Collector:
    """Sums per (camera, site day). Seconds are µs of the union of intervals, so overlaps and duplicates add nothing.

    Bytes and counts belong to the day in which a segment starts, seconds to the days they lie in; a gap counts on each
    day that it touches.
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
        :param dict known: every stored row that reaches into the islands, by key
        """
        now = dict(known)
        found = []
        for stored, row in changed:
            now[row.key] = stored._replace(status=row.status, sha256=row.sha256 or stored.sha256)
            if row.recorded and not stored.recorded:
                found.append(row)
            else:
                self._count_change(stored, now[row.key], row)
        arrived, moved = _group(fresh), _group(row for _stored, row in changed)
        before, after = _group(known.values()), _group(now.values())
        whole = _whole(fresh)
        for camera in arrived.keys() | moved.keys():
            rows = arrived.get(camera, [])
            if whole and camera not in before:
                self._add_whole(camera, rows)
            else:
                self._count(camera, rows)
                self._add_seconds(camera, before.get(camera, []), after.get(camera, []) + rows)
        for camera, rows in _group(found).items():
            self._count(camera, rows)

    def _add_whole(self, camera, rows):
        """Add rows where nothing was and all of which is there: their seconds are the islands themselves."""
        days = intervals.by_day(self._islands[camera], self.zones[camera])
        for day, us in days.items():
            figures = self._figures(camera, day)
            figures["recorded"] += us
            figures["kept"] += us
        if len(days) > 1:
            self._count(camera, rows)
            return
        size = sum(map(attrgetter("bytes"), rows))
        figures["segments"] += len(rows)
        figures["bytes"] += size
        figures["kept_bytes"] += size

    def _add_seconds(self, camera, before, after):
        for figure in ("recorded", "kept"):
            self._difference(camera, figure, before, after)

    def _difference(self, camera, figure, before, after):
        tz, islands = self.zones[camera], self._islands[camera]
        for sign, rows in ((1, after), (-1, before)):
            pairs = intervals.merge((row.start, row.stop) for row in rows if getattr(row, figure))
            for day, us in intervals.by_day(intervals.intersect(pairs, islands), tz).items():
                self._add(camera, day, figure, sign * us)

    def _count(self, camera, rows):
        tz, first, last, figures = self.zones[camera], 0, 0, None
        for row in rows:
            if not row.sha256:
                continue
            if not first <= row.start < last:
                day = intervals.day_of(row.start, tz)
                first, last = intervals.day_bounds(day, tz)
                figures = self._figures(camera, day)
            figures["segments"] += 1
            figures["bytes"] += row.bytes
            if row.status in PRESENT:
                figures["kept_bytes"] += row.bytes

    def _count_change(self, stored, now, row):
        """Bytes on the disk follow the status; the size of a file whose hash was not known is told with it."""
        size = stored.bytes if stored.sha256 else row.bytes
        change = (size if now.kept else 0) - (stored.bytes if stored.kept else 0)
        self._add(row.camera, intervals.day_of(row.start, self.zones[row.camera]), "kept_bytes", change)

    def add_gap(self, camera, start, before, after):
        """Add a gap that is new, that lasts, or that got another end.

        :param before: until when it counts so far (µs), or None when it counts nowhere
        :param after: until when it counts from now on (µs), or None when it is withdrawn
        """
        old, new = (self._gap_days(camera, start, until) for until in (before, after))
        for day in old.keys() | new.keys():
            self._add(camera, day, "gaps", (day in new) - (day in old))
            self._add(camera, day, "gap", new.get(day, 0) - old.get(day, 0))

    def _gap_days(self, camera, start, until):
        """:return dict: µs by each day that the gap touches; one that has just begun touches its first"""
        if until is None:
            return {}
        tz = self.zones[camera]
        return {intervals.day_of(start, tz): 0, **intervals.by_day([(start, until)], tz)}

    def _add(self, camera, day, figure, amount):
        if amount:
            self._figures(camera, day)[figure] += amount

    def _figures(self, camera, day):
        figures = self.days.get((camera, day))
        if figures is None:
            figures = self.days[camera, day] = dict.fromkeys(FIGURES, 0)
        return figures


def _whole(rows):
    """Whether each of the rows tells of a file that is there."""
    return PRESENT.issuperset(map(attrgetter("status"), rows)) and all(map(attrgetter("sha256"), rows))


def _group(rows):
    grouped = {}
    for row in rows:
        grouped.setdefault(row.camera, []).append(row)
    return grouped
