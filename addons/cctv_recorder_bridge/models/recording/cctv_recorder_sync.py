import json
import logging
from datetime import datetime
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.tools import SQL

from ...tools import intervals, pg, wire
from ...tools.schema.heartbeat import DISK_HOURS
from ...tools.schema.payload import check_payload
from ...tools.schema.shape import INT32
from .cctv_recorder import UNKNOWN_HOURS
from .cctv_recorder_said import kept
from .cctv_recorder_stay import LEAVING

_logger = logging.getLogger(__name__)

BOT = "cctv_recorder_bridge.group_recorder"
CALLER_FIELDS = (
    "node",
    "name",
    "company_id",
    "bot_user_id",
    "state",
    "epoch",
    "last_seq",
    "key_index",
    "key_expires",
    "interval",
    "longest_segment",
    "segment_seconds",
    "quota_gb",
    "reserve_gb",
    "confirmed_database",
    "confirmed_counter",
    "refused_run",
)
EVENT_LIMIT = 200  # characters of a refusal kept
CHECK_LIMIT = 500  # characters of a check's sentence kept


class Opened(NamedTuple):
    """A call among a node's calls, and what is stored before it.

    ``current``: no later call was here before. ``longest``: seconds of the longest segment of any node. ``keys``,
    ``keys_end``: first characters of each key of the node's bot, and when it ends. ``months``: partitions of segments.
    """

    current: bool
    counter: int
    last_seq: str
    at: datetime
    longest: int
    gaps_open: bool
    jobs_waiting: bool
    stays: bool
    keys: list
    keys_end: list
    months: list


class KnownCameras(dict):
    """Facts of a node's cameras by id, the former ones too; ``left``: id -> µs from which on those are another's."""

    def __init__(self, rows):
        super().__init__(
            (camera, {"tz": tz, "site_id": site, "company_id": company, "days": days})
            for camera, tz, site, company, days, _left in rows
        )
        self.left = {camera: left for camera, *_facts, left in rows if left is not None}

    def present(self):
        """:return dict: the cameras that are the node's now"""
        return {camera: facts for camera, facts in self.items() if camera not in self.left} if self.left else self


