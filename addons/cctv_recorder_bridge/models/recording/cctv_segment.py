import logging
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta
from psycopg2.errors import LockNotAvailable

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, sql

from odoo.addons.cctv_sop.site_time import site_time

_logger = logging.getLogger(__name__)

TABLE = "cctv_segment_data"
MAX_SEGMENT = timedelta(minutes=15)
MONTHS_AHEAD = 3
LOCK_TIMEOUT = "2s"

COLUMNS = {
    "id": "bigint NOT NULL DEFAULT nextval('cctv_segment_id_seq')",
    "camera_id": "integer NOT NULL",
    "recorder_id": "integer NOT NULL",
    "start": "timestamp(6) NOT NULL",
    "stop": "timestamp(6) NOT NULL",
    "bytes": "bigint NOT NULL",
    "sha256": "bytea",
    "run": "uuid NOT NULL",
    "number": "integer NOT NULL",
    "status": "varchar NOT NULL",
    "test": "boolean NOT NULL",
    "status_at": "timestamp(6)",
    "deletion_run": "uuid",
}


class Segment(models.Model):
    """One closed file of footage on a node's disk. Rows come from :meth:`cctv.recorder.sync` alone, by SQL.

    Identity is (camera, start in µs). No Many2one may point here: whoever needs a segment copies camera,
    window and hash.
    """

    _name = "cctv.segment"
    _description = "Recorded Segment"
    _auto = False
    _log_access = False
    _order = "start desc, id desc"
    _rec_name = "start"

    camera_id = fields.Many2one("cctv.camera", readonly=True)
    recorder_id = fields.Many2one("cctv.recorder", readonly=True)
    start = fields.Datetime(readonly=True)
    stop = fields.Datetime(readonly=True)
    start_us = fields.Char("Start (µs since 1970)", readonly=True)
    stop_us = fields.Char("Stop (µs since 1970)", readonly=True)
    duration_s = fields.Float("Duration (s)", digits=(12, 3), readonly=True)
    bytes = fields.Float("Size (bytes)", digits=(20, 0), readonly=True)
    sha256 = fields.Char("SHA-256", readonly=True)
    sha256_short = fields.Char("SHA-256 (first 12)", readonly=True)
    run = fields.Char("Engine Run", readonly=True)
    number = fields.Integer(readonly=True, aggregator=None)
    status = fields.Selection(
        [
            ("ok", "Intact"),
            ("recovered", "Recovered"),
            ("damaged", "Damaged"),
            ("missing", "Missing"),
            ("deleted", "Deleted"),
        ],
        readonly=True,
    )
    status_at = fields.Datetime("Status Changed", readonly=True)
    test = fields.Boolean("Test Footage", readonly=True)
    deletion_run = fields.Char("Deletion Run Identifier", readonly=True)
    tz = fields.Selection(related="camera_id.tz", string="Site Time Zone")

    @property
    def _table_query(self):
        return SQL(
            """SELECT id, camera_id, recorder_id, start, stop, number, status, status_at, test,
                      deletion_run::text AS deletion_run,
                      replace(run::text, '-', '') AS run,
                      (extract(epoch FROM start) * 1000000)::bigint::text AS start_us,
                      (extract(epoch FROM stop) * 1000000)::bigint::text AS stop_us,
                      extract(epoch FROM stop - start)::float8 AS duration_s,
                      bytes::float8 AS bytes,
                      encode(sha256, 'hex') AS sha256,
                      left(encode(sha256, 'hex'), 12) AS sha256_short
                 FROM %s""",
            SQL.identifier(TABLE),
        )

    @api.depends("camera_id", "start")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for segment in self:
            segment.display_name = f"{segment.camera_id.display_name}, {site_time(self.env, segment.start, segment.tz)}"

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Bound open windows: ``stop > t`` also means ``start > t - longest segment``, so that the index is used."""

        def bounded(condition):
            if condition.field_expr == "stop" and condition.operator in (">", ">=") and condition.value:
                moment = fields.Datetime.to_datetime(condition.value)
                return condition & Domain("start", ">=", moment - MAX_SEGMENT)
            return condition

        return super()._search(Domain(domain).map_conditions(bounded), *args, **kwargs)

    def init(self):
        self._init_partitions()

    @api.model
    def _init_partitions(self):
        """Create or complete the table; idempotent, runs at installation and at each update of the addon."""
        cr = self.env.cr
        cr.execute("CREATE SEQUENCE IF NOT EXISTS cctv_segment_id_seq AS bigint")
        cr.execute(
            SQL(
                "CREATE TABLE IF NOT EXISTS %s (%s, PRIMARY KEY (id, start),"
                " UNIQUE (camera_id, start) INCLUDE (stop, bytes, status)) PARTITION BY RANGE (start)",
                SQL.identifier(TABLE),
                SQL(", ").join(SQL("%s %s", SQL.identifier(name), SQL(ddl)) for name, ddl in COLUMNS.items()),
            )
        )
        for name in COLUMNS.keys() - sql.table_columns(cr, TABLE).keys():
            cr.execute(
                SQL("ALTER TABLE %s ADD COLUMN %s %s", SQL.identifier(TABLE), SQL.identifier(name), SQL(COLUMNS[name]))
            )
        cr.execute(
            SQL("CREATE INDEX IF NOT EXISTS cctv_segment_data_start_id_idx ON %s (start, id)", SQL.identifier(TABLE))
        )
        cr.execute(
            SQL(
                "CREATE TABLE IF NOT EXISTS %s PARTITION OF %s DEFAULT",
                SQL.identifier(TABLE + "_default"),
                SQL.identifier(TABLE),
            )
        )
        self._ensure_months(self._months_ahead())

    @api.model
    def _months_ahead(self):
        first = fields.Datetime.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return [first + relativedelta(months=n) for n in range(MONTHS_AHEAD + 1)]

    @api.model
    def _ensure_months(self, months, present=None):
        """Attach a partition for each month (first-of-month datetimes) that has none.

        :param present: names of the attached partitions; looked up when not given
        :raises psycopg2.errors.LockNotAvailable: when the table stays busy for 2 s; Odoo repeats such a request
        """
        names = {self._partition_name(month): month for month in months}
        present = self._months_present() if present is None else present
        for name in sorted(names.keys() - present):
            self._attach_month(name, names[name])

    @api.model
    def _months_present(self):
        """:return set: names of the attached partitions"""
        return {name for (name,) in self.env.execute_query(self._months_query())}

    @api.model
    def _months_query(self):
        return SQL(
            "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = to_regclass(%s)",
            TABLE,
        )

    @api.model
    def _partition_name(self, month):
        return f"{TABLE}_{month:%Y_%m}"

    @api.model
    def _attach_month(self, name, first):
        """Make a free table, move stray rows of that month out of DEFAULT, attach: the parent is locked only
        lightly."""
        cr, last = self.env.cr, first + relativedelta(months=1)
        names = {
            "month": SQL.identifier(name),
            "parent": SQL.identifier(TABLE),
            "rest": SQL.identifier(TABLE + "_default"),
        }
        cr.execute(SQL("SET LOCAL lock_timeout = %s", LOCK_TIMEOUT))
        cr.execute(
            SQL(
                "CREATE TABLE IF NOT EXISTS %(month)s (LIKE %(parent)s INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
                **names,
            )
        )
        cr.execute(
            SQL(
                "WITH moved AS (DELETE FROM %(rest)s WHERE start >= %(first)s AND start < %(last)s RETURNING *)"
                " INSERT INTO %(month)s SELECT * FROM moved",
                first=first,
                last=last,
                **names,
            )
        )
        cr.execute(
            SQL(
                "ALTER TABLE %(month)s ADD CHECK (start >= %(first)s AND start < %(last)s)",
                first=first,
                last=last,
                **names,
            )
        )
        cr.execute(
            SQL(
                "ALTER TABLE %(parent)s ATTACH PARTITION %(month)s FOR VALUES FROM (%(first)s) TO (%(last)s)",
                first=first,
                last=last,
                **names,
            )
        )
        cr.execute("SET LOCAL lock_timeout = 0")
        _logger.info("segments: partition %s attached", name)

    @api.model
    def _cron_partitions(self):
        """Make the coming months; a busy table is tried again at the cron's next run. Strays in DEFAULT raise
        the alarm."""
        try:
            with self.env.cr.savepoint():
                self._ensure_months(self._months_ahead())
        except LockNotAvailable:
            _logger.warning("segments: table busy, partitions are made at the next run")
        self.env.cr.execute(SQL("SELECT count(*), min(start) FROM %s", SQL.identifier(TABLE + "_default")))
        strays, oldest = self.env.cr.fetchone()
        if strays:
            _logger.error("segments: %s rows sit in the DEFAULT partition, oldest %s", strays, oldest)
            self.env["cctv.recorder"]._alarm_strays(strays, oldest)

    @api.model
    def _month_of(self, moment):
        return datetime(moment.year, moment.month, 1)
