# Copyright 2026 CCTV SOP contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re

from odoo.tests import tagged

from odoo.addons.cctv_sop.tests.ui import test_translations

_NAMED = re.compile(r"\b(recorder|perekam) %(s|\((name|recorder)\)s)", re.IGNORECASE)
# Protocols, units and examples are written alike in both languages.
_ALIKE = re.compile(r"^(GDG-1|JSON-2|XML-RPC|TCP|UDP|SHA-256|ID|rtsp://.*)$")


@tagged("post_install", "-at_install")
class TestBridgeTranslations(test_translations.TestTranslations):
    module = "cctv_recorder_bridge"
    allow_inherited_tests_method = True  # Odoo skips inherited tests otherwise

    @staticmethod
    def _alike(term):
        return bool(_ALIKE.match(term)) or test_translations.TestTranslations._alike(term)

    def test_recorder_s_name_needs_no_word_before_it(self):
        """A recorder is often named "Perekam Jakarta 1": a word before it would say so twice."""
        twice = [entry.msgid for entry in self.indonesian if _NAMED.search(f"{entry.msgid}\n{entry.msgstr}")]
        self.assertFalse(twice)

    def test_terms_of_the_glossary(self):
        """Recorded time is *kelengkapan*, what the lens sees is *cakupan*; the two are not mixed."""
        for english, indonesian in (
            ("Completeness", "Kelengkapan"),
            ("Coverage", "Kelengkapan"),
            ("Gaps", "Celah"),
            ("Recorder", "Perekam"),
            ("Recorders & Storage", "Perekam & Penyimpanan"),
            ("Register Recorder", "Daftarkan Perekam"),
            ("Test Stream", "Uji Aliran"),
            ("Still", "Gambar diam"),
        ):
            entry = self.indonesian.find(english)
            self.assertTrue(entry, english)
            self.assertEqual(entry.msgstr, indonesian)
