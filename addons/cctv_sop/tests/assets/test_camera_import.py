import csv
import io

from odoo.tests import tagged

from ..common import CctvCommon

FIELDS = ("code", "name", "location_id", "purpose", "lawful_basis")


@tagged("post_install", "-at_install")
class TestCameraImport(CctvCommon):
    def _load(self, rows, fields=FIELDS, **context):
        model = self.env["cctv.camera"].with_user(self.it).with_context(**context)
        return model.load(fields, rows)

    def _row(self, code, place=None, purpose="Asset security"):
        return [code, f"Kamera {code}", place or self.room.complete_name, purpose, "Consent"]

    def _texts(self, result):
        return [message["message"] for message in result["messages"]]

    def _count(self):
        return self.env["cctv.camera"].search_count([("company_id", "=", self.company.id)])

    def test_right_rows_are_saved_and_codes_normalised_and_said_so(self):
        result = self._load([self._row("CAM 07"), self._row("cam_08", "Gudang Makassar › Gedung A>Lantai 1/ dock 3")])
        cameras = self.env["cctv.camera"].browse(result["ids"])
        self.assertEqual(cameras.mapped("path"), ["ujisatu-cam-07", "ujisatu-cam-08"])
        self.assertEqual(cameras.location_id, self.room)
        self.assertIn("“CAM 07” to “cam-07”", self._texts(result)[0])
        self.assertEqual(result["messages"][0]["type"], "info")

    def test_import_screen_gets_no_message_it_would_take_for_an_error(self):
        result = self._load([self._row("CAM-07")], import_file=True)
        self.assertTrue(result["ids"])
        self.assertFalse(result["messages"])

    def test_wrong_rows_are_named_and_nothing_is_saved(self):
        holder = self._new_camera("cam-07")
        before = self._count()
        rows = [
            self._row("cam-11"),
            self._row("CAM-07"),
            self._row("cam-12", "Gudang Makassar / Gedung A / Lantai 1 / Dok 3"),
            self._row("cam-11"),
            self._row("käm!"),
            self._row("cam-13", purpose="Curiosity"),
            self._row("cam-14", "Nowhere at all"),
        ]
        result = self._load(rows)
        self.assertFalse(result["ids"])
        self.assertEqual(self._count(), before)
        texts = self._texts(result)
        self.assertIn("1 right, 6 wrong; nothing is saved yet", texts[0])
        whole = "\n".join(texts)
        self.assertIn(f"Row 2: code CAM-07 is used by “{holder.name}” in {self.room.complete_name}", whole)
        self.assertIn(
            f"Row 3: place “Gudang Makassar / Gedung A / Lantai 1 / Dok 3” is not known; perhaps "
            f"“{self.room.complete_name}”",
            whole,
        )
        self.assertIn("Row 4: code CAM-11 stands in row 1 already", whole)
        self.assertIn("Row 5: “käm!” is no camera code", whole)
        self.assertIn("Row 7: place “Nowhere at all” is not known", whole)
        self.assertTrue(any(m.get("record") == 5 and "Curiosity" in m["message"] for m in result["messages"]), texts)

    def test_rows_are_counted_as_the_spreadsheet_does(self):
        result = self._load([self._row("cam-1"), self._row("cam-2", "Nowhere at all")], import_file=True)
        self.assertIn("Row 3:", self._texts(result)[0])

    def test_errors_of_odoo_alone_are_summed_up_too(self):
        result = self._load([self._row("cam-1"), self._row("cam-2", purpose="Curiosity")])
        self.assertFalse(result["ids"])
        self.assertIn("1 right, 1 wrong", self._texts(result)[0])
        self.assertFalse(self._count())

    def test_forbidden_area_refuses_the_file(self):
        result = self._load([self._row("cam-1"), self._row("cam-2", self.forbidden.complete_name)])
        self.assertFalse(result["ids"])
        self.assertIn("forbidden area", "\n".join(self._texts(result)))
        self.assertFalse(self._count())

    def test_bare_name_is_taken_only_when_unique(self):
        self.assertTrue(self._load([self._row("cam-1", "dock 3")])["ids"])
        other = self._new_location("Lantai 2", "floor", self.building)
        self._new_location("Dock 3", "room", other)
        result = self._load([self._row("cam-2", "Dock 3")])
        self.assertFalse(result["ids"])
        self.assertIn("not unique", self._texts(result)[1])

    def test_the_beginning_of_a_name_is_a_hint(self):
        (_count, text) = self._texts(self._load([self._row("cam-1", "gudang")]))
        self.assertIn("perhaps “Gudang Makassar”", text)

    def test_same_external_id_updates(self):
        first = self._load([["uji.cam", *self._row("CAM-1")]], ["id", *FIELDS])
        row = self._row("CAM-1")
        row[1] = "Nama baru"
        second = self._load([["uji.cam", *row]], ["id", *FIELDS])
        self.assertEqual(first["ids"], second["ids"])
        self.assertEqual(self.env["cctv.camera"].browse(first["ids"]).name, "Nama baru")

    def test_serial_number_mounts_the_device(self):
        result = self._load([[*self._row("cam-1"), "SN-77"]], [*FIELDS, "serial_no"])
        camera = self.env["cctv.camera"].browse(result["ids"])
        self.assertEqual(camera.equipment_id.serial_no, "SN-77")
        self.assertEqual(camera.mounting_ids.mounted_by_id, self.it)

    def test_another_companys_code_and_places_do_not_show(self):
        tree = self._new_tree(self.other_company, "Situs Rahasia", "Asia/Jakarta")
        self._new_camera("cam-1", location=tree[-1])
        self.assertTrue(self._load([self._row("cam-1")])["ids"])
        result = self._load([self._row("cam-2", "Situs Rahasia / Gedung A / Lantai 1 / Dock 3")])
        self.assertFalse(result["ids"])
        self.assertNotIn("perhaps “Situs", "\n".join(self._texts(result)))

    def test_cells_of_other_programs_are_read_as_text(self):
        fields = [*FIELDS, "serial_no", "resolution_width", "focal_length_mm", "lawful_basis_note"]
        result = self._load([[*self._row(41), 42, 1920.0, 2.8, None], [*self._row("cam-2"), False]], fields)
        cameras = self.env["cctv.camera"].browse(result["ids"])
        self.assertEqual(cameras.mapped("code"), ["41", "cam-2"])
        self.assertEqual((cameras[0].equipment_id.serial_no, cameras[0].resolution_width), ("42", 1920))

    def test_a_wrong_database_id_is_told(self):
        for typed in ("abc", "99999999999", "1.5"):
            result = self._load([[typed, *self._row("cam-1")]], [".id", *FIELDS])
            self.assertFalse(result["ids"])
            self.assertIn(f"Row 1: “{typed}” ", self._texts(result)[1])

    def test_a_column_that_no_camera_has_is_named(self):
        before = self._count()
        result = self._load([[*self._row("cam-31"), "?"]], (*FIELDS, "colour"))
        self.assertFalse(result["ids"])
        self.assertIn("A camera has no field “colour”", self._texts(result)[0])
        self.assertEqual(self._count(), before)

    def test_errors_of_one_row_read_as_sentences(self):
        result = self._load([self._row("cam-32"), self._row("cam-32", "Nowhere at all")])
        text = next(text for text in self._texts(result) if text.startswith("Row 2"))
        self.assertRegex(text, r"^Row 2: code .* already\. Place “Nowhere at all”")

    def test_row_numbers_of_a_stranger_are_left_alone(self):
        for numbers in (5, "ab", {"0": 7}, ["x"], [None], None, True):
            result = self._load([self._row("cam-1", "Nowhere at all")], import_rows=numbers)
            self.assertIn("Row 1: place", self._texts(result)[1])

    def test_each_row_has_its_own_company(self):
        self.it.company_ids += self.other_company
        tree = self._new_tree(self.other_company, "Situs Lain", "Asia/Jakarta")
        holder = self._new_camera("cam-1", location=tree[-1])
        model = (
            self.env["cctv.camera"]
            .with_user(self.it)
            .with_context(allowed_company_ids=(self.company + self.other_company).ids)
        )
        rows = [
            [self.company.name, "cam-1", "A", "Dock 3", "900"],
            [self.other_company.name, "cam-1", "B", "Nowhere at all", "900"],
            [self.other_company.name, "cam-2", "C", tree[-1].complete_name, "5"],
            ["No such company", "cam-2", "D", tree[-1].complete_name, "5"],
        ]
        fields = ["company_id", "code", "name", "location_id", "sensor_width_mm"]
        texts = self._texts(model.load(fields, rows))
        self.assertIn("1 right, 3 wrong", texts[0])
        self.assertRegex(texts[1], r"^Row 1: CAM-1 A: .*900")
        self.assertRegex(texts[2], rf"^Row 2: code CAM-1 is used by “{holder.name}”.*Place “Nowhere at all”.*900")
        self.assertRegex(texts[3], r"^Row 4: .*No such company")
        ids = [[str(self.other_company.id), "cam-4", "D", "Situs Lain / Gedung A / Lantai 1 / Dock 3"]]
        result = model.load(["company_id/.id", "code", "name", "location_id"], ids)
        self.assertEqual(self.env["cctv.camera"].browse(result["ids"]).location_id, tree[-1], result)


