# Copyright 2026 CCTV SOP contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from lxml import etree

from odoo.tests import tagged

from ..common import BridgeCommon

_LISTS = ("cctv.recorder", "cctv.segment", "cctv.coverage", "cctv.gap", "cctv.recorder.job", "cctv.recorder.event")
_TIMES = {
    "cctv.segment": ("start", "stop"),
    "cctv.gap": ("start", "stop"),
    "cctv.recorder": ("last_sync", "key_expires"),
    "cctv.recorder.job": ("create_date", "done_at"),
    "cctv.recorder.event": ("at",),
}


@tagged("post_install", "-at_install")
class TestViews(BridgeCommon):
    def _arch(self, model, kind, user=None):
        view = self.env[model].with_user(user or self.it).get_view(view_type=kind)
        return etree.fromstring(view["arch"])

    def test_every_list_has_a_kanban_for_phones(self):
        for model in _LISTS:
            self.assertTrue(self._arch(model, "kanban").xpath("//t[@t-name='card']"), model)

    def test_camera_times_are_site_times(self):
        """No list shows a recorder's time in the viewer's zone."""
        for model, names in _TIMES.items():
            arch = self._arch(model, "list")
            for name in names:
                node = arch.xpath(f"//field[@name='{name}']")[0]
                self.assertEqual(node.get("widget"), "cctv_site_time", f"{model}.{name}")
                self.assertTrue(arch.xpath("//field[@name='tz']"), model)

    def test_addresses_are_for_it_alone(self):
        self.assertTrue(self._arch("cctv.camera", "form").xpath("//page[@name='network']"))
        for role in ("officer", "supervisor", "management", "auditor", "dpo"):
            arch = self._arch("cctv.camera", "form", self.users[role])
            self.assertFalse(arch.xpath("//page[@name='network'] | //field[@name='source_ids']"), role)

    def test_stored_lists_sort_by_indexed_columns(self):
        """The list of segments opens ordered by its index and offers no other order."""
        arch = self._arch("cctv.segment", "list")
        self.assertEqual(arch.get("js_class"), "cctv_segment_list")
        self.assertEqual(arch.get("default_order"), "start desc")

    def test_menus_by_role(self):
        """IT has the technical lists; an officer has none of them."""
        technical = ("menu_cctv_segment", "menu_cctv_recorder_job", "menu_cctv_recorder")
        for name in technical:
            menu = self.env.ref(f"cctv_recorder_bridge.{name}")
            self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(self.it)._visible_menu_ids(), name)
            self.assertNotIn(menu.id, self.env["ir.ui.menu"].with_user(self.officer)._visible_menu_ids(), name)

    def test_cards_of_states_are_not_dragged(self):
        for model in ("cctv.recorder", "cctv.recorder.job", "cctv.gap"):
            self.assertEqual(self._arch(model, "kanban").get("records_draggable"), "0", model)

    def test_times_fit_their_columns(self):
        """Date, time with seconds and zone are cut in a column that the browser sizes."""
        columns = {
            "cctv.recorder.job": ("create_date", "done_at"),
            "cctv.recorder.event": ("at",),
            "cctv.hold.ack": ("acked_at",),
        }
        for model, names in columns.items():
            for name in names:
                (node,) = self._arch(model, "list").xpath(f"//field[@name='{name}']")
                self.assertEqual(node.get("width"), "210px", f"{model}.{name}")

    def test_lengths_and_sizes_are_headed_without_a_unit(self):
        """They are shown in units that fit; the unit of the raw figure stays with the field, for exports."""
        for model in (*_LISTS, "cctv.deletion.run", "cctv.legal.hold"):
            for kind in ("list", "form"):
                arch = self._arch(model, kind, self.users["dpo"] if model == "cctv.deletion.run" else None)
                for node in arch.xpath("//field[@widget='cctv_seconds' or @widget='cctv_bytes']"):
                    label = node.get("string") or self.env[node.get("model") or model]._fields[node.get("name")].string
                    with self.subTest(model=model, kind=kind, field=node.get("name")):
                        self.assertNotRegex(label, r"\((s|bytes)\)")

    def test_a_new_stream_asks_for_credentials_and_a_known_one_keeps_them(self):
        arch = self._arch("cctv.camera.source", "form")
        for name in ("user", "password"):
            told = {node.get("invisible"): node.get("placeholder") for node in arch.xpath(f"//field[@name='{name}']")}
            self.assertIn("keep", told["not has_credentials"])
            self.assertIn("on the camera", told["has_credentials"])

    def test_explain_is_offered_to_whom_it_works_for(self):
        for role in ("officer", "supervisor", "it", "management", "auditor", "dpo"):
            button = self._arch("cctv.gap", "list", self.users[role]).xpath("//button[@name='action_explain']")
            self.assertEqual(bool(button), role in ("it", "supervisor"), role)

    def test_segments_are_listed_never_summed(self):
        """Lists and pivots read the rollup."""
        day = self.env["cctv.coverage"].new({"camera_id": self.camera.id, "day": "2026-01-02"})
        self.assertNotIn("pivot", day.action_view_segments()["view_mode"])
        self.assertFalse(hasattr(self.env["cctv.camera"], "action_view_segments"))

    def test_list_of_cameras_shows_still_and_week(self):
        arch = self._arch("cctv.camera", "list")
        self.assertTrue(arch.xpath("//field[@name='last_still_at'][@widget='cctv_still']"))
        self.assertTrue(arch.xpath("//field[@name='week_strip'][@widget='cctv_strip']"))
        arch = self._arch("cctv.camera", "list", self.users["auditor"])
        self.assertFalse(arch.xpath("//field[@widget='cctv_still']"), "no right to pictures")

    def test_reasons_have_words_on_screen(self):
        """Each reason and alarm of the wire has its words in the web client's table."""
        from odoo.tools.misc import file_open

        with file_open("cctv_recorder_bridge/static/src/health/words.js") as file:
            text = file.read()
        for code, _word in self.env["cctv.gap"]._fields["reason"].selection:
            self.assertIn(f"    {code}: [", text)
        for code in self.env["cctv.recorder"]._alarm_labels():
            self.assertIn(f"    {code}: {{", text)
