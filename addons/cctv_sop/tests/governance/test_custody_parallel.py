import threading
from contextlib import contextmanager

import psycopg2.errors

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger

WRITERS = 8
LINES = 50


@contextmanager
def environment():
    """An environment of its own transaction, committed at the end."""
    with Registry(get_db_name()).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


@tagged("post_install", "-at_install")
class TestCustodyParallel(BaseCase):
    """Real transactions on real connections, as requests at the same time are."""

    def setUp(self):
        super().setUp()
        # whoever runs the tests holds this lock, for which a thread's new environment would wait
        self.patch(Registry, "_lock", DummyRLock())
        with environment() as env:
            self.company = env["res.company"].create({"name": "PT Serentak"}).id
        self.addCleanup(self._clean)

    def _clean(self):
        with environment() as env:
            env.cr.execute("ALTER TABLE cctv_custody_entry DISABLE TRIGGER cctv_custody_refuse")
            env.cr.execute("DELETE FROM cctv_custody_entry WHERE company_id = %s", [self.company])
            env.cr.execute("ALTER TABLE cctv_custody_entry ENABLE TRIGGER cctv_custody_refuse")
            company = env["res.company"].browse(self.company)
            partner = company.partner_id
            company.unlink()
            partner.unlink()

    def _write(self, writer, errors):
        for number in range(LINES):
            try:
                with environment() as env:
                    # an early query: from here on the transaction's snapshot is older than what others commit
                    company = env["res.company"].browse(self.company)
                    self.assertTrue(company.name)
                    env["cctv.custody.entry"]._append("purge.done", f"{writer}/{number}", company=company)
            except Exception as error:
                errors.append(error)

    def _rows(self):
        with environment() as env:
            lines = env["cctv.custody.entry"].search([("company_id", "=", self.company)], order="seq")
            bad = lines._verify(env["res.company"].browse(self.company))[1]
            return lines.mapped("seq"), lines.mapped("object"), bad

    def test_writers_at_the_same_time(self):
        errors = []
        threads = [threading.Thread(target=self._write, args=(writer, errors)) for writer in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seqs, objects, bad = self._rows()
        self.assertEqual(errors, [])
        self.assertEqual(seqs, list(range(1, WRITERS * LINES + 1)))
        self.assertIsNone(bad)
        for writer in range(WRITERS):
            mine = [name for name in objects if name.startswith(f"{writer}/")]
            self.assertEqual(mine, [f"{writer}/{number}" for number in range(LINES)])

    def test_a_rollback_leaves_nothing(self):
        with self.assertRaises(ZeroDivisionError), environment() as env:
            env["cctv.custody.entry"]._append("purge.done", "x", company=env["res.company"].browse(self.company))
            env.cr.flush()
            raise ZeroDivisionError
        self.assertEqual(self._rows(), ([], [], None))

    @mute_logger("odoo.sql_db")
    def test_a_line_without_a_number_is_not_kept_alone(self):
        with self.assertRaises(psycopg2.errors.RaiseException), environment() as env:
            env["cctv.custody.entry"]._append("purge.done", "x", company=env["res.company"].browse(self.company))
            env.cr.precommit.clear()
        self.assertEqual(self._rows(), ([], [], None))
