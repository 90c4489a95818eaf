from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import intervals
from .cctv_gap import SUSPENDED
from .cctv_recorder_config import RECORDED
from .cctv_recorder_stay import LEAVING, MOVE
from .cctv_segment import TABLE

MOVED = "moved"
# for both nodes to hear of the move and to tell what they recorded around it
SETTLING = LEAVING + timedelta(minutes=5)
# well within what the index keeps: where its months have left, everything would look like a hole
JUDGED = timedelta(days=300)
SHORTEST = intervals.SECOND


class Gap(models.Model):
    """Between two recorders: the time around a camera's move of which neither told anything.

    What recorders told is never touched by it. These rows are derived from what is stored, and derived anew until both
    recorders have told all.
    """

    _inherit = "cctv.gap"

    stay_id = fields.Many2one(
        "cctv.recorder.stay",
        "Former Recorder",
        index="btree_not_null",
        ondelete="restrict",
        guarded=True,
        readonly=True,
        help="Of a gap between two recorders: the one that the camera left.",
    )

    @api.model
    def _judge_moves(self):
        """Each minute: the moves around which something may still be told."""
        domain = [("unsettled", "=", True), ("until", ">", fields.Datetime.now() - JUDGED)]
        # in the order in which syncs write days
        for stay in self.env["cctv.recorder.stay"].search(domain, order="camera_id, until, id"):
            self.env["cctv.recorder"]._safely(self._judge_move, stay)

    @api.model
    def _judge_move(self, stay):
        now = fields.Datetime.now()
        holes, told = stay._holes(intervals.to_us(now))
        self._store_between(stay, holes, intervals.to_us(now))
        self.search([("stay_id", "=", stay.id), ("reason", "=", SUSPENDED)])._explain_suspended()
        self._around(stay)._explain_moved(stay)
        if told and now > stay.until + SETTLING:
            stay.unsettled = False

    @api.model
    def _store_between(self, stay, holes, now):
        """:param list holes: (start, stop or None) µs and the reason; others of this move are withdrawn"""
        camera = stay.camera_id
        site = camera.site_id
        facts = {"tz": site.tz or "UTC", "site_id": site.id or None, "company_id": camera.company_id.id}
        coverage = self.env["cctv.coverage"]._collector({camera.id: facts})
        stored = {intervals.to_us(gap.start): gap for gap in self.search([("stay_id", "=", stay.id)])}
        wanted = {start: (stop, reason) for start, stop, reason in holes}
        for start in stored.keys() | wanted.keys():
            stop, reason = wanted.get(start, (start, MOVED))
            gap = stored.get(start) or self.browse()
            before = None if not gap or gap.state == "withdrawn" else intervals.to_us(gap.counted_until)
            until = now if stop is None else stop
            coverage.add_gap(camera.id, start, before, None if stop == start else until)
            if gap:
                gap._end_between(stop, until, reason)
            else:
                self._begin_between(stay, start, stop, until, reason)
        self.env.flush_all()
        coverage.store(camera.recorder_id or stay.recorder_id)

    @api.model
    def _begin_between(self, stay, start, stop, until, reason):
        values = {
            "stay_id": stay.id,
            "camera_id": stay.camera_id.id,
            "site_id": stay.camera_id.site_id.id,
            "company_id": stay.company_id.id,
            "start": intervals.from_us(start),
            "reason": reason,
        }
        values |= self._ended(start, stop, until)
        self._with_pass(values, create=True).create(values)

    def _end_between(self, stop, until, reason):
        """Give a gap another end; one that grew waits for new words, as one that a recorder tells."""
        values = self._ended(intervals.to_us(self.start), stop, until)
        if (self.stop, self.reason) == (values["stop"], reason) and stop is not None:
            return
        values |= {"reason": reason} if values["state"] != "withdrawn" else {}
        if self.stop and values["stop"] and values["stop"] > self.stop:
            values["explained_at"] = False
        elif self.explained_at and values["state"] == "unexplained":
            values["state"] = "explained"
        self._with_pass(values).write(values)

    @api.model
    def _ended(self, start, stop, until):
        state = "open" if stop is None else "withdrawn" if stop == start else "unexplained"
        return {
            "stop": False if stop is None else intervals.from_us(stop),
            "counted_until": intervals.from_us(until),
            "duration_s": (until - start) / intervals.SECOND,
            "state": state,
        }

    @api.model
    def _around(self, stay):
        """:return: what nobody has explained around a move: between the recorders, and before the next one records"""
        begun = stay._first_segment().start or stay.until
        return self.search(
            [
                ("camera_id", "=", stay.camera_id.id),
                ("state", "=", "unexplained"),
                ("explanation", "=", False),
                ("start", ">=", stay.until - LEAVING),
                ("stop", "<=", stay.until + LEAVING),
                "|",
                *("&", ("stay_id", "=", stay.id), ("reason", "=", MOVED)),
                *("&", "&", ("reason", "=", "config_change"), ("start", ">=", stay.until), ("stop", "<=", begun)),
            ]
        )

    def _explain_moved(self, stay):
        """Who moved the camera by *Move Cameras* said why: that explains the time around the move, and no more."""
        line = stay._move_line() if self else self.env["cctv.workflow.log"]
        if line:
            values = {"explanation": line.note, "explained_by": line.user_id.id, "explained_at": line.at}
            self._with_pass([*values, "state"]).write({**values, "state": "explained"})


