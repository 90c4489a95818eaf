import re

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import CctvCommon, make_recordable


@tagged("post_install", "-at_install")
class TestCameraIdentity(CctvCommon):
    def test_code_is_normalised_and_path_follows(self):
        for typed, code in (("CAM-07", "cam-07"), (" Dock 3_Utara ", "dock-3-utara"), ("A..B", "a-b"), ("7", "7")):
            camera = self._new_camera(typed)
            self.assertEqual((camera.code, camera.path), (code, f"ujisatu-{code}"))
        self.assertTrue(camera.display_name.startswith("7 "))

    def test_no_code(self):
        for typed in ("", "   ", "---", "kamera é", "a" * 33, "x;drop"):
            with self.subTest(typed=typed), self.refused("no camera code"):
                self._new_camera(typed)

    def test_code_from_a_default_key_is_normalised(self):
        model = self.env["cctv.camera"].with_user(self.it).with_context(default_code="CAM 09")
        camera = model.create({"name": "x", "location_id": self.room.id})
        self.assertEqual((camera.code, camera.path), ("cam-09", "ujisatu-cam-09"))

    def test_code_and_company_never_change(self):
        camera = self._new_camera("cam-1")
        for env in (self.env, self.env(user=self.it)):
            for vals in ({"code": "cam-2"}, {"company_id": self.other_company.id}):
                with self.subTest(vals=vals), self.refused("never changes"):
                    camera.with_env(env).write(vals)
        camera.code = "CAM-1"
        self.assertEqual(camera.path, "ujisatu-cam-1")

    @mute_logger("odoo.sql_db")
    def test_code_is_unique_in_its_company_alone(self):
        self._new_camera("cam-1")
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self._new_camera("CAM 1")
        tree = self._new_tree(self.other_company, "Situs B", "Asia/Jakarta")
        self.assertEqual(self._new_camera("cam-1", location=tree[-1]).path, "ujidua-cam-1")

    def test_location_of_another_company_refused(self):
        tree = self._new_tree(self.other_company, "Situs B", "Asia/Jakarta")
        with self.refused("company|perusahaan"):
            self._new_camera("cam-1", location=tree[-1], company_id=self.company.id)

    def test_company_code(self):
        new = self.env["res.company"].create({"name": "PT. Ujicoba Sejahtera Tbk"})
        again = self.env["res.company"].create({"name": "CV Ujicoba"})
        self.assertEqual((new.cctv_code, again.cctv_code), ("ujicoba", "ujicoba2"))
        new.cctv_code = " UJI7 "
        self.assertEqual(new.cctv_code, "uji7")
        for wrong in ("a", "a-b", "x" * 13):
            with self.refused("no CCTV code"):
                new.cctv_code = wrong
        self._new_camera()
        with self.refused("stays as it is"):
            self.company.cctv_code = "lain"
        self.company.cctv_code = "UJISATU"
        self.assertTrue(
            all(re.fullmatch("[a-z0-9]{2,12}", code) for code in self.env["res.company"].search([]).mapped("cctv_code"))
        )

    def test_found_by_code_name_path_and_serial(self):
        camera = self._new_camera("cam-77", name="Gerbang utama")
        camera.with_user(self.it).action_mount(serial_no="SN-XYZ")
        model = self.env["cctv.camera"].with_user(self.officer)
        for text in ("CAM-77", "gerbang", "ujisatu-cam-77"):
            self.assertEqual([found[0] for found in model.name_search(text)], camera.ids)
        self.assertEqual(model.search([("serial_no", "=", "SN-XYZ")]), camera)


