import json
from unittest.mock import patch

import psycopg2.errors

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ... import chain
from ...models.core.cctv_workflow_mixin import MOST_NOTE
from ..common import CctvCommon, CctvHttpCommon

FORGED = {"seq": 1, "action": "purge.done", "object": "x", "actor": "x"}
PRIVATE = ("_append", "_number_waiting", "_insert", "_linked", "_verify", "_head")


@tagged("post_install", "-at_install", "cctv_security")
class TestCustody(CctvCommon):
    def setUp(self):
        super().setUp()
        self.ledger = self.env["cctv.custody.entry"].with_company(self.company)

    def _append(self, count=1, company=None, **values):
        for _number in range(count):
            self.ledger._append("purge.done", "CCTV/DEL/2026/0001", company=company, **values)

    def _lines(self, company=None):
        self.env.cr.flush()
        return self.ledger.search([("company_id", "=", (company or self.company).id)], order="seq")

    def _body(self, line):
        self.env.cr.execute("SELECT body FROM cctv_custody_entry WHERE id = %s", [line.id])
        return bytes(self.env.cr.fetchone()[0])

    def _bad(self, company=None):
        return self.ledger._verify(company or self.company)[1]

    def _as_owner(self, query, *values):
        """What the owner of the tables can do: put the trigger to sleep."""
        self.env.cr.execute("ALTER TABLE cctv_custody_entry DISABLE TRIGGER cctv_custody_refuse")
        self.env.cr.execute(query, values)
        self.assertTrue(self.env.cr.rowcount)
        self.env.cr.execute("ALTER TABLE cctv_custody_entry ENABLE TRIGGER cctv_custody_refuse")
        self.env.invalidate_all()

    # -- what is written ---------------------------------------------------------------------------------

    def test_a_line_says_who_what_and_when(self):
        ledger = self.ledger.with_user(self.it).sudo()
        ledger._append("hold.active", self.site, {"cameras": ["cam-01"], "days": 3, "until": None})
        line = self._lines()
        entry = json.loads(self._body(line))
        self.assertEqual(set(entry), {"action", "actor", "at", "data", "object", "prev", "seq"})
        self.assertEqual((entry["seq"], entry["prev"], line.prev), (1, chain.GENESIS, chain.GENESIS))
        self.assertEqual((entry["actor"], line.actor, line.action), (self.it.login, self.it.login, "hold.active"))
        self.assertEqual(line.object, f"cctv.location/{self.site.id} {self.site.display_name}")
        self.assertEqual(entry["at"], f"{line.at:%Y-%m-%dT%H:%M:%SZ}")
        self.assertEqual(line.data, '{"cameras":["cam-01"],"days":3,"until":null}')
        self.assertEqual(line.hash, chain.digest(self._body(line)))
        self.assertEqual(self._body(line), chain.canonical(entry))
        self.assertEqual(line.body_text, self._body(line).decode())

    def test_a_long_name_is_cut(self):
        camera = self._new_camera(name="x" * 66_000)
        for named in (camera, "y" * 70_000):
            self.ledger._append("purge.done", named, {"reason": "\x01" * MOST_NOTE})
        first, second = self._lines()
        self.assertTrue(first.object.startswith(f"cctv.camera/{camera.id} "))
        self.assertEqual((first.object[-1], second.object), ("x", "y" * len(first.object)))
        self.assertIsNone(self._bad())

    def test_many_lines_of_one_transaction_keep_their_order(self):
        for number in range(300):
            self.ledger._append("purge.done", f"D{number}", company=[self.company, self.other_company][number % 2])
        for company, first in ((self.company, 0), (self.other_company, 1)):
            lines = self._lines(company)
            self.assertEqual(lines.mapped("object"), [f"D{number}" for number in range(first, 300, 2)])
            self.assertEqual(lines.mapped("seq"), list(range(1, 151)))
            self.assertIsNone(self._bad(company))
        self._append()
        self.assertEqual(self._lines()[-1].seq, 151)

    def test_a_savepoint_that_is_rolled_back_leaves_nothing(self):
        self._append(company=self.other_company)
        for flush in (True, False):
            self._append()
            with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint(flush=flush):
                self._append(2)
                raise ZeroDivisionError
            self._append()
        self.assertEqual(len(self._lines()), 4)
        self.assertIsNone(self._bad())
        self.env.cr.execute("SELECT count(*) FROM cctv_custody_waiting")
        self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_what_cannot_stand_there_is_refused_at_once(self):
        for values in (
            {"action": "no.such"},
            {"object": ""},
            {"data": {"a": 0.5}},
            {"data": {"a": "x" * 70_000}},
            {"data": {"a": 2**60}},
        ):
            with self.subTest(values=str(values)[:40]), self.assertRaises(ValueError):
                self.ledger._append(**{"action": "purge.done", "object": "x", **values})
        self.assertFalse(self._lines())

    # -- forging -----------------------------------------------------------------------------------------

    def test_no_door_of_the_orm(self):
        self._append()
        line = self._lines()
        for user in (*self.users.values(), self.env.ref("base.user_admin"), self.env.user):
            for lines in (line.with_user(user), line.with_user(user).sudo()):
                for forge in (
                    lambda x: x.create([{**FORGED, "company_id": self.company.id}]),
                    lambda x: x.write({"object": "x"}),
                    lambda x: x.update({"object": "x"}),
                    lambda x: x.unlink(),
                    lambda x: x.copy(),
                    lambda x: x.web_save({"object": "x"}, {}),
                    lambda x: x.browse().web_save(FORGED, {}),
                    lambda x: x.with_context(default_object="x", install_mode=True).create([{}]),
                    lambda x: x.name_create("x"),
                ):
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        forge(lines)
                fields = ["seq", "object"]
                self.assertFalse(lines.load(fields, [["9", "x"]])["ids"])
        self.assertEqual(self._lines(), line)
        self.assertIsNone(self._bad())

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_changes(self):
        self._append(2)
        self._lines()
        for query in (
            "UPDATE cctv_custody_entry SET actor = 'x' WHERE seq = 1",
            "UPDATE cctv_custody_entry SET actor = actor WHERE false",
            "DELETE FROM cctv_custody_entry WHERE seq = 2",
            "TRUNCATE cctv_custody_entry",
        ):
            with self.assertRaises(psycopg2.errors.InsufficientPrivilege), self.env.cr.savepoint():
                self.env.cr.execute(query)

    @mute_logger("odoo.sql_db")
    def test_numbers_and_forks_are_unique(self):
        self._append(2)
        first, _second = self._lines()
        for values in ({"seq": 1, "prev": "a" * 64}, {"seq": 9, "prev": first.hash}):
            with self.assertRaises(psycopg2.errors.UniqueViolation), self.env.cr.savepoint():
                self.env.cr.execute(
                    "INSERT INTO cctv_custody_entry (company_id, seq, prev, hash, body, at, actor, action, object)"
                    " SELECT company_id, %s, %s, hash, body, at, actor, action, object FROM cctv_custody_entry"
                    " WHERE id = %s",
                    [values["seq"], values["prev"], first.id],
                )

    def test_a_changed_byte_is_named(self):
        self._append(5)
        line = self._lines()[2]
        self.assertIsNone(self._bad())
        self._as_owner("UPDATE cctv_custody_entry SET body = set_byte(body, 30, 33) WHERE id = %s", line.id)
        self.assertEqual(self._bad(), (3, "hash", ""))
        answer = self.ledger.with_user(self.users["auditor"]).action_verify()["params"]
        self.assertEqual(answer["type"], "danger")
        self.assertIn("line 3", answer["message"])

    def test_a_line_hashed_anew_is_named_by_the_next_one(self):
        self._append(3)
        line = self._lines()[1]
        body = self._body(line).replace(b"2026", b"2025", 1)
        self._as_owner(
            "UPDATE cctv_custody_entry SET body = %s, hash = %s WHERE id = %s", body, chain.digest(body), line.id
        )
        self.assertIn(self._bad()[:2], ((2, "columns"), (3, "prev")))

    def test_each_readable_column_is_compared(self):
        self._append(2, data={"a": 1})
        line = self._lines()[0]
        for column, value in (
            ("actor", "x"),
            ("action", "hold.active"),
            ("object", "x"),
            ("data", None),
            ("at", "2020-01-01"),
            ("prev", "f" * 64),
        ):
            with self.subTest(column), self.env.cr.savepoint() as savepoint:
                self._as_owner(f"UPDATE cctv_custody_entry SET {column} = %s WHERE id = %s", value, line.id)  # noqa: S608
                self.assertEqual(self._bad(), (1, "columns", ""))
                savepoint.rollback()

    def test_missing_lines_are_named(self):
        self._append(5)
        lines = self._lines()
        for gone, bad in ((lines[0], (1, "missing", "")), (lines[2], (3, "missing", "")), (lines[4], None)):
            with self.subTest(bad=bad), self.env.cr.savepoint() as savepoint:
                self._as_owner("DELETE FROM cctv_custody_entry WHERE id = %s", gone.id)
                self.assertEqual(self._bad(), bad, "only an anchor knows of a cut tail")
                savepoint.rollback()

    def test_a_long_ledger_is_read_in_pages(self):
        self._append(7)
        self._lines()
        with patch("odoo.addons.cctv_sop.models.governance.cctv_custody_verify.PAGE", 3):
            walk, bad = self.ledger._verify(self.company)
        self.assertEqual((walk.seq, bad), (7, None))

    # -- roles and companies -----------------------------------------------------------------------------

    def test_verifying_is_for_readers(self):
        self._append()
        self._lines()
        for role, user in self.users.items():
            ledger = self.ledger.with_user(user)
            if role in ("auditor", "dpo", "management"):
                answer = ledger.action_verify()["params"]
                self.assertEqual(answer["type"], "success", role)
                self.assertIn("would not be noticed", answer["message"])
            else:
                with self.subTest(role), self.assertRaises(AccessError):
                    ledger.action_verify()

    def test_companies_have_their_own_chains(self):
        self._append(2)
        self._append(3, company=self.other_company)
        self.assertEqual(self._lines(self.other_company).mapped("seq"), [1, 2, 3])
        self._as_owner("DELETE FROM cctv_custody_entry WHERE company_id = %s AND seq = 1", self.other_company.id)
        self.assertIsNone(self._bad(self.company))
        self.assertEqual(self._bad(self.other_company)[:2], (1, "missing"))
        message = self.ledger.with_user(self.users["auditor"]).action_verify()["params"]["message"]
        self.assertNotIn(self.other_company.name, message)


@tagged("post_install", "-at_install", "cctv_security")
class TestCustodyRpc(CctvHttpCommon):
    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2", "odoo.addons.base.models.ir_rule", "odoo.models")
    def test_no_door_over_rpc(self):
        line = self._custody_line()
        for role in ("auditor", "admin", "it"):
            user = self.users[role]
            for method, body in (
                ("create", {"vals_list": [FORGED]}),
                ("write", {"ids": line.ids, "vals": {"object": "x"}}),
                ("unlink", {"ids": line.ids}),
                ("web_save", {"ids": line.ids, "vals": {"object": "x"}, "specification": {}}),
                ("copy", {"ids": line.ids}),
                *((name, {"action": "purge.done", "object": "x"}) for name in PRIVATE),
            ):
                with self.subTest(role=role, method=method):
                    status, answer = self.json2(user, "cctv.custody.entry", method, **body)
                    self.assertIn(status, (403, 404, 422), answer)
        self.env.invalidate_all()
        self.assertEqual(self.env["cctv.custody.entry"].search([("company_id", "=", self.company.id)]), line)
        self.assertIsNone(line._verify(self.company)[1])
