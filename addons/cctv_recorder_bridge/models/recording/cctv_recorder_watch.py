from datetime import timedelta

from odoo import api, fields, models

from .cctv_recorder import SILENT

STABLE_MINUTES = 10
BAD_SECONDS = 60
KEY_WARNING_DAYS = 14
OFFLINE = "cctv_recorder_bridge.mail_activity_offline"
KEY = "cctv_recorder_bridge.mail_activity_key"
STRAYS = "cctv_recorder_bridge.mail_activity_strays"


class Recorder(models.Model):
    """The watch over silent nodes and cameras. Alarms are activities: one per silent node, else one per camera."""

    _inherit = "cctv.recorder"

    @api.model
    def _cron_watch(self):
        """Each minute: who fell silent, what is bad for a minute, what is well again for ten."""
        self._mark_silent()
        self._alarm_silent_nodes()
        self._alarm_bad_cameras()
        self._close_node_alarms()
        self._close_camera_alarms()
        self.env["cctv.recorder.job"]._cron_stale()
        self.env["cctv.recorder.job"]._cron_stills()

    @api.model
    def _mark_silent(self):
        limit = fields.Datetime.now() - timedelta(seconds=SILENT)
        silent = self.search([("state", "in", ("online", "degraded")), ("last_sync", "<", limit)])
        silent._step_offline()
        silent.camera_ids._mark_unknown()

    @api.model
    def _alarm_silent_nodes(self):
        for recorder in self.search([("state", "=", "offline")]):
            if not recorder._open_alarm(OFFLINE):
                heard = fields.Datetime.context_timestamp(
                    recorder.with_context(tz=recorder.tz or "UTC"), recorder.last_sync
                )
                summary = self.env._(
                    "Recorder %(name)s silent since %(time)s",
                    name=recorder.name,
                    time=heard.strftime("%d.%m. %H:%M %Z"),
                )
                recorder._raise_alarm(OFFLINE, summary, recorder._responsible())

    @api.model
    def _alarm_bad_cameras(self):
        limit = fields.Datetime.now() - timedelta(seconds=BAD_SECONDS)
        bad = self.env["cctv.camera.health"].search(
            [
                ("bad_since", "<=", limit),
                ("recorder_id.state", "in", ("online", "degraded")),
                ("camera_id.state", "in", ("testing", "active")),
            ]
        )
        alarmed = self._alarmed_ids("cctv.camera")
        for row in bad.filtered(lambda row: row.camera_id.id not in alarmed):
            camera = row.camera_id
            summary = self.env._(
                "%(camera)s does not record: %(reason)s", camera=camera.display_name, reason=row.reason or row.state
            )
            self._raise_alarm_on(camera, OFFLINE, summary, row.recorder_id._responsible(camera.site_id))

    @api.model
    def _close_node_alarms(self):
        """An alarm ends after ten stable minutes; a node that flaps keeps its one alarm."""
        limit = fields.Datetime.now() - timedelta(minutes=STABLE_MINUTES)
        well = self.browse(self._alarmed_ids("cctv.recorder")).filtered(
            lambda recorder: (
                recorder.state == "retired"
                or (recorder.state in ("online", "degraded") and recorder._heard_since() <= limit)
            )
        )
        self._end_alarms(well, self.env._("Heard again for ten minutes."))

    def _heard_since(self):
        """When it was last offline: a change between online and degraded does not count as trouble of the line."""
        line = self.env["cctv.workflow.log"].search(
            [("res_model", "=", self._name), ("res_id", "=", self.id), ("state_from", "=", "offline")], limit=1
        )
        return line.at or self.state_since

    @api.model
    def _close_camera_alarms(self):
        limit = fields.Datetime.now() - timedelta(minutes=STABLE_MINUTES)
        cameras = self.env["cctv.camera"].browse(self._alarmed_ids("cctv.camera"))
        rows = self.env["cctv.camera.health"].search([("camera_id", "in", cameras.ids)])
        stable = rows.filtered(
            lambda row: row.good_since and row.good_since <= limit and row.recorder_id.state in ("online", "degraded")
        ).camera_id
        gone = cameras.filtered(lambda camera: not camera.recorder_id or camera.state not in ("testing", "active"))
        self._end_alarms(stable | gone, self.env._("Well again for ten minutes."))

    # -- activities ----------------------------------------------------------------------------------------

    @api.model
    def _alarmed_ids(self, model):
        kind = self.env.ref(OFFLINE)
        activities = (
            self.env["mail.activity"].sudo().search([("res_model", "=", model), ("activity_type_id", "=", kind.id)])
        )
        return set(activities.mapped("res_id"))

    def _open_alarm(self, kind):
        return self.activity_ids.filtered(lambda activity: activity.activity_type_id == self.env.ref(kind))

    def _raise_alarm(self, kind, summary, user):
        self._raise_alarm_on(self, kind, summary, user)

    @api.model
    def _raise_alarm_on(self, record, kind, summary, user):
        # sudo: the machine gives the work, whoever's cron runs it
        record.sudo().with_context(mail_activity_quick_update=True).activity_schedule(
            kind, summary=summary, user_id=user.id, date_deadline=fields.Date.context_today(record)
        )

    @api.model
    def _end_alarms(self, records, feedback):
        kind = self.env.ref(OFFLINE)
        for record in records:
            activities = record.sudo().activity_ids.filtered(lambda activity: activity.activity_type_id == kind)
            activities.action_feedback(feedback=feedback)

    def _responsible(self, site=None):
        """The site's responsible IT person, else one of the company's IT team, else the administrator."""
        site = site or self.site_id
        person = site.sudo().responsible_id
        if person.active:
            return person
        team = (
            self.env.ref("cctv_sop.group_it")
            .sudo()
            .all_user_ids.filtered(lambda user: user.active and not user.share and self.company_id in user.company_ids)
        )
        return team.sorted("id")[:1] or self.env.ref("base.user_admin")

    @api.model
    def _alarm_strays(self, strays, oldest):
        """Rows outside every month's partition: a wrong clock got past the window, or the cron stands still."""
        recorder = self.search([("state", "!=", "retired")], limit=1, order="id")
        if recorder and not recorder._open_alarm(STRAYS):
            summary = self.env._(
                "%(count)s segments lie outside the monthly tables, oldest %(oldest)s", count=strays, oldest=oldest
            )
            recorder._raise_alarm(STRAYS, summary, recorder._responsible())

    @api.model
    def _cron_keys(self):
        """Each day: an activity fourteen days before a node's key ends."""
        limit = fields.Datetime.now() + timedelta(days=KEY_WARNING_DAYS)
        for recorder in self.search([("state", "!=", "retired"), ("key_expires", "!=", False)]):
            alarm = recorder._open_alarm(KEY)
            if recorder.key_expires <= limit and not alarm:
                day = fields.Date.to_string(recorder.key_expires)
                recorder._raise_alarm(
                    KEY,
                    self.env._("Key of %(name)s ends on %(day)s", name=recorder.name, day=day),
                    recorder._responsible(),
                )
            elif recorder.key_expires > limit and alarm:
                alarm.sudo().action_feedback(feedback=self.env._("New key made."))
