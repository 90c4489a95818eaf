"""Odoo runs only the test modules that ``tests/__init__.py`` names: count them against the files."""

from pathlib import Path

from odoo.tests import BaseCase, tagged

from ... import tests


@tagged("post_install", "-at_install")
class TestFiles(BaseCase):
    def test_every_test_file_is_loaded(self):
        folder = Path(tests.__file__).parent
        files = sorted(path.stem for path in folder.rglob("test_*.py"))
        loaded = sorted(name for name in vars(tests) if name.startswith("test_"))
        self.assertEqual(files, loaded)