class RecorderStay(models.Model):
    """The end of a stay, where the next recorder takes over."""

    _inherit = "cctv.recorder.stay"

    unsettled = fields.Boolean(default=True, readonly=True, help="Something may still be told of the time around it.")

    _unsettled = models.Index("(camera_id) WHERE unsettled")

    def _move_line(self):
        """:return cctv.workflow.log: the line of the move that ended this stay, or none"""
        around = timedelta(minutes=1)
        domain = [("res_model", "=", "cctv.camera"), ("res_id", "=", self.camera_id.id), ("step", "=", MOVE.name)]
        domain += [("at", ">=", self.until - around), ("at", "<=", self.until + around)]
        return self.env["cctv.workflow.log"].sudo().search(domain, order="id desc", limit=1)

    def _holes(self, now):
        """Return the times around the end of this stay that no recorder told of.

        They begin where the last that was told before ends, and end where the next recorder begins. What others told
        in between is taken out, and what the camera was not to be recorded: of that the time of its suspension is told
        as such, for no recorder does.

        :param int now: µs
        :return tuple: list of (start, stop, reason) in µs, stop ``None`` while it lasts; whether all was told that is
            to come
        """
        later = self._next_stay()
        recorder = later.recorder_id or self.camera_id.recorder_id
        end = intervals.to_us(self.until)
        first = self._last_told(end)
        if first is None:
            return [], True  # nothing was recorded before: the next recorder is the first
        last = self._first_told(recorder, end, later) if recorder else None
        if last is None and later:
            return [], True  # the later move's own
        holes = []
        for start, stop in self._told_between(first, now if last is None else last):
            holes.append((first, start))
            first = max(first, start if stop is None else stop)
        pieces = self._pieces([*holes, (first, last)], now)
        if last is None:
            return pieces, self.camera_id.state == "decommissioned"
        return pieces, not recorder.pending_segments and not recorder.pending_gaps

    def _pieces(self, holes, now):
        """:return list: (start, stop or None, reason) of what of these holes was to be recorded, or was suspended"""
        away, pieces = self._away(), []
        for first, last in holes:
            end = now if last is None else last
            for start, stop, state in away:
                until = end if stop is None else min(stop, end)
                if until <= first or start >= end:
                    continue
                pieces.append((first, start, MOVED))
                if state == SUSPENDED:
                    pieces.append((max(start, first), None if last is stop is None else until, SUSPENDED))
                first = until
            if first < end:
                pieces.append((first, last, MOVED))
        return [piece for piece in pieces if piece[1] is None or piece[1] - piece[0] >= SHORTEST]

    def _away(self):
        """:return list: (start, stop or None) µs in which the camera was not to be recorded, and its state then"""
        away = []
        for line in self.env["cctv.gap"]._changes_of(self.camera_id):
            at = intervals.to_us(line.at)
            if line.state_to not in RECORDED:
                away.append((at, None, line.state_to))
            elif away:
                away[-1] = (away[-1][0], at, away[-1][2])
        return away

    def _first_segment(self):
        """:return cctv.segment: the first that another recorder told of after this stay, or none"""
        domain = [("camera_id", "=", self.camera_id.id), ("start", ">=", self.until)]
        domain.append(("recorder_id", "!=", self.recorder_id.id))
        return self.env["cctv.segment"].search(domain, order="start", limit=1)

    def _next_stay(self):
        domain = [("camera_id", "=", self.camera_id.id), ("until", ">=", self.until), ("id", ">", self.id)]
        return self.search(domain, order="until, id", limit=1)

    def _last_told(self, end):
        """:return int: µs until when the time before is told of, or ``None``; an open gap ends with the stay"""
        rows = self._told(SQL("start < %s", intervals.from_us(end)), SQL("DESC"), 5)
        return max((end if stop is None else stop for _start, stop in rows), default=None)

    def _first_told(self, recorder, end, later):
        """:return int: µs when the next recorder begins, or ``None``"""
        where = SQL("start >= %s AND recorder_id = %s", intervals.from_us(end), recorder.id)
        if later:
            where = SQL("%s AND start < %s", where, later.until + LEAVING)
        return min((start for start, _stop in self._told(where, SQL("ASC"), 1)), default=None)

    def _told_between(self, first, last):
        where = SQL("start >= %s AND start < %s", intervals.from_us(first), intervals.from_us(last))
        return sorted(self._told(where, SQL("ASC"), 1000), key=lambda row: row[0])

    def _told(self, where, order, limit):
        """:return list: (start, stop or None) µs of the segments and gaps that recorders told of this camera"""
        self.env.flush_all()
        tables = {TABLE: SQL("TRUE"), "cctv_gap": SQL("stay_id IS NULL AND state != 'withdrawn'")}
        query = SQL(" UNION ALL ").join(
            SQL(
                """(SELECT (extract(epoch FROM start) * 1000000)::bigint, (extract(epoch FROM stop) * 1000000)::bigint
                      FROM %s WHERE camera_id = %s AND %s AND %s ORDER BY start %s LIMIT %s)""",
                SQL.identifier(table),
                self.camera_id.id,
                where,
                counted,
                order,
                limit,
            )
            for table, counted in tables.items()
        )
        self.env.cr.execute(query)
        return self.env.cr.fetchall()
