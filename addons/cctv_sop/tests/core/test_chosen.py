from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ..common import CctvCommon

NAMED = {"fields": {"display_name": {}}}


@tagged("post_install", "-at_install", "cctv_security")
class TestChosen(CctvCommon):
    """What is chosen in a form or a dialogue tells nothing that its user may not read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera = cls._new_camera()
        cls.camera.with_user(cls.it).action_mount(serial_no="SN-1")
        cls.other_site, _building, _floor, cls.other_room = cls._new_tree(cls.other_company, "Rahasia", "Asia/Jakarta")
        cls.foreign = cls._new_camera("cam-09", location=cls.other_room)
        cls.foreign.with_user(cls.outsider).action_mount(serial_no="SN-9")
        cls.laptop = cls.env["maintenance.equipment"].create({"name": "Laptop", "serial_no": "LAP-1"})

    def _as_it(self, model):
        return self.env[model].with_user(self.it)

    def test_onchange(self):
        room, site, camera = self.other_room.id, self.other_site.id, self.foreign.id
        device = {"equipment_id": NAMED, "serial_no": {}, "device_name": {}, "model": {}}
        place = {"location_id": NAMED, "site_id": NAMED, "tz": {}}
        dialogue = {"camera_id": NAMED, "mode": {}}
        attempts = [
            ("cctv.camera", {"equipment_id": self.foreign.equipment_id.id}, device),
            ("cctv.camera", {"equipment_id": self.laptop.id}, device),
            ("cctv.camera", {"location_id": room}, place),
            ("cctv.camera", {"location_id": {"parent_id": room}}, place),
            ("cctv.camera", {"location_id": {"id": room}}, place),
            ("cctv.camera", {"mounting_ids": [[4, self.foreign.mounting_ids.id]]}, {"mounting_ids": NAMED}),
            ("cctv.camera", {"mounting_ids": [[6, 0, self.foreign.mounting_ids.ids]]}, {"mounting_ids": NAMED}),
            ("cctv.camera", {"mounting_ids": [[0, 0, {"camera_id": camera}]]}, {"mounting_ids": NAMED}),
            ("cctv.location", {"parent_id": site}, {"complete_name": {}, "site_id": NAMED, "site_tz": {}}),
            ("cctv.camera.copy", {"camera_id": camera}, {"camera_id": NAMED, "company_id": NAMED}),
            ("cctv.camera.copy", {"source_id": camera}, {"source_id": NAMED}),
            ("cctv.camera.mount", {"camera_id": camera}, dialogue),
        ]
        for model, values, spec in attempts:
            given = {f"default_{name}": value for name, value in values.items()}
            records = self._as_it(model)
            with self.subTest(model=model, values=values):
                with self.refused(".", AccessError):
                    records.onchange(dict(values), list(values), spec)
                with self.refused(".", AccessError):
                    records.onchange(dict(values), [], spec)
                with self.refused(".", AccessError):
                    records.with_context(**given).onchange({}, [], spec)

    def test_onchange_of_one_that_is_there(self):
        mine = self.camera.with_user(self.it)
        with self.refused(".", AccessError):
            mine.onchange({"location_id": self.other_room.id}, ["location_id"], {"site_id": NAMED})
        # of another's device he may know what the point's file tells, so it is no choice
        self.env.cr.execute(
            "UPDATE maintenance_equipment SET company_id = %s WHERE id = %s",
            [self.other_company.id, self.camera.equipment_id.id],
        )
        self.camera.equipment_id.invalidate_recordset()
        found = mine.onchange({"equipment_id": self.camera.equipment_id.id, "name": "x"}, ["name"], {"name": {}})
        self.assertNotIn("warning", found)

    def test_dialogues_about_a_foreign_camera(self):
        for model in ("cctv.camera.copy", "cctv.camera.mount"):
            dialogues, camera = self._as_it(model), {"camera_id": self.foreign.id}
            with self.subTest(model), self.refused(".", AccessError):
                dialogues.create(camera)
            with self.subTest(model), self.refused(".", AccessError):
                dialogues.with_context(default_camera_id=self.foreign.id).create({})
            with self.subTest(model), self.refused(".", AccessError):
                dialogues.create({"camera_id": self.camera.id}).write(camera)

    def test_records_are_not_put_to_foreign_ones(self):
        forbidden = self._new_location(
            "Rahasia toilet", "room", self.other_site, area_type="forbidden", forbidden_kind="toilet"
        )
        values = {"code": "cam-03", "name": "x"}
        for place in (self.other_room, forbidden):
            attempts = [
                lambda place=place: self._as_it("cctv.camera").create({**values, "location_id": place.id}),
                lambda place=place: (
                    self._as_it("cctv.camera").with_context(default_location_id=place.id).create(dict(values))
                ),
                lambda place=place: self.camera.with_user(self.it).write({"location_id": place.id}),
                lambda place=place: self.room.with_user(self.it).write({"parent_id": place.id}),
                lambda place=place: self._as_it("cctv.location").create({"name": "x", "parent_id": place.id}),
            ]
            nameless = "^What is chosen as “[a-zA-Z ]*” you may not read.$"
            for number, attempt in enumerate(attempts):
                with self.subTest(place=place.name, number=number), self.refused(nameless, AccessError):
                    attempt()
        hold = {"camera_ids": [(6, 0, self.foreign.ids)], "start": "2026-01-01 00:00:00"}
        with self.refused("you may not read", AccessError):
            self._as_it("cctv.legal.hold").with_user(self.users["dpo"]).create(hold)

    def test_import_tells_nothing_of_foreign_places(self):
        fields = ["code", "name", "location_id/.id"]
        result = self._as_it("cctv.camera").load(fields, [["cam-03", "x", str(self.other_room.id)]])
        self.assertFalse(result["ids"])
        self.assertNotIn("Rahasia", str(result["messages"]))

    def test_forms_still_open(self):
        with Form(self._as_it("cctv.camera").with_context(default_location_id=self.room.id)) as form:
            form.code, form.name = "cam-02", "Kamera 2"
        self.assertEqual(form.record.location_id, self.room)
        with Form(self._as_it("cctv.location")) as form:
            form.name, form.location_type, form.parent_id = "Dock 4", "room", self.floor
        with Form(self.camera.with_user(self.it)) as form:
            form.name = "Kamera 1"
        self.assertEqual(self.camera.name, "Kamera 1")
