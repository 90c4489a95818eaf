# Copyright 2026 CCTV SOP contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from unittest import SkipTest

from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class BrowserCase(HttpCase):
    """Browser test that fails, instead of being skipped, where it cannot run.

    Odoo skips browser tests silently when the browser or the websocket client is
    missing; a run in which nothing was looked at must not count as passed.
    """

    def browser_js(self, *args, **kwargs):
        """Like Odoo's, but a browser that is missing or does not start is a failure."""
        try:
            return super().browser_js(*args, **kwargs)
        except SkipTest as reason:
            raise AssertionError(f"This browser test would be skipped: {reason}") from reason
