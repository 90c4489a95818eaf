from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools.translate import LazyTranslate

from odoo.addons.cctv_sop.workflow import step

from ...tools import intervals
from ...tools.retention_rows import wrong_in_ack

_lt = LazyTranslate(__name__)

AHEAD_US = 86_400 * intervals.SECOND


class HoldAck(models.Model):
    _inherit = "cctv.hold.ack"

    @api.model
    def _ingest(self, recorder, rows, cameras, now):
        """Store what a node says of its holds.

        What makes others wait for the versions of holds comes last, and once for all that is made anew.

        :param list rows: as on the wire
        :param cameras: the node's present and former cameras
        :param int now: µs
        :return list: a verdict per row
        """
        made, later = self.env["cctv.legal.hold"].sudo(), []
        verdicts = []
        for row in rows or ():
            hold, own, refusal = self._judge(recorder, row, cameras, now)
            verdicts.append(refusal or "ok")
            if refusal:
                continue
            if hold and (hold._has_forgotten(int(row["version"])) or hold._beyond(row, own)):
                later.append((hold, row, own))
                continue
            if not hold:
                hold = hold._made_anew(recorder, row, own)
                made += hold
            self._store(hold, recorder, row)
        made._after_making()
        for hold, row, own in later:
            hold._catch_up(row, own)
            self._store(hold, recorder, row)
        return verdicts

    @api.model
    def _judge(self, recorder, row, cameras, now):
        """:return tuple: the hold if it is known, ids of the node's cameras in it, and why it is refused or None"""
        hold = self.env["cctv.legal.hold"].sudo()
        if wrong := wrong_in_ack(row):
            return hold, [], self._bad_value(wrong)
        own = [camera for camera in row["cameras"] if camera in cameras]
        hold = hold.search([("uuid", "=", row["hold"])], limit=1)
        if not own or (hold and hold.company_id != recorder.company_id):
            return hold, own, ["not_yours", self.env._("No camera of this hold is recorded by this node.")]
        # a version is a clock's time: a later one would carry the versions of all holds away with it
        if int(row["version"]) > max(hold.wire_version, now + AHEAD_US):
            return hold, own, self._bad_value("version")
        return hold, own, None

    @api.model
    def _bad_value(self, name):
        return ["bad_value", self.env._("The value of %s is not valid.", name)]

    @api.model
    def _store(self, hold, recorder, row):
        self._expect(hold)
        ack = self.search([("hold_id", "=", hold.id), ("recorder_id", "=", recorder.id)])
        ack.write(
            {
                "version": int(row["version"]),
                "acked_at": fields.Datetime.now(),
                "kept": row["kept"],
                "gone": row["gone"],
                "kept_bytes": int(row["kept_bytes"]),
                "gone_rows": row["gone_rows"] or False,
            }
        )


class LegalHold(models.Model):
    """A node knows more than a database that was restored from a backup: nothing of it is dropped."""

    _inherit = "cctv.legal.hold"

    @api.model
    def _made_anew(self, recorder, row, cameras):
        """Make a hold that only the node knows, for a person to judge.

        :param dict row: the node's acknowledgement
        :param list cameras: ids of the node's cameras in it
        """
        holds = recorder._for_people(self)
        values = {
            "uuid": row["hold"],
            "origin": "recorder",
            "company_id": recorder.company_id.id,
            "reason": holds.env._(
                "Told by %s: this database did not know the hold, it is older than the recorder's.",
                recorder.name,
            ),
            "camera_ids": [Command.set(cameras)],
            "start": intervals.from_us(int(row["from_us"])).replace(microsecond=0),
            "stop": _whole_second_after(row["to_us"]),
            "state": "active",
            "preserved_by": False,
            "preserved_at": fields.Datetime.now(),
            "confirm_until": False,
            "wire_version": int(row["version"]),
            "reach_version": int(row["version"]),
        }
        return holds._with_pass(values, create=True).create([values]).with_env(self.env)

    def _after_making(self):
        """Of the holds that one call made anew: later versions come after theirs, and one work asks to judge them."""
        if self:
            self._next_version(int(max(self.mapped("wire_version"))))
            self._ask_to_judge()

    def _has_forgotten(self, version):
        """:return bool: whether a node stored a version that this database does not know to have given"""
        known = self._given_versions()
        return version not in known and version > min(known, default=0)

    def _beyond(self, row, cameras):
        """:return dict: what of a node's hold is not held here; a hold is never narrowed, so it was known once"""
        start, stop = intervals.from_us(int(row["from_us"])).replace(microsecond=0), _whole_second_after(row["to_us"])
        values = {}
        if unknown := sorted({*cameras} - {*self.camera_ids.ids}):
            values["camera_ids"] = [Command.link(camera) for camera in unknown]
        if start < self.start:
            values["start"] = start
        if self.stop and (not stop or stop > self.stop):
            values["stop"] = stop
        return values

    def _catch_up(self, row, cameras):
        """The node knows more of the hold: take its cameras and window in, and let no cron end it unseen."""
        version = int(row["version"])
        if self._has_forgotten(version):
            self._recall(version)
        if values := {} if self.ended_at else self._beyond(row, cameras):
            self._with_pass(values).write(values)
        else:
            self._tell()

    def _recall(self, version):
        """Something was done of which only the node's version is left. What people ended since stays as they said;
        what else is ending, or has ended, is held for them to judge.
        """
        self._next_version(version)
        self._with_pass(["wire_versions"]).write({"wire_versions": self._versions_with(version)})
        ending = self.state in ("preserved", "lapsed", "released")
        if ending and not (self.released_at and intervals.to_us(self.released_at) > version):
            self._step_told()
            self._ask_to_judge()

    @step(("preserved", "lapsed", "released"), "active", label=_lt("Told by a recorder"))
    def _step_told(self):
        """A later state of the hold was lost with the database: who confirmed it is not known any more."""
        self._end_activity("mail_activity_hold_confirm", "mail_activity_hold_lapsed")
        self._tell_custody("hold.told")
        never = ("confirm_until", "ended_at", "grace_until", "released_by", "released_at")
        return {"origin": "recorder", **dict.fromkeys((*never, "release_requested_by", "release_requested_at"), False)}

    def _ask_to_judge(self):
        first, last = self[0], self[-1]

        def summary(env):
            if first == last:
                return env._("A recorder holds %s: is it still needed?", first.name)
            return env._(
                "A recorder told of %(count)s holds, %(first)s to %(last)s: are they still needed?",
                count=len(self),
                first=first.name,
                last=last.name,
            )

        first._give_work("mail_activity_hold_judge", summary, fields.Date.today())


def _whole_second_after(us):
    return intervals.from_us(-(-int(us) // intervals.SECOND) * intervals.SECOND) if us else False


class CctvCustodyEntry(models.Model):
    _inherit = "cctv.custody.entry"

    @api.model
    def _action_words(self):
        return {**super()._action_words(), "hold.told": self.env._("Hold known from a recorder")}
