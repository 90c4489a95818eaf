# Copyright 2026 CCTV SOP contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re
from ast import literal_eval
from itertools import product
from pathlib import Path

from lxml import etree

from odoo.modules.module import get_module_path
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools.misc import file_open

_ROLES = ("officer", "supervisor", "it", "management", "auditor", "dpo")


@tagged("post_install", "-at_install")
class TestViews(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {role: new_test_user(cls.env, f"view_{role}", groups=f"cctv_sop.group_{role}") for role in _ROLES}

    def _our_actions(self):
        data = self.env["ir.model.data"].search([("module", "=", "cctv_sop"), ("model", "=", "ir.actions.act_window")])
        actions = self.env["ir.actions.act_window"].browse(data.mapped("res_id"))
        return actions.filtered(lambda action: action.target != "new")

    def test_every_page_has_an_address(self):
        """Each page can be reached by a readable path."""
        pages = self._our_actions()
        self.assertTrue(pages)
        for action in pages:
            self.assertRegex(action.path or "", r"^cctv-[a-z-]+$", action.name)

    def test_every_page_has_a_phone_view_and_says_what_to_do(self):
        """A list loses its columns on a phone, behind a chart too; an empty page names the next step."""
        for action in self._our_actions():
            modes = action.view_mode.split(",")
            self.assertIn("kanban", modes, action.name)
            self.assertIn(action.mobile_view_mode, modes, action.name)
            self.assertTrue(action.help, action.name)

    def test_what_a_list_always_offers_is_on_a_phone_too(self):
        """A phone shows cards where a desk shows the list: its buttons above the rows are above the cards too."""
        buttons = "//header/button[@display='always']/@name"
        offered = set()
        for action in self._our_actions():
            model, kinds = self.env[action.res_model], ("list", action.mobile_view_mode)
            wide, phone = (etree.fromstring(model.get_view(view_type=kind)["arch"]).xpath(buttons) for kind in kinds)
            self.assertEqual(wide, phone, action.name)
            offered.update(wide)
        self.assertIn("action_verify", offered)

    def test_views_open_for_every_role_that_sees_the_menu(self):
        """No menu leads to an error: each role can load each view of each page that it sees."""
        for role, user in self.users.items():
            env = self.env(user=user)
            visible = env["ir.ui.menu"].browse(env["ir.ui.menu"]._visible_menu_ids())
            shown = {(menu.action._name, menu.action.id) for menu in visible.sudo() if menu.action}
            ours = self._our_actions().filtered(lambda action, shown=shown: (action._name, action.id) in shown)
            self.assertTrue(ours, role)
            for action in ours:
                model = env[action.res_model]
                views = [(False, mode) for mode in action.view_mode.split(",")] + [(False, "search")]
                result = model.get_views(views)
                self.assertEqual(set(result["views"]), {mode for _id, mode in views}, (role, action.name))
                model.search([], limit=3).mapped("display_name")

    def test_final_step_is_no_cameras_first_button(self):
        """A phone shows the first button alone: ending a camera for good is never it."""
        for role, user in self.users.items():
            arch = self.env["cctv.camera"].with_user(user).get_view(view_type="form")["arch"]
            buttons = etree.fromstring(arch).xpath("//header/button/@name")
            self.assertLess(buttons.index("action_report_fault"), buttons.index("action_decommission"), role)

    def _all_our_views(self, kind):
        """Of every CCTV addon that is installed, as merged with what others add."""
        data = self.env["ir.model.data"].search([("module", "=like", "cctv\\_%"), ("model", "=", "ir.ui.view")])
        views = self.env["ir.ui.view"].browse(data.mapped("res_id")).filtered(lambda view: view.type == kind)
        for view in views:
            root = view if view.mode == "primary" else view.inherit_id
            yield root, etree.fromstring(self.env[root.model].get_view(root.id, kind)["arch"])

    def test_every_group_by_opens(self):
        """Each way of grouping that a search offers is one that the database can do."""
        tried = set()
        for view, arch in self._all_our_views("search"):
            for node in arch.xpath("//filter[contains(@context, 'group_by')]"):
                group = literal_eval(node.get("context"))["group_by"]
                if self.env[view.model]._fields[group.split(":")[0]].type == "properties":
                    continue  # the client asks for one of them, which people make
                tried.add((view.model, group))
                with self.subTest(view=view.name, filter=node.get("name")):
                    self.env[view.model].web_read_group([], [group], ["__count"])
        self.assertIn(("cctv.workflow.log", "step"), tried)

    def test_nothing_is_dragged_between_states_or_areas(self):
        """Grouped by state or area, a card that is dragged would be written another one."""
        for view, arch in self._all_our_views("kanban"):
            if self._is_ours(view) and view.model.startswith("cctv.") and arch.get("edit") != "0":
                with self.subTest(view=view.name):
                    self.assertIn(arch.get("records_draggable"), ("0", "false"))

    def test_time_with_seconds_keeps_its_column(self):
        """Long words beside it would take its room and leave the date alone."""
        for view, arch in self._all_our_views("list"):
            for node in arch.xpath("field[@widget='cctv_site_time'][contains(@options, 'seconds')]"):
                if self._is_ours(view):
                    self.assertEqual(node.get("width"), "210px", view.name)

    def _is_ours(self, view):
        return (view.get_external_id()[view.id] or "").startswith("cctv_sop.")

    def test_headings_by_role(self):
        """The menu of screens: configuration for IT alone, the step log for its three readers."""
        config = self.env.ref("cctv_sop.menu_configuration").id
        log = self.env.ref("cctv_sop.menu_cctv_workflow_log").id
        cameras = self.env.ref("cctv_sop.menu_cameras").id
        for role, user in self.users.items():
            visible = self.env(user=user)["ir.ui.menu"]._visible_menu_ids()
            self.assertIn(cameras, visible, role)
            self.assertEqual(config in visible, role == "it", role)
            self.assertEqual(log in visible, role in ("management", "auditor", "dpo"), role)

    def test_employee_without_a_role_sees_no_app(self):
        """Who has no part in the procedure finds no empty app."""
        user = new_test_user(self.env, "view_employee", groups="base.group_user")
        visible = self.env(user=user)["ir.ui.menu"]._visible_menu_ids()
        self.assertNotIn(self.env.ref("cctv_sop.menu_root").id, visible)

    def test_home_leads_every_role_to_a_page_it_may_read(self):
        """The entry Home opens a page for each role, and that page's records are readable."""
        for role, user in self.users.items():
            home = self.env.ref("cctv_sop.menu_home").action
            action = home.with_user(user).with_context(active_model=False).run()
            if action["type"] == "ir.actions.act_window":
                self.assertTrue(self.env(user=user)[action["res_model"]].has_access("read"), role)
            else:
                self.assertEqual(action["type"], "ir.actions.client", role)

    def test_no_duplicate_or_delete_in_views_of_the_procedure(self):
        """Records with steps offer neither copy nor delete."""
        for model in ("cctv.camera", "cctv.location", "cctv.image.level", "cctv.legal.hold", "cctv.deletion.run"):
            for kind in ("form", "list", "kanban"):
                root = etree.fromstring(self.env[model].get_view(view_type=kind)["arch"])
                self.assertEqual(root.get("delete"), "0", (model, kind))
                if kind != "kanban":
                    self.assertEqual(root.get("duplicate"), "0", (model, kind))

    def test_site_time_has_its_zone(self):
        """A time of a camera or site is shown in that site's zone: the zone's field exists on the model."""
        ours = self.env["ir.model.data"].search([("module", "=", "cctv_sop"), ("model", "=", "ir.ui.view")])
        views = self.env["ir.ui.view"].search(
            [("id", "in", ours.mapped("res_id")), ("arch_db", "ilike", "cctv_site_time")]
        )
        self.assertTrue(views)
        for view in views:
            for node in etree.fromstring(view.arch).xpath("//field[@widget='cctv_site_time']"):
                zone = literal_eval(node.get("options", "{}").replace("true", "True")).get("tz_field", "tz")
                nested = [parent.get("name") for parent in node.iterancestors("field")]
                model = self.env[view.model]
                if nested and not zone.startswith("parent."):
                    model = self.env[model._fields[nested[0]].comodel_name]
                self.assertIn(zone.removeprefix("parent."), model._fields, (view.name, node.get("name")))

    def test_nobody_picks_a_colour_in_a_view(self):
        """Colours live in the status table and one style sheet."""
        folder = Path(get_module_path("cctv_sop")) / "views"
        for path in folder.rglob("*.xml"):
            found = re.findall(r"#[0-9a-fA-F]{6}\b|style=\"[^\"]*color", path.read_text())
            self.assertFalse(found, path.name)


@tagged("post_install", "-at_install")
class TestImportTemplates(TransactionCase):
    """The files offered on the import screen are importable as they stand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "import_it", groups="cctv_sop.group_it,base.group_allow_export")

    def _import(self, model, url):
        name = url.removeprefix("/")
        with file_open(name, "rb") as file:
            content = file.read()
        kind = "text/csv"
        if name.endswith("xlsx"):
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        wizard = self.env(user=self.user, context={"lang": self.user.lang})["base_import.import"].create(
            {"res_model": model, "file": content, "file_name": Path(name).name, "file_type": kind}
        )
        options = {
            "has_headers": True,
            "quoting": '"',
            "separator": ",",
            "encoding": "utf-8",
            "float_thousand_separator": ",",
            "float_decimal_separator": ".",
            "advanced": True,
        }
        preview = wizard.parse_preview(options)
        self.assertNotIn("error", preview, name)
        headers = preview["headers"]
        matches = preview["matches"]
        columns = ["/".join(matches[i]) if matches.get(i) else False for i in range(len(headers))]
        self.assertNotIn(False, columns, f"{name}: {headers} -> {columns}")
        result = wizard.execute_import(columns, headers, preview.get("options", options))
        self.assertFalse(result["messages"], name)
        return self.env[model].browse(result["ids"])

    def test_templates_import_without_a_change(self):
        """Locations first, then cameras in them, from CSV and from XLSX, in each language that is installed."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for ending, lang in product(("csv", "xlsx"), languages):
            self.user.lang = lang
            with self.subTest(ending=ending, lang=lang), self.env.cr.savepoint() as savepoint:
                locations = self._import("cctv.location", self._template("cctv.location", ending))
                self.assertTrue(locations)
                cameras = self._import("cctv.camera", self._template("cctv.camera", ending))
                self.assertTrue(cameras)
                self.assertEqual(set(cameras.mapped("state")), {"planned"})
                self.assertLessEqual(cameras.location_id, locations)
                savepoint.rollback()
                self.env.invalidate_all()

    def _template(self, model, ending):
        urls = [item["template"] for item in self.env[model].get_import_templates()]
        return next(url for url in urls if url.endswith(f".{ending}"))
