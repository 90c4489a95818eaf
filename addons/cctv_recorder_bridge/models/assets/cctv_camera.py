from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..recording.cctv_gap import TO_EXPLAIN
from ..recording.cctv_recorder import SILENT
from ..recording.cctv_recorder_job import STILL_WIDTH
from ..recording.cctv_recorder_stay import CHANGE, MOVING

STILL_ROLES = "cctv_sop.group_officer,cctv_sop.group_supervisor,cctv_sop.group_it"
HEALTH = ("recording_state", "recording_reason", "recording_since")


RECORDING_STATES = [
    ("not_recorded", "Not recorded"),
    ("unknown", "Unknown"),
    ("recording", "Recording"),
    ("waiting", "Waiting"),
    ("stalled", "Stalled"),
    ("offline", "Disconnected"),
    ("off", "Off"),
    ("audio_refused", "Sound refused"),
]
SHOWN_STATES = [*RECORDING_STATES, ("not_recording", "Does not record")]


class Camera(models.Model):
    _inherit = "cctv.camera"

    recorder_id = fields.Many2one(
        "cctv.recorder",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
        tracking=True,
    )
    recorder_since = fields.Datetime("At This Recorder Since", guarded=True, readonly=True, copy=False)
    source_ids = fields.One2many("cctv.camera.source", "camera_id", "Streams", groups="cctv_sop.group_it")
    job_ids = fields.One2many("cctv.recorder.job", "camera_id", "Jobs", groups="cctv_sop.group_it")
    coverage_ids = fields.One2many("cctv.coverage", "camera_id")
    recording_state = fields.Selection(
        RECORDING_STATES,
        "Recording",
        default="not_recorded",
        index=True,
        guarded=True,
        readonly=True,
        copy=False,
    )
    recording_shown = fields.Selection(SHOWN_STATES, "Recording Now", compute="_compute_recording_shown")
    recording_reason = fields.Char("Reason", guarded=True, readonly=True, copy=False)
    recording_reason_word = fields.Char("Reason in Words", compute="_compute_recording_reason_word")
    recording_since = fields.Datetime("Since", guarded=True, readonly=True, copy=False)
    last_recorded_at = fields.Datetime("Last Recorded", compute="_compute_last_recorded")
    recording_kbps = fields.Integer("Bit Rate (kbit/s)", compute="_compute_last_recorded", aggregator=None)
    recording_detail = fields.Char(compute="_compute_last_recorded")
    last_still = fields.Binary(attachment=True, guarded=True, readonly=True, copy=False, groups=STILL_ROLES)
    last_still_at = fields.Datetime("Still Taken", guarded=True, readonly=True, copy=False)
    gap_count_open = fields.Integer("Open Gaps", compute="_compute_gap_count_open")

    @api.depends("recording_state", "recording_reason", "recorder_id.last_sync")
    def _compute_recording_shown(self):
        """Never an old word: what a silent node said last is not known to be so any more.

        Off for a reason (no room, say) is not what anybody wants: it is told apart from a camera that nobody records.
        """
        limit = fields.Datetime.now() - timedelta(seconds=SILENT)
        for camera in self:
            # sudo: when the node called is no secret, the node's record may be
            heard = camera.sudo().recorder_id.last_sync
            silent = camera.recorder_id and (not heard or heard < limit)
            held_back = camera.recording_state == "off" and camera.recording_reason
            shown = "not_recording" if held_back else camera.recording_state
            camera.recording_shown = "unknown" if silent else shown

    @api.depends("recording_reason")
    @api.depends_context("lang")
    def _compute_recording_reason_word(self):
        words = dict(self.env["cctv.gap"]._fields["reason"]._description_selection(self.env))
        for camera in self:
            camera.recording_reason_word = words.get(camera.recording_reason) or camera.recording_reason

    @api.depends_context("lang")
    def _compute_last_recorded(self):
        rows = {row.camera_id.id: row for row in self._health_lines()}
        told = {camera_id: row.last_stop for camera_id, row in rows.items() if row.last_stop}
        # where its recorder has recorded nothing since it came there, the newest may be an earlier one's
        earlier = self.filtered(lambda camera: _is_older(told.get(camera.id), camera.recorder_since))._newest_stops()
        for camera in self:
            row = rows.get(camera.id)
            stops = [stop for stop in (told.get(camera.id), earlier.get(camera.id)) if stop]
            camera.last_recorded_at = max(stops, default=False)
            camera.recording_kbps = row.kbps if row else 0
            camera.recording_detail = row._told() if row else False

    def _health_lines(self):
        domain = [("camera_id", "in", self.ids)]
        # sudo: telemetry has no rights of its own, it goes with the camera
        return (
            self.env["cctv.camera.health"]
            .sudo()
            .search_fetch(domain, ["camera_id", "last_stop", "kbps", "detail", "said"])
        )

    def _compute_gap_count_open(self):
        groups = self.env["cctv.gap"]._read_group(
            [("camera_id", "in", self.ids), *TO_EXPLAIN], ["camera_id"], ["__count"]
        )
        counts = {camera.id: count for camera, count in groups}
        for camera in self:
            camera.gap_count_open = counts.get(camera.id, 0)

    # -- which node records it -----------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        cameras = super().create(vals_list)
        cameras.filtered("recorder_id")._arrive()
        return cameras

    def write(self, vals):
        moved = self.browse()
        if "recorder_id" in vals:
            moved = self.filtered(lambda camera: camera.recorder_id.id != (vals["recorder_id"] or False))
        before = [(camera, camera.recorder_id) for camera in moved]
        former = [(camera, recorder) for camera, recorder in before if recorder]
        result = super().write(vals)
        if former:
            self.env["cctv.recorder.stay"]._remember(former)
        if moved:
            moved._arrive()
            self._log_change(before)
        self.env["cctv.recorder.job"]._cancel_left_behind(moved)
        return result

    @api.model
    def _log_change(self, before):
        """Keep who gave cameras to another recorder, which gets their credentials.

        :param list before: pairs (camera, recorder that it left or none)
        """
        if self.env.context.get("_moving") is MOVING:
            return
        for camera, recorder in before:
            # sudo: the names of both are told to whoever reads the log of the camera
            way = " → ".join(node.sudo().name or "–" for node in (recorder, camera.recorder_id))
            self.env["cctv.workflow.log"]._append(camera, CHANGE, camera.state, camera.state, way)

    @api.constrains("recorder_id")
    def _check_recorder_of_new_camera(self):
        for camera in self:
            camera._check_recorder_in_service(camera.recorder_id.id)

    def _check_recorder_in_service(self, recorder_id):
        # sudo: whether a node is retired must not depend on the caller's right to read it
        recorder = self.env["cctv.recorder"].sudo().browse(recorder_id or [])
        if recorder.exists() and recorder.state == "retired":
            raise UserError(self.env._("%s is retired and records no camera.", recorder.name))

    def _arrive(self):
        """At another node: its holds are told there, and what the former node said is forgotten."""
        now = fields.Datetime.now()
        # sudo: follows from the change of node, which the caller was allowed to make
        for camera in self.sudo():
            camera._with_pass(["recorder_since"]).write({"recorder_since": now if camera.recorder_id else False})
        self._reset_health()
        self.env["cctv.legal.hold"]._tell_again(self)

    def _reset_health(self):
        """Forget what the former node said; the new one will speak for itself."""
        now = fields.Datetime.now()
        for camera in self:
            state = "unknown" if camera.recorder_id else "not_recorded"
            # sudo: follows from the change of node, which the caller was allowed to make
            camera.sudo()._with_pass(HEALTH).write(
                {"recording_state": state, "recording_reason": False, "recording_since": now}
            )
        self.env["cctv.camera.health"].sudo().search([("camera_id", "in", self.ids)]).unlink()

    def _mark_unknown(self):
        """The node is silent: nobody knows what these cameras do."""
        for camera in self.sudo().filtered(lambda camera: camera.recording_state not in ("unknown", "not_recorded")):
            values = {"recording_state": "unknown", "recording_reason": False, "recording_since": fields.Datetime.now()}
            camera._with_pass(HEALTH).write(values)

    def _release_from_recorder(self):
        for camera in self.sudo():
            camera._with_pass(["recorder_id"]).write({"recorder_id": False})

    # -- work for the node ---------------------------------------------------------------------------------

    def action_test_stream(self):
        """Queue a test of the main stream of each camera.

        :return list: ids of the jobs
        """
        return [self.env["cctv.recorder.job"]._request(camera, "test_stream", {"which": "main"}).id for camera in self]

    def action_test_streams(self):
        """Queue a test of the main stream of each camera that has one.

        :return dict: notice of what was queued; cameras that cannot be tested are named in it
        """
        jobs, left_out = self.env["cctv.recorder.job"], []
        for camera in self:
            try:
                jobs._request(camera, "test_stream", {"which": "main"})
            except UserError as error:
                if isinstance(error, AccessError):
                    raise
                left_out.append(str(error))
        return jobs._queued_notice(len(self) - len(left_out), left_out)

    def action_snapshot(self):
        """:return list: ids of the jobs that take a still of each camera"""
        return [
            self.env["cctv.recorder.job"]._request(camera, "snapshot", {"max_width": STILL_WIDTH}).id for camera in self
        ]

    def action_view_gaps(self):
        self.ensure_one()
        action = self._open_list("cctv.gap", self.env._("Gaps of %s", self.display_name), "list,form")
        # what the card counts
        return {**action, "context": {"search_default_unexplained": 1}}

    def action_view_coverage(self):
        self.ensure_one()
        return self._open_list("cctv.coverage", self.env._("Coverage of %s", self.display_name), "list,pivot,graph")

    def action_view_recorded_days(self):
        """:return dict: action with the days that the card counts"""
        action = self.action_view_coverage()
        days = self._strip_days()[self.id]
        shown = [("day", ">=", days[0]["day"]), ("day", "<=", days[-1]["day"]), ("recorded_seconds", ">", 0)]
        return {**action, "domain": [*action["domain"], *shown]}

    def _open_list(self, model, name, view_mode):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": view_mode,
            "domain": [("camera_id", "=", self.id)],
        }


def _is_older(moment, since):
    return not moment or bool(since and moment < since)
