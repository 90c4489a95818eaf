# Copyright 2026 CCTV SOP contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re

from odoo.tests import tagged

from odoo.addons.cctv_sop.tests.ui import test_translations

# Protocols, units and examples are written alike in both languages.
_ALIKE = re.compile(r"^(GDG-1|JSON-2|XML-RPC|TCP|UDP|SHA-256|ID|rtsp://.*)$")


@tagged("post_install", "-at_install")
class TestBridgeTranslations(test_translations.TestTranslations):
    module = "cctv_recorder_bridge"

    def test_no_english_left(self):
        """A text that equals its English term is a protocol, a unit, an example or one of the few common words."""
        same = [e.msgid for e in self.indonesian if e.msgid == e.msgstr and not _ALIKE.match(e.msgid)]
        common = test_translations._ALIKE
        self.assertFalse([term for term in same if not common.fullmatch(term)])

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
