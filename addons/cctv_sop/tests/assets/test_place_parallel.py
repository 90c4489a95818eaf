from contextlib import contextmanager

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger

QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}
FORBIDDEN = {"area_type": "forbidden", "forbidden_kind": "toilet"}


@contextmanager
def environment():
    """An environment of its own transaction, committed at the end."""
    with Registry(get_db_name()).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, QUIET)


class PlaceParallelCase(BaseCase):
    """A room of a company of its own, for real transactions on real connections."""

    def setUp(self):
        super().setUp()
        # whoever runs the tests holds this lock, for which a new environment would wait
        self.patch(Registry, "_lock", DummyRLock())
        with environment() as env:
            company = env["res.company"].create({"name": "PT Serentak", "cctv_code": "serentak"})
            self.company = company.id
            self.site = self._new_place(env, "Situs", location_type="site", tz="Asia/Jakarta")
            self.room = self._new_place(env, "Ruang", location_type="room", parent_id=self.site)
        self.addCleanup(self._clean)

    def _new_place(self, env, name, **values):
        return env["cctv.location"].create({"name": name, "company_id": self.company, **values}).id

    def _new_camera(self, env):
        values = {"code": "cam-01", "name": "Kamera", "location_id": self.room, "company_id": self.company}
        why = {"purpose": "asset_security", "lawful_basis": "legitimate_interest"}
        return env["cctv.camera"].create({**values, **why}).id

    def _clean(self):
        with environment() as env:
            env.cr.execute("DELETE FROM cctv_camera WHERE company_id = %s", [self.company])
            for place in (self.room, self.site):
                env.cr.execute("DELETE FROM cctv_location WHERE id = %s", [place])
            company = env["res.company"].browse(self.company)
            partner = company.partner_id
            company.unlink()
            partner.unlink()

    @contextmanager
    def refused_to_the_later(self):
        """Give the environment whose snapshot is the older one; what it does in the block's second half must fail."""
        with environment() as late:
            self.assertTrue(late["cctv.location"].browse(self.room).name)
            with mute_logger("odoo.sql_db"), self.assertRaises(SerializationFailure):
                yield late
                late.flush_all()
            late.transaction.clear()
            late.cr.rollback()


@tagged("post_install", "-at_install")
class TestPlaceParallel(PlaceParallelCase):
    """What a place allows and what hangs there, changed at the same time."""

    def test_forbidden_while_a_camera_is_hung(self):
        for place in (self.room, self.site):
            with self.subTest(place=place), self.refused_to_the_later() as late:
                with environment() as env:
                    env.cr.execute("DELETE FROM cctv_camera WHERE company_id = %s", [self.company])
                    self._new_camera(env)
                late["cctv.location"].browse(place).write(FORBIDDEN)

    def test_camera_hung_while_forbidden(self):
        with self.refused_to_the_later() as late:
            with environment() as env:
                env["cctv.location"].browse(self.site).write(FORBIDDEN)
            self._new_camera(late)

    def test_archived_while_a_camera_is_hung(self):
        with self.refused_to_the_later() as late:
            with environment() as env:
                self._new_camera(env)
            late["cctv.location"].browse(self.room).active = False

    def test_camera_hung_while_archived(self):
        with self.refused_to_the_later() as late:
            with environment() as env:
                env["cctv.location"].browse(self.room).active = False
            self._new_camera(late)

    def test_moved_with_its_camera_while_forbidden(self):
        with environment() as env:
            self._new_camera(env)
            floor = self._new_place(env, "Lantai", location_type="floor", parent_id=self.site)
        self.addCleanup(self._forget, floor)
        with self.refused_to_the_later() as late:
            with environment() as env:
                env["cctv.location"].browse(floor).write(FORBIDDEN)
            late["cctv.location"].browse(self.room).parent_id = floor

    def _forget(self, place):
        with environment() as env:
            env.cr.execute("DELETE FROM cctv_location WHERE id = %s", [place])
