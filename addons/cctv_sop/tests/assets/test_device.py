from ast import literal_eval

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..common import CctvCommon


@tagged("post_install", "-at_install")
class TestDevice(CctvCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera = cls._new_camera()
        cls.camera.with_user(cls.it).action_mount(serial_no="SN-1", model="Dome 4", mac="00-1B-44-11-3A-B7")
        cls.device = cls.camera.equipment_id
        cls.manager = new_test_user(
            cls.env,
            "cctv_equipment_manager",
            groups="maintenance.group_equipment_manager",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def test_device_is_made_by_the_step(self):
        self.assertRecordValues(
            self.device,
            [
                {
                    "serial_no": "SN-1",
                    "model": "Dome 4",
                    "cctv_mac": "00:1b:44:11:3a:b7",
                    "company_id": self.company.id,
                    "equipment_assign_to": "other",
                    "cctv_camera_ids": self.camera.ids,
                }
            ],
        )
        self.assertTrue(self.device.category_id.cctv)
        self.assertEqual(self.camera.mounting_ids.mounted_by_id, self.it)

    def test_equipment_that_a_company_had_before_is_mounted(self):
        category = self.env["maintenance.equipment.category"].create({"name": "CCTV", "company_id": self.company.id})
        values = {"name": "Dome", "serial_no": "OLD-1", "category_id": category.id, "company_id": self.company.id}
        device = self.env["maintenance.equipment"].create(values)
        point = self._new_camera("cam-03").with_user(self.it)
        with self.assertRaisesRegex(UserError, "not of a CCTV category"):
            point.action_mount(serial_no="OLD-1")
        with Form(category.with_user(self.manager)) as form:
            form.cctv = True
        point.action_mount(serial_no="OLD-1")
        self.assertEqual(point.sudo().equipment_id, device)

    def test_a_known_device_is_found_by_what_stands_on_it(self):
        devices = self.env["maintenance.equipment"].with_user(self.it)
        for typed in ("Dome", "SN-1", "N-1", "00:1b:44:11:3a:b7", "00-1B-44-11-3A-B7", "001B44113AB7", "11-3a-b7"):
            found = devices.name_search(typed)
            with self.subTest(typed):
                self.assertEqual([device for device, _name in found], self.device.ids)
        for typed in ("SN-2", "00-1B-44-11-3A-B8", "Bullet"):
            self.assertFalse(devices.name_search(typed))
        others = [device for device, _name in devices.name_search("SN-1", operator="not ilike")]
        self.assertNotIn(self.device.id, others)

    def test_labels_leave_those_of_other_addons_alone(self):
        """Two fields of one label are a warning in Odoo's log, and one column too many in an export."""
        labels = self.env["maintenance.equipment"].fields_get(attributes=["string"])
        ours = {name: field["string"] for name, field in labels.items() if name.startswith("cctv_")}
        self.assertNotIn("Location", ours.values(), "stock_maintenance has one")
        self.assertEqual(ours["cctv_camera_place"], "CCTV location")

    def test_officer_reads_the_device_without_a_maintenance_right(self):
        self.env.invalidate_all()
        seen = self.camera.with_user(self.officer)
        self.assertEqual((seen.serial_no, seen.model, seen.mac), ("SN-1", "Dome 4", "00:1b:44:11:3a:b7"))
        self.assertIn("Dome 4", seen.equipment_id.display_name)
        with self.assertRaises(AccessError):
            self.device.with_user(self.officer).read(["serial_no"])

    def test_odd_values_are_refused_in_words(self):
        camera = self._new_camera("cam-02").with_user(self.it)
        odd = [
            ({"serial_no": 5}, "serial number"),
            ({"serial_no": ["a"]}, "serial number"),
            ({"serial_no": "SN-2", "mac": 5}, "is no MAC address"),
            ({"equipment_id": "x"}, "does not exist"),
            ({"equipment_id": 2**40}, "does not exist"),
            ({"equipment_id": {"id": self.device.id}}, "does not exist"),
        ]
        for values, words in odd:
            with self.subTest(values), self.refused(words):
                camera.action_mount(**values)

    def test_no_outsider_learns_of_a_device(self):
        told = ("Dome 4", "SN-1", "CAM-01", "Kamera")
        for user in (self.users["vendor"], self.users["employee"], self.outsider, self.officer):
            for vals in ({"serial_no": "?"}, {"serial_no": "SN-1"}, {"active": False}, {"company_id": False}):
                with self.subTest(user=user.name, vals=vals), self.assertRaises(AccessError) as refused:
                    self.env.invalidate_all()
                    self.device.with_user(user).write(vals)
                self.assertFalse([name for name in told if name in str(refused.exception)])

    def test_no_outsider_learns_whether_a_company_has_cameras(self):
        for user in (self.users["vendor"], self.users["employee"]):
            with self.subTest(user.name), self.assertRaises(AccessError):
                self.company.with_user(user).write({"cctv_code": "lain"})

    def test_officer_finds_a_camera_by_its_device(self):
        root = etree.fromstring(self.env["cctv.camera"].with_user(self.officer).get_view(view_type="search")["arch"])
        (field,) = root.xpath("//field[@string='Device or Serial Number']")
        for text in ("SN-1", "sn-", "dome"):
            domain = literal_eval(field.get("filter_domain").replace("self", repr(text)))
            self.env.invalidate_all()
            found = self.env["cctv.camera"].with_user(self.officer).web_search_read(domain, {"code": {}})
            self.assertEqual([row["code"] for row in found["records"]], ["cam-01"], text)

    def test_button_to_the_point_stands_on_cctv_devices_alone(self):
        laptop = self.env["maintenance.equipment"].create({"name": "Laptop"})
        self.assertEqual((self.device.cctv_device, laptop.cctv_device), (True, False))
        view = (
            self.env["maintenance.equipment"]
            .with_user(self.it)
            .get_view(self.env.ref("maintenance.hr_equipment_view_form").id, "form")
        )
        (button,) = etree.fromstring(view["arch"]).xpath("//button[@string='Camera Point']")
        self.assertIn("not cctv_device", button.get("invisible"))

    def test_card_shows_the_point_to_roles_alone(self):
        names = {"cctv_camera_id", "cctv_camera_place", "cctv_camera_state"}
        row = self.device.with_user(self.it).read(names)[0]
        self.assertEqual(row["cctv_camera_id"][0], self.camera.id)
        self.assertEqual(row["cctv_camera_place"], self.room.display_name)
        self.assertEqual(row["cctv_camera_state"], self.camera.state)
        for user, shown in ((self.it, names), (self.manager, set())):
            arch = self.env["maintenance.equipment"].with_user(user).get_view(view_type="kanban")["arch"]
            self.assertEqual({node.get("name") for node in etree.fromstring(arch).xpath("//field")} & names, shown)
        free = self.env["maintenance.equipment"].create({"name": "Drill"})
        self.assertFalse(free.with_user(self.it).cctv_camera_state)

    def test_device_data_change_by_a_step_alone(self):
        forgers = [
            self.env(user=self.users["hr"]),
            self.env(user=self.manager),
            self.env(user=self.users["admin"]),
            self.env,
            self.env(user=self.officer, su=True),
        ]
        forged = {
            "serial_no": "SN-2",
            "model": "Bullet",
            "cctv_mac": "00:00:00:00:00:01",
            "active": False,
            "company_id": self.other_company.id,
        }
        for env in forgers:
            for name, value in forged.items():
                with self.subTest(user=env.user.login, name=name), self.assertRaises(AccessError):
                    self.device.with_env(env).write({name: value})
            for method in ("action_archive", "unlink"):
                with self.subTest(user=env.user.login, method=method), self.refused(".", Exception):
                    getattr(self.device.with_env(env), method)()
            context = {"_workflow": {"model": "maintenance.equipment", "names": ["serial_no"]}}
            with self.assertRaises(AccessError):
                self.device.with_env(env).with_context(**context).write({"serial_no": "SN-2"})
        self.assertEqual((self.device.serial_no, self.device.active), ("SN-1", True))

    def test_camera_link_cannot_be_moved_from_the_device(self):
        other = self.env["maintenance.equipment"].create({"name": "Lain", "serial_no": "SN-9"})
        for commands in ([(6, 0, self.camera.ids)], [(4, self.camera.id)]):
            with self.assertRaises(AccessError):
                other.sudo().write({"cctv_camera_ids": commands})
        with self.assertRaises(AccessError):
            self.device.sudo().write({"cctv_camera_ids": [(5,)]})

    def test_other_data_and_unchanged_values_are_free(self):
        self.device.with_user(self.manager).write({"warranty_date": "2030-01-01", "serial_no": "SN-1", "active": True})
        self.assertEqual(str(self.camera.warranty_date), "2030-01-01")

    def test_manager_reads_every_field_of_a_device(self):
        self.assertTrue(self.device.with_user(self.manager).read())

    def test_correction_by_the_step(self):
        self.camera.with_user(self.it).action_correct_device(serial_no="SN-1B", note="salah ketik")
        self.assertEqual((self.device.serial_no, self.device.model), ("SN-1B", "Dome 4"))
        with self.assertRaises(AccessError):
            self.camera.with_user(self.officer).action_correct_device(serial_no="SN-3", note="x")
        with self.refused("no MAC address"):
            self.camera.with_user(self.it).action_correct_device(mac="hello", note="x")

    def test_replacing_keeps_the_history(self):
        self.camera.with_user(self.it).action_mount(serial_no="SN-2", note="rusak")
        mountings = self.camera.mounting_ids.sorted("id")
        self.assertEqual(mountings.mapped("serial_no"), ["SN-1", "SN-2"])
        self.assertTrue(mountings[0].unmounted_at and mountings[0].unmounted_by_id == self.it)
        self.assertFalse(mountings[1].unmounted_at)
        self.assertEqual(self.camera.serial_no, "SN-2")
        self.device.with_user(self.manager).action_archive()
        with self.refused("never deleted"):
            self.device.unlink()

    def test_mounting_refusals(self):
        second = self._new_camera("cam-02").with_user(self.it)
        with self.refused("hangs at CAM-01"):
            second.action_mount(serial_no="SN-1")
        with self.refused("hangs at CAM-01"):
            second.action_mount(equipment_id=self.device.id)
        with self.refused("Enter the device"):
            second.action_mount()
        with self.refused("hangs here already"):
            self.camera.with_user(self.it).action_mount(serial_no="SN-1")
        foreign = self.env["maintenance.equipment"].create(
            {"name": "Asing", "serial_no": "SN-F", "company_id": self.other_company.id}
        )
        for given in ({"serial_no": "SN-F"}, {"equipment_id": foreign.id}):
            with self.refused("another company"):
                second.action_mount(**given)
        with self.refused("does not exist"):
            second.action_mount(equipment_id=foreign.id + 1000)
        with self.refused("No device hangs"):
            second.action_unmount(note="x")

    def test_any_machine_is_no_camera_device(self):
        """Else the IT role could read and change the data of every machine and laptop of the company."""
        laptop = self.env["maintenance.equipment"].create(
            {"name": "Laptop HR", "serial_no": "LT-1", "company_id": self.company.id}
        )
        second = self._new_camera("cam-02").with_user(self.it)
        for given in ({"serial_no": "LT-1"}, {"equipment_id": laptop.id}):
            with self.refused("not of a CCTV category"):
                second.action_mount(**given)
        with self.refused("not of a CCTV category"):
            second.serial_no = "LT-1"
        self.device.category_id = False
        with self.refused("not of a CCTV category"):
            self.camera.with_user(self.it).action_correct_device(model="Lain", note="x")

    def test_unmount_and_decommission_free_the_device(self):
        self.camera.with_user(self.it).action_unmount(note="servis")
        self.assertFalse(self.camera.equipment_id)
        self.assertTrue(self.camera.mounting_ids.unmounted_at)
        self.camera.with_user(self.it).action_mount(serial_no="SN-1")
        self.camera.with_user(self.management).action_decommission(note="pindah gedung")
        self.assertFalse(self.camera.equipment_id)
        self.assertTrue(all(self.camera.mounting_ids.mapped("unmounted_at")))
        self.device.with_user(self.manager).write({"serial_no": "SN-1C"})

    def test_history_is_written_by_steps_alone(self):
        mounting = self.camera.mounting_ids
        for env in (self.env, self.env(user=self.it), self.env(user=self.it, su=True)):
            for call in (
                lambda record: record.write({"note": "x"}),
                lambda record: record.unlink(),
                lambda record: record.create([{"camera_id": self.camera.id}]),
            ):
                with self.assertRaises(AccessError):
                    call(mounting.with_env(env))

    def test_serial_in_the_form_mounts_once(self):
        second = self._new_camera("cam-02").with_user(self.it)
        second.serial_no = "SN-5"
        self.assertEqual(second.equipment_id.serial_no, "SN-5")
        with self.refused("has a device already"):
            second.serial_no = "SN-6"

    def test_wizard_mounts_and_corrects(self):
        second = self._new_camera("cam-02")
        wizard = self.env["cctv.camera.mount"].with_user(self.it)
        wizard.create({"camera_id": second.id, "serial_no": "SN-7", "model": "Bullet"}).action_confirm()
        self.assertEqual(second.equipment_id.model, "Bullet")
        fix = wizard.create({"camera_id": second.id, "mode": "correct", "model": "Bullet 2"})
        with self.refused("Give a reason"):
            fix.action_confirm()
        fix.note = "salah label"
        fix.action_confirm()
        self.assertEqual(second.equipment_id.model, "Bullet 2")

    def test_request_does_not_tell_cameras_to_everyone(self):
        self.outsider.group_ids += self.env.ref("maintenance.group_equipment_manager")
        for user in (self.manager, self.outsider):
            requests = self.env["maintenance.request"].with_user(user)
            self.env["maintenance.team"].create({"name": "Tim Uji", "company_id": user.company_id.id})
            values = {"name": "x", "company_id": user.company_id.id}
            chosen = {"cctv_camera_id": self.camera.id}
            mine = requests.create(values)
            spec = {"cctv_camera_id": {"fields": {"display_name": {}}}, "equipment_id": {"fields": {"serial_no": {}}}}
            attempts = {
                "create": lambda: requests.create({**values, **chosen}),  # noqa: B023
                "with device": lambda: requests.create({**values, **chosen, "equipment_id": self.device.id}),  # noqa: B023
                "default": lambda: requests.with_context(default_cctv_camera_id=self.camera.id).create(values),  # noqa: B023
                "write": lambda: mine.write(chosen),  # noqa: B023
                "onchange": lambda: requests.onchange({**values, **chosen}, ["cctv_camera_id"], spec),  # noqa: B023
                "other onchange": lambda: mine.onchange({**values, **chosen}, ["name"], spec),  # noqa: B023
            }
            for name, attempt in attempts.items():
                with self.subTest(user=user.login, attempt=name), self.refused(r"cctv\.camera", AccessError):
                    attempt()

    def test_request_about_a_camera_is_about_its_device(self):
        self.env["maintenance.team"].create({"name": "Tim Uji", "company_id": self.company.id})
        request = (
            self.env["maintenance.request"]
            .with_company(self.company)
            .create({"name": "Gambar kabur", "cctv_camera_id": self.camera.id, "company_id": self.company.id})
        )
        self.assertEqual(request.equipment_id, self.device)
        second = self._new_camera("cam-02")
        second.with_user(self.it).action_mount(serial_no="SN-8")
        request.cctv_camera_id = second
        self.assertEqual(request.equipment_id.serial_no, "SN-8")
