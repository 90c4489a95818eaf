import json
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..common import CctvCommon


@tagged("post_install", "-at_install")
class TestLegalHoldClock(CctvCommon):
    """A clock that was set ends no hold."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera = cls._camera_in("active")
        cls.supervisor, cls.dpo = cls.users["supervisor"], cls.users["dpo"]
        cls.holds = cls.env["cctv.legal.hold"]
        cls.now = fields.Datetime.now()
        cls.holds._cron_holds()

    def released(self):
        hold = self._new_hold(self.camera, self.officer)
        hold.with_user(self.supervisor).action_confirm()
        hold.with_user(self.supervisor).action_request_release(note="x")
        hold.with_user(self.management).action_release(note="x")
        return hold

    def run_at(self, **delta):
        """The cron runs once, by a clock that says so much more than now."""
        with freeze_time(self.now + timedelta(**delta)):
            self.holds._cron_holds()
            self.holds.invalidate_model(["clock_note"])
            return self.holds.search([]).mapped("clock_note")

    def work(self, hold):
        kind = self.env.ref("cctv_sop.mail_activity_hold_clock")
        return hold.sudo().activity_ids.filtered(lambda activity: activity.activity_type_id == kind)

    def test_a_clock_that_leaps_ends_no_hold(self):
        preserved, released = self._new_hold(self.camera, self.officer), self.released()
        for minutes in (0, 10, 20):
            notes = self.run_at(days=8, minutes=minutes)
            self.assertEqual((preserved.state, released.ended_at), ("preserved", False), "the clock is no longer odd")
            self.assertEqual(len(notes), 2)
            self.assertIn("192 h further", notes[0])
            self.assertEqual(self.work(preserved).user_id, self.supervisor)
            self.assertEqual(len(self.work(preserved) + self.work(released)), 2, "asked once")

    def test_it_ends_once_so_much_time_has_passed(self):
        hold = self._new_hold(self.camera, self.officer)
        self.run_at(days=8)
        for hours in range(0, 72, 12):
            self.run_at(days=8, hours=hours)
            self.assertEqual(hold.state, "preserved")
        self.run_at(days=11, minutes=1)
        self.assertEqual(hold.state, "lapsed")
        self.assertFalse(self.work(hold))

    def test_a_clock_that_was_set_back_ends_no_hold_early(self):
        self.run_at(days=-10)
        with freeze_time(self.now - timedelta(days=10)):
            hold = self._new_hold(self.camera, self.officer)
        self.run_at()
        self.assertEqual(hold.state, "preserved", "preserved a moment ago")

    def test_a_clock_set_right_again_asks_nobody(self):
        hold = self._new_hold(self.camera, self.officer)
        self.run_at(days=8)
        self.assertTrue(self.work(hold))
        self.run_at(minutes=10)
        self.assertFalse(self.work(hold))
        self.assertFalse(hold.clock_note)
        for hours in range(12, 96, 12):
            self.run_at(hours=hours)
        self.assertEqual(hold.state, "lapsed")

    def test_a_night_without_a_run_is_no_leap(self):
        hold = self._new_hold(self.camera, self.officer)
        for hours in (23, 46, 69, 73):
            self.run_at(hours=hours)
        self.assertEqual(hold.state, "lapsed")

    def test_a_person_vouches_for_the_clock(self):
        hold, other = self._new_hold(self.camera, self.officer), self._new_hold(self.camera, self.officer)
        with self.refused("no clock keeps"):
            hold.with_user(self.supervisor).action_trust_clock(note="x")
        theirs = self._new_tree(self.other_company, "Situs Lain", "Asia/Jakarta")[3]
        foreign = self._new_hold(self._camera_in("active", "cam-50", location=theirs))
        self.run_at(days=5)
        with freeze_time(self.now + timedelta(days=5, minutes=5)):
            wizard = self.env["cctv.step.reason"].with_user(self.supervisor)
            action = hold.with_user(self.supervisor).action_trust_clock()
            self.assertIn("(2)", wizard.with_context(**action["context"]).create({"note": "x"}).advice)
            hold.with_user(self.supervisor).action_trust_clock(note="server mati lima hari")
            self.assertFalse(other.clock_note)
        self.run_at(days=5, minutes=10)
        self.assertEqual((hold | other).mapped("state"), ["lapsed", "lapsed"])
        self.assertEqual(foreign.state, "preserved", "another company's supervisor has not vouched")
        self.env.cr.flush()
        line = self.env["cctv.custody.entry"].search([("action", "=", "hold.clock_trusted")])
        self.assertEqual((line.object, line.actor), (hold.name, self.supervisor.login))
        self.assertIn("clock", json.loads(line.data))

    def test_the_note_is_in_the_readers_language(self):
        hold = self._new_hold(self.camera, self.officer)
        with freeze_time(self.now + timedelta(days=4)):
            self.assertIn("96 jam lebih jauh", hold.with_context(lang="id_ID").clock_note)
