from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import pg
from .cctv_segment import MAX_SEGMENT, TABLE
from .cctv_segment_leave import NOT_THERE

#: Minutes of footage, of all cameras together, up to which the segments of a hold are counted while somebody looks.
MOST_COUNTED = 100_000


class LegalHold(models.Model):
    """Footage that got lost while it was on hold: a hold says so from then on."""

    _inherit = "cctv.legal.hold"

    hold_state = fields.Selection(selection_add=[("lost", "Held, Footage Missing")])
    loss_seen = fields.Boolean(
        "Footage Got Lost",
        guarded=True,
        readonly=True,
        copy=False,
        help="A recorder told that a segment of it is missing or deleted. Only then are segments counted.",
    )

    @api.model
    def _note_losses(self, segments):
        """Mark the holds that some segments belong to.

        :param segments: what is there no more, with ``camera``, ``start`` and ``stop`` in µs
        """
        segments = list(segments)
        if not segments:
            return
        self.flush_model(["camera_ids", "start", "stop", "ended_at", "loss_seen"])
        self.env.cr.execute(
            """UPDATE cctv_legal_hold SET loss_seen = TRUE WHERE id IN (
                   SELECT h.id
                     FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS t(camera, start, stop)
                     JOIN cctv_legal_hold_camera_rel r ON r.camera_id = t.camera
                     JOIN cctv_legal_hold h ON h.id = r.hold_id
                    WHERE h.ended_at IS NULL AND h.loss_seen IS NOT TRUE
                      AND timestamp 'epoch' + t.start * interval '1 microsecond' < coalesce(h.stop, 'infinity')
                      AND timestamp 'epoch' + t.stop * interval '1 microsecond' > h.start)""",
            [pg.numbers(getattr(segment, name) for segment in segments) for name in ("camera", "start", "stop")],
        )
        if self.env.cr.rowcount:
            self.invalidate_model(["loss_seen", "hold_state", "hold_detail"])

    @api.depends("loss_seen")
    def _compute_hold_state(self):
        return super()._compute_hold_state()

    def _hold_status(self):
        status = super()._hold_status()
        marked = self.filtered(lambda hold: hold.loss_seen and status[hold.id]["state"] in ("active", "empty"))
        losses = marked.filtered(lambda hold: hold._is_countable())._losses()
        for hold in marked:
            if words := hold._loss_words(*losses.get(hold.id, (0, None, 0))):
                status[hold.id].update(state="lost", detail=words)
        return status

    def _is_countable(self):
        now = fields.Datetime.now()
        minutes = (min(self.stop or now, now) - self.start).total_seconds() / 60
        return minutes * len(self.camera_ids) <= MOST_COUNTED

    def _losses(self):
        """:return dict: hold id -> how many of its segments are there, got lost since, had gone before"""
        if not self:
            return {}
        self.flush_model(["camera_ids", "start", "stop", "preserved_at"])
        self.env.cr.execute(
            SQL(
                """SELECT h.id,
                          count(*) FILTER (WHERE s.status != ALL(%(gone)s)),
                          count(*) FILTER (WHERE s.status = ANY(%(gone)s) AND s.status_at >= h.preserved_at),
                          count(*) FILTER (WHERE s.status = ANY(%(gone)s)
                                             AND coalesce(s.status_at, '-infinity') < h.preserved_at)
                     FROM cctv_legal_hold h JOIN cctv_legal_hold_camera_rel r ON r.hold_id = h.id,
                  LATERAL (SELECT d.status, d.status_at FROM %(table)s d
                            WHERE d.camera_id = r.camera_id AND d.start > h.start - %(longest)s
                              AND d.start < coalesce(h.stop, 'infinity') AND d.stop > h.start
                           OFFSET 0) AS s
                    WHERE h.id = ANY(%(holds)s) GROUP BY h.id""",
                gone=list(NOT_THERE),
                table=SQL.identifier(TABLE),
                longest=MAX_SEGMENT,
                holds=self.ids,
            )
        )
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}

    def _loss_words(self, there, lost, before):
        """:return str: nothing where all that was lost has been brought back; ``lost`` None: it was not counted"""
        if lost is None:
            return self.env._("Held, but segments of this time went missing or were deleted since.")
        if not lost:
            return ""
        said = self.env._(
            "Held in part: %(there)s of %(all)s segments; %(lost)s are missing or were deleted since.",
            there=there,
            all=there + lost,
            lost=lost,
        )
        gone = self.env._("Gone before: %s.", before) if before else ""
        return f"{said} {gone}".rstrip()
