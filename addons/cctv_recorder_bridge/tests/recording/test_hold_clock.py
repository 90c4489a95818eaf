from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..common import DAY, SECOND, BridgeCommon, now_us


@tagged("post_install", "-at_install")
class TestHoldClock(BridgeCommon):
    """While a recorder's clock says another time than this server's, no hold ends by time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.holds = cls.env["cctv.legal.hold"]
        with freeze_time(fields.Datetime.now() - timedelta(days=4)):
            cls.hold = cls._new_hold(cls.camera, cls.officer)

    def call(self, apart_us=0, recorder=None, **parts):
        self.sync(recorder, **{**parts, "sent_us": str(now_us() - apart_us)})
        self.env.invalidate_all()

    def beat(self, **purge):
        purge = {"state": "off", "reason": "x", "due_segments": 0, "due_bytes": "0", "held_bytes": "0", **purge}
        self.call(heartbeat=self.heartbeat(purge=purge))

    def is_kept(self):
        self.holds._cron_holds()
        return self.hold.state == "preserved"

    def test_apart(self):
        for apart in (DAY, -DAY, 61 * SECOND + SECOND):
            self.call(apart)
            with self.subTest(apart=apart):
                self.assertTrue(self.is_kept())
                self.assertIn("and of GDG-1 are apart", self.hold.clock_note)
        kind = self.env.ref("cctv_sop.mail_activity_hold_clock")
        self.assertIn(kind, self.hold.sudo().activity_ids.activity_type_id)
        with self.refused("agree, no hold ends by time"):
            self.hold.with_user(self.users["dpo"]).action_trust_clock(note="x")
        self.call(30 * SECOND)
        self.assertFalse(self.is_kept(), "as much as recorders allow")

    def test_what_the_recorder_says_of_clocks(self):
        for code in ("clocks_apart", "host_clock_set", "erp_clock_set"):
            self.beat(code=code, args={"seconds": 90})
            with self.subTest(code):
                self.assertTrue(self.is_kept())
        self.beat(code="limit_leapt", args={})
        self.assertFalse(self.is_kept())

    def test_what_the_recorder_says_of_this_database(self):
        """A hold that a restored database knows as unconfirmed may have been confirmed since."""
        for purge in (
            {"state": "locked"},
            {"state": "locked", "code": "database_unconfirmed", "args": {}},
            {"code": "holds_unknown", "args": {}},
        ):
            self.beat(**purge)
            with self.subTest(purge):
                self.assertTrue(self.is_kept())
                self.assertIn("GDG-1 deletes nothing", self.hold.clock_note)
        with self.refused("no hold ends by time"):
            self.hold.with_user(self.users["dpo"]).action_trust_clock(note="x")
        self.beat(state="ready")
        self.assertFalse(self.is_kept())

    def test_a_late_call_says_nothing(self):
        self.call()
        self.send({**self.message(), "seq": "1", "sent_us": str(now_us() - DAY)})
        self.assertFalse(self.is_kept())

    def test_one_that_is_retired_or_anothers_says_nothing(self):
        other, _toml = self._new_recorder("GDG-2", self.site)
        self.call(DAY, other)
        self.assertTrue(self.is_kept(), "all of a company's, whatever cameras are held")
        self._retire(other)
        self.assertFalse(self.is_kept())
