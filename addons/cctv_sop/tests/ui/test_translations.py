# Copyright 2026 CCTV SOP contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import io
import re

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_open
from odoo.tools.translate import trans_export

_PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sdf]|%[sdf]|<[^>]+>")
# Names, units and words that both languages write alike.
_ALIKE = re.compile(r"No\.|CCTV|CAM-07|px/m|px|mm|m|ID|Status|Area|Auditor|Mode|Model|Toilet|[^a-zA-Z]*")


def _marks(text):
    """Placeholders and tag names of a text; the words in a tag's attributes may be translated."""
    return [re.sub(r"\s.*", "", mark, flags=re.DOTALL) for mark in _PLACEHOLDER.findall(text)]


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
        cls.indonesian = cls._read("po", "id")

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

    @staticmethod
    def _alike(term):
        return bool(_ALIKE.fullmatch(_PLACEHOLDER.sub("", term)))

    def test_indonesian_misses_nothing(self):
        """Every term has an Indonesian text, and no text stands for a term that is gone.

        A word that both languages write alike may be left empty: Odoo then shows the term.
        """
        translated = {e.msgid for e in self.indonesian if e.msgstr.strip() and "fuzzy" not in e.flags}
        fresh = self._terms(self.fresh)
        missing = sorted(term for term in fresh - translated if not self._alike(term))
        self.assertFalse(missing, "terms without Indonesian text")
        self.assertFalse(sorted(self._terms(self.indonesian) - fresh), "Indonesian text for unknown terms")

    def test_placeholders_survive(self):
        """A text keeps the placeholders and tags of its term."""
        for entry in self.indonesian.translated_entries():
            wanted, found = (sorted(_marks(text)) for text in (entry.msgid, entry.msgstr))
            self.assertEqual(wanted, found, entry.msgid)

    def test_no_stray_marks(self):
        """A text quotes code where its term does, and nowhere else."""
        stray = [e.msgstr for e in self.indonesian.translated_entries() if e.msgid.count("`") != e.msgstr.count("`")]
        self.assertFalse(stray)

    def test_no_english_left(self):
        """A text that equals its English term is a name, a unit or a word of both languages."""
        same = [e.msgid for e in self.indonesian if e.msgid == e.msgstr and not self._alike(e.msgid)]
        self.assertFalse(same)

    def test_one_word_for_one_thing(self):
        """Where two Indonesian words are possible the catalogue keeps to one."""
        other = re.compile(r"\b(epos|penyelia|DPO|penghapusan)\b|(?<!kata )\bsandi\b", re.IGNORECASE)
        self.assertFalse([e.msgstr for e in self.indonesian.translated_entries() if other.search(e.msgstr)])

    def test_terms_of_the_glossary(self):
        """Terms fixed by the SOP's glossary are translated in one way."""
        for english, indonesian in (
            ("Camera", "Kamera"),
            ("Restricted Area", "Area Terbatas"),
            ("High-Security Area", "Area Keamanan Tinggi"),
            ("Lawful Basis", "Dasar Pemrosesan"),
            ("Pixel Density", "Kerapatan Piksel"),
            ("Viewing Angle (°)", "Sudut Pandang (°)"),
            ("Monitoring Officer", "Petugas Pengawas"),
            ("Required Image Level", "Tingkat Gambar yang Disyaratkan"),
        ):
            entry = self.indonesian.find(english)
            self.assertTrue(entry, english)
            self.assertEqual(entry.msgstr, indonesian)
