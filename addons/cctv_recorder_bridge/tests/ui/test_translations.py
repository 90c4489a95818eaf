# Copyright 2026 CCTV SOP contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import tagged

from odoo.addons.cctv_sop.tests.ui import test_translations


@tagged("post_install", "-at_install")
class TestBridgeTranslations(test_translations.TestTranslations):
    module = "cctv_recorder_bridge"
