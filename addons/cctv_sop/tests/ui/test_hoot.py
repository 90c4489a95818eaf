# Copyright 2026 CCTV SOP contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from unittest import SkipTest
from unittest.mock import patch

from odoo.tests import no_retry, tagged

from odoo.addons.web.tests.test_js import unit_test_error_checker

from .common import BrowserCase


def _job_id(name):
    """Identifier that Hoot gives to a suite (a 32 bit string hash)."""
    value = 0
    for char in name:
        value = ((value << 5) - value + ord(char)) & 0xFFFFFFFF
    return f"{value:08x}"


@tagged("post_install", "-at_install")
class TestHoot(BrowserCase):
    @no_retry
    def test_components(self):
        """All unit tests of our web components pass in a real browser."""
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={_job_id('@cctv_sop')}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=unit_test_error_checker,
        )

    def test_a_missing_browser_is_a_failure(self):
        """Where Odoo would skip for want of a browser, our runs turn red."""
        with (
            patch("odoo.tests.common.ChromeBrowser", side_effect=SkipTest("no browser")),
            self.assertRaisesRegex(AssertionError, "would be skipped: no browser"),
        ):
            self.browser_js("/web", "", "", login="admin")
