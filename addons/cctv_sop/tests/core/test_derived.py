"""Computed fields follow from their sources alone: over every way in, for every model that stores some."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import CctvCommon

_FORGED = {
    "integer": 7,
    "float": 7.5,
    "char": "palsu",
    "text": "palsu",
    "boolean": True,
    "many2one": 1,
    "date": "2020-01-01",
    "datetime": "2020-01-01 00:00:00",
    "binary": "R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=",
}


@tagged("post_install", "-at_install")
class TestDerived(CctvCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera = cls._new_camera(resolution_width=1920, distance_m=10, hfov=90)

    def _forged(self, field):
        return field.get_values(self.env)[-1] if field.type == "selection" else _FORGED[field.type]

    def _forgeries(self, model):
        model = self.env[model]
        return {name: self._forged(model._fields[name]) for name in model._derived_names()}

    def _values(self, model, code):
        return {
            "cctv.camera": {"code": code, "name": "x", "location_id": self.room.id, "company_id": self.company.id},
            "cctv.location": {
                "name": code,
                "location_type": "room",
                "parent_id": self.floor.id,
                "company_id": self.company.id,
            },
        }[model]

    def _samples(self):
        return {"cctv.camera": self.camera, "cctv.location": self.room}

    def test_the_fields_are_found(self):
        wanted = {
            "cctv.camera": {"retention_days", "priority", "security_class", "site_id", "px_per_m", "level_met"},
            "cctv.location": {"site_id", "complete_name"},
        }
        for model, names in wanted.items():
            with self.subTest(model):
                self.assertLessEqual(names, self.env[model]._derived_names())
                self.assertFalse(self.env[model]._derived_names() & {"hfov", "required_level_id", "location_id"})

    def test_every_model_that_stores_some_refuses(self):
        """A model that people may write and that stores computed fields stands under the rule."""
        for name, model in self.env.items():
            if not name.startswith("cctv.") or model._abstract or model._transient or hasattr(model, "_derived_names"):
                continue
            stored = [f.name for f in model._fields.values() if f.store and f.compute and f.readonly and not f.inverse]
            writers = self.env["ir.model.access"].search_count(
                [("model_id.model", "=", name), "|", ("perm_write", "=", True), ("perm_create", "=", True)]
            )
            with self.subTest(name):
                self.assertFalse(stored and writers, stored)

    def test_create_and_write_refused(self):
        for model, sample in self._samples().items():
            for user in (self.it, self.env.user):
                for name, value in self._forgeries(model).items():
                    with self.subTest(model=model, name=name, user=user.login):
                        with self.refused("follows from other data", AccessError):
                            sample.with_user(user).write({name: value})
                        with self.refused("follows from other data", AccessError):
                            sample.with_user(user).web_save({name: value}, {})
                        with self.refused("follows from other data", AccessError):
                            sample.with_user(user).create([{**self._values(model, "cam-90"), name: value}])

    def test_defaults_have_no_effect(self):
        for model in self._samples():
            forged = self._forgeries(model)
            honest = self.env[model].create(self._values(model, "cam-91"))
            context = {f"default_{name}": value for name, value in forged.items()}
            tricked = self.env[model].with_context(**context).create(self._values(model, "cam-92"))
            for name, value in forged.items():
                if self.env[model]._fields[name].type in ("integer", "char", "selection"):
                    self.env["ir.default"].set(model, name, value)
            fooled = self.env[model].create(self._values(model, "cam-93"))
            for name in forged.keys() - {"complete_name"}:
                with self.subTest(model=model, name=name):
                    self.assertEqual(tricked[name], honest[name])
                    self.assertEqual(fooled[name], honest[name])

    def test_import_is_told(self):
        heads = ["code", "name", "location_id", "retention_days"]
        model = self.env["cctv.camera"].with_user(self.it)
        result = model.load(heads, [["cam-94", "x", self.room.complete_name, "999"]])
        self.assertFalse(result["ids"])
        self.assertIn("follows from other data", str(result["messages"]))

    def test_recomputing_goes_on(self):
        self.camera.with_user(self.it).write({"required_level_id": self.level.id, "distance_m": 900})
        self.assertEqual((self.camera.retention_days, self.camera.level_met), (30, "missed"))
        self.camera.with_user(self.it).write({"distance_m": 1})
        self.site.with_user(self.it).name = "Gudang Baru"
        self.room.with_user(self.it).security_class = "high_security"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((self.camera.retention_days, self.camera.priority), (60, 30))
        self.assertEqual(self.camera.level_met, "met")
        self.assertTrue(self.room.complete_name.startswith("Gudang Baru / "))
