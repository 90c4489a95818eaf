from odoo import fields, models


class BenchSegment(models.Model):
    """The columns of cctv.segment as a model of the ordinary kind, filled by ``create``."""

    _name = "cctv.bench.segment"
    _description = "Segment made by create()"

    camera_id = fields.Many2one("cctv.camera", required=True)
    recorder_id = fields.Many2one("cctv.recorder", required=True)
    start = fields.Datetime(required=True)
    stop = fields.Datetime(required=True)
    bytes = fields.Float(digits=(20, 0), required=True)
    sha256 = fields.Char()
    run = fields.Char()
    number = fields.Integer()
    status = fields.Selection([("ok", "Ok"), ("recovered", "Recovered")], required=True)
    test = fields.Boolean()

    _camera_start = models.Constraint("UNIQUE(camera_id, start)", "One row per camera and start.")
