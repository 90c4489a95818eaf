import uuid
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ...models.recording import cctv_legal_hold_loss
from ...tools import intervals
from ..common import DAY, MINUTE, BridgeCommon, now_us


@tagged("post_install", "-at_install")
class TestHoldLoss(BridgeCommon):
    """Footage that got lost while it was on hold."""

    def setUp(self):
        super().setUp()
        self.start = intervals.to_us(fields.Datetime.now()) - DAY
        self.rows = self.minutes(self.start, 6)
        self.sync(segments=self.columns(self.rows))
        self.delete(self.rows[:1], now_us() - DAY // 2)
        self.hold = self.kept(self.start, 5)

    def kept(self, start, minutes):
        """:return: a hold that its node stored"""
        begin = intervals.from_us(start)
        hold = self._new_hold(self.camera, self.officer, start=begin, stop=begin + timedelta(minutes=minutes))
        row = next(row for row in self.sync(holds_version="0")["holds"]["rows"] if row["hold"] == hold.uuid)
        self.sync(hold_acks=[self.ack(row, kept=4, gone=1)])
        self.env.invalidate_all()
        return hold

    def lose(self, rows, status="missing"):
        self.sync(segments=self.columns([{**row, "status": status} for row in rows]))
        self.env.invalidate_all()

    def delete(self, rows, at):
        run = str(uuid.uuid4())
        self.sync(deletions=self.columns([self.deletion(row, run, at_us=str(at)) for row in rows]))
        self.env.invalidate_all()

    def shown(self, hold=None):
        hold = (self.hold if hold is None else hold).with_user(self.officer)
        return hold.hold_state, hold.hold_detail

    def test_missing(self):
        self.assertEqual(self.shown(), ("active", "Held in part: 4 segments kept, 1 had been deleted before."))
        self.lose(self.rows[2:5])
        said = "Held in part: 1 of 4 segments; 3 are missing or were deleted since. Gone before: 1."
        self.assertEqual(self.shown(), ("lost", said))
        self.lose(self.rows[2:4], "ok")
        self.assertIn(" 3 of 4 segments; 1 are missing", self.shown()[1])
        self.lose(self.rows[4:5], "ok")
        self.assertEqual(self.shown()[0], "active", "all is there again")

    def test_deleted(self):
        self.delete(self.rows[4:], now_us())
        self.assertIn(" 3 of 4 segments; 1 are missing or were deleted since.", self.shown()[1])

    def test_other_footage(self):
        beside = self.kept(self.start + 20 * MINUTE, 5)
        self.lose(self.rows[5:])
        self.assertEqual(self.shown()[0], "active")
        self.lose(self.rows[1:2])
        self.assertEqual([self.shown(hold)[0] for hold in (self.hold, beside)], ["lost", "active"])

    def test_the_end_is_told_all_the_same(self):
        self.lose(self.rows[1:2])
        self._run_holds_until(fields.Datetime.now() + timedelta(hours=80))
        self.assertEqual(self.shown(), ("released", "Ended: this hold keeps nothing any more."))

    def test_much_footage_is_not_counted(self):
        self.patch(cctv_legal_hold_loss, "MOST_COUNTED", 4)
        self.lose(self.rows[1:2])
        said = "Held, but segments of this time went missing or were deleted since."
        self.assertEqual(self.shown(), ("lost", said))

    def test_many_holds_are_counted_at_once(self):
        self.lose(self.rows[1:2])
        one = self.queries(self.hold)
        more = self.hold | self.kept(self.start, 4) | self.kept(self.start, 3)
        self.lose(self.rows[2:3])
        self.assertEqual(set(more.mapped("hold_state")), {"lost"})
        self.assertEqual(self.queries(more), one)

    def queries(self, holds):
        """:return int: how many it takes to say what is lost of some holds"""
        holds.mapped("camera_ids.id"), holds.mapped("stop")
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        holds._losses()
        return self.env.cr.sql_log_count - before
