from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.cctv_sop.site_time import site_minute

from ...tools import intervals
from .cctv_segment import MAX_SEGMENT

SEQUENCE = "cctv_hold_version_seq"
#: What a node is told of a hold.
WIRE_FIELDS = frozenset(("camera_ids", "start", "stop", "ended_at"))
#: What people decide of it: by the version alone a node's word tells a restored database that it forgot such a step.
STEP_FIELDS = frozenset(("state", "review_date"))
MOST_VERSIONS = 200


class LegalHold(models.Model):
    """What nodes are told of a hold, and what they answer.

    A version is this ERP's clock in µs at the hold's last change, and at least one more than any before, so that
    versions grow even when the database is restored from a backup.
    """

    _inherit = "cctv.legal.hold"

    # a double holds µs exactly; given digits, Odoo would round them
    wire_version = fields.Float("Version", guarded=True, readonly=True, copy=False, aggregator=None)
    wire_versions = fields.Json("Versions Given", guarded=True, readonly=True, copy=False)
    reach_version = fields.Float(
        "Version of What It Holds",
        guarded=True,
        readonly=True,
        copy=False,
        aggregator=None,
        help="Whoever stored this one keeps all; later ones tell of steps alone.",
    )
    ack_ids = fields.One2many("cctv.hold.ack", "hold_id", "Answers of the Recorders", readonly=True, copy=False)

    _wire_version_idx = models.Index("(wire_version)")

    def init(self):
        super().init()
        self.env.cr.execute(SQL("CREATE SEQUENCE IF NOT EXISTS %s AS bigint", SQL.identifier(SEQUENCE)))

    @api.model_create_multi
    def create(self, vals_list):
        holds = super().create(vals_list)
        holds.filtered(lambda hold: not hold.wire_version)._tell()
        return holds

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & WIRE_FIELDS:
            self._tell()
        elif vals.keys() & STEP_FIELDS:
            self._raise_version()
        return result

    # -- down ----------------------------------------------------------------------------------------------

    def _tell(self):
        """Give these holds new versions, so that every node of their cameras hears of them."""
        self._raise_version()
        for hold in self.sudo():
            hold._with_pass(["reach_version"]).write({"reach_version": hold.wire_version})
        self.env["cctv.hold.ack"]._expect(self)

    def _raise_version(self):
        for hold in self.sudo():
            version = self._next_version()
            values = {
                "wire_version": version,
                "wire_versions": hold._versions_with(version),
                "reach_version": hold.reach_version or hold.wire_version,
            }
            hold._with_pass(values).write(values)

    def _versions_with(self, version):
        """:return list: what a node may have stored; this database has forgotten any other version that one names"""
        return sorted({*self._given_versions(), version})[-MOST_VERSIONS:]

    def _given_versions(self):
        """:return set: versions that nodes were given of this hold, as far as is known"""
        return {*(self.wire_versions or ()), *filter(None, (int(self.wire_version),))}

    @api.model
    def _tell_again(self, cameras):
        """Cameras came to another node, which knows nothing yet of the holds on them."""
        domain = [("camera_ids", "in", cameras.ids), *self._holding_domain()]
        # sudo: holds count, whoever moves the camera
        self.sudo().search(domain)._tell()

    @api.model
    def _next_version(self, at_least=0):
        """Under a lock until the transaction ends: a node that has heard of a version misses none before it.

        :param int at_least: a version that is given out already
        :return int: µs
        """
        self.env.cr.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [SEQUENCE])
        self.env.cr.execute(
            SQL(
                """SELECT setval(%(name)s, greatest((SELECT last_value + 1 FROM %(sequence)s), %(least)s,
                                                    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint))""",
                name=SEQUENCE,
                sequence=SQL.identifier(SEQUENCE),
                least=at_least,
            )
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _newer_than(self, recorder, version, cameras):
        """Return the holds on a node's cameras that it has not heard of (docs/wire.md, "holds").

        Of their end whoever stored them hears, though no camera of his be among them here.

        :param int version: newest that the node holds
        :param cameras: ids of its present and former cameras
        :return dict: ``version`` and ``rows``, or None when there is nothing newer
        """
        self.env.cr.execute(
            """SELECT h.uuid, h.wire_version::bigint, h.ended_at IS NOT NULL, h.start, h.stop,
                      coalesce(array_agg(r.camera_id ORDER BY r.camera_id) FILTER (WHERE r.camera_id IS NOT NULL), '{}')
                 FROM cctv_legal_hold h
                 LEFT JOIN cctv_legal_hold_camera_rel r ON r.hold_id = h.id AND r.camera_id = ANY(%(cameras)s)
                WHERE h.wire_version > %(version)s
                  AND (r.camera_id IS NOT NULL
                       OR h.ended_at IS NOT NULL
                          AND EXISTS (SELECT 1 FROM cctv_hold_ack a WHERE a.hold_id = h.id
                                       AND a.recorder_id = %(recorder)s AND a.acked_at IS NOT NULL))
                GROUP BY h.id ORDER BY h.wire_version""",
            {"cameras": list(cameras), "version": version, "recorder": recorder.id},
        )
        rows = [_wire_row(*row) for row in self.env.cr.fetchall()]
        return {"version": rows[-1]["version"], "rows": rows} if rows else None

    # -- what is shown -------------------------------------------------------------------------------------

    @api.depends(
        "wire_version",
        "reach_version",
        "tz",
        "start",
        "ack_ids.version",
        "ack_ids.acked_at",
        "ack_ids.kept",
        "ack_ids.gone",
    )
    def _compute_hold_state(self):
        return super()._compute_hold_state()

    def _hold_status(self):
        """See ``cctv_sop``: a hold is held when each node of its cameras has stored it as it is now."""
        status = super()._hold_status()
        for hold in self:
            # sudo: what nodes answered goes with the hold
            acks = hold.sudo().ack_ids.filtered(lambda ack: ack.recorder_id.state != "retired")
            if acks:
                status[hold.id] = {"measured": True, "state": hold._state_of(acks), "detail": hold._detail_of(acks)}
            if hold.ended_at and acks:
                status[hold.id]["detail"] = self.env._("Ended: this hold keeps nothing any more.")
        return status

    def _state_of(self, acks):
        if self.ended_at:
            return "released"
        if not all(ack._is_current() for ack in acks):
            return "requested"
        if self.state == "released":
            return "grace"
        return "empty" if self._holds_nothing(acks) else "active"

    def _holds_nothing(self, acks):
        """No footage lies in the window. Not known while it is open: a node counts once, when it stores the hold."""
        if any(ack.kept or ack.gone for ack in acks):
            return False
        return self._is_to_come() or not self._is_open_at(max(acks.mapped("acked_at")))

    def _is_to_come(self):
        return self.start > fields.Datetime.now()

    def _is_open_at(self, moment):
        return not self.stop or self.stop + MAX_SEGMENT > moment

    def _detail_of(self, acks):
        waiting = acks.filtered(lambda ack: not ack._is_current())
        if waiting:
            names = ", ".join(waiting.mapped("recorder_id.name"))
            return self.env._("Asked for; not yet stored by %s.", names)
        if self.state == "released":
            until = site_minute(self.env, self.grace_until, self.tz)
            return self.env._("Released: the hold lasts until %s, then retention resumes.", until)
        kept, gone = sum(acks.mapped("kept")), sum(acks.mapped("gone"))
        stored_at = max(acks.mapped("acked_at"))
        if self._holds_nothing(acks):
            return self._detail_of_nothing()
        if self._is_open_at(stored_at):
            return self._detail_then(kept, gone, stored_at)
        if gone and not kept:
            return self.env._("Stored, but all %s segments of this time had been deleted before.", gone)
        if gone:
            return self.env._(
                "Held in part: %(kept)s segments kept, %(gone)s had been deleted before.", kept=kept, gone=gone
            )
        return self.env._("Held: %s segments kept.", kept)

    def _detail_of_nothing(self):
        if self._is_to_come():
            begin = site_minute(self.env, self.start, self.tz)
            return self.env._("Held, but nothing is recorded yet: it begins on %s.", begin)
        return self.env._("Held, but nothing was recorded in this time.")

    def _detail_then(self, kept, gone, stored_at):
        """A node counts once, when it stores the hold; what it records afterwards is kept without being counted."""
        time = site_minute(self.env, stored_at, self.tz)
        if gone:
            said = self.env._(
                "Held in part: %(kept)s segments when stored on %(time)s, %(gone)s had been deleted before.",
                kept=kept,
                time=time,
                gone=gone,
            )
        elif kept:
            said = self.env._("Held: %(kept)s segments when stored on %(time)s.", kept=kept, time=time)
        else:
            said = self.env._("Held: nothing was recorded in this time when stored on %s.", time)
        return f"{said} {self._detail_later(stored_at)}"

    def _detail_later(self, stored_at):
        if not self.stop:
            return self.env._("Later footage is kept too.")
        if self.stop > stored_at:
            return self.env._("Later footage until %s is kept too.", site_minute(self.env, self.stop, self.tz))
        return self.env._("What was still being recorded then is kept too.")


def _wire_row(uuid, version, ended, start, stop, cameras):
    return {
        "hold": uuid,
        "version": str(version),
        "state": "released" if ended else "active",
        "cameras": cameras,
        "from_us": str(intervals.to_us(start)),
        "to_us": str(intervals.to_us(stop)) if stop else None,
    }
