import json
from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import intervals, pg

GUARDED = {"guarded": True, "readonly": True, "copy": False}
#: Clocks of a node that deletes and of this ERP may be apart by this much.
SLACK_US = 120 * intervals.SECOND
CHANGING = ("allowance", "unallowed", "told_ahead")


class DeletionRun(models.Model):
    """How much of which camera this ERP said yes to, and how much of that has gone: all beyond it had no permission.

    What was said yes to never shrinks: rows are told late, when the node may have asked for less since.
    """

    _inherit = "cctv.deletion.run"

    allowance = fields.Json(**GUARDED)  # camera id -> segments, last (µs), gone
    told_ahead = fields.Integer(**GUARDED)  # told at the run's end to have gone without permission, rows still to come

    def _note_allowance(self, purge):
        """Keep what the run was confirmed for, as the node asked."""
        allowed = self._allowance()
        for row in purge["cameras"]:
            share = allowed.setdefault(str(row["camera_id"]), _share(0, 0))
            share["segments"] = max(share["segments"], row["segments"])
            share["last"] = max(share["last"], int(row["last_us"]))
        if allowed != self.allowance:
            self._with_pass(["allowance"]).write({"allowance": allowed})

    def _allowance(self):
        """:return dict: of its own, to be changed"""
        if self.allowance:
            return {camera: dict(share) for camera, share in self.allowance.items()}
        if not self.confirmed_at:
            return {}
        # confirmed before this was kept
        return {
            str(line.camera_id.id): _share(line.segments, intervals.to_us(line.last) if line.last else 0)
            for line in self.line_ids
        }

    # -- rows that have gone ---------------------------------------------------------------------------------

    @api.model
    def _judge_gone(self, recorder, rows, stored):
        """Compare what a node has just deleted with what it was allowed to.

        :param list rows: deletions that were not known before
        :param dict stored: their keys -> the segments
        :return dict: (identifier of the run, camera id) -> segments without permission that were not told yet
        """
        domain = [("recorder_id", "=", recorder.id), ("uuid", "in", list({row.run for row in rows}))]
        runs = {run.uuid: _Account(run) for run in self.search(domain)}
        held = self._held_at_node(recorder, rows, stored)
        beyond = Counter()
        for row in rows:
            account = runs.get(row.run)
            allowed = account is not None and account.take(row, stored[row.key].stop)
            if allowed and row.key not in held:
                continue
            if account is None or account.is_news(row.key in held):
                beyond[row.run, row.camera] += 1
        self._store_accounts(runs.values())
        return beyond

    @api.model
    def _held_at_node(self, recorder, rows, stored):
        """:return set: keys of rows that went though their node had said before that it holds them"""
        self.env.cr.execute(
            SQL(
                """SELECT DISTINCT t.camera, t.start
                     FROM unnest(%(camera)s::int[], %(start)s::bigint[], %(stop)s::bigint[], %(at)s::bigint[])
                          AS t(camera, start, stop, at)
                     JOIN cctv_legal_hold_camera_rel c ON c.camera_id = t.camera
                     JOIN cctv_legal_hold h ON h.id = c.hold_id AND h.ended_at IS NULL
                      AND h.start < timestamp 'epoch' + t.stop * interval '1 microsecond'
                      AND (h.stop IS NULL OR h.stop > timestamp 'epoch' + t.start * interval '1 microsecond')
                     JOIN cctv_hold_ack a ON a.hold_id = h.id AND a.recorder_id = %(recorder)s
                      AND a.version = h.wire_version
                      AND a.acked_at < timestamp 'epoch' + (t.at - %(slack)s) * interval '1 microsecond'""",
                camera=pg.numbers(row.camera for row in rows),
                start=pg.numbers(row.start for row in rows),
                stop=pg.numbers(stored[row.key].stop for row in rows),
                at=pg.numbers(row.at for row in rows),
                recorder=recorder.id,
                slack=SLACK_US,
            )
        )
        return set(self.env.cr.fetchall())

    @api.model
    def _store_accounts(self, accounts):
        values = [account.values() for account in accounts]
        if not values:
            return
        self.env.cr.execute(
            SQL(
                """UPDATE cctv_deletion_run r
                      SET allowance = t.allowance, unallowed = t.unallowed, told_ahead = t.told_ahead
                     FROM jsonb_to_recordset(%s::jsonb)
                          AS t(id int, allowance jsonb, unallowed int, told_ahead int)
                    WHERE r.id = t.id""",
                json.dumps(values),
            )
        )
        self.invalidate_model(CHANGING)

    # -- the run's end ---------------------------------------------------------------------------------------

    def _note_end(self, segments):
        """A node says how much went in all: what is more than it was allowed is told now, rows or no rows.

        :param int segments: deleted by the run
        """
        allowed = sum(share["segments"] for share in self._allowance().values())
        ahead = segments - allowed - self.unallowed
        if ahead <= 0:
            return
        values = {"unallowed": self.unallowed + ahead, "told_ahead": ahead}
        self._with_pass(values).write(values)
        cameras = self.line_ids.camera_id
        self.recorder_id._note_unallowed(ahead, {self.uuid}, cameras)


class _Account:
    """A run while rows are taken off what it was allowed."""

    def __init__(self, run):
        self.id = run.id
        self.allowance = run._allowance()
        self.until = intervals.to_us(run.ended_at) + SLACK_US if run.ended_at else None
        self.unallowed, self.ahead = run.unallowed, run.told_ahead

    def take(self, row, stop):
        """:return bool: whether the row's segment, which ended at ``stop``, went by leave"""
        share = self.allowance.get(str(row.camera))
        late = self.until is not None and row.at > self.until
        if share is None or late or stop > share["last"] + SLACK_US or share["gone"] >= share["segments"]:
            return False
        share["gone"] += 1
        return True

    def is_news(self, held):
        """Count one without permission. :return bool: whether the run's end has not told it yet"""
        if self.ahead and not held:
            self.ahead -= 1
            return False
        self.unallowed += 1
        return True

    def values(self):
        return {"id": self.id, "allowance": self.allowance, "unallowed": self.unallowed, "told_ahead": self.ahead}


def _share(segments, last):
    return {"segments": segments, "last": last, "gone": 0}
