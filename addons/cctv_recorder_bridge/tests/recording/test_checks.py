from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...tools.schema.heartbeat import CHECKS
from ..common import BridgeCommon

SYNC = "odoo.addons.cctv_recorder_bridge.models.recording.cctv_recorder_sync"


@tagged("post_install", "-at_install")
class TestChecks(BridgeCommon):
    """What a node's own probes found wrong, as its form and the screen of recorders show it."""

    def check(self, **values):
        return {"name": "clock", "level": "warn", "message": "unsynchronised", "fix": "run chrony", **values}

    def beat(self, *checks):
        self.sync(heartbeat=self.heartbeat(checks=list(checks)))
        self.env.invalidate_all()

    def shown(self):
        (node,) = self.env["cctv.recorder"].with_user(self.it).get_health()["recorders"]
        return node["checks"]

    def test_kept_until_the_next_word(self):
        self.assertEqual(self.shown(), [])
        first, second = self.check(level="fail"), self.check(name="quota", fix="")
        self.beat(first, second)
        self.assertEqual(self.recorder.checks, [first, second])
        self.assertEqual(self.shown(), [first, second])
        self.sync(heartbeat=self.heartbeat())
        self.env.invalidate_all()
        self.assertEqual(self.shown(), [first, second], "left out: the last word stays")
        self.beat()
        self.assertFalse(self.recorder.checks)
        self.assertEqual(self.shown(), [])

    def test_stored_as_the_form_can_show_it(self):
        self.beat({"name": "a\x00b", "level": "fail", "message": "m" * 900}, self.check(fix="f" * 900))
        one, two = self.recorder.checks
        self.assertEqual(one, {"name": "ab", "level": "fail", "message": "m" * 500, "fix": ""})
        self.assertEqual(two["fix"], "f" * 500)

    def test_a_late_call_does_not_bring_old_ones_back(self):
        self.beat(self.check())
        self.beat()
        late = {**self.message(heartbeat=self.heartbeat(checks=[self.check()])), "seq": "1"}
        self.send(late)
        self.env.invalidate_all()
        self.assertFalse(self.recorder.checks)

    def test_odd_ones_are_named(self):
        whole = self.check()
        for name, checks in (
            ("heartbeat.checks", "all well"),
            ("heartbeat.checks", [whole] * (CHECKS + 1)),
            ("heartbeat.checks[1]", [whole, "clock"]),
            ("heartbeat.checks[0].level", [{**whole, "level": "ok"}]),
            ("heartbeat.checks[0].level", [{name: whole[name] for name in ("name", "message")}]),
            ("heartbeat.checks[1].name", [whole, {name: whole[name] for name in ("level", "message")}]),
            ("heartbeat.checks[0].message", [{**whole, "message": None}]),
            ("heartbeat.checks[0].message", [{**whole, "message": "x" * 10_001}]),
            ("heartbeat.checks[0].fix", [{**whole, "fix": 3}]),
            ("heartbeat.checks[0].mood", [{**whole, "mood": "good"}]),
        ):
            with self.subTest(name=name, checks=str(checks)[:80]), mute_logger(SYNC):
                with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                    self.sync(heartbeat=self.heartbeat(checks=checks))
                self.assertIn(f"{name}:", str(caught.exception))
        self.beat(*[self.check(name=f"worker {number}") for number in range(CHECKS)])
        self.assertEqual(len(self.shown()), CHECKS)
