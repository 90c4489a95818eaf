import time

from odoo import api, models

from ...tools import intervals
from ...tools.rows import Gap as Row
from .cctv_recorder_config import RECORDED

MOVED = "config_change"  # the reason, as long as the recorder that has the camera now tells no better one
VAGUE = (MOVED, "unknown")


class Gap(models.Model):
    """Between two recorders: what neither records of a camera that moved is one gap, kept here and told by no recorder.

    It begins where the footage of the recorder before ends, however late that tells of it, and ends with the first
    segment of the recorder that has the camera now. It is known by having no recorder of its own.
    """

    _inherit = "cctv.gap"

    @api.model
    def _begin_between(self, cameras):
        """Cameras came to a recorder: an open gap is theirs now, and where none is open one begins.

        :param cameras: at their new recorder
        """
        stays = self.env["cctv.recorder.stay"].sudo().search([("camera_id", "in", cameras.ids)])
        # sudo: follows from the change of node, which the caller was allowed to make
        cameras = cameras.sudo().filtered("recorder_id") & stays.camera_id
        if not cameras:
            return
        gaps = self.sudo().search([("camera_id", "in", cameras.ids), ("stop", "=", False)])
        gaps._with_pass(["recorder_id"]).write({"recorder_id": False})
        waiting = (cameras - gaps.camera_id).filtered(lambda camera: camera.state in RECORDED)
        ends = self._told_ends(waiting)
        for recorder in waiting.recorder_id:
            rows = [
                Row(0, camera.id, ends[camera.id], None, MOVED)
                for camera in waiting
                if camera.recorder_id == recorder and camera.id in ends
            ]
            self._store_between(recorder, rows)

    @api.model
    def _store_between(self, recorder, rows):
        self.env.flush_all()
        known = recorder._known_cameras(stays=False)
        coverage = self.env["cctv.coverage"]._collector(known)
        for row in rows:
            coverage.add_gap(row.camera, row.start, None, row.start)
        if rows:
            self.sudo()._upsert(self.env["cctv.recorder"], known, [(row, row.start) for row in rows])
            coverage.store(recorder)

    @api.model
    def _told_ends(self, cameras):
        """:return dict: camera id -> µs up to which its recorders told of it, as footage or as a gap; none in future"""
        stops = cameras._newest_stops()
        domain = [("camera_id", "in", list(stops)), ("stop", "!=", False), ("state", "!=", "withdrawn")]
        gaps = dict(self.sudo()._read_group(domain, ["camera_id"], ["stop:max"]))
        return {
            camera.id: min(intervals.to_us(max(stops[camera.id], gaps.get(camera, stops[camera.id]))), _now())
            for camera in cameras
            if camera.id in stops
        }

    @api.model
    def _end_between(self, cameras):
        """Cameras are taken from their recorder, which was to end these gaps: they end now."""
        gaps = self.sudo()._between(cameras.ids, [("stop", "=", False)])
        for recorder in gaps.camera_id.recorder_id:
            coverage = self.env["cctv.coverage"]._collector(recorder._known_cameras(stays=False))
            for gap in gaps.filtered(lambda gap, node=recorder: gap.camera_id.recorder_id == node):
                start = intervals.to_us(gap.start)
                gap._reach(start, max(start, _now()), coverage)
            self.env.flush_all()
            coverage.store(recorder)

    @api.model
    def _between(self, camera_ids, domain=()):
        domain = [("camera_id", "in", list(camera_ids)), ("recorder_id", "=", False), *domain]
        return self.search(domain, order="start") if camera_ids else self.browse()

    @api.model
    def _settle_between(self, segments, cameras, coverage, gaps_open):
        """Footage of the recorder before moves the start of such a gap, the first of the present one is its end."""
        segments = [row for row in segments if row.recorded and (gaps_open or row.camera in cameras.left)]
        if not segments:
            return
        told, late = {row.camera for row in segments}, self._late_cameras(segments, cameras)
        gaps = self._between(told - late, [("stop", "=", False)]) | self._between(late, [("state", "!=", "withdrawn")])
        for gap in gaps:
            camera, (start, stop) = gap.camera_id, gap._bounds()
            since = None if camera.id in cameras.left else self._since_here(camera)
            for row in (row for row in segments if row.camera == camera.id):
                if since is not None and row.start >= since:
                    stop = min(stop or row.start, row.start)
                elif row.stop > start and (not stop or row.start < stop):
                    start = row.stop
            gap._reach(start, stop and max(start, stop), coverage)

    @api.model
    def _late_cameras(self, segments, cameras):
        """:return set: ids of cameras of which some of the segments are of before their last move"""
        told = {row.camera for row in segments}
        since = {
            camera.id: intervals.to_us(camera.recorder_since)
            for camera in self.env["cctv.camera"].browse(told - cameras.left.keys())
            if camera.recorder_since
        }
        return told & cameras.left.keys() | {row.camera for row in segments if row.start < since.get(row.camera, 0)}

    @api.model
    def _since_here(self, camera):
        """:return int: µs from which on a segment of the camera's recorder is no late one of an earlier time there"""
        here = [("camera_id", "=", camera.id), ("recorder_id", "=", camera.recorder_id.id)]
        back = self.env["cctv.recorder.stay"].search_count(here, limit=1)
        return intervals.to_us(camera.recorder_since) if back and camera.recorder_since else 0

    def _bounds(self):
        """:return tuple: start and stop in µs; the stop False while it lasts"""
        return intervals.to_us(self.start), self.stop and intervals.to_us(self.stop)

    def _reach(self, start, stop, coverage):
        """Give the gap another start or end, in µs; without length it is withdrawn. What explained it still does."""
        camera = self.camera_id.id
        old_start, old_stop = self._bounds()
        if start != old_start and self.search_count(
            [("camera_id", "=", camera), ("start", "=", intervals.from_us(start))], limit=1
        ):
            start, stop = old_start, stop and max(old_start, stop)
        if (start, stop) == (old_start, old_stop):
            return
        before = None if self.state == "withdrawn" else intervals.to_us(self.counted_until)
        until = stop or max(intervals.to_us(self.counted_until), start)
        coverage.add_gap(camera, old_start, before, None)
        coverage.add_gap(camera, start, None, None if stop == start else until)
        ended = "explained" if self.explained_at else "unexplained"
        values = {
            "start": intervals.from_us(start),
            "stop": intervals.from_us(stop) if stop else False,
            "counted_until": intervals.from_us(until),
            "duration_s": (until - start) / intervals.SECOND,
            "state": "open" if not stop else "withdrawn" if stop == start else ended,
        }
        self._with_pass(values).write(values)
        self._explain_suspended()
        self.flush_recordset()  # the rest of a call reads and writes by SQL

    @api.model
    def _without_between(self, rows, cameras):
        """What recorders tell of such a gap is no second one; only its reason is taken, from the present recorder.

        :return list: rows that are gaps of the recorder's own, cut where the gap between begins
        """
        gaps = self._between({row.camera for row in rows})
        own = []
        for row in rows:
            for gap in gaps.filtered(lambda gap, camera=row.camera: gap.camera_id.id == camera):
                row = gap._own_part(row, row.camera in cameras.left)
                if row is None:
                    break
            else:
                own.append(row)
        return own

    def _own_part(self, row, former):
        """:return: what a recorder's row tells beside this gap; None when it is this gap that it tells"""
        start, stop = self._bounds()
        after = stop and row.start >= stop and not (former and row.start == start)
        before = row.stop and row.stop <= start and row.start < start
        if before or after:
            return row
        if not former:
            self._learn_reason(row.reason)
            return None
        return row._replace(stop=start) if row.start < start else None

    def _learn_reason(self, reason):
        if not self.stop and reason != self.reason and reason not in VAGUE:
            values = {"reason": reason, "explained_at": False}
            self._with_pass(values).write(values)
            self.flush_recordset()


def _now():
    return time.time_ns() // 1000
