# Copyright 2026 CCTV SOP contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import no_retry, tagged

from odoo.addons.cctv_sop.tests.ui import common
from odoo.addons.cctv_sop.tests.ui.test_hoot import _job_id
from odoo.addons.web.tests.test_js import unit_test_error_checker


@tagged("post_install", "-at_install")
class TestHoot(common.BrowserCase):
    @no_retry
    def test_components(self):
        """All unit tests of our web components pass in a real browser."""
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={_job_id('@cctv_recorder_bridge')}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=unit_test_error_checker,
        )
