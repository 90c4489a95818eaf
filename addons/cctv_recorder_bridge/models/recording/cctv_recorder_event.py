import json
import time

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import intervals, pg
from ...tools.schema.codes import wrong_in_code
from ...tools.schema.events import EVENT_KINDS
from ...tools.schema.shape import DIGITS, INT32
from .cctv_recorder_event_words import WORDS, Filled

KEEP_DAYS = 180
DETAIL = 500
OWN = "erp"  # stands for the epoch of an index where this database speaks


class RecorderEvent(models.Model):
    """What a node noticed: append-only, kept for half a year."""

    _name = "cctv.recorder.event"
    _description = "Recorder Event"
    _order = "at desc, id desc"
    _rec_name = "kind"
    _log_access = False

    recorder_id = fields.Many2one("cctv.recorder", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    camera_id = fields.Many2one("cctv.camera", readonly=True, ondelete="set null", index="btree_not_null")
    epoch = fields.Char(required=True, readonly=True)
    seq = fields.Float(digits=(20, 0), required=True, readonly=True, aggregator=None)
    at = fields.Datetime(required=True, readonly=True, index=True)
    kind = fields.Selection(
        [
            ("source_lost", "Camera lost"),
            ("source_back", "Camera back"),
            ("disk_low", "Disk almost full"),
            ("quota_reached", "Quota reached"),
            ("clock_step", "Clock stepped"),
            ("integrity", "Damaged or odd file"),
            ("engine_down", "Engine stopped"),
            ("engine_up", "Engine started"),
            ("config_refused", "Configuration refused"),
            ("parked", "Rows parked"),
            ("audio_refused", "Sound could not be removed"),
            ("custody", "Custody ledger changed"),  # found here, not told by a node
        ],
        required=True,
        readonly=True,
    )
    code = fields.Char(readonly=True)
    args = fields.Json(readonly=True)
    detail = fields.Char("As the Recorder Logged It", readonly=True)
    told = fields.Char("What Happened", compute="_compute_told")
    tz = fields.Char("Site Time Zone", compute="_compute_tz")

    _once = models.UniqueIndex("(recorder_id, epoch, seq)", "An event is stored once.")

    @api.depends("code", "args", "detail")
    @api.depends_context("lang")
    def _compute_told(self):
        """In the reader's language what the node says in a code; else what it wrote, a reason before it in words."""
        reasons = dict(self.env["cctv.gap"]._fields["reason"]._description_selection(self.env))
        for event in self:
            event.told = event._in_words(reasons) or event._as_written(reasons)

    def _in_words(self, reasons):
        """:return str: the sentence of the event's code; empty for a code that is not known here"""
        args = Filled(self.env, self.args or {})
        if self.code == "camera_lost":
            return reasons.get(args["reason"], "")
        sentence = self.env._(WORDS[self.code]) if self.code in WORDS else ""
        return sentence % args

    def _as_written(self, reasons):
        code, _colon, sentence = (self.detail or "").partition(": ")
        return self.detail if code not in reasons else sentence if code == "unknown" else reasons[code]

    @api.depends("camera_id.tz", "recorder_id.tz")
    def _compute_tz(self):
        for event in self:
            event.tz = event.camera_id.tz or event.recorder_id.tz

    @api.model
    def _ingest(self, recorder, message, cameras):
        """Append a batch of events; what is there already is answered ``ok``.

        :return list: a verdict per row
        """
        verdicts, rows = [], []
        for event in message.get("events") or ():
            wrong = self._wrong_field(event)
            if wrong:
                verdicts.append(["bad_value", self.env._("The value of %s is not valid.", wrong)])
            elif event.get("camera_id") is not None and event["camera_id"] not in cameras:
                verdicts.append(["not_yours", self.env._("This camera is not recorded by this node.")])
            else:
                verdicts.append("ok")
                rows.append(event)
        if rows:
            self._append(recorder, message["epoch"], rows)
        return verdicts

    @api.model
    def _wrong_field(self, event):
        for name in ("seq", "at_us"):
            value = event.get(name)
            if type(value) is int and value >= 0:
                value = str(value)
            if not isinstance(value, str) or not DIGITS.fullmatch(value) or int(value) > 4e15:
                return name
        if not isinstance(event.get("kind"), str) or event["kind"] not in EVENT_KINDS:
            return "kind"
        camera = event.get("camera_id")
        if camera is not None and not (type(camera) is int and 0 < camera <= INT32):
            return "camera_id"
        if not isinstance(event.get("detail") or "", str):
            return "detail"
        return wrong_in_code(event.get("code"), event.get("args"))

    @api.model
    def _append(self, recorder, epoch, rows):
        self.env.cr.execute(
            SQL(
                """INSERT INTO cctv_recorder_event (recorder_id, company_id, epoch, camera_id, seq, at, kind, detail,
                                                   code, args)
                   SELECT %(recorder)s, %(company)s, %(epoch)s, camera_id, seq,
                          timestamp 'epoch' + at * interval '1 microsecond', kind, detail,
                          code, args::jsonb
                     FROM unnest(%(camera)s::int[], %(seq)s::bigint[], %(at)s::bigint[], %(kind)s::text[],
                     %(detail)s::text[], %(code)s::text[], %(args)s::text[])
                          AS t(camera_id, seq, at, kind, detail, code, args)
                   ON CONFLICT (recorder_id, epoch, seq) DO NOTHING""",
                recorder=recorder.id,
                company=recorder.company_id.id,
                epoch=epoch,
                camera=pg.numbers(row.get("camera_id") for row in rows),
                seq=pg.numbers(row["seq"] for row in rows),
                at=pg.numbers(intervals.past(int(row["at_us"])) for row in rows),
                kind=pg.plain(row["kind"] for row in rows),
                detail=pg.words((row.get("detail") or "")[:DETAIL] for row in rows),
                code=pg.words(row.get("code") for row in rows),
                args=pg.words(self._args_kept(row.get("args")) for row in rows),
            )
        )

    @api.model
    def _append_own(self, recorder, kind, text):
        """Keep what this database found about a node, told by no node."""
        now = time.time_ns() // 1000
        row = {"seq": str(now), "at_us": str(now), "kind": kind, "detail": text}
        self._append(recorder, OWN, [row])

    @api.model
    def _args_kept(self, args):
        clean = {name: pg.clean(value) if isinstance(value, str) else value for name, value in (args or {}).items()}
        return json.dumps(clean) if clean else None

    @api.autovacuum
    def _gc_events(self):
        self.env.cr.execute(
            "DELETE FROM cctv_recorder_event WHERE at < now() AT TIME ZONE 'utc' - %s * interval '1 day'", [KEEP_DAYS]
        )
