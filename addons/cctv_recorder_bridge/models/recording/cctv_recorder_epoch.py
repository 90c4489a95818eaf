from datetime import timedelta

from odoo import models

from .cctv_recorder_event import OWN

TWO_VOICES = "cctv_recorder_bridge.mail_activity_two_voices"
SOON = timedelta(minutes=10)


class Recorder(models.Model):
    """Another index speaks with this node's key: made anew or restored, which happens once, or a second program that
    holds the key, which goes on."""

    _inherit = "cctv.recorder"

    def _note_epoch(self, at):
        """Tell a new index as an event; one that changes again soon after is a second program: work for IT."""
        text = self._epoch_text()
        told = self.env["cctv.recorder.event"].search_count(
            [("recorder_id", "=", self.id), ("epoch", "=", OWN), ("detail", "=", text), ("at", ">", at - SOON)],
            limit=1,
        )
        if not told:
            self.env["cctv.recorder.event"]._append_own(self, "integrity", text)
        elif not self._open_alarm(TWO_VOICES):
            user = self._responsible()
            summary = self.with_context(lang=user.lang).env._(
                "Two programs speak with the key of %s: rotate its key and find the second one", self.name
            )
            self._raise_alarm(TWO_VOICES, summary, user)

    def _epoch_text(self):
        return self.env._(
            "%s speaks with another index than before: made anew, restored, or a second program with its key",
            self.name,
        )