@tagged("post_install", "-at_install")
class TestCameraSteps(CctvCommon):
    def test_way_through_the_states(self):
        camera = self._new_camera().with_user(self.it)
        make_recordable(camera)
        for name, state in (
            ("action_start_testing", "testing"),
            ("action_suspend", "suspended"),
            ("action_resume", "testing"),
            ("action_activate", "active"),
            ("action_suspend", "suspended"),
            ("action_resume", "active"),
            ("action_decommission", "decommissioned"),
        ):
            getattr(camera, name)(note="uji")
            self.assertEqual(camera.state, state, name)
        with self.refused("not possible while"):
            camera.action_resume()

    def test_take_over_is_marked(self):
        camera = self._camera_in("active")
        self.assertTrue(camera.take_over)
        facts = [fact["key"] for fact in camera.with_user(self.it).get_overview()["facts"]]
        self.assertIn("take_over", facts)

    def test_every_camera_in_use_is_due_for_a_test(self):
        """Until there are system tests, a camera that was only tried out has none."""
        camera = self._camera_in("testing")
        self.assertFalse(camera.take_over)
        camera.with_user(self.it).action_activate(note="gambar baik")
        self.assertTrue(camera.take_over)
        due = self.env["cctv.camera"].search([("take_over", "=", True)])
        self.assertIn(camera, due)

    def test_purpose_and_basis_are_needed_to_watch(self):
        for name in ("purpose", "lawful_basis"):
            camera = self._new_camera(f"cam-{name.replace('_', '-')}", **{name: False}).with_user(self.it)
            for step in ("action_take_over", "action_start_testing"):
                with self.subTest(name=name, step=step), self.refused("cannot watch yet"):
                    getattr(camera, step)(note="uji")
            with self.subTest("before a reason is asked for"), self.refused("cannot watch yet"):
                camera.action_take_over()
            self.assertEqual(camera.state, "planned")

    def test_purpose_and_basis_stay_while_it_watches(self):
        camera = self._camera_in("active")
        for name in ("purpose", "lawful_basis"):
            with self.refused("cannot watch yet"):
                camera.with_user(self.it).write({name: False})

    def test_class_sets_retention_and_priority(self):
        camera = self._new_camera()
        for name, days, priority in (("public", 30, 10), ("restricted", 30, 20), ("high_security", 60, 30)):
            self.room.security_class = name
            self.assertEqual((camera.retention_days, camera.priority), (days, priority))

    def test_sound_needs_a_basis_and_the_right_person(self):
        camera = self._camera_in("active")
        self.assertFalse(camera.audio_approved)
        with self.assertRaises(AccessError):
            camera.with_user(self.it).action_approve_audio(note="x")
        camera.with_user(self.users["dpo"]).action_approve_audio(note="Loket kas, keputusan 12")
        self.assertEqual((camera.audio_approved, camera.audio_basis), (True, "Loket kas, keputusan 12"))
        camera.with_user(self.it).action_withdraw_audio(note="selesai")
        self.assertFalse(camera.audio_approved or camera.audio_basis)


