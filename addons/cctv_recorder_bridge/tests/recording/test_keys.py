from unittest.mock import patch

from odoo.exceptions import AccessDenied, UserError
from odoo.tests import tagged

from ..common import BridgeCommon


@tagged("post_install", "-at_install")
class TestKeys(BridgeCommon):
    """XML-RPC remembers credentials it has checked: an expired key must not live on in that memory."""

    def _keys(self):
        self.env.cr.execute("SELECT index FROM res_users_apikeys WHERE user_id = %s ORDER BY id", [self.bot.id])
        return [index for (index,) in self.env.cr.fetchall()]

    def _expire(self, index):
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date = now() - interval '1 day' WHERE index = %s", [index]
        )

    def test_node_without_a_valid_key_is_refused_whatever_it_tells(self):
        (key,) = self._keys()
        self._expire(key)
        for parts in ({"key": key}, {}, {"key": ""}, {"key": "0" * 8}):
            with self.subTest(parts), self.assertRaises(AccessDenied), self.env.cr.savepoint():
                self.sync(**parts)
        self.recorder.with_user(self.it)._rotate_key()
        self.assertTrue(self.sync()["counter"])

    def test_node_without_any_key_is_refused(self):
        self.env.cr.execute("DELETE FROM res_users_apikeys WHERE user_id = %s", [self.bot.id])
        with self.assertRaises(AccessDenied), self.env.cr.savepoint():
            self.sync()

    def test_a_long_name_makes_no_key_impossible(self):
        self.recorder.name = "x" * 70_000
        self.recorder.with_user(self.it)._rotate_key("y" * 10_000)
        self.assertEqual(len(self._keys()), 2)
        with self.assertRaisesRegex(UserError, "10000 characters"), self.env.cr.savepoint():
            self.recorder.with_user(self.it)._rotate_key("y" * 10_001)

    def test_expired_keys_are_dropped_and_forgotten(self):
        self.recorder.with_user(self.it)._rotate_key()
        old, new = self._keys()
        self._expire(old)
        with patch.object(type(self.env.registry), "clear_cache") as cleared:
            self.env["cctv.recorder"]._cron_watch()
            self.assertTrue(cleared.called)
        self.assertEqual(self._keys(), [new])
