from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools.translate import LazyTranslate

from odoo.addons.cctv_sop.workflow import step

from ...tools import intervals
from ...tools.retention_rows import wrong_in_ack

_lt = LazyTranslate(__name__)


class HoldAck(models.Model):
    _inherit = "cctv.hold.ack"

    @api.model
    def _ingest(self, recorder, rows, cameras):
        """Store what a node says of its holds.

        :param list rows: as on the wire
        :param cameras: the node's present and former cameras
        :return list: a verdict per row
        """
        return [self._ingest_one(recorder, row, cameras) for row in rows or ()]

    @api.model
    def _ingest_one(self, recorder, row, cameras):
        if wrong := wrong_in_ack(row):
            return ["bad_value", self.env._("The value of %s is not valid.", wrong)]
        own = [camera for camera in row["cameras"] if camera in cameras]
        holds = self.env["cctv.legal.hold"].sudo()
        hold = holds.search([("uuid", "=", row["hold"])], limit=1)
        if not own or (hold and hold.company_id != recorder.company_id):
            return ["not_yours", self.env._("No camera of this hold is recorded by this node.")]
        if not hold:
            hold = holds._made_anew(recorder, row, own)
        elif int(row["version"]) > hold.wire_version:
            hold._catch_up(int(row["version"]), row, own)
        self._store(hold, recorder, row)
        return "ok"

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
        values = {
            "uuid": row["hold"],
            "origin": "recorder",
            "company_id": recorder.company_id.id,
            "reason": self.env._(
                "Told by recorder %s: this database did not know the hold, it is older than the recorder's.",
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
        }
        hold = self._with_pass(values, create=True).create([values]).with_context(_workflow=None)
        self._next_version(int(row["version"]))
        hold._ask_to_judge()
        return hold

    def _catch_up(self, version, row, cameras):
        """The node holds a later version: take its cameras and window in, and let no cron end it unseen."""
        self._next_version(version)
        if self.ended_at:
            self._tell()
            return
        start, stop = intervals.from_us(int(row["from_us"])).replace(microsecond=0), _whole_second_after(row["to_us"])
        values = {
            "camera_ids": [Command.link(camera) for camera in cameras],
            "start": min(self.start, start),
            "stop": max(self.stop, stop) if self.stop and stop else False,
        }
        self._with_pass(values).write(values)
        if self.state == "preserved":
            self._step_told()
            self._ask_to_judge()

    @step("preserved", "active", label=_lt("Told by a recorder"))
    def _step_told(self):
        """A later state of the hold was lost with the database: who confirmed it is not known any more."""
        self._end_activity("mail_activity_hold_confirm")
        return {"origin": "recorder", "confirm_until": False}

    def _ask_to_judge(self):
        self._give_work(
            "mail_activity_hold_judge",
            lambda env: env._("A recorder holds %s: is it still needed?", self.name),
            fields.Date.today(),
        )


def _whole_second_after(us):
    return intervals.from_us(-(-int(us) // intervals.SECOND) * intervals.SECOND) if us else False
