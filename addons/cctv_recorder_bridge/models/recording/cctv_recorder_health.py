from datetime import timedelta

from babel.numbers import format_decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import babel_locale_parse

from odoo.addons.cctv_sop.rpc import without_none

from ...tools.schema.heartbeat import DISK_HOURS
from .cctv_recorder_config import RECORDED
from .cctv_recorder_said import told

READERS = ("it", "supervisor", "management", "auditor", "dpo")
RATE_DAYS = 7
RATE_SECONDS = 600  # of recording before anything is said of its rate
DAY_SECONDS = 86400
STANDSTILL = timedelta(minutes=5)  # the watch runs each minute
UNSTEADY = timedelta(hours=1)  # in which a camera's gaps are counted
CLOCK_DRIFTS, CLOCK_WRONG = 0.5, 1.0  # seconds off its time source
CAMERA_FIELDS = (
    "code",
    "name",
    "company_id",
    "location_id",
    "site_id",
    "recorder_id",
    "state",
    "retention_days",
    "recording_state",
    "recording_reason",
    "recording_since",
    "last_still_at",
)
SHOWN_STATES = ("planned", "installing", "testing", "active", "suspended")


class Recorder(models.Model):
    _inherit = "cctv.recorder"

    checks_told = fields.Json("What the recorder's own checks found", compute="_compute_checks_told")

    @api.depends("checks")
    @api.depends_context("lang")
    def _compute_checks_told(self):
        """The checks with what they say in the reader's language; what is not known here as the node wrote it."""
        for recorder in self:
            recorder.checks_told = [
                {
                    **{name: check[name] for name in ("name", "level", "fix")},
                    "message": told(self.env, check, check["message"]),
                }
                for check in recorder.checks or ()
            ]

    @api.model
    def get_health(self):
        """Everything screen "Recorders & storage" shows: nodes with disk and forecast, cameras with state.

        Facts and codes only, words are the client's. At most twelve queries for any number of nodes and cameras.

        :return dict: ``server_now`` (UTC), ``idle_since`` (scheduled work), ``can_manage``, ``recorders``, ``cameras``;
            False where nothing is known
        :raises AccessError: for roles that do not see recorders
        """
        user = self.env.user
        if not any(user.has_group(f"cctv_sop.group_{role}") for role in READERS):
            raise AccessError(self.env._("Recorders are shown to IT, supervisors, management, auditors and the DPO."))
        recorders = self.search_fetch([("state", "!=", "retired")], self._stored_names())
        cameras = self.env["cctv.camera"].search_fetch(self._shown_cameras(recorders), CAMERA_FIELDS)
        places = cameras.location_id | cameras.site_id | recorders.site_id
        places.fetch(["name", "complete_name", "site_id", "tz"])
        obligations, rates = recorders._obligation_days(cameras), recorders._bytes_a_day()
        now = fields.Datetime.now()
        losses = recorders._loss_checks(now)
        health = {
            "server_now": fields.Datetime.to_string(now),
            "idle_since": _text(self._idle_since(now)),
            "can_manage": user.has_group("cctv_sop.group_it"),
            "recorders": [
                recorder._health_row(now, cameras, obligations.get(recorder.id), rates.get(recorder.id), losses)
                for recorder in recorders
            ],
            "cameras": cameras._health_rows(now),
        }
        return without_none(health)

    @api.model
    def _shown_cameras(self, recorders):
        """:return Domain: theirs, and cameras in use whose recorder was taken away: no node speaks for them"""
        theirs = Domain("recorder_id", "in", recorders.ids) & Domain("state", "in", SHOWN_STATES)
        left = Domain("recorder_id", "=", False) & Domain("recording_since", "!=", False)
        return theirs | (left & Domain("state", "in", RECORDED))

    @api.model
    def _idle_since(self, now):
        """:return datetime: since when Odoo's scheduled work stands still; False where the watch ran of late"""
        watch = self.env["ir.model.data"]._xmlid_to_res_id("cctv_recorder_bridge.cron_watch")
        # scheduled actions are the administrator's; that nobody watches is for all who read the state of recorders
        crons = self.env["ir.cron"].sudo().with_context(active_test=False)
        cron = crons.search_fetch([("id", "=", watch)], ["lastcall", "create_date"])
        last = cron.lastcall or cron.create_date
        return last and now - last > STANDSTILL and last

    @api.model
    def _stored_names(self):
        return [name for name, field in self._fields.items() if field.column_type and field.store]

    def _obligation_days(self, cameras):
        days = {}
        for camera in cameras:
            days[camera.recorder_id.id] = max(days.get(camera.recorder_id.id, 0), camera.retention_days)
        return days

    def _bytes_a_day(self):
        """Bytes of the last days over the time recorded, by node, so that a first day that is not full counts too."""
        groups = (
            self.env["cctv.coverage"]
            .sudo()
            ._read_group(
                [
                    ("recorder_id", "in", self.ids),
                    ("day", ">=", fields.Date.today() - timedelta(days=RATE_DAYS)),
                ],
                ["recorder_id", "day:day"],
                ["bytes:sum", "recorded_seconds:max"],
            )
        )
        sums = {}
        for recorder, _day, size, seconds in groups:
            known = sums.get(recorder.id, (0, 0))
            sums[recorder.id] = (known[0] + size, known[1] + seconds)
        return {
            recorder: size * DAY_SECONDS / seconds
            for recorder, (size, seconds) in sums.items()
            if seconds >= RATE_SECONDS
        }

    def _health_row(self, now, cameras, obligation_days, rate, losses):
        return {
            "id": self.id,
            "name": self.name,
            "company": self.sudo().company_id.name,
            "site": self.site_id.name or "",
            "tz": self.tz or self.env.user.tz or "UTC",
            "state": self.state,
            "last_sync": _text(self.last_sync),
            "fresh": bool(self.last_sync and (now - self.last_sync).total_seconds() <= max(60, 3 * self.interval)),
            "interval": self.interval,
            "versions": {name: self[f"version_{name}"] or "" for name in ("service", "mediamtx", "ffmpeg")},
            "clock_offset_ms": self.clock_offset_ms if self.clock_known else None,
            "recording": self.recording,
            "engine": self.engine_state or "",
            "gate": self.gate_state or "",
            "alarms": (self.alarms or "").split(),
            "checks": [*(self.checks_told or ()), *losses.get(self.id, ())],
            "pending": {name: self[f"pending_{name}"] for name in ("segments", "gaps", "parked")},
            "purge": self._purge_row(),
            "held_too_much": self._holds_too_much() and self._held_percent(),
            "key_expires": _text(self.key_expires),
            "last_refusal": self.refusal_words or "",
            "last_refusal_at": _text(self.last_refusal_at),
            "camera_count": sum(camera.recorder_id == self for camera in cameras),
            **self._storage_row(obligation_days, rate),
        }

    def _clock_pill(self, silent=False):
        """:return dict: pill of a camera's form: how far the clock that dates its footage is off its time source"""
        pill = {"kind": "clock", "label": "", "detail": self.name, "since": False}
        if silent or not self.clock_known:
            return {**pill, "state": "unknown"}
        off = abs(self.clock_offset_ms) / 1000
        state = "wrong" if off > CLOCK_WRONG else "drifting" if off > CLOCK_DRIFTS else "synced"
        figure = format_decimal(off, "0.0" if off >= 0.1 else "0.00", babel_locale_parse(self.env.lang))
        return {**pill, "state": state, "label": self.env._("Clock off by %s s", figure)}

    def _purge_row(self):
        """:return dict: what the node says of its deletions, or None from one that says nothing"""
        if not self.purge_state:
            return None
        return {
            "state": self.purge_state,
            "reason": self.purge_why or "",
            "due_segments": self.purge_due_segments,
            "due_bytes": self.purge_due_bytes,
        }

    @api.model
    def _hours(self, hours):
        return hours if self.disk_level and hours >= 0 else None

    def _storage_row(self, obligation_days, rate):
        """Disk figures with forecast: room left = the lesser of free disk above the reserve and of quota not
        yet used."""
        held = self.purge_held_bytes if self.purge_state else None
        if not self.disk_total:
            return {
                "disk": None,
                "obligation": None,
                "held": held,
                "rate": rate,
                "days_left": None,
                "obligation_days": obligation_days,
            }
        room = max(self.disk_free - self.disk_reserve, 0)
        if self.disk_quota:
            room = min(room, max(self.disk_quota - self.disk_used, 0))
        return {
            "disk": {
                "path": self.disk_path or "",
                **{name: self[f"disk_{name}"] for name in ("total", "free", "used", "quota", "reserve")},
                "level": self.disk_level or "",
                **{name: self._hours(self[f"disk_{name}"]) for name in DISK_HOURS},
            },
            "obligation": rate * obligation_days if rate and obligation_days else None,
            "held": held,
            "rate": rate,
            "days_left": room / rate if rate else None,
            "obligation_days": obligation_days,
        }


