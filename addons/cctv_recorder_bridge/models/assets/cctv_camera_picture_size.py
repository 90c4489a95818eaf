from odoo import api, fields, models

SIZE = ("stream_width", "stream_height")
GUARDED = {"guarded": True, "readonly": True, "copy": False, "aggregator": None}


class Camera(models.Model):
    """Size of the picture that the main stream was seen to deliver. The image level trusts the form no further."""

    _inherit = "cctv.camera"

    stream_width = fields.Integer("Width Delivered (px)", **GUARDED)
    stream_height = fields.Integer("Height Delivered (px)", **GUARDED)
    size_differs = fields.Char("Picture Size", compute="_compute_size_differs")

    @api.depends("stream_width")
    def _compute_px_per_m(self):
        return super()._compute_px_per_m()

    def _judged_width(self):
        typed = super()._judged_width()
        return min(typed, self.stream_width or typed)

    @api.depends("resolution_width", "resolution_height", *SIZE)
    @api.depends_context("lang")
    def _compute_size_differs(self):
        for camera in self:
            text = self.env._(
                "The stream delivers %(seen)s, the form says %(typed)s: the image level is judged by the smaller.",
                seen=f"{camera.stream_width} × {camera.stream_height}",
                typed=f"{camera.resolution_width} × {camera.resolution_height or '?'}",
            )
            camera.size_differs = camera._size_differs() and text

    def _size_differs(self):
        pairs = ((self.resolution_width, self.stream_width), (self.resolution_height, self.stream_height))
        return any(typed and seen and typed != seen for typed, seen in pairs)

    def _note_size(self, width, height):
        """Keep the size of a picture of the main stream; 0 where it is not known any more."""
        values = dict(zip(SIZE, (width, height), strict=True))
        for camera in self.filtered(lambda camera: (camera.stream_width, camera.stream_height) != (width, height)):
            # sudo: measured, whoever asked for it
            camera.sudo()._with_pass(values).write(values)

    def _overview_facts(self, recording):
        facts = super()._overview_facts(recording)
        if self.size_differs:
            facts.append({"key": "size", "text": self.size_differs, "tone": "warning"})
        return facts


class CameraSource(models.Model):
    """What was seen at one address says nothing of another."""

    _inherit = "cctv.camera.source"

    def write(self, vals):
        before = self._main_addresses()
        result = super().write(vals)
        changed = before.items() ^ self._main_addresses().items()
        self.env["cctv.camera"].browse({camera for camera, _url in changed})._note_size(0, 0)
        return result

    def unlink(self):
        cameras = self.env["cctv.camera"].browse(self._main_addresses())
        result = super().unlink()
        cameras._note_size(0, 0)
        return result

    def _main_addresses(self):
        return {source.camera_id.id: source.url for source in self if source.kind == "main"}
