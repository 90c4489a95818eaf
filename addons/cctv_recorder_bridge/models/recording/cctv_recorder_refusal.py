"""Why a call was refused whole, in the reader's language: the reasons of ``WireError``."""

from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# looked up by their English: here they are only collected for translation
REASONS = (
    _lt("%(found)s is not known here, %(known)s is"),
    _lt("%(word)s is not a JSON number"),
    _lt("cannot be negative"),
    _lt("has a wrong type"),
    _lt("has another length than its sister columns"),
    _lt("has no possible number of bytes"),
    _lt("has no possible number of segments"),
    _lt("holds more than %(most)s"),
    _lt("is before from_us, or asks for too long a time"),
    _lt("is cut short or has bytes after its end"),
    _lt("is missing"),
    _lt("is no camera's number, or came before"),
    _lt("is no number of a line"),
    _lt("is no possible number"),
    _lt("is no whole number above zero"),
    _lt("is not a camera's number"),
    _lt("is not a known alarm"),
    _lt("is not a known field"),
    _lt("is not a known level"),
    _lt("is not a known state"),
    _lt("is not base64(gzip(JSON))"),
    _lt("is not the node that this user belongs to"),
    _lt("is not valid"),
    _lt("is too long"),
    _lt("lies too far in the future"),
    _lt("must be %(words)s"),
    _lt("must be 64 lower-case hexadecimal digits"),
    _lt("must be a JSON object"),
    _lt(
        "must be a base64 string of at most %(most)s characters: send fewer rows a call ([odoo] "
        "batch and batch_behind in the recorder's settings)"
    ),
    _lt("must be a decimal string"),
    _lt("must be a decimal string before the year 2096"),
    _lt("must be a list"),
    _lt("must be a lower-case UUID"),
    _lt("must be an object"),
    _lt(
        "unpacks to more than %(most)s bytes: send fewer rows a call ([odoo] batch and "
        "batch_behind in the recorder's settings)"
    ),
)


class Recorder(models.Model):
    _inherit = "cctv.recorder"

    refusal_words = fields.Char("Why It Was Refused", compute="_compute_refusal_words")

    @api.depends("last_refusal", "last_refusal_said")
    @api.depends_context("lang")
    def _compute_refusal_words(self):
        for recorder in self:
            said = recorder.last_refusal_said
            told = said and f"{said['field']}: {self.env._(said['reason'], **said['args'])}"
            recorder.refusal_words = told or recorder.last_refusal
