from odoo import models

from .cctv_recorder_job import STILL_WIDTH


class RecorderJob(models.Model):
    """A test of the main stream and a still of it tell how large its picture is."""

    _inherit = "cctv.recorder.job"

    def _finish(self, state, result, error):
        tried = bool(self.secret)
        super()._finish(state, result, error)
        told = self._told_result()
        width, height = told.get("width"), told.get("height")
        if self.state != "done" or tried or not width or not height or not self._tells_of_address():
            return
        if self.kind == "snapshot":
            self._note_still(width, height)
        elif told.get("ok") is True and (self.params or {}).get("which") == "main":
            self.camera_id._note_size(width, height)

    def _tells_of_address(self):
        """:return bool: whether the main stream is the one that the node was asked about"""
        written = self.camera_id.source_ids.filtered(lambda source: source.kind == "main").write_date
        return bool(written and self.claimed_at and written <= self.claimed_at)

    def _note_still(self, width, height):
        """A still as wide as was asked for may have been made smaller: the stream is no narrower, more is not known."""
        if width < (self.params or {}).get("max_width", STILL_WIDTH):
            self.camera_id._note_size(width, height)
        elif 0 < self.camera_id.stream_width < width:
            self.camera_id._note_size(0, 0)
