import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from .cctv_recorder import IT, SILENT

_logger = logging.getLogger(__name__)

STABLE_MINUTES = 10
BAD_SECONDS = 60
NEW_MINUTES = 10
WATCHED = ("testing", "active")
KEY_WARNING_DAYS = 14
#: An activity type is of one model: so each that fails to record has its own.
OFFLINE = {
    "cctv.recorder": "cctv_recorder_bridge.mail_activity_offline",
    "cctv.camera": "cctv_recorder_bridge.mail_activity_camera_offline",
}
KEY = "cctv_recorder_bridge.mail_activity_key"
STRAYS = "cctv_recorder_bridge.mail_activity_strays"


class Recorder(models.Model):
    """The watch over silent nodes and cameras.

    Alarms are activities, in the language of who gets them: one per node that is silent or has stopped, whatever the
    number of its cameras; else one per camera.
    """

    _inherit = "cctv.recorder"

    @api.model
    def _cron_watch(self):
        """Each minute: who fell silent, what is bad for a minute, what is well again for ten."""
        jobs = self.env["cctv.recorder.job"]
        for task in (
            self._mark_silent,
            self._alarm_silent_nodes,
            self._alarm_new_nodes,
            self._alarm_stopped_nodes,
            self._alarm_bad_cameras,
            self._alarm_left_cameras,
            self._close_node_alarms,
            self._close_camera_alarms,
            jobs._cron_stale,
            jobs._cron_stills,
            self.env["cctv.gap"]._judge_resumed,
            self.env["cctv.gap"]._judge_moves,
            self._end_expired_keys,
        ):
            self._safely(task)

    @api.model
    def _safely(self, task, *args):
        """Run a part of the watch so that what one record breaks leaves the others watched."""
        try:
            with self.env.cr.savepoint():
                task(*args)
        except Exception:
            _logger.exception("watch over recorders: %s%s failed", task.__name__, args)

    @api.model
    def _mark_silent(self):
        limit = fields.Datetime.now() - timedelta(seconds=SILENT)
        silent = self.search([("state", "in", ("online", "degraded")), ("last_sync", "<", limit)])
        silent._step_offline()
        silent.camera_ids._mark_unknown()

    @api.model
    def _alarm_silent_nodes(self):
        for recorder in self.search([("state", "=", "offline")]):
            self._safely(recorder._alarm_node, "_silent_text", recorder.state_since)

    @api.model
    def _alarm_new_nodes(self):
        """A node that never called is nobody's worry until cameras count on it."""
        for recorder in self.search([("state", "=", "new")]):
            if since := recorder._awaited_since():
                self._safely(recorder._alarm_node, "_new_text", since)

    def _awaited_since(self):
        """:return datetime: since when live cameras wait for this node, once that is long; else nothing"""
        limit = fields.Datetime.now() - timedelta(minutes=NEW_MINUTES)
        cameras = self.camera_ids.filtered(lambda camera: camera.state in WATCHED)
        since = min(
            (max(self.state_since, camera.recording_since or self.state_since) for camera in cameras), default=None
        )
        return since if since and since <= limit else None

    @api.model
    def _alarm_stopped_nodes(self):
        limit = fields.Datetime.now() - timedelta(seconds=BAD_SECONDS)
        for recorder in self.search([("state", "in", ("online", "degraded")), ("stopped_since", "<=", limit)]):
            self._safely(recorder._alarm_node, "_stopped_text", recorder.stopped_since)

    def _alarm_node(self, text, since):
        """One alarm a node: a new cause changes its words. One that was marked done rests until the state changes.

        :param str text: name of the method that words it
        :param datetime since: when this trouble began
        """
        user = self._responsible()
        summary = getattr(self.with_context(lang=user.lang), text)()
        alarm = self._open_alarm(OFFLINE[self._name])
        if not alarm:
            if self.id not in self._rested({self.id: since}, self._name):
                self._raise_alarm(OFFLINE[self._name], summary, user)
        elif alarm[:1].summary != summary:
            alarm[:1].sudo().summary = summary

    def _silent_text(self):
        heard = fields.Datetime.context_timestamp(self.with_context(tz=self.tz or "UTC"), self.last_sync)
        return self.env._("%(name)s silent since %(time)s", name=self.name, time=heard.strftime("%d.%m. %H:%M %Z"))

    def _new_text(self):
        return self.env._("%(name)s has never called; its cameras are not recorded", name=self.name)

    def _stopped_text(self):
        words = self._alarm_labels()
        reasons = ", ".join(words[code] for code in sorted(self._stopping_alarms()))
        return self.env._("%(name)s does not record: %(reason)s", name=self.name, reason=reasons)

    @api.model
    def _alarm_bad_cameras(self):
        limit = fields.Datetime.now() - timedelta(seconds=BAD_SECONDS)
        bad = self.env["cctv.camera.health"].search(
            [
                ("bad_since", "<=", limit),
                ("recorder_id.state", "in", ("online", "degraded")),
                ("recorder_id.stopped_since", "=", False),
                "|",
                ("recorder_id.resumed_at", "=", False),
                ("recorder_id.resumed_at", "<=", limit),
                ("camera_id.state", "in", ("testing", "active")),
            ]
        )
        rested = self._rested(self._troubled({row.camera_id.id: row.bad_since for row in bad}), "cctv.camera")
        for row in bad:
            self._safely(self._alarm_bad_camera, row, rested)

    @api.model
    def _alarm_bad_camera(self, row, rested):
        camera = row.camera_id
        user = row.recorder_id._responsible(camera.site_id)
        env = self.with_context(lang=user.lang).env
        summary = env._(
            "%(camera)s does not record: %(reason)s",
            camera=camera.display_name,
            reason=row.with_env(env)._reason_word(),
        )
        self._alarm_camera(camera, summary, user, rested)

    @api.model
    def _alarm_left_cameras(self):
        """No node speaks for a camera in use whose recorder was taken from it, and none records it."""
        limit = fields.Datetime.now() - timedelta(seconds=BAD_SECONDS)
        left = self._left_cameras().filtered(lambda camera: camera.recording_since <= limit)
        rested = self._rested(self._troubled({camera.id: camera.recording_since for camera in left}), "cctv.camera")
        for camera in left:
            self._safely(self._alarm_left_camera, camera, rested)

    @api.model
    def _troubled(self, since):
        """Trouble of a camera that is put into use again counts from then on: its alarm ended with the use before.

        :param dict since: camera id -> when its trouble began
        :return dict: the same, or when the camera was put into use if that is later
        """
        into_use = [
            ("res_model", "=", "cctv.camera"),
            ("res_id", "in", list(since)),
            ("state_from", "not in", WATCHED),
            ("state_to", "in", WATCHED),
        ]
        used = dict(self.env["cctv.workflow.log"]._read_group(into_use, ["res_id"], ["at:max"]))
        return {camera: max(began, used.get(camera, began)) for camera, began in since.items()}

    @api.model
    def _left_cameras(self):
        cameras = self.env["cctv.camera"].search([("recorder_id", "=", False), ("state", "in", WATCHED)])
        return self.env["cctv.recorder.stay"].search([("camera_id", "in", cameras.ids)]).camera_id

    @api.model
    def _alarm_left_camera(self, camera, rested):
        last = self.env["cctv.recorder.stay"].search([("camera_id", "=", camera.id)], limit=1).recorder_id
        user = last._responsible(camera.site_id)
        summary = self.with_context(lang=user.lang).env._(
            "%(camera)s does not record: it has no recorder any more", camera=camera.display_name
        )
        self._alarm_camera(camera, summary, user, rested)

    @api.model
    def _alarm_camera(self, camera, summary, user, rested):
        """One alarm a camera: a new cause changes its words.

        :param set rested: ids of cameras whose alarm was marked done and rests
        """
        alarm = self._alarms_on(camera)[:1]
        if not alarm and camera.id not in rested:
            self._raise_alarm_on(camera, OFFLINE[camera._name], summary, user)
        elif alarm and alarm.summary != summary:
            alarm.summary = summary

    @api.model
    def _close_node_alarms(self):
        """An alarm ends after ten stable minutes; a node that flaps keeps its one alarm."""
        limit = fields.Datetime.now() - timedelta(minutes=STABLE_MINUTES)
        self._end_alarms(
            self.browse(self._alarmed_ids("cctv.recorder")).filtered(lambda recorder: recorder._well_since(limit))
        )

    def _well_since(self, limit):
        if self.state not in ("online", "degraded"):
            return self.state == "retired" or (self.state == "new" and not self._awaited_since())
        recording = not self.stopped_since and (not self.resumed_at or self.resumed_at <= limit)
        return recording and self._heard_since() <= limit

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
        gone = cameras.filtered(lambda camera: camera.state not in WATCHED)
        self._end_alarms(stable | gone)

    # -- activities ----------------------------------------------------------------------------------------

    @api.model
    def _alarms(self, kind):
        """:return Domain: work that the machine gave; a person's of the same type is no alarm"""
        return Domain("activity_type_id", "=", self.env.ref(kind).id) & Domain("automated", "=", True)

    @api.model
    def _alarmed_ids(self, model):
        alarms = Domain("res_model", "=", model) & self._alarms(OFFLINE[model])
        return set(self.env["mail.activity"].sudo().search(alarms).mapped("res_id"))

    @api.model
    def _rested(self, since, model):
        """Alarms that a person marked done while the trouble lasts: they come back once the state has changed.

        :param dict since: id -> when its trouble began
        :return set: ids
        """
        alarms = Domain("res_model", "=", model) & Domain("res_id", "in", list(since)) & self._alarms(OFFLINE[model])
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        done = activities.search_fetch(alarms & Domain("active", "=", False), ["res_id", "write_date"])
        return {activity.res_id for activity in done if activity.write_date >= since[activity.res_id]}

    def _open_alarm(self, kind):
        return self.activity_ids.filtered_domain(self._alarms(kind))

    def _raise_alarm(self, kind, summary, user):
        self._raise_alarm_on(self, kind, summary, user)

    @api.model
    def _raise_alarm_on(self, record, kind, summary, user):
        # sudo: the machine gives the work, whoever's cron runs it
        # the assignee's today: at night the server's (UTC) is yesterday, and the work would be late at birth
        today = fields.Date.context_today(record.with_context(tz=user.tz or record.env.context.get("tz")))
        record.sudo().with_context(mail_activity_quick_update=True).activity_schedule(
            kind, summary=summary, user_id=user.id, date_deadline=today
        )

    @api.model
    def _end_alarms(self, records):
        for record in records:
            self._safely(self._end_alarm, self._alarms_on(record))

    @api.model
    def _alarms_on(self, record):
        # sudo: the machine's own work, whoever it is given to
        return record.sudo().activity_ids.filtered_domain(self._alarms(OFFLINE[record._name]))

    @api.model
    def _end_alarm(self, activities):
        env = activities.with_context(lang=activities[:1].user_id.lang).env
        activities.with_env(env).action_feedback(feedback=env._("Well again for ten minutes."))

    def _responsible(self, site=None):
        """The site's responsible IT person, else one of the company's IT team, else the administrator."""
        site = site or self.site_id
        person = site.sudo().responsible_id
        if self._may_be_called(person):
            return person
        # sudo: whose work it is must not depend on whom the caller may see
        team = self.env.ref(IT).sudo().all_user_ids.filtered(self._may_be_called)
        return team.sorted("id")[:1] or self.env.ref("base.user_admin")

    def _for_people(self, records):
        """:return: the records with the language of who looks after this node: a machine has none"""
        return records.with_context(lang=self._responsible().sudo().lang)

    def _may_be_called(self, user):
        """Only who may open the record: an activity that its owner cannot read calls nobody."""
        return user.active and not user.share and user.has_group(IT) and self.company_id in user.company_ids

    @api.model
    def _alarm_strays(self, strays, oldest):
        """Rows outside every month's partition: a wrong clock got past the window, or the cron stands still."""
        recorder = self.search([("state", "!=", "retired")], limit=1, order="id")
        if recorder and not recorder._open_alarm(STRAYS):
            user = recorder._responsible()
            summary = self.with_context(lang=user.lang).env._(
                "%(count)s segments lie outside the monthly tables, oldest %(oldest)s", count=strays, oldest=oldest
            )
            recorder._raise_alarm(STRAYS, summary, user)

    @api.model
    def _end_expired_keys(self):
        """XML-RPC remembers a key it has checked, past the key's end: dropping the key makes it forget."""
        # sudo: bots of nodes
        bots = self.sudo().search([("bot_user_id", "!=", False)]).bot_user_id
        self._revoke_keys([("user_id", "in", bots.ids), ("expiration_date", "<", fields.Datetime.now())])

    @api.model
    def _cron_keys(self):
        """Each day: an activity fourteen days before a node's key ends."""
        for recorder in self.search([("state", "!=", "retired"), ("key_expires", "!=", False)]):
            self._safely(recorder._watch_key)

    def _watch_key(self):
        user = self._responsible()
        env = self.with_context(lang=user.lang).env
        ends = self.key_expires <= fields.Datetime.now() + timedelta(days=KEY_WARNING_DAYS)
        alarm = self._open_alarm(KEY)
        if ends and not alarm:
            day = format_date(env, self.key_expires)
            self._raise_alarm(KEY, env._("Key of %(name)s ends on %(day)s", name=self.name, day=day), user)
        elif alarm and not ends:
            alarm.with_env(env).sudo().action_feedback(feedback=env._("New key made."))
