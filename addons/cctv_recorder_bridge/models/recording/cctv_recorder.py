import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.translate import LazyTranslate

from odoo.addons.cctv_sop.workflow import step

from .cctv_gap import TO_EXPLAIN

_lt = LazyTranslate(__name__)

IT = "cctv_sop.group_it"
RUNNING = ("new", "online", "degraded", "offline")
GUARDED = {"guarded": True, "readonly": True, "copy": False}
# A node sends at each new segment, at the latest after INTERVAL seconds; silence of SILENT seconds means offline.
INTERVAL = 2
SILENT = 90
# A node that has not measured yet; Odoo's figures know no null.
UNKNOWN_HOURS = -1.0
# While one of these stands, the node records nothing.
STOPPING = frozenset(("quota", "disk_low", "disk_missing", "engine_down", "only_held"))


class Recorder(models.Model):
    """A recording machine: one service beside two MediaMTX processes. Its figures come from ``sync`` alone."""

    _name = "cctv.recorder"
    _description = "CCTV Recorder"
    _inherit = ["cctv.workflow.mixin", "mail.thread", "mail.activity.mixin", "cctv.recorder.room.mixin"]
    _order = "name, id"
    _check_company_auto = True
    _mail_post_access = "read"
    _open_states = RUNNING

    name = fields.Char(required=True)
    node = fields.Char("Node UUID", default=lambda self: str(uuid.uuid4()), required=True, **GUARDED)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    site_id = fields.Many2one(
        "cctv.location", check_company=True, domain="[('location_type', '=', 'site')]", index="btree_not_null"
    )
    tz = fields.Selection(related="site_id.tz", string="Site Time Zone")
    note = fields.Text()
    state = fields.Selection(
        [
            ("new", "New"),
            ("online", "Online"),
            ("degraded", "Degraded"),
            ("offline", "Offline"),
            ("retired", "Retired"),
        ],
        default="new",
        required=True,
        index=True,
        **GUARDED,
    )
    state_since = fields.Datetime(default=fields.Datetime.now, **GUARDED)
    camera_ids = fields.One2many("cctv.camera", "recorder_id", string="Cameras")
    camera_count = fields.Integer(compute="_compute_camera_count")
    event_count = fields.Integer("Events of 24 Hours", compute="_compute_event_count")
    job_count = fields.Integer("Open Jobs", compute="_compute_job_count", groups=IT)
    gap_count = fields.Integer("Gaps to Explain", compute="_compute_gap_count")

    segment_seconds = fields.Integer("Segment Length (s)", default=60, required=True, tracking=True)
    quota_gb = fields.Float(
        "Quota (GB)",
        digits=(12, 3),
        tracking=True,
        help="Footage this node may hold. 0 means as much as the disk takes.",
    )
    reserve_gb = fields.Float(
        "Reserve (GB)", digits=(12, 3), default=2.0, tracking=True, help="Space that stays free on the disk."
    )
    interval = fields.Integer("Sync Interval (s)", default=INTERVAL, required=True)
    url = fields.Char("Public Address", help="Address under which browsers reach this node.")
    transport = fields.Selection(
        [("auto", "By server version"), ("xmlrpc", "XML-RPC"), ("json2", "JSON-2")], default="auto", required=True
    )

    bot_user_id = fields.Many2one("res.users", ondelete="restrict", index="btree_not_null", **GUARDED)
    key_index = fields.Char("Newest Key Begins With", **GUARDED)
    key_expires = fields.Datetime(**GUARDED)

    last_sync = fields.Datetime("Last Heard", **GUARDED)
    epoch = fields.Char("Index Epoch", **GUARDED)
    last_seq = fields.Char("Last Call", **GUARDED)
    counter = fields.Integer("Calls Answered", aggregator=None, **GUARDED)
    config_etag = fields.Char("Configuration Held", **GUARDED)
    version_service = fields.Char("Recorder Version", **GUARDED)
    version_mediamtx = fields.Char("MediaMTX Version", **GUARDED)
    version_ffmpeg = fields.Char("FFmpeg Version", **GUARDED)
    clock_offset_ms = fields.Float("Clock Offset (ms)", digits=(12, 1), aggregator=None, **GUARDED)
    clock_known = fields.Boolean("Clock Measured", **GUARDED)
    server_ahead = fields.Float("This Server Ahead (s)", digits=(20, 1), aggregator=None, **GUARDED)
    disk_path = fields.Char("Media Folder", **GUARDED)
    disk_total = fields.Float("Disk (bytes)", digits=(20, 0), **GUARDED)
    disk_free = fields.Float("Free (bytes)", digits=(20, 0), **GUARDED)
    disk_used = fields.Float("Footage (bytes)", digits=(20, 0), **GUARDED)
    disk_quota = fields.Float("Quota in Force (bytes)", digits=(20, 0), **GUARDED)
    disk_reserve = fields.Float("Reserve in Force (bytes)", digits=(20, 0), **GUARDED)
    disk_ballast = fields.Float("Set Aside (bytes)", digits=(20, 0), **GUARDED)
    disk_index_free = fields.Float("Free for the Index (bytes)", digits=(20, 0), **GUARDED)
    disk_level = fields.Selection(
        [("normal", "Room for now"), ("tight", "Room gets tight"), ("low", "Some cameras held back"), ("full", "Full")],
        **GUARDED,
    )
    disk_hours_left = fields.Float("Hours Left", default=UNKNOWN_HOURS, aggregator=None, **GUARDED)
    disk_hours_left_without_purge = fields.Float(
        "Hours Left without Deletion", default=UNKNOWN_HOURS, aggregator=None, **GUARDED
    )
    engine_state = fields.Selection([("up", "Running"), ("down", "Stopped")], "Engine", **GUARDED)
    engine_started = fields.Datetime("Engine Since", **GUARDED)
    gate_state = fields.Selection([("up", "Running"), ("down", "Stopped")], "Gate", **GUARDED)
    gate_started = fields.Datetime("Gate Since", **GUARDED)
    recording = fields.Boolean(**GUARDED)
    alarms = fields.Char("Alarm Codes", **GUARDED)
    stopped_since = fields.Datetime("Does Not Record Since", **GUARDED)
    resumed_at = fields.Datetime("Records Again Since", **GUARDED)
    checks = fields.Json(help="What the recorder's own probes found wrong.", **GUARDED)
    alarm_words = fields.Char("Alarms", compute="_compute_alarm_words")
    pending_segments = fields.Integer("Waiting Segments", **GUARDED)
    pending_gaps = fields.Integer("Waiting Gaps", **GUARDED)
    pending_parked = fields.Integer("Parked Rows", **GUARDED)
    # how far back the ingest must look for a segment that reaches into a new one
    longest_segment = fields.Integer("Longest Segment Stored (s)", default=0, aggregator=None, **GUARDED)
    last_refusal = fields.Text("Last Refused Call", **GUARDED)
    last_refusal_said = fields.Json(**GUARDED)
    last_refusal_at = fields.Datetime("Refused At", **GUARDED)

    _node_uniq = models.UniqueIndex("(node)", "Two recorders cannot be one node.")
    _bot_uniq = models.UniqueIndex("(bot_user_id) WHERE bot_user_id IS NOT NULL", "A bot user serves one recorder.")
    _name_uniq = models.Constraint("UNIQUE(company_id, name)", "A recorder of this name exists already.")

    @api.constrains("segment_seconds", "quota_gb", "reserve_gb", "interval")
    def _check_figures(self):
        for recorder in self:
            if not 10 <= recorder.segment_seconds <= 600:
                raise ValidationError(self.env._("A segment lasts from 10 to 600 seconds."))
            if recorder.quota_gb < 0 or recorder.reserve_gb < 0:
                raise ValidationError(self.env._("Quota and reserve cannot be negative."))
            self._refuse_impossible_room({name: recorder[name] for name in ("quota_gb", "reserve_gb")})
            if not 1 <= recorder.interval <= 60:
                raise ValidationError(self.env._("The sync interval is from 1 to 60 seconds."))

    @api.depends("camera_ids")
    def _compute_camera_count(self):
        counts = dict(
            self.env["cctv.camera"]._read_group([("recorder_id", "in", self.ids)], ["recorder_id"], ["__count"])
        )
        for recorder in self:
            recorder.camera_count = counts.get(recorder, 0)

    @api.depends_context("uid")
    def _compute_event_count(self):
        day_ago = fields.Datetime.now() - timedelta(days=1)
        self._count_lines("event_count", "cctv.recorder.event", [("at", ">=", day_ago)])

    @api.depends_context("uid")
    def _compute_job_count(self):
        self._count_lines("job_count", "cctv.recorder.job", [("state", "in", ("queued", "claimed"))])

    @api.depends_context("uid")
    def _compute_gap_count(self):
        self._count_lines("gap_count", "cctv.gap", TO_EXPLAIN)

    def _count_lines(self, name, model, domain):
        lines = self.env[model]
        readable = lines.has_access("read")
        domain = [("recorder_id", "in", self.ids), *domain]
        counts = dict(lines._read_group(domain, ["recorder_id"], ["__count"])) if readable else {}
        for recorder in self:
            recorder[name] = counts.get(recorder, 0)

    @api.depends("alarms")
    @api.depends_context("lang")
    def _compute_alarm_words(self):
        words = self._alarm_labels()
        for recorder in self:
            recorder.alarm_words = ", ".join(words.get(code, code) for code in (recorder.alarms or "").split())

    @api.model
    def _alarm_labels(self):
        return {
            "quota": self.env._("quota reached, recording stopped"),
            "disk_low": self.env._("disk full, recording stopped"),
            "disk_missing": self.env._("media disk missing"),
            "engine_down": self.env._("recording engine stopped"),
            "gate_down": self.env._("viewing gate stopped"),
            "clock": self.env._("clock off"),
            "parked": self.env._("refused rows parked on the node"),
            "key_expiring": self.env._("key expires soon"),
            "purge_parked": self.env._("a deletion waits for a person"),
            "purge_locked": self.env._("deleting is locked until IT confirms the database"),
            "only_held": self.env._("only held footage is left, recording stopped"),
            "disk_tight": self.env._("room for footage gets tight"),
        }

    def write(self, vals):
        if "company_id" in vals and any(recorder.company_id.id != vals["company_id"] for recorder in self):
            # its bot user, cameras and index stay behind in the former company
            raise UserError(self.env._("A recorder keeps its company. Retire it and register a new one."))
        return super().write(vals)

    # -- states --------------------------------------------------------------------------------------------

    @step(("new", "degraded", "offline"), "online", label=_lt("Reports and records"))
    def _step_online(self):
        return {"state_since": fields.Datetime.now()}

    @step(("new", "online", "offline"), "degraded", label=_lt("Reports trouble"))
    def _step_degraded(self):
        return {"state_since": fields.Datetime.now()}

    @step(("online", "degraded"), "offline", label=_lt("Fell silent"))
    def _step_offline(self):
        return {"state_since": fields.Datetime.now()}

    @step(RUNNING, "retired", who=IT, note=True, label=_lt("Retire"))
    def action_retire(self, note):
        """Take a node out of service: its key ends at once; footage and index stay.

        Cameras that it does not record become free; one that it records keeps it in service.
        """
        self.camera_ids._release_from_recorder()
        self._cut_off()
        self.env["cctv.custody.entry"]._append("recorder.retired", self, {"reason": note}, self.company_id)
        return {"state_since": fields.Datetime.now()}

    def _settle_state(self):
        """Bring the state in line with what a heartbeat just said."""
        wanted = "degraded" if self.alarms or self.engine_state == "down" else "online"
        if self.state != wanted and self.state != "retired":
            getattr(self, f"_step_{wanted}")()
        self._note_stop()

    def _stopping_alarms(self):
        """:return set: codes of what keeps the node from recording anything"""
        down = {"engine_down"} if self.engine_state == "down" else set()
        return STOPPING & set((self.alarms or "").split()) | down

    def _note_stop(self):
        """Keep since when the node records nothing, or again: its alarm opens and closes by them."""
        stopped = bool(self._stopping_alarms())
        if stopped != bool(self.stopped_since):
            now = fields.Datetime.now()
            values = {"stopped_since": now if stopped else False, "resumed_at": False if stopped else now}
            self._with_pass(values).write(values)

    def action_view_cameras(self):
        action = self._lines_action("cctv.camera", self.env._("Cameras of %s", self.name), "kanban,list,form")
        return {**action, "context": {"default_recorder_id": self.id}}

    def action_move_cameras(self):
        """:return dict: dialogue that hands cameras of this node to another one"""
        self.ensure_one()
        self._check_it()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move cameras of %s", self.name),
            "res_model": "cctv.recorder.move",
            "view_mode": "form",
            "target": "new",
            "context": {"default_recorder_id": self.id},
        }

    def action_view_events(self):
        return self._lines_action(
            "cctv.recorder.event", self.env._("Events of %s", self.name), "list,kanban", "last_day"
        )

    def action_view_jobs(self):
        return self._lines_action("cctv.recorder.job", self.env._("Jobs of %s", self.name), "list,form", "open")

    def action_view_gaps(self):
        return self._lines_action("cctv.gap", self.env._("Gaps of %s", self.name), "list,form", "unexplained")

    def _lines_action(self, model, name, view_mode, filter_name=None):
        """:param str filter_name: of the search view, chosen at first: what the figure on the button counts"""
        self.ensure_one()
        return {
            "context": {f"search_default_{filter_name}": 1} if filter_name else {},
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": view_mode,
            "domain": [("recorder_id", "=", self.id)],
        }
