import uuid
from contextlib import contextmanager
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ...tools import intervals
from ..common import DAY, BridgeCommon, now_us


@tagged("post_install", "-at_install")
class TestHoldForgotten(BridgeCommon):
    """A database that was restored from a backup knows less of holds than the nodes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other, _toml = cls._new_recorder("GDG-2", cls.site)
        cls.far = cls._recorded_camera("cam-99", cls.other)
        cls.supervisor = cls.users["supervisor"]

    @contextmanager
    def forgotten(self):
        """What is done in here is lost with the database; the rows that nodes were told of it are not."""
        with self.env.cr.savepoint() as before:
            yield
            self.env.flush_all()
            before.rollback()
        self.env.invalidate_all()

    def told(self, recorder=None, version=0):
        answer = self.sync(recorder, holds_version=str(version))["holds"]
        return {row["hold"]: row for row in answer["rows"]} if answer else {}

    def tell(self, row, recorder=None):
        """The answer to a node's word of a hold, and to its question for newer ones."""
        answer = self.sync(recorder, hold_acks=[self.ack(row)], holds_version=row["version"])
        self.assertEqual(answer["hold_acks"], ["ok"])
        self.env.invalidate_all()
        return {row["hold"]: row for row in answer["holds"]["rows"]} if answer["holds"] else {}

    def end(self, hold):
        hold.with_user(self.supervisor).action_request_release(note="x")
        hold.with_user(self.management).action_release(note="x")
        self._run_holds_until(fields.Datetime.now() + timedelta(days=8))
        self.assertTrue(hold.ended_at)

    def judged(self, hold):
        kind = self.env.ref("cctv_sop.mail_activity_hold_judge")
        return kind in hold.sudo().activity_ids.activity_type_id

    # -- steps ---------------------------------------------------------------------------------------------

    def test_that_it_was_confirmed(self):
        hold = self._new_hold(self.camera, self.officer)
        with self.forgotten():
            hold.with_user(self.supervisor).action_confirm()
            row = self.told()[hold.uuid]
        self.assertEqual(hold.state, "preserved")
        self.tell(row)
        self.assertEqual((hold.state, hold.origin, self.judged(hold)), ("active", "recorder", True))
        self._run_holds_until(fields.Datetime.now() + timedelta(hours=100))
        self.assertEqual((hold.state, hold.ended_at), ("active", False))

    def test_that_it_was_confirmed_and_then_changed_here(self):
        hold = self._new_hold(self.camera, self.officer)
        with self.forgotten():
            hold.with_user(self.supervisor).action_confirm()
            row = self.told()[hold.uuid]
        hold.with_user(self.officer).stop = False
        self.tell(row)
        self.assertEqual((hold.state, hold.stop), ("active", False))

    def test_that_it_was_confirmed_and_lapsed_here(self):
        hold = self._new_hold(self.camera, self.officer)
        with self.forgotten():
            hold.with_user(self.supervisor).action_confirm()
            row = self.told()[hold.uuid]
        self._run_holds_until(fields.Datetime.now() + timedelta(hours=73))
        self.assertEqual(hold.state, "lapsed")
        heard = self.tell(row)[hold.uuid]
        self.assertEqual((hold.state, hold.ended_at, self.judged(hold)), ("active", False, True))
        self.assertEqual(heard["state"], "active", "the end is told to no node")
        self.env.cr.flush()
        lines = self.env["cctv.custody.entry"].search([("object", "=", hold.name)], order="seq")
        self.assertEqual(lines.mapped("action")[-2:], ["hold.lapsed", "hold.told"])

    def test_what_people_ended_since_stays_ended(self):
        hold = self._new_hold(self.camera, self.officer)
        with self.forgotten():
            hold.with_user(self.officer).camera_ids = self.cameras[:2]
            row = {**self.told()[hold.uuid], "version": str(now_us() - DAY)}
        hold._with_pass(["wire_versions", "wire_version"]).write({"wire_version": 1, "wire_versions": [1]})
        hold.with_user(self.supervisor).action_confirm()
        self.end(hold)
        heard = self.tell(row)[hold.uuid]
        self.assertEqual((hold.state, heard["state"]), ("released", "released"))
        self.assertEqual(hold.camera_ids, self.camera)

    def test_a_version_that_was_given_changes_nothing(self):
        hold = self._new_hold(self.camera, self.officer)
        row = self.told()[hold.uuid]
        hold.with_user(self.officer).stop = False
        version = hold.wire_version
        self.tell(row)
        self.assertEqual((hold.state, hold.wire_version), ("preserved", version))

    # -- cameras and windows -------------------------------------------------------------------------------

    def test_several_nodes_hold_what_nobody_knows_here(self):
        row = {"hold": str(uuid.uuid4()), "version": str(now_us() - DAY), "to_us": None}
        early, late = str(now_us() - 9 * DAY), str(now_us() - 8 * DAY)
        self.tell({**row, "cameras": self.camera.ids, "from_us": late})
        self.tell({**row, "cameras": self.far.ids, "from_us": early}, self.other)
        hold = self.env["cctv.legal.hold"].search([("uuid", "=", row["hold"])])
        self.assertEqual(hold.camera_ids, self.camera | self.far)
        self.assertEqual(intervals.to_us(hold.start) // 10**6, int(early) // 10**6)
        self.assertEqual(self.told(version=row["version"])[hold.uuid]["from_us"], str(intervals.to_us(hold.start)))
        self.end(hold)
        for recorder in (self.recorder, self.other):
            self.assertEqual(self.told(recorder)[hold.uuid]["state"], "released")

    def test_several_nodes_hold_more_than_is_known_here(self):
        hold = self._new_hold(self.camera, self.officer)
        with self.forgotten():
            hold.with_user(self.officer).camera_ids |= self.cameras[1] | self.far
            rows = {node: self.told(node)[hold.uuid] for node in (self.recorder, self.other)}
        for node, row in rows.items():
            self.tell(row, node)
        self.assertEqual(hold.camera_ids, self.cameras[:2] | self.far)
        self.assertEqual(self.told(self.other)[hold.uuid]["cameras"], self.far.ids)

    def test_an_older_version_that_reaches_further(self):
        """Somebody changed the hold here before the node's first word."""
        hold = self._new_hold(self.camera, self.officer)
        with self.forgotten():
            hold.with_user(self.officer).write({"camera_ids": [(4, self.cameras[1].id)], "stop": False})
            row = self.told()[hold.uuid]
        hold.with_user(self.officer).stop += timedelta(minutes=1)
        self.assertLess(int(row["version"]), hold.wire_version)
        heard = self.tell(row)[hold.uuid]
        self.assertEqual((hold.camera_ids, hold.stop), (self.cameras[:2], False))
        self.assertEqual((heard["cameras"], heard["to_us"]), (self.cameras[:2].ids, None))

    def test_who_stored_a_hold_hears_of_its_end(self):
        hold = self._new_hold(self.camera, self.officer)
        hold.with_user(self.supervisor).action_confirm()
        ack = {"hold_id": hold.id, "recorder_id": self.other.id, "company_id": self.company.id, "version": 1}
        stored = self.env["cctv.hold.ack"].create({**ack, "acked_at": False})
        self.assertFalse(self.told(self.other), "no camera of it, and it lasts")
        self.end(hold)
        self.assertFalse(self.told(self.other), "it never stored the hold")
        stored.acked_at = fields.Datetime.now()
        self.assertEqual(self.told(self.other)[hold.uuid]["state"], "released")
        self.assertEqual(self.told()[hold.uuid]["state"], "released")
