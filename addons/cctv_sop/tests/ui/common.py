# Copyright 2026 CCTV SOP contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import importlib.util
import shutil

from odoo.tests import HttpCase, tagged

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@tagged("post_install", "-at_install")
class BrowserCase(HttpCase):
    """Browser test that fails, instead of being skipped, where it cannot run.

    Odoo skips browser tests silently when the browser or the websocket client is
    missing; a run in which nothing was looked at must not count as passed.
    """

    @classmethod
    def setUpClass(cls):
        if not importlib.util.find_spec("websocket"):
            raise AssertionError("Browser tests need the Python package websocket-client.")
        if not any(shutil.which(name) for name in _BROWSERS):
            raise AssertionError("Browser tests need Chromium in the PATH.")
        super().setUpClass()

    def skipTest(self, reason):
        """A skipped browser test is a failure."""
        raise AssertionError(f"Browser test would be skipped: {reason}")
