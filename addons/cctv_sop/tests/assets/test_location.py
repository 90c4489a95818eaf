from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
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
        with self.refused("forbidden area"):
            self.room.area_type = "forbidden"
        with self.refused("forbidden area"):
            self.floor.area_type = "forbidden"

    def test_place_below_a_forbidden_one_is_forbidden(self):
        zone = self._new_location("Ruang ganti", "zone", self.floor, area_type="forbidden", forbidden_kind="changing")
        inner = self._new_location("Loker", "room", zone, area_type="other")
        with self.refused("Ruang ganti"):
            self._new_camera(location=inner)

    def test_moving_a_place_with_cameras_below_a_forbidden_one_is_refused(self):
        self._new_camera()
        zone = self._new_location("Ruang ganti", "zone", self.floor, area_type="forbidden")
        with self.refused("forbidden area"):
            self.room.parent_id = zone

    def test_decommissioned_camera_does_not_bind_the_place(self):
        self._camera_in("decommissioned")
        self.room.area_type = "forbidden"
        self.assertEqual(self.room.area_type, "forbidden")

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

    def test_company_stays(self):
        with self.assertRaises(UserError):
            self.site.company_id = self.other_company

    def test_camera_count_covers_the_tree(self):
        self._new_camera("cam-1")
        self._new_camera("cam-2", location=self.floor)
        places = self.site | self.building | self.floor | self.room
        self.assertEqual(places.mapped("camera_count"), [2, 2, 2, 1])
