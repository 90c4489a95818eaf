import base64
import binascii
import hashlib
import json
from datetime import timedelta
from operator import itemgetter

from babel.numbers import format_decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, babel_locale_parse
from odoo.tools.translate import LazyTranslate

from odoo.addons.cctv_sop.workflow import step

from ...tools import intervals, pg
from ...tools.schema.jobs import wrong_in_result
from ...tools.schema.shape import DIGITS
from .cctv_recorder_said import in_words, kept, told

_lt = LazyTranslate(__name__)

IT = "cctv_sop.group_it"
GUARDED = {"guarded": True, "readonly": True, "copy": False}
CLAIM = 3  # jobs handed out by one sync: a node does them one by one, each within half a minute
STALE_SECONDS = 120
ATTEMPTS = 3
STILL_BYTES = 300_000
STILL_WIDTH = 1280
STILL_MINUTES = 10
STILL_BATCH = 200
OPEN = ("queued", "claimed")
KEEP_DAYS = 180
NEVER_ANSWERED = "never_answered"
TEXT = 500  # characters kept of what a node says
STATES = [
    ("queued", "Queued"),
    ("claimed", "Claimed"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]


class RecorderJob(models.Model):
    """Work that a node does when it next calls: test a stream, take a still."""

    _name = "cctv.recorder.job"
    _description = "Recorder Job"
    _inherit = ["cctv.workflow.mixin"]
    _order = "id desc"
    _open_states = ()

    recorder_id = fields.Many2one("cctv.recorder", required=True, index=True, ondelete="restrict", **GUARDED)
    camera_id = fields.Many2one("cctv.camera", required=True, index=True, ondelete="restrict", **GUARDED)
    company_id = fields.Many2one("res.company", required=True, index=True, **GUARDED)
    tz = fields.Selection(related="camera_id.tz", string="Site Time Zone")
    kind = fields.Selection([("test_stream", "Test stream"), ("snapshot", "Still")], required=True, **GUARDED)
    state = fields.Selection(
        STATES,
        default="queued",
        required=True,
        index=True,
        **GUARDED,
    )
    params = fields.Json(**GUARDED)
    secret = fields.Json(groups=fields.NO_ACCESS, **GUARDED)
    automatic = fields.Boolean(help="Asked for by the system itself; kept for a day.", **GUARDED)
    requested_by = fields.Many2one("res.users", index="btree_not_null", **GUARDED)
    claimed_at = fields.Datetime(**GUARDED)
    done_at = fields.Datetime(**GUARDED)
    attempts = fields.Integer(aggregator=None, **GUARDED)
    result = fields.Json(**GUARDED)
    error = fields.Char(**GUARDED)
    image = fields.Binary(attachment=True, groups=IT, **GUARDED)
    image_sha256 = fields.Char("Still's SHA-256", **GUARDED)
    message = fields.Char("Outcome", compute="_compute_message")
    state_shown = fields.Selection(STATES, "How It Went", compute="_compute_message")

    @api.depends("kind", "camera_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for job in self:
            job.display_name = f"{kinds.get(job.kind, '')}, {job.camera_id.display_name}"

    @api.depends("state", "result", "error")
    @api.depends_context("lang")
    def _compute_message(self):
        """A test that was carried out and found that the stream does not open has failed for whoever asked."""
        for job in self:
            job.message = job._outcome()
            job.state_shown = "failed" if job._told_result().get("ok") is False else job.state

    def _told_result(self):
        """:return dict: the stored result, of plain values only, whatever a node once sent"""
        result = self.result if isinstance(self.result, dict) else {}
        return {name: value for name, value in result.items() if isinstance(value, (str, int, float))}

    def _outcome(self):
        result = self._told_result()
        if self.state == "queued":
            return self.env._("Waiting for the recorder to call.")
        if self.state == "claimed":
            return self.env._("The recorder is at it.")
        if self.state == "cancelled":
            return self.env._("Cancelled.")
        if self.state == "failed" or result.get("ok") is False:
            words = dict(self.env["cctv.gap"]._fields["reason"]._description_selection(self.env))
            reason = result.get("reason")
            word = words.get(reason) if isinstance(reason, str) and reason != "unknown" else None
            return word or self._said() or self.env._("Failed, no reason given.")
        size = f"{result.get('width') or '?'}×{result.get('height') or '?'}"
        if self.kind == "snapshot":
            return self.env._("Still taken, %s.", size)
        return self.env._(
            "Works: %(codec)s %(size)s, %(fps)s frames/s, %(kbps)s kbit/s, key frame each %(key)s s.",
            codec=result.get("codec") or "?",
            size=size,
            fps=self._figure(result.get("fps")),
            kbps=self._figure(result.get("kbps")),
            key=self._figure(result.get("keyframe_seconds")),
        )

    def _figure(self, value):
        """:return str: as the language writes it; what a node once sent as text stays as it is"""
        if not value or isinstance(value, str):
            return value or "?"
        return format_decimal(value, locale=babel_locale_parse(self.env.lang))

    def _said(self):
        """:return str: why it failed, in the reader's language where the node says so in a code"""
        result = self.result if isinstance(self.result, dict) else {}
        return told(self.env, result, self.error or str(result.get("message") or ""))

    # -- asking --------------------------------------------------------------------------------------------

    @api.model
    def _request(self, camera, kind, params, secret=None):
        """Queue work for the node of a camera; an equal job that still waits is taken again.

        :param dict secret: trial credentials, kept unreadable and wiped when the job ends
        :raises AccessError: the caller is not IT
        """
        camera.check_access("read")
        if not (self.env.su or self.env.user.has_group(IT)):
            raise AccessError(self.env._("Work for recorders is asked for by the IT role."))
        # sudo: IT asks, the rows belong to the node
        camera = camera.sudo()
        if not camera.recorder_id:
            raise UserError(self.env._("%s has no recorder yet. Choose one first.", camera.display_name))
        if kind == "test_stream" and not secret and params["which"] not in camera.source_ids.mapped("kind"):
            raise UserError(self.env._("%s has no such stream. Enter its address first.", camera.display_name))
        model = self.sudo()
        domain = [("camera_id", "=", camera.id), ("kind", "=", kind), ("state", "=", "queued")]
        waiting = model.search(domain).filtered(lambda job: job.params == params and not job.secret and not secret)
        if waiting:
            return waiting[:1].sudo(False)
        values = {
            "recorder_id": camera.recorder_id.id,
            "camera_id": camera.id,
            "company_id": camera.company_id.id,
            "kind": kind,
            "params": params,
            "secret": secret or False,
            "requested_by": self.env.uid,
        }
        return model._with_pass(values, create=True).create(values).with_context(_workflow=None).sudo(False)

    @step("queued", "cancelled", who=IT, label=_lt("Cancel job"))
    def action_cancel(self):
        return {"done_at": fields.Datetime.now(), "secret": False}

    @step(("done", "failed", "cancelled"), "queued", who=IT, label=_lt("Run job again"))
    def action_retry(self):
        if self.camera_id.recorder_id != self.recorder_id:
            raise UserError(self.env._("%s is recorded elsewhere now. Ask for a new job.", self.camera_id.display_name))
        return {"done_at": False, "claimed_at": False, "attempts": 0, "result": False, "error": False}

    @api.model
    def _cancel_left_behind(self, cameras):
        """Cancel what waits at a node that no longer records the camera: its answer would not be believed."""
        left = self.sudo().search([("camera_id", "in", cameras.ids), ("state", "in", OPEN)])
        for job in left.filtered(lambda job: job.recorder_id != job.camera_id.recorder_id):
            values = {"state": "cancelled", "done_at": fields.Datetime.now(), "secret": False}
            job._with_pass(values).write(values)

    @api.model
    def _queued_notice(self, count, left_out=()):
        """:param left_out: a sentence for each camera that is not tested"""
        queued = self.env._("Tests queued: %s. The recorder takes them at its next call.", count)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": " ".join([queued, *left_out] if count else left_out),
                "type": "warning" if left_out else "info",
                "sticky": bool(left_out),
            },
        }

    @api.model
    def _last_tests(self, cameras):
        """:return dict: (camera id, kind of stream) -> latest test job"""
        self.flush_model(["camera_id", "kind", "params"])
        self.env.cr.execute(
            """SELECT DISTINCT ON (camera_id, params->>'which') id FROM cctv_recorder_job
                WHERE camera_id = ANY(%s) AND kind = 'test_stream'
                ORDER BY camera_id, params->>'which', id DESC""",
            [cameras.ids],
        )
        # searched again, so that the caller's rights hold
        jobs = self.search([("id", "in", [job for (job,) in self.env.cr.fetchall()])])
        return {(job.camera_id.id, (job.params or {}).get("which")): job for job in jobs}

    @api.model
    def _queue_stills(self, cameras):
        """Ask for a still of each camera that has none waiting."""
        open_jobs = self.sudo().search_fetch(
            [("camera_id", "in", cameras.ids), ("kind", "=", "snapshot"), ("state", "in", OPEN)], ["camera_id"]
        )
        values = [
            {
                "recorder_id": camera.recorder_id.id,
                "camera_id": camera.id,
                "company_id": camera.company_id.id,
                "kind": "snapshot",
                "params": {"max_width": STILL_WIDTH},
                "automatic": True,
            }
            for camera in cameras - open_jobs.camera_id
        ]
        if values:
            self.sudo()._with_pass(values[0], create=True).create(values)

    @api.model
    def _cron_stills(self):
        """Each minute: a new still of every recording camera whose last is ten minutes old."""
        old = fields.Datetime.now() - timedelta(minutes=STILL_MINUTES)
        self._queue_stills(
            self.env["cctv.camera"]
            .sudo()
            .search(
                [
                    ("recording_state", "=", "recording"),
                    ("recorder_id.state", "in", ("online", "degraded")),
                    "|",
                    ("last_still_at", "=", False),
                    ("last_still_at", "<", old),
                ],
                order="last_still_at NULLS FIRST, id",
                limit=STILL_BATCH,
            )
        )

    @api.autovacuum
    def _gc_automatic(self):
        self.env.cr.execute(
            "DELETE FROM cctv_recorder_job WHERE automatic AND state NOT IN ('queued', 'claimed')"
            " AND done_at < now() AT TIME ZONE 'utc' - interval '1 day'"
        )
        self.invalidate_model()

    @api.autovacuum
    def _gc_asked(self):
        """What people asked for is kept half a year; of each camera and stream the last one for ever."""
        self.env.cr.execute(
            """SELECT j.id FROM cctv_recorder_job j
                WHERE j.automatic IS NOT TRUE AND j.state NOT IN ('queued', 'claimed')
                  AND j.done_at < now() AT TIME ZONE 'utc' - %s * interval '1 day'
                  AND EXISTS (SELECT 1 FROM cctv_recorder_job n
                               WHERE n.camera_id = j.camera_id AND n.kind = j.kind AND n.id > j.id
                                 AND n.params->>'which' IS NOT DISTINCT FROM j.params->>'which')""",
            [KEEP_DAYS],
        )
        old = self.browse(job for (job,) in self.env.cr.fetchall())
        if old:
            old.sudo()._with_pass(["image"]).write({"image": False})
            self.env.flush_all()
            self.env.cr.execute("DELETE FROM cctv_recorder_job WHERE id = ANY(%s)", [old.ids])
            self.invalidate_model()

    # -- the node's side -----------------------------------------------------------------------------------

    @api.model
    def _claim(self, recorder):
        """Hand out waiting jobs of a node, once each; what a person asked for goes before what the system asks.

        The system's own wait while a node still has enough to do, so that none goes stale in its hands.

        :return list: jobs as on the wire
        """
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """UPDATE cctv_recorder_job SET state = 'claimed', claimed_at = now() AT TIME ZONE 'utc',
                          attempts = coalesce(attempts, 0) + 1
                    WHERE id IN (SELECT id FROM cctv_recorder_job
                                  WHERE recorder_id = %(node)s AND state = 'queued'
                                    AND (automatic IS NOT TRUE
                                         OR (SELECT count(*) FROM cctv_recorder_job
                                              WHERE recorder_id = %(node)s AND state = 'claimed') < %(most)s)
                                  ORDER BY coalesce(automatic, FALSE), id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
                RETURNING coalesce(automatic, FALSE), id, kind, camera_id, params, secret""",
                node=recorder.id,
                most=CLAIM,
            )
        )
        rows = [row for _automatic, *row in sorted(self.env.cr.fetchall(), key=itemgetter(0, 1))]
        if rows:
            self.browse(row[0] for row in rows).invalidate_recordset()
        return [
            {"id": row[0], "kind": row[1], "camera_id": row[2], "params": {**(row[3] or {}), **(row[4] or {})}}
            for row in rows
        ]

    @api.model
    def _ingest(self, recorder, answers):
        """Store results of jobs.

        :return list: a verdict per answer
        """
        if not answers:
            return []
        ids = [answer.get("id") for answer in answers if type(answer.get("id")) is int and 0 < answer["id"] < 2**31]
        jobs = {job.id: job for job in self.sudo().search([("id", "in", ids), ("recorder_id", "=", recorder.id)])}
        return [self._ingest_one(jobs, answer) for answer in answers]

    @api.model
    def _ingest_one(self, jobs, answer):
        if answer.get("state") not in ("done", "failed"):
            return ["bad_value", self.env._("The value of %s is not valid.", "state")]
        job = jobs.get(answer.get("id")) if type(answer.get("id")) is int else None
        if not job:
            return ["not_yours", self.env._("This job was not given to this node.")]
        result, error = answer.get("result") or {}, answer.get("error") or ""
        if wrong := wrong_in_result(job.kind, result):
            return ["bad_value", self.env._("The value of %s is not valid.", wrong)]
        if not isinstance(error, str):
            return ["bad_value", self.env._("The value of %s is not valid.", "error")]
        # else: an answer that comes too late or was not asked for, taken off the node's hands
        if job.state == "claimed" and job.camera_id.recorder_id == job.recorder_id:
            plain = {name: pg.clean(value) if isinstance(value, str) else value for name, value in result.items()}
            plain.pop("args", None)
            job._finish(answer["state"], plain | kept(result), pg.clean(error)[:TEXT])
        return "ok"

    def _finish(self, state, result, error):
        if result.get("message"):
            result["message"] = result["message"][:TEXT]
        values = {"state": state, "error": error or False, "done_at": fields.Datetime.now(), "secret": False}
        still = result.pop("jpeg_base64", None) if self.kind == "snapshot" else None
        if self.kind == "snapshot" and state == "done":
            jpeg, fault = self._checked_still(still, result)
            if fault:
                result["code"] = fault
                values |= {"state": "failed", "error": in_words(self.env, fault, {})}
            else:
                values["image_sha256"] = result["sha256"]
            if jpeg and not self.automatic:
                values["image"] = still
            if jpeg:
                self._show_still(still, result.get("taken_us"))
        values["result"] = result or False
        self._with_pass(values).write(values)

    def _checked_still(self, still, result):
        """:return tuple: (bytes of the picture or nothing, code of what is wrong with it or nothing)"""
        try:
            jpeg = base64.b64decode(still or "", validate=True)
        except (binascii.Error, TypeError, ValueError):
            return None, "picture_unreadable"
        if not jpeg.startswith(b"\xff\xd8") or len(jpeg) > STILL_BYTES:
            return None, "picture_no_jpeg"
        if hashlib.sha256(jpeg).hexdigest() != result.get("sha256"):
            return None, "picture_altered"
        return jpeg, None

    def _show_still(self, still, taken_us):
        valid = isinstance(taken_us, str) and DIGITS.fullmatch(taken_us) and int(taken_us) < intervals.FAR_FUTURE
        now = fields.Datetime.now()
        taken = min(now, intervals.from_us(int(taken_us)).replace(microsecond=0)) if valid else now
        shown = self.camera_id.last_still_at
        # a still from the future (a wrong clock) must not stand before all later ones
        if not shown or shown <= taken or shown > now:
            values = {"last_still": still, "last_still_at": taken}
            self.camera_id._with_pass(values).write(values)

    @api.model
    def _cron_stale(self):
        """Queue claimed jobs anew whose node went silent; after three tries they fail."""
        self.flush_model()
        self.env.cr.execute(
            """UPDATE cctv_recorder_job
                  SET state = CASE WHEN attempts >= %(most)s THEN 'failed' ELSE 'queued' END,
                      error = CASE WHEN attempts >= %(most)s THEN %(text)s END,
                      result = CASE WHEN attempts >= %(most)s THEN %(said)s::jsonb END,
                      done_at = CASE WHEN attempts >= %(most)s THEN now() AT TIME ZONE 'utc' END,
                      secret = CASE WHEN attempts >= %(most)s THEN NULL ELSE secret END
                WHERE id IN (SELECT id FROM cctv_recorder_job WHERE state = 'claimed'
                                AND claimed_at < now() AT TIME ZONE 'utc' - %(stale)s * interval '1 second'
                                FOR UPDATE SKIP LOCKED)""",
            {
                "most": ATTEMPTS,
                "stale": STALE_SECONDS,
                "text": in_words(self.env, NEVER_ANSWERED, {}),
                "said": json.dumps({"code": NEVER_ANSWERED}),
            },
        )
        self.invalidate_model()
