# Copyright 2026 CCTV SOP contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import io
import re

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_open
from odoo.tools.translate import trans_export

_PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sdf]|%[sdf]|<[^>]+>")
# Words that are the same in both languages, names and units.
_SAME = re.compile(
    r"^(CCTV|px/m|px|mm|m|Status|Audio|Model|Zona|Edition|Admin|Path|Zone|Video|Level|Standard|Area|DORI.*|IEC.*|EN .*|.*\.com|%s.*)$"
)


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    """The Indonesian catalogue is complete; no language needs to be installed to know it."""

    module = "cctv_sop"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        buffer = io.BytesIO()
        trans_export(False, [cls.module], buffer, "po", cls.env)
        cls.fresh = polib.pofile(buffer.getvalue().decode())
        cls.pot = cls._read("pot")
        cls.id = cls._read("po", "id")

    @classmethod
    def _read(cls, ending, name=None):
        with file_open(f"{cls.module}/i18n/{name or cls.module}.{ending}", "rb") as file:
            return polib.pofile(file.read().decode())

    @staticmethod
    def _terms(catalogue):
        return {entry.msgid for entry in catalogue if not entry.obsolete}

    def test_template_is_the_fresh_export(self):
        """The catalogue's template holds exactly what the code says today."""
        fresh, kept = self._terms(self.fresh), self._terms(self.pot)
        self.assertFalse(sorted(fresh - kept), "terms missing in the .pot: export it again")
        self.assertFalse(sorted(kept - fresh), "terms in the .pot that no code has")

    def test_indonesian_misses_nothing(self):
        """Every term has an Indonesian text, and no text stands for a term that is gone."""
        translated = {e.msgid for e in self.id if e.msgstr.strip() and "fuzzy" not in e.flags}
        fresh = self._terms(self.fresh)
        self.assertFalse(sorted(fresh - translated), "terms without Indonesian text")
        self.assertFalse(sorted(self._terms(self.id) - fresh), "Indonesian text for unknown terms")

    def test_placeholders_survive(self):
        """A text keeps the placeholders and tags of its term."""
        for entry in self.id:
            self.assertEqual(
                sorted(_PLACEHOLDER.findall(entry.msgid)), sorted(_PLACEHOLDER.findall(entry.msgstr)), entry.msgid
            )

    def test_no_english_left(self):
        """A text that equals its English term is one of the few common words."""
        same = [e.msgid for e in self.id if e.msgid == e.msgstr and not _SAME.match(e.msgid)]
        self.assertFalse(same)
