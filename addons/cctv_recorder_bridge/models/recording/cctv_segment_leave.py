import logging
import re
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta
from psycopg2.errors import LockNotAvailable

from odoo import api, fields, models
from odoo.tools import SQL

from .cctv_segment import COLUMNS, LOCK_TIMEOUT, MAX_SEGMENT, TABLE
from .cctv_segment_ingest import EARLIEST_DAYS

_logger = logging.getLogger(__name__)

INDEX_DAYS = 400
TRIES = 3
#: No file of these is on any node's disk.
NOT_THERE = ("deleted", "missing")
_HELD = SQL(
    """EXISTS (SELECT 1 FROM cctv_legal_hold h JOIN cctv_legal_hold_camera_rel r ON r.hold_id = h.id
               WHERE r.camera_id = m.camera_id AND h.ended_at IS NULL
                 AND m.start < coalesce(h.stop, 'infinity') AND m.stop > h.start)"""
)
_MONTH = re.compile(rf"{TABLE}_(\d{{4}})_(\d{{2}})")


class Segment(models.Model):
    """Whole months leave the index once none of their footage is left; rows under a hold stay."""

    _inherit = "cctv.segment"

    @api.model
    def _cron_leave(self):
        """Let each month go that is old enough; a busy table is tried again, at last at the cron's next run."""
        self.env.flush_all()  # what follows reads holds by SQL
        for name, first in sorted(self._months_to_leave().items()):
            for _try in range(TRIES):
                if self._leave_safely(name, first):
                    break

    @api.model
    def _leave_safely(self, name, first):
        """:return bool: whether the month is dealt with; not when the table was busy"""
        try:
            with self.env.cr.savepoint():
                self._leave_month(name, first)
        except LockNotAvailable:
            _logger.warning("segments: table busy, partition %s leaves later", name)
            return False
        return True

    @api.model
    def _months_to_leave(self):
        """Months that ended before the configured number of days, and into which no row can come any more.

        :return dict: name of the partition -> first day
        """
        recorders = self.env["cctv.recorder"]
        # a day more than what ingest accepts: no row may arrive in a month while it leaves
        days = max(
            recorders._int_parameter("index_days", INDEX_DAYS),
            recorders._int_parameter("earliest_days", EARLIEST_DAYS) + 1,
        )
        limit = fields.Datetime.now() - timedelta(days=days)
        found = {name: _MONTH.fullmatch(name) for name in self._months_present()}
        months = {name: datetime(int(month[1]), int(month[2]), 1) for name, month in found.items() if month}
        return {name: first for name, first in months.items() if first + relativedelta(months=1) <= limit}

    @api.model
    def _leave_month(self, name, first):
        """Put the held rows of a month into a new table in its place and drop the month, in one transaction.

        :raises psycopg2.errors.LockNotAvailable: when the table stays busy for 2 s
        """
        cr = self.env.cr
        names = {
            "month": SQL.identifier(name),
            "held": SQL.identifier(f"{name}_held"),
            "parent": SQL.identifier(TABLE),
            "columns": SQL(", ").join(map(SQL.identifier, COLUMNS)),
            "first": first,
            "last": first + relativedelta(months=1),
        }
        if self._has_footage(name) or not self._has_loose_rows(name):
            return
        cr.execute(SQL("SET LOCAL lock_timeout = %s", LOCK_TIMEOUT))
        kept = self._copy_held(name, names)
        cr.execute(SQL("ALTER TABLE %(parent)s DETACH PARTITION %(month)s", **names))
        cr.execute(SQL("DROP TABLE %(month)s", **names))
        if kept:
            cr.execute(SQL("ALTER TABLE %(held)s RENAME TO %(month)s", **names))
            cr.execute(
                SQL(
                    "ALTER TABLE %(parent)s ATTACH PARTITION %(month)s FOR VALUES FROM (%(first)s) TO (%(last)s)",
                    **names,
                )
            )
        else:
            cr.execute(SQL("DROP TABLE %(held)s", **names))
        cr.execute("SET LOCAL lock_timeout = 0")
        _logger.info("segments: partition %s left, %s held rows stay", name, kept)

    @api.model
    def _has_footage(self, name):
        """:return bool: whether a file of the month is still there that no hold keeps in the index"""
        return self._any_row(SQL("m.status != ALL(%s) AND NOT %s", list(NOT_THERE), _HELD), name)

    @api.model
    def _has_loose_rows(self, name):
        """:return bool: whether a row of the month may leave"""
        return self._any_row(SQL("NOT %s", _HELD), name)

    @api.model
    def _any_row(self, condition, name):
        self.env.cr.execute(SQL("SELECT EXISTS (SELECT 1 FROM %s m WHERE %s)", SQL.identifier(name), condition))
        return self.env.cr.fetchone()[0]

    @api.model
    def _copy_held(self, name, names):
        """Copy the held rows, found from the holds, to a table that fits the month.

        :return int: number of rows
        """
        cr = self.env.cr
        cr.execute(SQL("CREATE TABLE %(held)s (LIKE %(parent)s INCLUDING DEFAULTS INCLUDING CONSTRAINTS)", **names))
        cr.execute(
            SQL(
                """INSERT INTO %(held)s (%(columns)s)
                   SELECT DISTINCT %(columns)s
                     FROM (SELECT r.camera_id AS camera, h.start AS first, coalesce(h.stop, 'infinity') AS last
                             FROM cctv_legal_hold h JOIN cctv_legal_hold_camera_rel r ON r.hold_id = h.id
                            WHERE h.ended_at IS NULL) AS hold,
                  LATERAL (SELECT * FROM %(month)s m
                            WHERE m.camera_id = hold.camera AND m.start > hold.first - %(longest)s
                              AND m.start < hold.last AND m.stop > hold.first
                           OFFSET 0) AS row""",
                longest=MAX_SEGMENT,
                **names,
            )
        )
        kept = cr.rowcount
        cr.execute(SQL("ALTER TABLE %(held)s ADD CHECK (start >= %(first)s AND start < %(last)s)", **names))
        return kept
