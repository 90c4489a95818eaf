import json

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import intervals, pg
from ..recording.cctv_recorder_said import BY_REASON, kept, told

BAD = ("offline", "stalled", "audio_refused")
DETAIL = 500


class CameraHealth(models.Model):
    """What a node last said about a camera. A table of its own, so that telemetry never touches the camera's row.

    ``bad_since``/``good_since``: when it last turned bad or good; the alarm is opened and closed by them.
    """

    _name = "cctv.camera.health"
    _description = "Camera Health"
    _rec_name = "camera_id"
    _log_access = False

    camera_id = fields.Many2one("cctv.camera", required=True, readonly=True, ondelete="cascade")
    recorder_id = fields.Many2one("cctv.recorder", required=True, readonly=True, ondelete="cascade", index=True)
    state = fields.Char(readonly=True)
    reason = fields.Char(readonly=True)
    detail = fields.Char(readonly=True)
    said = fields.Json(readonly=True)  # code and arguments that say the same as the detail
    since = fields.Datetime(readonly=True)
    last_stop = fields.Datetime(readonly=True)
    kbps = fields.Integer(readonly=True, aggregator=None)
    bad_since = fields.Datetime(readonly=True)
    good_since = fields.Datetime(readonly=True)

    _camera = models.UniqueIndex("(camera_id)", "One row per camera.")

    @api.model
    def _ingest(self, recorder, states, cameras):
        """Store the cameras' part of a heartbeat: two statements for any number of cameras.

        States of cameras that are not the node's are passed over: a camera that just moved is still in flight.
        The list is the node's whole: a camera it leaves out is one that nobody speaks for.
        """
        rows = {row["camera_id"]: row for row in states if row["camera_id"] in cameras}
        unnamed = list(cameras.keys() - rows.keys())
        if unnamed:
            self._forget(recorder, unnamed)
        if not rows:
            return
        column = self._columns(list(rows.values()))
        self.env.cr.execute(
            SQL(
                """INSERT INTO cctv_camera_health AS h
                          (camera_id, recorder_id, state, reason, detail, said, since, last_stop, kbps, bad_since,
                           good_since)
                   SELECT camera_id, %(recorder)s, state, reason, detail, said::jsonb,
                          timestamp 'epoch' + since * interval '1 microsecond',
                          timestamp 'epoch' + last_stop * interval '1 microsecond', kbps,
                          CASE WHEN %(bad)s THEN now() AT TIME ZONE 'utc' END,
                          CASE WHEN %(bad)s THEN NULL ELSE now() AT TIME ZONE 'utc' END
                     FROM unnest(%(camera)s::int[], %(state)s::text[], %(reason)s::text[], %(detail)s::text[],
                                 %(said)s::text[], %(since)s::bigint[], %(last_stop)s::bigint[], %(kbps)s::int[])
                          AS t(camera_id, state, reason, detail, said, since, last_stop, kbps)
                   ON CONFLICT (camera_id) DO UPDATE SET
                          recorder_id = EXCLUDED.recorder_id, state = EXCLUDED.state, reason = EXCLUDED.reason,
                          detail = EXCLUDED.detail, said = EXCLUDED.said, since = EXCLUDED.since, kbps = EXCLUDED.kbps,
                          last_stop = CASE WHEN h.last_stop > clock_timestamp() AT TIME ZONE 'utc'
                                           THEN EXCLUDED.last_stop
                                           ELSE greatest(h.last_stop, EXCLUDED.last_stop) END,
                          bad_since = CASE WHEN EXCLUDED.bad_since IS NULL THEN NULL
                                           ELSE coalesce(h.bad_since, EXCLUDED.bad_since) END,
                          good_since = CASE WHEN EXCLUDED.good_since IS NULL THEN NULL
                                            ELSE coalesce(h.good_since, EXCLUDED.good_since) END
                    WHERE (h.recorder_id, h.state, h.reason, h.detail, h.said, h.since, h.last_stop, h.kbps)
                          IS DISTINCT FROM
                          (EXCLUDED.recorder_id, EXCLUDED.state, EXCLUDED.reason, EXCLUDED.detail, EXCLUDED.said,
                           EXCLUDED.since, EXCLUDED.last_stop, EXCLUDED.kbps)""",
                recorder=recorder.id,
                bad=SQL("(state = ANY(%s) OR state = 'off' AND reason IS NOT NULL)", list(BAD)),
                **column,
            )
        )
        self._show_on_cameras(recorder, column)

    @api.model
    def _forget(self, recorder, unnamed):
        """Nobody says what these cameras do: what was said last is no longer shown."""
        self.env.cr.execute(
            SQL(
                """UPDATE cctv_camera SET recording_state = 'unknown', recording_reason = NULL,
                          recording_since = now() AT TIME ZONE 'utc'
                    WHERE id = ANY(%s) AND recorder_id = %s AND recording_state NOT IN ('unknown', 'not_recorded')
                RETURNING id""",
                unnamed,
                recorder.id,
            )
        )
        if self.env.cr.fetchall():
            self.env["cctv.camera"].invalidate_model(["recording_state", "recording_reason", "recording_since"])
        # also of a camera that was unknown before: of a node that was silent, or new at this one
        self.env.cr.execute(
            SQL(
                """INSERT INTO cctv_camera_health AS h (camera_id, recorder_id, state, bad_since)
                   SELECT id, %(recorder)s, 'unknown', now() AT TIME ZONE 'utc' FROM unnest(%(cameras)s::int[]) AS t(id)
                    WHERE NOT EXISTS (SELECT 1 FROM cctv_camera_health
                                       WHERE camera_id = t.id AND state = 'unknown' AND bad_since IS NOT NULL)
                   ON CONFLICT (camera_id) DO UPDATE SET
                          state = 'unknown', reason = NULL, detail = NULL, said = NULL, kbps = NULL, good_since = NULL,
                          bad_since = coalesce(h.bad_since, EXCLUDED.bad_since)""",
                recorder=recorder.id,
                cameras=pg.numbers(unnamed),
            )
        )
        if self.env.cr.rowcount:
            self.invalidate_model()

    @api.model
    def _columns(self, rows):
        return {
            "camera": pg.numbers(row["camera_id"] for row in rows),
            "state": pg.plain(row["state"] for row in rows),
            "reason": pg.words((row.get("reason") or None) and row["reason"][:DETAIL] for row in rows),
            "detail": pg.words((row.get("detail") or None) and row["detail"][:DETAIL] for row in rows),
            "said": pg.words(json.dumps(kept(row)) if row.get("code") else None for row in rows),
            "since": pg.numbers(_us(row.get("since_us")) for row in rows),
            "last_stop": pg.numbers(_us(row.get("last_stop_us")) for row in rows),
            "kbps": pg.numbers(
                None if row.get("kbps") is None else min(max(int(row["kbps"]), 0), 2**31 - 1) for row in rows
            ),
        }

    @api.model
    def _show_on_cameras(self, recorder, column):
        """Carry state, reason and since over to the cameras that changed, and only to those."""
        self.env.cr.execute(
            SQL(
                """UPDATE cctv_camera c SET recording_state = t.state, recording_reason = t.reason,
                          recording_since = timestamp 'epoch' + t.since * interval '1 microsecond'
                     FROM unnest(%(camera)s::int[], %(state)s::text[], %(reason)s::text[], %(since)s::bigint[])
                          AS t(camera_id, state, reason, since)
                    WHERE c.id = t.camera_id AND c.recorder_id = %(recorder)s
                      AND (c.recording_state, c.recording_reason) IS DISTINCT FROM (t.state, t.reason)
                RETURNING c.id, t.state = 'recording' AND c.last_still_at IS NULL""",
                recorder=recorder.id,
                **{name: column[name] for name in ("camera", "state", "reason", "since")},
            )
        )
        unseen = [camera for camera, never_seen in self.env.cr.fetchall() if never_seen]
        self.invalidate_model()
        self.env["cctv.camera"].invalidate_model(["recording_state", "recording_reason", "recording_since"])
        if unseen:
            self.env["cctv.recorder.job"]._queue_stills(self.env["cctv.camera"].sudo().browse(unseen))

    def _told(self):
        """:return str: the node's sentence in the reader's language; empty when it only repeats the reason"""
        if (self.said or {}).get("code") == BY_REASON:
            return ""
        return told(self.env, self.said, self.detail or "")

    def _reason_word(self):
        """:return str: why the camera does not record, in the reader's language"""
        reasons = dict(self.env["cctv.gap"]._fields["reason"]._description_selection(self.env))
        states = dict(self.env["cctv.camera"]._fields["recording_state"]._description_selection(self.env))
        return reasons.get(self.reason) or states.get(self.state) or self.reason or self.state or ""


def _us(value):
    us = int(value) if value else None
    return intervals.past(us) if us else None