class Recorder(models.Model):
    _inherit = "cctv.recorder"

    @api.model
    def sync(self, payload):
        """Exchange one batch with a node: rows and health up, verdicts, configuration and jobs down (docs/wire.md).

        For the node's bot user alone. Idempotent: what is stored already and equal is answered ``ok``.

        :param str payload: ``base64(gzip(utf-8 JSON))``
        :return str: the reply in the same envelope
        :raises AccessError: the caller is no node's bot, or the node is retired
        :raises UserError: the payload is refused whole; the text names the field
        """
        recorder, message = self._node_call(payload, check_payload)
        return wire.pack(recorder._exchange(message))

    @api.model
    def _node_call(self, payload, check):
        """Open a call that a node made.

        :param check: raises :class:`~wire.WireError` when it refuses the message
        :return tuple: the caller's recorder as superuser, and the message
        :raises AccessError: the caller is no node's bot, or the node is retired
        :raises UserError: the payload is refused whole; the reason is kept on the recorder
        """
        recorder = self._calling_recorder()
        try:
            message = wire.unpack(payload)
            check(message)
            if message["node"] != recorder.node:
                raise wire.WireError("node", "is not the node that this user belongs to")
        except wire.WireError as error:
            recorder._note_refusal(error)
            raise UserError(self.env._("Payload refused: %s", _refusal_text(error))) from error
        return recorder, message

    @api.model
    def _calling_recorder(self):
        if not self.env.user.has_group(BOT):
            raise AccessError(self.env._("This call is for recorders alone."))
        # sudo: a bot has no rights of its own; from here on everything is bound to its one node
        recorder = self.sudo().search_fetch([("bot_user_id", "=", self.env.uid)], CALLER_FIELDS, limit=1)
        if not recorder or recorder.state == "retired":
            raise AccessError(self.env._("No recorder in service belongs to this user."))
        return recorder

    def _note_refusal(self, error):
        """Keep the reason of a refused call past the rollback that follows, for IT to read on the node."""
        text, said = _refusal_text(error), json.dumps(refusal_said(error))
        with self.env.registry.cursor() as cr:
            cr.execute(
                """UPDATE cctv_recorder SET last_refusal = %s, last_refusal_said = %s::jsonb,
                          last_refusal_at = now() AT TIME ZONE 'utc' WHERE id = %s""",
                [text, said, self.id],
            )
        _logger.warning("recorder %s: payload refused: %r", self.id, text)

    def _exchange(self, message):
        self.env.flush_all()  # what follows reads and writes by SQL
        beat = message.get("heartbeat") or {}
        former = self.epoch
        opened = self._open_exchange(message, beat)
        if former and former != message["epoch"]:
            self._note_epoch(opened.at)
        now, current = intervals.to_us(opened.at), opened.current
        key_expires = self._key_in_use(message.get("key"), dict(zip(opened.keys, opened.keys_end, strict=True)))
        cameras = self._known_cameras(opened.stays)
        coverage = self.env["cctv.coverage"]._collector(cameras)
        reply = {
            "schema": wire.SCHEMA,
            "server_us": str(now),
            "database": self._database_uuid(),
            "counter": str(opened.counter),
            # ahead of the caller's own: a copy of its index spoke before it
            "last_seq": opened.last_seq or "0",
            "interval": self.interval,
            "segments": self.env["cctv.segment"]._ingest(self, message.get("segments"), cameras, coverage, opened),
            "gaps": self.env["cctv.gap"]._ingest(self, message.get("gaps"), cameras, coverage, now),
            "deletions": self.env["cctv.segment"]._ingest_deletions(
                self, message.get("deletions"), cameras, coverage, opened
            ),
            "events": self.env["cctv.recorder.event"]._ingest(self, message, cameras),
            "jobs": self.env["cctv.recorder.job"]._ingest(self, message.get("jobs")),
        }
        if opened.gaps_open or (message.get("gaps") or {}).get("camera_id"):
            self.env["cctv.gap"]._count_open(self, coverage, now)
        coverage.store(self)
        if cameras.left:
            self.env["cctv.recorder.stay"]._unsettle(message, cameras.left)
        reply.update(self._exchange_retention(message, cameras, now, current))
        if current and "cameras" in beat:
            self.env["cctv.camera.health"]._ingest(self, beat["cameras"], cameras.present())
        if current and beat:
            self._settle_state()
        self._check_anchors(message.get("custody_anchors"))
        reply["custody"], fingerprint = self._head_and_fingerprint()
        reply["config"] = self._newer_configuration(message.get("etag"), fingerprint)
        reply["queue"] = self.env["cctv.recorder.job"]._claim(self) if opened.jobs_waiting else []
        reply["key_expires_us"] = str(intervals.to_us(key_expires)) if key_expires else None
        return reply

    def _open_exchange(self, message, beat):
        """Count the call and store the heartbeat, unless a later call of the same epoch was here before.

        The row lock taken here makes calls of one node follow each other.

        :return Opened: what the call is among the node's calls
        """
        current = message["epoch"] != self.epoch or int(message["seq"]) > int(self.last_seq or 0)
        values = {"counter": SQL("counter + 1"), "last_sync": SQL("now() AT TIME ZONE 'utc'")}
        if current:
            etag = pg.clean(message.get("etag", ""))
            values |= {"epoch": message["epoch"], "last_seq": message["seq"], "config_etag": etag}
            # by the clock that ends holds, which need not be PostgreSQL's
            ahead = intervals.to_us(fields.Datetime.now()) - int(message["sent_us"])
            values["server_ahead"] = round(ahead / intervals.SECOND, 1)
            values |= self._heartbeat_values(beat)
        self.env.cr.execute(
            SQL(
                """UPDATE cctv_recorder r SET %s WHERE id = %s
                RETURNING counter, last_seq, now() AT TIME ZONE 'utc', (SELECT max(longest_segment) FROM cctv_recorder),
                          EXISTS (SELECT FROM cctv_gap WHERE recorder_id = r.id AND stop IS NULL),
                          EXISTS (SELECT FROM cctv_recorder_job WHERE recorder_id = r.id AND state = 'queued'),
                          EXISTS (SELECT FROM cctv_recorder_stay WHERE recorder_id = r.id),
                          ARRAY(SELECT index FROM res_users_apikeys k WHERE k.user_id = r.bot_user_id ORDER BY id),
                          ARRAY(SELECT expiration_date FROM res_users_apikeys k
                                 WHERE k.user_id = r.bot_user_id ORDER BY id),
                          ARRAY(%s)""",
                SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items()),
                self.id,
                self.env["cctv.segment"]._months_query(),
            )
        )
        opened = Opened(current, *self.env.cr.fetchone())
        self.invalidate_recordset(list(values))
        return opened

    @api.model
    def _heartbeat_values(self, beat):
        values = {}
        for name, value in beat.get("versions", {}).items():
            values[f"version_{name}"] = pg.clean(value)[:EVENT_LIMIT]
        if "clock_offset_ms" in beat:
            values["clock_known"] = beat["clock_offset_ms"] is not None
            values["clock_offset_ms"] = beat["clock_offset_ms"]
        for name, value in beat.get("disk", {}).items():
            values[f"disk_{name}"] = self._disk_value(name, value)
        for name in ("engine", "gate"):
            if name in beat:
                started = beat[name].get("started_us")
                values[f"{name}_state"] = beat[name].get("state")
                values[f"{name}_started"] = intervals.from_us(intervals.past(int(started))) if started else None
        if "recording" in beat:
            values["recording"] = beat["recording"]
        if "alarms" in beat:
            values["alarms"] = " ".join(sorted(set(beat["alarms"]))) or None
        for name, value in beat.get("pending", {}).items():
            values[f"pending_{name}"] = min(max(value, 0), INT32)
        if "checks" in beat:
            values["checks"] = SQL("%s::jsonb", json.dumps(self._checks_kept(beat["checks"])))
        return values | self._purge_values(beat.get("purge", {}))

    @api.model
    def _checks_kept(self, checks):
        """:return list: what the node's own probes found wrong, as the form shows it; None when all is well"""
        names = ("name", "level", "message", "fix")
        return [
            {**{name: pg.clean(check.get(name, ""))[:CHECK_LIMIT] for name in names}, **kept(check)} for check in checks
        ] or None

    @api.model
    def _purge_values(self, purge):
        values = {f"purge_{name}": int(purge[name]) for name in ("due_bytes", "held_bytes") if name in purge}
        if "state" in purge:
            values["purge_state"] = purge["state"]
        if "reason" in purge:
            values["purge_reason"] = pg.clean(purge["reason"] or "")[:EVENT_LIMIT] or None
            values["purge_said"] = SQL("%s::jsonb", json.dumps(kept(purge)))
        if "due_segments" in purge:
            values["purge_due_segments"] = min(max(purge["due_segments"], 0), INT32)
        return values

    @api.model
    def _disk_value(self, name, value):
        if name in DISK_HOURS:
            return UNKNOWN_HOURS if value is None else value
        return pg.clean(value) if name in ("path", "level") else int(value)

    def _key_in_use(self, index, keys):
        """When the key in use ends. The first call with the newest key ends all older ones.

        :param str index: first characters of the key, or nothing from a node that does not tell
        :param dict keys: first characters of each key of the node's bot -> when it ends
        :raises AccessDenied: the key has expired, whatever a cache of credentials still says
        """
        now = fields.Datetime.now()
        if index not in keys:
            if all(expires and expires < now for expires in keys.values()):
                raise AccessDenied()
            return self.key_expires
        expires = keys[index]
        if expires and expires < now:
            raise AccessDenied()
        if index == self.key_index and len(keys) > 1:
            self._end_older_keys()
        return expires

    def _end_older_keys(self):
        self.env.cr.execute(
            "SELECT id FROM res_users_apikeys WHERE user_id = %s AND index != %s", [self.bot_user_id.id, self.key_index]
        )
        older = [key_id for (key_id,) in self.env.cr.fetchall()]
        self._revoke_keys([("id", "in", older)])
        told = self._for_people(self)
        told._message_log(body=told.env._("The new key is in use; the old one has been revoked."))

    def _known_cameras(self, stays):
        """What ingest needs of this node's cameras, in one query.

        :param bool stays: whether any camera was the node's formerly
        :return KnownCameras: camera id -> dict of tz, site_id, company_id, days
        """
        query = SQL(
            """SELECT c.id, coalesce(s.tz, 'UTC'), c.site_id, c.company_id, c.retention_days, NULL::bigint
                 FROM cctv_camera c LEFT JOIN cctv_location s ON s.id = c.site_id WHERE c.recorder_id = %s""",
            self.id,
        )
        if stays:
            query = SQL("%s UNION ALL %s", query, self._former_cameras())
        self.env.cr.execute(query)
        return KnownCameras(self.env.cr.fetchall())

    def _former_cameras(self):
        return SQL(
            """SELECT c.id, coalesce(s.tz, 'UTC'), c.site_id, c.company_id, c.retention_days,
                      (extract(epoch FROM max(t.until) + %(leaving)s) * 1000000)::bigint
                 FROM cctv_recorder_stay t JOIN cctv_camera c ON c.id = t.camera_id
                 LEFT JOIN cctv_location s ON s.id = c.site_id
                WHERE t.recorder_id = %(node)s AND c.recorder_id IS DISTINCT FROM %(node)s
                GROUP BY c.id, s.tz""",
            node=self.id,
            leaving=LEAVING,
        )

    @api.model
    def _database_uuid(self):
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")


def refusal_said(error):
    """:return dict: what a :class:`~wire.WireError` says, to be told in any language"""
    return {"field": pg.clean(error.field)[:EVENT_LIMIT], "reason": error.reason, "args": error.blanks}


def _refusal_text(error):
    return pg.clean(str(error))[:EVENT_LIMIT]
