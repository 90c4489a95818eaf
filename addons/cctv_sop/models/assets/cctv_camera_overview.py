from odoo import models

from ...rpc import without_none
from ...site_time import site_minute

PUT_AWAY = ("suspended", "decommissioned")


class CctvCamera(models.Model):
    """What is shown about a camera. What only a recorder knows is answered "not measured" here."""

    _inherit = "cctv.camera"

    def _recording_summary(self):
        """What a recorder knows about each camera.

        :return dict: by camera id ``{"measured": bool, "state": str, "note": str, "days": list}``; ``days`` holds,
            oldest first, ``{"day": "YYYY-MM-DD" of the site, "ratio": 0..1 or None, "recorded": bool, "gaps": int,
            "gap_seconds": int, "explained": bool, "held": bool}``
        """
        note = self.env._("Recording is not measured: no recorder of ours records this camera.")
        return {camera.id: {"measured": False, "state": "unknown", "note": note, "days": []} for camera in self}

    def _media_sources(self):
        """:return dict: by camera id a list of the streams that may be viewed; empty without a recorder of ours"""
        return {camera.id: [] for camera in self}

    def _hold_status(self):
        """:return dict: by camera id ``{"measured": bool, "count": int or None}`` of the holds on its footage"""
        return {camera.id: {"measured": False, "count": None} for camera in self}

    def get_overview(self):
        """Everything the head of a camera's form shows, in one call.

        :return dict: plain JSON: ``picture``, ``place``, ``security_class``, ``tz``, ``pills``, ``facts``, ``strip``,
            ``cards``; words are in the caller's language
        :raises AccessError: the caller may not read the camera
        """
        self.ensure_one()
        self.check_access("read")
        (self.location_id | self.site_id).fetch(["complete_name", "site_id", "tz"])
        recording = self._recording_summary()[self.id]
        overview = {
            "picture": self._overview_picture(),
            "place": self.location_id.complete_name,
            "security_class": self._selection_word("security_class"),
            "tz": self.tz,
            "pills": self._overview_pills(recording),
            "facts": self._overview_facts(recording),
            "strip": {"measured": recording["measured"], "note": recording["note"], "days": recording["days"]},
            "cards": self._overview_cards(recording),
        }
        return without_none(overview)

    def _selection_word(self, name):
        """:return str: translated word of a selection field's value, or an empty string"""
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")

    def _overview_picture(self):
        note = self.env._("No picture: recording is not measured.")
        return {"url": "", "taken_at": False, "state": "none", "note": note}

    def _overview_pills(self, recording):
        state = {
            "kind": "camera",
            "state": self.state,
            "label": self._selection_word("state"),
            "detail": "",
            "since": False,
        }
        return [state, self._level_pill()]

    def _level_pill(self):
        # sudo: thresholds are public figures
        level = self.sudo().required_level_id
        parts = [f"{self.px_per_m:.0f} px/m" if self.px_per_m else "", level.name or ""]
        return {
            "kind": "level",
            "state": self.level_met,
            "label": self._selection_word("level_met"),
            "detail": " ".join(part for part in parts if part),
            "since": False,
        }

    def _overview_facts(self, recording):
        facts = []
        if not recording["measured"]:
            facts.append({"key": "recording", "text": recording["note"], "tone": ""})
        if self.state in PUT_AWAY:
            facts = self._put_away_facts() + facts
        facts.append({"key": "retention", "text": self._retention_words(recording), "tone": ""})
        if self.take_over:
            text = self.env._("Taken over without commissioning: a system test is due.")
            facts.append({"key": "take_over", "text": text, "tone": "warning"})
        return facts

    def _retention_words(self, recording):
        return self.env._("Footage is kept for %s days.", self.retention_days)

    def _put_away_facts(self):
        """Who suspended or decommissioned it, when and why; and since when it had been in use."""
        # sudo: of the step log this much is no secret to who sees the camera
        lines = self.env["cctv.workflow.log"].sudo()
        lines = lines.search([("res_model", "=", self._name), ("res_id", "=", self.id)], order="id")
        taken = lines.filtered(lambda line: line.state_from != line.state_to)
        facts = []
        if self.state == "decommissioned" and (used := taken.filtered(lambda line: line.state_to == "active")[:1]):
            text = self.env._("In use from %s.", site_minute(self.env, used.at, self.tz))
            facts.append({"key": "in_use", "text": text, "tone": ""})
        if last := taken.filtered(lambda line: line.state_to == self.state)[-1:]:
            text = self.env._(
                "%(step)s by %(user)s on %(time)s",
                step=self._selection_word("state"),
                user=last.user_id.name,
                time=site_minute(self.env, last.at, self.tz),
            )
            facts.append({"key": "put_away", "text": f"{text}: {last.note}" if last.note else text, "tone": ""})
        return facts

    def _overview_cards(self, recording):
        return []
