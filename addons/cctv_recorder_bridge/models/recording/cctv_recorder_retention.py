import hashlib

from odoo import api, fields, models
from odoo.exceptions import LockError
from odoo.tools.translate import LazyTranslate

from odoo.addons.cctv_sop.workflow import step

from ...tools import intervals
from .cctv_recorder import GUARDED, IT, RUNNING
from .cctv_recorder_said import told

_lt = LazyTranslate(__name__)

HOUR_US = 3600 * intervals.SECOND
DAY_US = 24 * HOUR_US


class Recorder(models.Model):
    """What a node may delete and what it must keep (docs/wire.md, "Retention, hold and deletion")."""

    _inherit = "cctv.recorder"

    purge_state = fields.Selection(
        [
            ("off", "Off"),
            ("ready", "Ready"),
            ("running", "Deleting"),
            ("parked", "Waits for a person"),
            ("locked", "Locked"),
        ],
        "Deletion",
        **GUARDED,
    )
    purge_reason = fields.Char("Why, as the Recorder Says", **GUARDED)
    purge_said = fields.Json(**GUARDED)
    purge_why = fields.Char("Why", compute="_compute_purge_why")
    purge_due_segments = fields.Integer("Segments Due", aggregator=None, **GUARDED)
    purge_due_bytes = fields.Float("Due (bytes)", digits=(20, 0), **GUARDED)
    purge_held_bytes = fields.Float("On Hold (bytes)", digits=(20, 0), **GUARDED)
    confirmed_database = fields.Char("Database Confirmed", **GUARDED)
    confirmed_counter = fields.Integer("Confirmed at Call", aggregator=None, **GUARDED)
    refused_run = fields.Char("Last Run Refused by Newer Cutoffs", **GUARDED)
    stay_ids = fields.One2many("cctv.recorder.stay", "recorder_id", "Former Cameras", readonly=True, groups=IT)
    deletion_count = fields.Integer("Deletion Runs", compute="_compute_deletion_count")

    @api.depends("purge_said", "purge_reason")
    @api.depends_context("lang")
    def _compute_purge_why(self):
        for recorder in self:
            recorder.purge_why = told(self.env, recorder.purge_said, recorder.purge_reason)

    def _compute_deletion_count(self):
        self._count_lines("deletion_count", "cctv.deletion.run", [])

    def action_view_deletions(self):
        return self._lines_action("cctv.deletion.run", self.env._("Deletion Runs of %s", self.name), "list,kanban,form")

    @step(RUNNING, None, who=IT, note=True, label=_lt("Confirm database"))
    def action_confirm_database(self):
        """IT says that this database is the right one, after it was restored or copied: the node deletes again."""
        return {"confirmed_database": self._database_uuid(), "confirmed_counter": self.counter}

    def _confirmed(self):
        """:return dict: the last word of IT as the node gets it, or None"""
        if not self.confirmed_database:
            return None
        return {"database": self.confirmed_database, "counter": str(self.confirmed_counter)}

    def _exchange_retention(self, message, cameras, now, current):
        """The part of the answer that is about keeping and deleting. What is not asked for costs no query.

        :param cameras: :class:`KnownCameras` of the node
        :param int now: µs
        :param bool current: whether this is the node's latest call
        :return dict: ``holds``, ``cutoffs``, ``hold_acks``, ``purge_ended``, ``purge``
        """
        runs = self.env["cctv.deletion.run"]
        reply = {
            "hold_acks": self.env["cctv.hold.ack"]._ingest(self, message.get("hold_acks"), cameras, now),
            "purge_ended": runs._ingest_ended(self, message.get("purge_ended")),
            "purge": None,
            "holds": None,
            "cutoffs": None,
        }
        if current and message.get("purge"):
            reply["purge"] = self._answer_purge(message, cameras, _cutoffs(cameras, now))
            self._note_refused(message["purge"], reply["purge"], _cutoff_rows(cameras, now))
        if "holds_version" in message:
            self.env.flush_all()
            reply["holds"] = self.env["cctv.legal.hold"]._newer_than(self, int(message["holds_version"]), cameras)
        if "cutoffs_tag" in message:
            reply["cutoffs"] = self._newer_cutoffs(message["cutoffs_tag"], _cutoff_rows(cameras, now))
        return reply

    def _note_refused(self, purge, answer, rows):
        """A node chooses no more by cutoffs by which it was refused. Where they had changed here meanwhile, these may
        come back within the hour (retention that was lengthened by mistake): they are then told as others.
        """
        if answer["verdict"] == "refused" and purge["cutoffs_tag"] != self._cutoffs_tag(rows):
            self._with_pass(["refused_run"]).write({"refused_run": purge["run"]})

    def _cutoffs_tag(self, rows):
        return hashlib.sha256(f"{rows}{self.refused_run or ''}".encode()).hexdigest()[:16]

    def _newer_cutoffs(self, tag, rows):
        """:return dict: ``tag`` and ``rows``, or None when the node holds these already"""
        fresh = self._cutoffs_tag(rows)
        return None if fresh == tag else {"tag": fresh, "rows": rows}

    def _answer_purge(self, message, cameras, cutoffs):
        if "holds_version" not in message:
            # a go counts only beside the holds of the same answer
            reason = self.env._("A purge is answered together with the holds: send holds_version.")
            return {"run": message["purge"]["run"], "verdict": "wait", "reason": reason}
        try:
            return self.env["cctv.deletion.run"]._judge(self, message["purge"], cameras, cutoffs)
        except LockError:
            reason = self.env._("A person is deciding on this run just now.")
            return {"run": message["purge"]["run"], "verdict": "wait", "reason": reason}


def _cutoffs(cameras, now):
    """:return dict: camera id -> µs before which its footage may go, reckoned at the full hour"""
    hour = now // HOUR_US * HOUR_US
    return {camera: hour - facts["days"] * DAY_US for camera, facts in cameras.items()}


def _cutoff_rows(cameras, now):
    """:return list: the cutoffs as on the wire"""
    return [
        {"camera_id": camera, "cutoff_us": str(cutoff), "days": cameras[camera]["days"]}
        for camera, cutoff in sorted(_cutoffs(cameras, now).items())
    ]