class Camera(models.Model):
    _inherit = "cctv.camera"

    def _health_rows(self, now):
        tests, gaps = self._health_tests(), self._health_gaps(now)
        sees_stills = any(self.env.user.has_group(f"cctv_sop.group_{role}") for role in ("officer", "supervisor", "it"))
        return [
            {
                "id": camera.id,
                "code": camera.code.upper(),
                "name": camera.name,
                "location": camera.location_id.complete_name,
                "recorder_id": camera.recorder_id.id or False,
                "tz": camera.tz or "UTC",
                "state": camera.state,
                "recording_state": camera.recording_shown,
                "recording_reason": camera.recording_reason or "",
                "recording_since": _text(camera.recording_since),
                "last_recorded_at": _text(camera.last_recorded_at),
                "kbps": camera.recording_kbps or None,
                "detail": camera.recording_detail or "",
                "still": camera._still_url() if sees_stills else False,
                "still_at": _text(camera.last_still_at),
                "test": tests.get(camera.id),
                "gaps": gaps.get(camera.id),
            }
            for camera in self
        ]

    def _health_gaps(self, now):
        """:return dict: by camera id its gaps that began in the last hour: number, seconds lost, commonest reason"""
        domain = [("camera_id", "in", self.ids), ("start", ">=", now - UNSTEADY), ("state", "!=", "withdrawn")]
        # sudo: the caller may read these cameras
        groups = (
            self.env["cctv.gap"]
            .sudo()
            ._read_group(domain, ["camera_id", "reason"], ["__count", "duration_s:sum"], order="__count, reason")
        )
        gaps = {}
        for camera, reason, count, seconds in groups:
            known = gaps.get(camera.id, {"count": 0, "seconds": 0})
            gaps[camera.id] = {
                "count": known["count"] + count,
                "seconds": known["seconds"] + seconds,
                "reason": reason,
            }
        return gaps

    def _health_tests(self):
        """:return dict: by camera id how the latest test of its main stream went; empty for who may not test"""
        if not self.env.user.has_group("cctv_sop.group_it"):
            return {}
        jobs = self.env["cctv.recorder.job"]._last_tests(self)
        return {
            camera: {
                "job": job.id,
                "state": job.state_shown,
                "message": job.message,
                "at": _text(job.done_at or job.create_date),
            }
            for (camera, which), job in jobs.items()
            if which == "main"
        }

    def _still_url(self):
        if not self.last_still_at:
            return False
        return f"/web/image/cctv.camera/{self.id}/last_still?unique={self.last_still_at:%Y%m%d%H%M%S}"


def _text(moment):
    return fields.Datetime.to_string(moment.replace(microsecond=0)) if moment else False
