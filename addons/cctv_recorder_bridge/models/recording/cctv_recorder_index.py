from functools import partial

from odoo import api, models
from odoo.tools import SQL

from ...tools import intervals, wire
from ...tools.schema.pages import check_index_page
from .cctv_segment import TABLE

PAGE_ROWS = 5000
LONGEST_US = 32 * 86_400 * intervals.SECOND
# What both sides hash: one line a segment, those of a camera and UTC day in order of time, deleted ones left out.
LINE = """concat_ws('|', (extract(epoch FROM start) * 1000000)::bigint, (extract(epoch FROM stop) * 1000000)::bigint,
                 bytes, coalesce(encode(sha256, 'hex'), ''), replace(run::text, '-', ''), number, status)"""


class Recorder(models.Model):
    """The ERP's rows of a node, for an index that is compared with them or made anew from them."""

    _inherit = "cctv.recorder"

    @api.model
    def index_digests(self, payload):
        """Give one digest for each camera and UTC day of which the caller's node has rows here (docs/wire.md, "Index").

        For the node's bot user alone.

        :param str payload: ``base64(gzip(utf-8 JSON))`` of ``{schema, node, from_us, to_us}``, at most 32 days
        :return str: the reply in the same envelope
        :raises AccessError: the caller is no node's bot, or the node is retired
        :raises UserError: the payload is refused; the text names the field
        """
        recorder, message = self._node_call(payload, partial(check_index_page, longest_us=LONGEST_US))
        return wire.pack(recorder._index_digests(int(message["from_us"]), int(message["to_us"])))

    @api.model
    def index_rows(self, payload):
        """Give a page of the rows of one camera of the caller's node, oldest first.

        :param str payload: as for :meth:`index_digests`, with ``camera_id``
        :return str: the reply in the same envelope; ``more`` says that rows follow after the last
        """
        recorder, message = self._node_call(payload, partial(check_index_page, longest_us=LONGEST_US, of_camera=True))
        bounds = int(message["from_us"]), int(message["to_us"])
        return wire.pack(recorder._index_rows(message["camera_id"], *bounds))

    def _index_digests(self, from_us, to_us):
        self.env.cr.execute(
            SQL(
                """SELECT d.camera_id, c.path, d.start::date::text, count(*), sum(d.bytes)::text,
                          encode(sha256(string_agg(%s, E'\\n' ORDER BY d.start)::bytea), 'hex')
                     FROM %s d JOIN cctv_camera c ON c.id = d.camera_id
                    WHERE d.recorder_id = %s AND d.start >= %s AND d.start < %s AND d.status != 'deleted'
                    GROUP BY d.camera_id, c.path, d.start::date ORDER BY d.camera_id, d.start::date""",
                SQL(LINE),
                SQL.identifier(TABLE),
                self.id,
                intervals.from_us(from_us),
                intervals.from_us(to_us),
            )
        )
        columns = list(zip(*self.env.cr.fetchall(), strict=True)) or [()] * 6
        names = ("camera_id", "path", "day", "segments", "bytes", "sha256")
        return {"schema": wire.SCHEMA, **dict(zip(names, map(list, columns), strict=True)), **self._index_span()}

    def _index_span(self):
        """First and last start of the node's rows, so that the caller knows where to look."""
        self.env.cr.execute(
            SQL(
                "SELECT (extract(epoch FROM min(start)) * 1000000)::bigint::text,"
                " (extract(epoch FROM max(start)) * 1000000)::bigint::text FROM %s WHERE recorder_id = %s",
                SQL.identifier(TABLE),
                self.id,
            )
        )
        first, last = self.env.cr.fetchone()
        return {"first_us": first, "last_us": last}

    def _index_rows(self, camera_id, from_us, to_us):
        self.env.cr.execute(
            SQL(
                """SELECT (extract(epoch FROM start) * 1000000)::bigint::text,
                          (extract(epoch FROM stop) * 1000000)::bigint::text, bytes::text,
                          coalesce(encode(sha256, 'hex'), ''), replace(run::text, '-', ''), number, status, test::int
                     FROM %s
                    WHERE camera_id = %s AND recorder_id = %s AND start >= %s AND start < %s
                    ORDER BY start LIMIT %s""",
                SQL.identifier(TABLE),
                camera_id,
                self.id,
                intervals.from_us(from_us),
                intervals.from_us(to_us),
                PAGE_ROWS + 1,
            )
        )
        rows = self.env.cr.fetchall()
        columns = list(zip(*rows[:PAGE_ROWS], strict=True)) or [()] * 8
        names = ("start_us", "stop_us", "bytes", "sha256", "run", "number", "status", "test")
        return {
            "schema": wire.SCHEMA,
            **dict(zip(names, map(list, columns), strict=True)),
            "more": len(rows) > PAGE_ROWS,
        }