@tagged("post_install", "-at_install")
class TestCameraOptics(CctvCommon):
    def _density(self, width, angle, distance):
        camera = self._new_camera(f"o-{width}-{angle}-{int(distance * 100)}")
        camera.write({"resolution_width": width, "hfov": angle, "distance_m": distance})
        return camera

    def test_published_distances(self):
        """Distances at which a level is just met, as published for IEC 62676-4."""
        for width, angle, distance, expected in (
            (1920, 90, 3.84, 250),
            (1920, 90, 7.68, 125),
            (1920, 90, 38.40, 25),
            (1920, 90, 5.0, 192),
            (1920, 30, 14.33, 250),
            (2560, 100, 4.30, 250),
            (2560, 100, 2.15, 500),
            (3840, 110, 5.38, 250),
            (3840, 110, 2.69, 500),
        ):
            with self.subTest(width=width, angle=angle, distance=distance):
                self.assertAlmostEqual(self._density(width, angle, distance).px_per_m, expected, delta=expected * 0.003)

    def test_level_met_missed_unknown(self):
        camera = self._density(1920, 90, 7.68)
        camera.required_level_id = self.level
        self.assertEqual(camera.level_met, "met")
        camera.distance_m = 7.8
        self.assertEqual(camera.level_met, "missed")
        camera.distance_m = 0
        self.assertEqual((camera.level_met, camera.px_per_m), ("unknown", 0))

    def test_angle_from_lens(self):
        camera = self._new_camera()
        camera.write({"focal_length_mm": 2.8, "sensor_width_mm": 5.6})
        self.assertAlmostEqual(camera.hfov, 90, delta=0.01)
        camera.write({"resolution_width": 1920, "distance_m": 5})
        self.assertAlmostEqual(camera.px_per_m, 192, delta=0.1)

    def test_nonsense_refused(self):
        camera = self._new_camera()
        for name, value in (
            ("hfov", 180),
            ("hfov", -5),
            ("distance_m", -1),
            ("distance_m", 5000),
            ("resolution_width", 12),
            ("resolution_width", 99999),
            ("focal_length_mm", 0.1),
            ("sensor_width_mm", 200),
            ("mount_height_m", -2),
        ):
            with self.subTest(name=name, value=value), self.refused("possible are"):
                camera.write({name: value})

    def test_limits_are_written_as_the_reader_writes_numbers(self):
        camera = self._new_camera()
        for lang, low, high in (("id_ID", "0,1", "2.000"), ("en_US", "0.1", "2,000")):
            with self.refused(f" {low} .* {high}[. ]", ValidationError):
                camera.with_context(lang=lang).distance_m = 5000.5

    def test_required_level_follows_the_area_until_chosen(self):
        camera = self._new_camera()
        self.assertEqual(camera.required_level_id, self.env.ref("cctv_sop.level_2014_observe"))
        gate = self._new_location("Gerbang", "zone", self.site, area_type="entrance")
        self.assertEqual(
            self._new_camera("cam-2", location=gate).required_level_id, self.env.ref("cctv_sop.level_2014_identify")
        )
        own = self._new_camera("cam-3", location=gate, required_level_id=self.level.id)
        self.assertEqual(own.required_level_id, self.level)

    def test_level_follows_a_camera_that_moves_and_an_area_that_changes(self):
        camera = self._new_camera(resolution_width=1920, hfov=90, distance_m=12)
        self.assertEqual((camera.required_level_id.px_per_m, camera.level_met), (62.5, "met"))
        gate = self._new_location("Gerbang", "zone", self.site, area_type="entrance")
        camera.with_user(self.it).location_id = gate
        self.assertEqual((camera.required_level_id.px_per_m, camera.level_met), (250, "missed"))
        gate.with_user(self.it).area_type = "other"
        self.assertEqual((camera.required_level_id.px_per_m, camera.level_met), (25, "met"))

    def test_chosen_level_stays_until_it_is_given_up(self):
        gate = self._new_location("Gerbang", "zone", self.site, area_type="entrance")
        identify = self.env.ref("cctv_sop.level_2014_identify")
        chosen = self._new_camera("cam-1", required_level_id=self.level.id)
        later = self._new_camera("cam-2")
        later.with_user(self.it).required_level_id = self.level
        same = self._new_camera("cam-3", required_level_id=self.env.ref("cctv_sop.level_2014_observe").id)
        (chosen | later | same).with_user(self.it).write({"location_id": gate.id})
        self.assertEqual((chosen | later).required_level_id, self.level)
        self.assertEqual(same.required_level_id, identify)
        copied = chosen.with_user(self.it).copy({"code": "cam-4"})
        self.assertEqual((copied.required_level_id, copied.level_chosen), (self.level, True))
        chosen.write({"resolution_width": 1920, "hfov": 90, "distance_m": 5})
        self.assertEqual(chosen.level_met, "met")
        chosen.with_user(self.it).required_level_id = False
        self.assertEqual((chosen.required_level_id, chosen.level_met), (identify, "missed"))
        with self.assertRaises(AccessError):
            later.with_user(self.it).level_chosen = False

    def test_new_requirement_reaches_the_cameras(self):
        camera = self._new_camera(resolution_width=1920, hfov=90, distance_m=12)
        own = self._new_camera("cam-2", required_level_id=self.env.ref("cctv_sop.level_2014_detect").id)
        line = (
            self.env["cctv.image.requirement"]
            .with_user(self.it)
            .create({"area_type": "warehouse", "level_id": self.level.id, "company_id": self.company.id})
        )
        self.assertEqual((camera.required_level_id, camera.level_met), (self.level, "missed"))
        self.assertEqual(own.required_level_id.px_per_m, 25)
        line.area_type = "parking"
        self.assertEqual(camera.required_level_id.px_per_m, 62.5)

    def test_company_line_beats_the_general_one(self):
        self.env["cctv.image.requirement"].create(
            {"area_type": "warehouse", "level_id": self.level.id, "company_id": self.company.id}
        )
        self.assertEqual(self._new_camera().required_level_id, self.level)

    def test_levels_shipped(self):
        levels = self.env["cctv.image.level"].with_context(active_test=False).search([])
        old = levels.filtered(lambda level: level.edition == "IEC 62676-4:2014")
        new = levels.filtered(lambda level: level.edition == "IEC 62676-4:2025")
        self.assertEqual(old.sorted("px_per_m").mapped("px_per_m"), [25, 62.5, 125, 250])
        self.assertTrue(all(old.mapped("active")) and all(old.mapped("withdrawn")))
        self.assertEqual(len(new), 7)
        self.assertFalse(any(new.mapped("active")))

    def test_unconfirmed_level_cannot_be_used(self):
        level = self.env.ref("cctv_sop.level_2025_overview")
        with self.refused("not confirmed"):
            level.active = True
        level.write({"px_confirmed": True, "active": True})
        self.assertTrue(level.active)