@tagged("post_install", "-at_install")
class TestCameraImportScreen(CctvCommon):
    """What the import screen is given: one message, for of several it shows a few only, with rows of its own count."""

    FIELDS = ("code", "name", "location_id", "purpose", "serial_no")

    def _lines(self, *rows, fields=FIELDS, lang="en_US"):
        self.env.flush_all()  # what is pending would be undone with the trial
        before = self.env["cctv.camera"].search_count([])
        file = io.StringIO()
        csv.writer(file).writerows([fields, *rows])
        wizard = (
            self.env["base_import.import"]
            .with_user(self.it)
            .with_context(lang=lang)
            .create(
                {
                    "res_model": "cctv.camera",
                    "file": file.getvalue().encode(),
                    "file_name": "cameras.csv",
                    "file_type": "text/csv",
                }
            )
        )
        options = {"has_headers": True, "quoting": '"', "separator": ",", "encoding": "utf-8"}
        result = wizard.execute_import(list(fields), list(fields), options, dryrun=True)
        self.assertFalse(result["ids"])
        self.assertEqual(self.env["cctv.camera"].search_count([]), before)
        (message,) = result["messages"]
        self.assertNotIn("record", message)
        return message["message"].splitlines()

    def _row(self, code, serial="", *, name="Kamera", place=None, purpose="Asset security"):
        return [code, name, place or self.room.complete_name, purpose, serial]

    def test_each_wrong_row_has_its_line(self):
        lines = self._lines(
            self._row("cam-1", "SN-1"),
            self._row("käm!"),
            self._row("CAM-1"),
            self._row("cam-4", name=""),
            self._row("cam-5", purpose="Curiosity"),
            self._row("cam-6", place="Nowhere at all"),
            self._row("cam-7", place=self.forbidden.complete_name),
            self._row("cam-8", "SN-1"),
            self._row(""),
            self._row("cam-10"),
        )
        self.assertIn("2 right, 8 wrong", lines[0])
        self.assertEqual([line.split(":")[0] for line in lines[1:]], [f"Row {row}" for row in range(3, 11)])
        self.assertIn("“käm!” is no camera code", lines[1])
        self.assertIn("code CAM-1 stands in row 2 already", lines[2])
        self.assertIn("“Name” is missing.", lines[3])
        self.assertIn("Curiosity", lines[4])
        self.assertIn("Employee safety", lines[4])
        self.assertIn("place “Nowhere at all” is not known", lines[5])
        self.assertIn("forbidden area", lines[6])
        self.assertIn("serial number SN-1 stands in row 2 already", lines[7])
        self.assertIn("“Code” is missing.", lines[8])

    def test_lines_are_in_the_users_language(self):
        rows = self._row("cam-1", purpose="Curiosity"), self._row("cam-2", name=""), self._row("cam-3")
        lines = self._lines(*rows, lang="id_ID")
        self.assertEqual(lines[0], "Impor kamera: 1 benar, 2 salah; belum ada yang disimpan.")
        self.assertIn("Baris 2: “Curiosity” tidak dikenal untuk “Tujuan”.", lines[1])
        self.assertIn("Keamanan aset", lines[1])
        self.assertEqual(lines[2], "Baris 3: “Nama” belum diisi.")

    def test_a_right_row_is_not_blamed_for_the_next_one(self):
        self._new_camera("cam-9").with_user(self.it).action_mount(serial_no="SN-9")
        for wrong in (self._row(""), self._row("cam-2", "SN-1"), self._row("cam-2", "SN-9")):
            with self.subTest(wrong=wrong):
                lines = self._lines(self._row("cam-1", "SN-1"), wrong)
                self.assertIn("1 right, 1 wrong", lines[0])
                self.assertEqual([line[:6] for line in lines[1:]], ["Row 3:"])

    def test_a_serial_number_is_compared_with_wrong_rows_too(self):
        lines = self._lines(self._row("käm!", "SN-1"), self._row("cam-2", "SN-1"))
        self.assertIn("Row 3: serial number SN-1 stands in row 2 already", lines[2])

    def test_more_than_ten_wrong_rows_are_all_told(self):
        lines = self._lines(*(self._row(f"cam-{n}", place=self.forbidden.complete_name) for n in range(12)))
        self.assertEqual(len(lines), 13)

    def test_what_is_known_to_be_wrong_hides_nothing_else(self):
        place = self.forbidden.complete_name
        lines = self._lines(
            self._row("cam-1", name="", place=place, purpose="Curiosity"),
            self._row("käm!", place=place),
            self._row("cam-3", place="Nowhere at all", purpose="Curiosity"),
            self._row("cam-4", name=""),
        )
        self.assertIn("0 right, 4 wrong", lines[0])
        self.assertRegex(lines[1], r"^Row 2: “Name” is missing\. “Curiosity” is not .* forbidden area")
        self.assertRegex(lines[2], r"^Row 3: “käm!” is no camera code.* forbidden area")
        self.assertRegex(lines[3], r"^Row 4: place “Nowhere at all” is not known\. .*“Curiosity” is not known")
        self.assertEqual(lines[4:], ["Row 5: “Name” is missing."])

    def test_a_row_that_updates_a_camera_tells_all_its_errors(self):
        camera = self._new_camera("cam-9")
        row = [str(camera.id), *self._row("cam-9", name="", place=self.forbidden.complete_name, purpose="Curiosity")]
        lines = self._lines(row, fields=(".id", *self.FIELDS))
        self.assertRegex(lines[1], r"^Row 2: “Name” is missing\. “Curiosity” is not .* forbidden area")

    def test_a_column_left_out_is_missing_in_each_row(self):
        lines = self._lines(["cam-1", "A"], ["cam-2", "B"], fields=("code", "name"))
        self.assertEqual(lines[1:], ["Row 2: “Location” is missing.", "Row 3: “Location” is missing."])

    def test_rules_of_the_model_hide_no_other(self):
        place = self.forbidden.complete_name
        fields = (*self.FIELDS, "sensor_width_mm", "mount_height_m")
        lines = self._lines(
            [*self._row("cam-1", place=place), "900", "2"],
            [*self._row("käm!", place=place), "900", "2"],
            [*self._row("cam-3"), "5", "2"],
            fields=fields,
        )
        self.assertIn("1 right, 2 wrong", lines[0])
        self.assertRegex(lines[1], r"^Row 2: .*forbidden area.*for CAM-1 Kamera.*CAM-1 Kamera: .* is 900")
        self.assertRegex(lines[2], r"^Row 3: “käm!” is no camera code.*forbidden area.*KÄM! Kamera: .*900")
        self.assertEqual(lines[1].count("forbidden area"), 1, lines)
