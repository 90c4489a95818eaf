from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import intervals, pg
from ...tools.retention_rows import wrong_in_end
from .cctv_recorder_said import in_words, kept, told

GUARDED = {"guarded": True, "readonly": True, "copy": False}
REASON = 500
FIGURES = ("cameras", "segments", "bytes", "reason")
GROWING = ("segments", "bytes", "last")
SHOWN = ("first", *GROWING)
PARKED = "cctv_recorder_bridge.mail_activity_purge"


class DeletionRun(models.Model):
    """A node's purge: the node asks, this answers *go*, *wait* or *refused*, the node alone deletes."""

    _inherit = "cctv.deletion.run"

    recorder_id = fields.Many2one("cctv.recorder", index="btree_not_null", ondelete="restrict", **GUARDED)
    tz = fields.Selection(
        related="recorder_id.site_id.tz",
        string="Site Time Zone",
        help="Of a site: its clock shows on every camera time.",
    )

    said = fields.Json(**GUARDED)
    refused_said = fields.Json(**GUARDED)  # code and arguments of why this ERP refused it

    _recorder_uuid = models.UniqueIndex("(recorder_id, uuid)", "A recorder names each of its purges anew.")

    @api.depends("said")
    @api.depends_context("lang")
    def _compute_why(self):
        res = super()._compute_why()
        for run in self:
            run.why = told(self.env, run.said, run.why)
        return res

    @api.depends("refused_said")
    def _compute_refusal(self):
        return super()._compute_refusal()

    def _refusal_words(self):
        return told(self.env, self.refused_said, super()._refusal_words())

    # -- in whose language -----------------------------------------------------------------------------------

    def _run_step(self, step, method, note, kwargs=None):
        return super(DeletionRun, self._for_people())._run_step(step, method, note, kwargs)

    def _for_people(self):
        """What a node sets off is told in the language of who looks after it: chatter keeps words as they are written.

        :return: these runs
        """
        recorder = self.recorder_id[:1]
        return recorder._for_people(self) if recorder.bot_user_id == self.env.user else self

    # -- asking --------------------------------------------------------------------------------------------

    @api.model
    def _judge(self, recorder, purge, cameras, cutoffs):
        """Answer a node that wants to delete.

        :param dict purge: as on the wire, its shape checked
        :param cameras: the node's present and former cameras
        :param dict cutoffs: camera id -> µs before which its footage may go
        :return dict: ``run``, ``verdict``, ``reason``, ``person``: whether somebody refused it
        """
        run = self._of(recorder, purge, cameras)
        before = run.state
        verdict, reason = run._decide(purge, self._why_not(purge, cameras, cutoffs))
        person = before == "refused" and bool(run.decided_by)
        return {"run": purge["run"], "verdict": verdict, "reason": reason, "person": person}

    @api.model
    def _find(self, recorder, uuid):
        return self.search([("recorder_id", "=", recorder.id), ("uuid", "=", uuid)], limit=1)

    @api.model
    def _of(self, recorder, purge, cameras):
        """The run's record, made at the first time that the node asks, its figures as the node has them now."""
        lines = [_line(row) for row in purge["cameras"] if row["camera_id"] in cameras]
        figures = {
            "cameras": len(purge["cameras"]),
            "segments": sum(row["segments"] for row in purge["cameras"]),
            "bytes": sum(int(row["bytes"]) for row in purge["cameras"]),
            "reason": pg.clean(purge.get("reason") or "")[:REASON] or False,
            "said": kept(purge),
        }
        run = self._find(recorder, purge["run"])
        if not run:
            values = {"uuid": purge["run"], "company_id": recorder.company_id.id, "recorder_id": recorder.id}
            return recorder._for_people(self)._ask({**values, **figures}, lines).with_env(self.env)
        if not run.ended_at and run.state != "refused" and run._differs(figures, lines):
            run._change_figures(figures, lines)
        return run

    def _differs(self, figures, lines):
        if any(self[name] != figures[name] for name in FIGURES):
            return True
        known = {line.camera_id.id: line for line in self.line_ids}
        return len(known) != len(lines) or any(
            line["camera_id"] not in known or any(known[line["camera_id"]][name] != line[name] for name in SHOWN)
            for line in lines
        )

    def _exceeds(self, figures, lines):
        """:return bool: whether this is more than what is shown: a camera, or more or younger footage of one"""
        known = {line.camera_id.id: line for line in self.line_ids}
        return figures["cameras"] > len(lines) or any(
            line["camera_id"] not in known or any(line[name] > known[line["camera_id"]][name] for name in GROWING)
            for line in lines
        )

    def _change_figures(self, figures, lines):
        """More than what a person or this ERP has said yes to is another question."""
        again = self.state in ("released", "confirmed") and self._exceeds(figures, lines)
        by_a_person = again and self.decided_by
        if again:
            self._step_ask_again()
        if by_a_person:
            self._step_park()
        self._with_pass(figures).write(figures)
        self.line_ids._replace(self, lines)
        if by_a_person:
            self._call_a_person()

    @api.model
    def _why_not(self, purge, cameras, cutoffs):
        """:return dict: code and arguments of why these rows may not go; empty when they may"""
        if not purge["cameras"]:
            return {"code": "purge_empty", "args": {}}
        for row in purge["cameras"]:
            if row["camera_id"] not in cameras:
                return {"code": "purge_foreign", "args": {"camera": str(row["camera_id"])}}
            if int(row["last_us"]) > cutoffs[row["camera_id"]]:
                name = self.env["cctv.camera"].browse(row["camera_id"]).display_name
                return {"code": "purge_young", "args": {"camera": name}}
        return {}

    def _decide(self, purge, why_not):
        """:return tuple: (verdict, reason)"""
        if self.state in ("done", "cancelled"):
            return "refused", self.env._("This run has ended.")
        if self.state == "refused":
            return "refused", self.env._("%s has been refused.", self.name)
        if why_not:
            self._with_pass(["refused_said"]).write({"refused_said": why_not})
            self._step_refuse()
            self._end_activities()
            return "refused", in_words(self.env, why_not["code"], why_not["args"])
        if purge["state"] == "parked" and self.state == "asked":
            self._step_park()
            self._call_a_person()
        if self.state == "parked":
            return "wait", self.env._("%s waits for a person in the ERP.", self.name)
        if self.state in ("asked", "released"):
            self._step_confirm()
        self._note_allowance(purge)
        return "go", ""

    def _call_a_person(self):
        user = self.recorder_id._responsible()
        summary = self.with_context(lang=user.lang).env._(
            "%(name)s on %(recorder)s waits for a person: %(count)s segments",
            name=self.name,
            recorder=self.recorder_id.name,
            count=self.segments,
        )
        self.recorder_id._raise_alarm_on(self, PARKED, summary, user)

    # -- carrying out --------------------------------------------------------------------------------------

    @api.model
    def _count_deleted(self, recorder, rows, stored):
        """Add what a node has just deleted to its runs, while they go on.

        :param list rows: deletions that were not known before
        :param dict stored: their keys -> the segments
        """
        sums = {}
        for row in rows:
            count, freed = sums.get(row.run, (0, 0))
            sums[row.run] = count + 1, freed + row.freed
        self.env.cr.execute(
            SQL(
                """UPDATE cctv_deletion_run r SET done_segments = coalesce(r.done_segments, 0) + t.count,
                          freed = coalesce(r.freed, 0) + t.freed
                     FROM unnest(%(run)s::text[], %(count)s::int[], %(freed)s::bigint[]) AS t(uuid, count, freed)
                    WHERE r.uuid = t.uuid AND r.recorder_id = %(recorder)s AND r.ended_at IS NULL""",
                recorder=recorder.id,
                run=pg.plain(sums),
                count=pg.numbers(count for count, _freed in sums.values()),
                freed=pg.numbers(freed for _count, freed in sums.values()),
            )
        )
        self.invalidate_model(["done_segments", "freed"])
        if beyond := self._judge_gone(recorder, rows, stored):
            runs, cameras = {run for run, _camera in beyond}, {camera for _run, camera in beyond}
            recorder._note_unallowed(sum(beyond.values()), runs, self.env["cctv.camera"].browse(cameras))

    @api.model
    def _ingest_ended(self, recorder, rows):
        """:return list: a verdict per purge that its node has ended"""
        return [self._ingest_end(recorder, row) for row in rows or ()]

    @api.model
    def _ingest_end(self, recorder, row):
        if wrong := wrong_in_end(row):
            return ["bad_value", self.env._("The value of %s is not valid.", wrong)]
        run = self._find(recorder, row["run"])
        figures = {
            # a service that called a run cancelled of which a part had gone told none of it here
            "done_segments": max(row["segments"], run.done_segments),
            "freed": max(int(row["freed"]), run.freed),
            "rescued": row["rescued"],
        }
        if not run:
            # this database is older than the purge: what the node says is all that is known
            due = {"segments": row["segments"] + row["rescued"], "bytes": int(row["bytes"])}
            values = {"uuid": row["run"], "company_id": recorder.company_id.id, "recorder_id": recorder.id}
            run = recorder._for_people(self)._ask({**values, **due}, []).with_env(self.env)
        if not run.ended_at:
            run._with_pass(figures).write(figures)
            run._note_end(row["segments"])
            run._step_end(state=row["state"])
            run._end_activities()
        return "ok"


def _line(row):
    return {
        "camera_id": row["camera_id"],
        "segments": row["segments"],
        "bytes": int(row["bytes"]),
        "first": intervals.from_us(int(row["first_us"])).replace(microsecond=0),
        "last": intervals.from_us(int(row["last_us"])).replace(microsecond=0),
    }
