import base64

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import BridgeCommon

STILL = base64.b64encode(b"\xff\xd8 the true one")
FALSE = base64.b64encode(b"\xff\xd8 another one")


@tagged("post_install", "-at_install")
class TestGuardedContent(BridgeCommon):
    """A still is kept as an attachment, which must not be a way around the guard of the field."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera._with_pass(["last_still"]).write({"last_still": STILL})
        cls.kept = (
            cls.env["ir.attachment"]
            .sudo()
            .search(
                [("res_model", "=", "cctv.camera"), ("res_field", "=", "last_still"), ("res_id", "=", cls.camera.id)]
            )
        )
        cls.forgers = [cls.env(user=cls.it), cls.env, cls.env(user=cls.officer, su=True)]

    def _target(self, camera=None):
        return {"res_model": "cctv.camera", "res_id": (camera or self.camera).id, "res_field": "last_still"}

    def _still(self):
        self.env.invalidate_all()
        return self.camera.last_still

    def test_the_field_is_kept_as_attachment(self):
        self.assertEqual(len(self.kept), 1)
        self.assertEqual(self._still(), STILL)

    def test_create_refused(self):
        for env in self.forgers:
            model = env["ir.attachment"]
            attempts = (
                lambda m: m.create({"name": "x", "datas": FALSE, **self._target()}),
                lambda m: m.create({"name": "x", "datas": FALSE, **self._target(self.cameras[1])}),
                lambda m: m.with_context(default_res_field="last_still").create(
                    {"name": "x", "datas": FALSE, "res_model": "cctv.camera", "res_id": self.camera.id}
                ),
                lambda m: m.with_context(_workflow={"model": "cctv.camera", "names": ["last_still"]}).create(
                    {"name": "x", "datas": FALSE, **self._target()}
                ),
                lambda m: self.kept.with_env(m.env).copy(),
            )
            for number, attempt in enumerate(attempts):
                with self.subTest(user=env.user.login, su=env.su, number=number), self.refused(".", AccessError):
                    attempt(model)
        self.assertEqual(self._still(), STILL)

    def test_write_and_unlink_refused(self):
        for env in self.forgers:
            kept = self.kept.with_env(env)
            own = env["ir.attachment"].create({"name": "mine", "datas": FALSE})
            attempts = (
                lambda: kept.write({"datas": FALSE}),  # noqa: B023
                lambda: kept.write({"raw": b"x"}),  # noqa: B023
                lambda: kept.write({"res_field": False}),  # noqa: B023
                lambda: kept.write({"res_id": self.cameras[1].id}),  # noqa: B023
                lambda: kept.write({"public": True}),  # noqa: B023
                lambda: kept.unlink(),  # noqa: B023
                lambda: own.write(self._target()),  # noqa: B023
            )
            for number, attempt in enumerate(attempts):
                with self.subTest(user=env.user.login, su=env.su, number=number), self.refused(".", AccessError):
                    attempt()
        self.assertEqual(self._still(), STILL)

    def test_other_attachments_and_the_guard_itself_go_on(self):
        file = (
            self.env["ir.attachment"]
            .with_user(self.it)
            .create({"name": "x", "datas": FALSE, "res_model": "cctv.camera", "res_id": self.camera.id})
        )
        file.write({"datas": STILL})
        file.unlink()
        self.camera._with_pass(["last_still"]).write({"last_still": FALSE})
        self.assertEqual(self._still(), FALSE)
        self.kept._migrate()
        self.camera._with_pass(["last_still"]).write({"last_still": False})
        self.assertFalse(self._still())
