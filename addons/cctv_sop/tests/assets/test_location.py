import base64
import io

from PIL import Image
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common import CctvCommon


@tagged("post_install", "-at_install")
class TestLocation(CctvCommon):
    def test_tree_names_site_and_zone(self):
        self.assertEqual(self.room.complete_name, "Gudang Makassar / Gedung A / Lantai 1 / Dock 3")
        self.assertEqual((self.site | self.floor | self.room).site_id, self.site)
        self.assertEqual(self.room.site_tz, "Asia/Makassar")
        self.site.name = "Gudang Maros"
        self.assertEqual(self.room.complete_name, "Gudang Maros / Gedung A / Lantai 1 / Dock 3")

    def test_place_comes_first_where_a_column_cuts(self):
        first = self.room.with_context(place_first=True)
        self.assertEqual(first.display_name, "Dock 3 · Lantai 1 · Gedung A · Gudang Makassar")
        self.assertEqual(self.room.display_name, "Gudang Makassar / Gedung A / Lantai 1 / Dock 3")
        self.assertEqual(
            [name for _id, name in first.name_search("Dock 3")], ["Dock 3 · Lantai 1 · Gedung A · Gudang Makassar"]
        )
        self.floor.name = "Lantai 2"
        self.assertEqual(first.display_name, "Dock 3 · Lantai 2 · Gedung A · Gudang Makassar")

    def test_place_first_asks_no_more_for_more_places(self):
        places = self.room
        for number in range(5):
            floor = self._new_location(f"Lantai {number + 5}", "floor", self.building)
            places |= self._new_location("Ruang", "room", floor)
        counts = []
        for shown in (self.room, places):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            shown.with_context(place_first=True).mapped("display_name")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_cameras_show_the_place_first(self):
        for kind in ("list", "kanban", "form"):
            arch = self.env["cctv.camera"].get_view(view_type=kind)["arch"]
            with self.subTest(kind):
                self.assertRegex(arch, r'<field name="location_id"[^>]*place_first')

    def test_site_changes_with_the_parent(self):
        other = self._new_location("Pabrik Jayapura", "site", tz="Asia/Jayapura")
        camera = self._new_camera()
        self.building.parent_id = other
        self.assertEqual((self.room.site_id, camera.site_id, camera.tz), (other, other, "Asia/Jayapura"))

    def test_class_is_inherited_as_a_default(self):
        vault = self._new_location("Brankas", "room", self.floor, security_class="high_security")
        self.assertEqual((self.room.security_class, vault.security_class), ("restricted", "high_security"))
        zone = self._new_location("Zona VIP", "zone", self.floor, security_class="high_security")
        self.assertEqual(self._new_location("Kamar", "room", zone).security_class, "high_security")

    def test_order_of_types(self):
        with self.refused("site is part of nothing"):
            self._new_location("Situs", "site", self.site, tz="Asia/Jakarta")
        with self.refused("say which place"):
            self._new_location("Gedung", "building")
        for kind in ("building", "floor"):
            with self.subTest(kind=kind), self.refused("order is site"):
                self._new_location("Salah", kind, self.floor)
        with self.refused("order is site"):
            self.building.location_type = "room"
        self.assertTrue(self._new_location("Halaman", "zone", self.site))

    def test_no_cycle(self):
        with self.assertRaises(UserError):
            self.building.parent_id = self.room

    def test_site_needs_a_zone(self):
        with self.refused("time zone"):
            self.site.tz = False

    @mute_logger("odoo.sql_db")
    def test_siblings_differ(self):
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self._new_location("Dock 3", "room", self.floor)

    def test_forbidden_areas_refuse_cameras(self):
        with self.refused("forbidden area"):
            self._new_camera(location=self.forbidden)
        camera = self._new_camera()
        with self.refused("forbidden area"):
            camera.location_id = self.forbidden
        for place in (self.room, self.floor):
            with self.refused("forbidden area"):
                place.write({"area_type": "forbidden", "forbidden_kind": "toilet"})

    def test_forbidden_area_is_told_before_saving(self):
        inner = self._new_location("Bilik", "room", self._new_location("Toilet Lantai 2", "zone", self.floor))
        inner.parent_id.write({"area_type": "forbidden", "forbidden_kind": "toilet"})
        form = Form(self.env["cctv.camera"].with_user(self.it))
        for place, told in (
            (self.room, False),
            (self.forbidden, self.forbidden.complete_name),
            (inner, inner.parent_id.complete_name),
        ):
            form.location_id = place
            with self.subTest(place.name):
                self.assertEqual(bool(form.place_refused), bool(told))
                self.assertIn(told or "", form.place_refused or "")
        form.code, form.name = "cam-77", "Bilik"
        with self.refused("forbidden area"):
            form.save()

    def test_camera_in_a_place_that_allows_none_is_not_put_into_use(self):
        states = {"action_start_testing": "planned", "action_take_over": "planned", "action_activate": "testing"}
        columns = {"forbidden area": "area_type = 'forbidden'", "is archived": "active = FALSE"}
        for number, (name, state) in enumerate({**states, "action_resume": "suspended"}.items()):
            for refusal, column in columns.items():
                camera = self._camera_in(state, f"cam-{number}-{refusal.split()[0]}").with_user(self.it)
                with self.subTest(step=name, place=column), self.refused(refusal):
                    self.env.cr.execute(f"UPDATE cctv_location SET {column} WHERE id = %s", [self.floor.id])
                    self.floor.invalidate_recordset()
                    getattr(camera, name)(note="uji")

    def test_place_below_a_forbidden_one_is_forbidden(self):
        zone = self._new_location("Ruang ganti", "zone", self.floor, area_type="forbidden", forbidden_kind="changing")
        inner = self._new_location("Loker", "room", zone, area_type="other")
        with self.refused("Ruang ganti"):
            self._new_camera(location=inner)

    def test_moving_a_place_with_cameras_below_a_forbidden_one_is_refused(self):
        self._new_camera()
        zone = self._new_location("Ruang ganti", "zone", self.floor, area_type="forbidden", forbidden_kind="changing")
        with self.refused("forbidden area"):
            self.room.parent_id = zone

    def test_decommissioned_camera_does_not_bind_the_place(self):
        self._camera_in("decommissioned")
        self.room.write({"area_type": "forbidden", "forbidden_kind": "prayer"})
        self.assertEqual(self.room.area_type, "forbidden")

    def test_private_room_is_forbidden_and_a_forbidden_area_says_why(self):
        for values in ({"forbidden_kind": "toilet"}, {"area_type": "warehouse", "forbidden_kind": "prayer"}):
            with self.subTest(values=values), self.refused("private room"):
                self._new_location("WC", "room", self.floor, **values)
        with self.refused("private room"):
            self.room.forbidden_kind = "lactation"
        with self.refused("Say why"):
            self._new_location("WC", "room", self.floor, area_type="forbidden")
        with self.refused("Say why"):
            self.forbidden.forbidden_kind = False

    def test_ban_is_lifted_by_a_reasoned_step_alone(self):
        for env in (self.env, self.env(user=self.it), self.env(user=self.users["supervisor"])):
            place = self.forbidden.with_env(env)
            for values in ({"area_type": "other"}, {"area_type": "office", "forbidden_kind": False}):
                with self.subTest(user=env.user.login, values=values), self.refused("Lift the ban", AccessError):
                    place.write(values)
        result = (
            self.env["cctv.location"]
            .with_user(self.it)
            .load([".id", "area_type", "forbidden_kind"], [[str(self.forbidden.id), "Other", ""]])
        )
        self.assertIn("Lift the ban", str(result["messages"]))
        for role in ("it", "supervisor", "officer", "auditor"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.forbidden.with_user(self.users[role]).action_lift_ban(note="x")
        dpo = self.forbidden.with_user(self.users["dpo"])
        self.assertEqual(dpo.action_lift_ban()["res_model"], "cctv.step.reason")
        dpo.action_lift_ban(note="Menjadi gudang, keputusan 14")
        self.assertEqual((self.forbidden.area_type, self.forbidden.forbidden_kind), ("other", False))
        line = self.env["cctv.workflow.log"].search([("res_model", "=", "cctv.location")], limit=1)
        self.assertRecordValues(
            line,
            [
                {
                    "res_id": self.forbidden.id,
                    "step_label": "Lift the ban on cameras",
                    "state_from_word": "Forbidden area",
                    "state_to_word": "Other",
                    "note": "Menjadi gudang, keputusan 14",
                    "user_id": self.users["dpo"].id,
                    "tz": "Asia/Makassar",
                }
            ],
        )
        self.forbidden.with_user(self.it).area_type = "warehouse"
        self.assertTrue(self._new_camera(location=self.forbidden))

    def test_room_is_not_moved_out_of_a_forbidden_area(self):
        zone = self._new_location("Ruang ganti", "zone", self.floor, area_type="forbidden", forbidden_kind="changing")
        inner = self._new_location("Loker", "room", zone, area_type="other")
        with self.refused("Ruang ganti.*Lift the ban", AccessError):
            inner.with_user(self.users["supervisor"]).parent_id = self.floor
        zone.with_user(self.management).action_lift_ban(note="dibongkar")
        inner.with_user(self.users["supervisor"]).parent_id = self.floor
        self.assertEqual(inner.parent_id, self.floor)

    def test_form_forgets_the_kind_with_the_ban(self):
        with Form(self.room.with_user(self.it)) as form:
            form.area_type = "forbidden"
            form.forbidden_kind = "toilet"
            form.area_type = "office"
        self.assertEqual((self.room.area_type, self.room.forbidden_kind), ("office", False))

    def test_no_camera_in_an_archived_place(self):
        empty = self._new_location("Lantai 2", "floor", self.building)
        inner = self._new_location("Gudang lama", "room", empty)
        camera = self._new_camera()
        empty.active = False
        for place in (empty, inner):
            with self.subTest(place=place.name):
                with self.refused("is archived"):
                    self._new_camera("cam-2", location=place)
                with self.refused("is archived"):
                    camera.location_id = place
                with self.refused("is archived"):
                    place.with_user(self.it).write({"camera_ids": [(4, camera.id)]})
        with self.refused("is archived"):
            self.room.parent_id = empty
        empty.active = True
        camera.location_id = inner

    def test_floor_plan_with_its_thumbnail(self):
        file = io.BytesIO()
        Image.new("RGB", (1600, 900), "white").save(file, "PNG")
        self.floor.with_user(self.it).floor_plan = base64.b64encode(file.getvalue())
        thumbnail = Image.open(io.BytesIO(base64.b64decode(self.floor.with_user(self.officer).floor_plan_256)))
        self.assertEqual(max(thumbnail.size), 256)
        with self.refused("image"):
            self.floor.with_user(self.it).floor_plan = base64.b64encode(b"%PDF-1.7 no picture")
        with self.assertRaises(AccessError):
            self.floor.with_user(self.officer).floor_plan = False
        form = self.env["cctv.location"].with_user(self.it).get_view(view_type="form")["arch"]
        self.assertIn("floor_plan_256", form)

    def test_place_with_cameras_is_not_archived(self):
        self._new_camera()
        for place in (self.room, self.site):
            with self.refused("The place stays"):
                place.active = False

    def test_never_deleted(self):
        with self.assertRaises(UserError):
            self.room.unlink()
        with self.assertRaises(AccessError):
            self.room.with_user(self.it).unlink()

    def test_responsible_person_may_see_the_company(self):
        with self.refused("no access to PT Uji Satu", ValidationError):
            self.site.with_user(self.it).responsible_id = self.outsider
        self.site.with_user(self.it).responsible_id = self.it

    def test_company_stays(self):
        with self.assertRaises(UserError):
            self.site.company_id = self.other_company

    def test_camera_count_covers_the_tree(self):
        self._new_camera("cam-1")
        self._new_camera("cam-2", location=self.floor)
        places = self.site | self.building | self.floor | self.room
        self.assertEqual(places.mapped("camera_count"), [2, 2, 2, 1])
