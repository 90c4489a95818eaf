import json
from datetime import timedelta

from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...models.recording import cctv_legal_hold
from ..common import CctvCommon

WATCH = "odoo.addons.cctv_sop.models.recording.cctv_legal_hold_watch"


@tagged("post_install", "-at_install")
class TestLegalHold(CctvCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera, cls.other = cls._camera_in("active"), cls._camera_in("active", "cam-02")
        cls.supervisor, cls.dpo = cls.users["supervisor"], cls.users["dpo"]
        cls.holds = cls.env["cctv.legal.hold"]

    def hold(self, user=None, **values):
        return self._new_hold(self.camera, user or self.officer, **values)

    def active(self):
        hold = self.hold()
        hold.with_user(self.supervisor).action_confirm()
        hold.with_user(self.supervisor).action_activate()
        return hold

    def later(self, **delta):
        """Run the cron at a later time, up to which it ran as it does."""
        self._run_holds_until(fields.Datetime.now() + timedelta(**delta))

    def work(self, hold, kind):
        kind = self.env.ref(f"cctv_sop.mail_activity_hold_{kind}")
        return hold.sudo().activity_ids.filtered(lambda activity: activity.activity_type_id == kind)

    def custody(self, hold):
        """:return list: what the ledger tells of a hold"""
        self.env.cr.flush()
        return self.env["cctv.custody.entry"].search([("object", "=", hold.name)], order="id").mapped("action")

    def test_too_many_cameras_for_a_line_of_the_ledger(self):
        self.patch(cctv_legal_hold, "MOST_CODES", len('["cam-01","cam-02"]') - 1)
        hold = self.hold()
        with self.refused("among several holds"):
            self._new_hold(self.camera | self.other, self.officer)
        with self.refused("among several holds"):
            hold.camera_ids = self.camera | self.other

    def test_every_line_of_a_hold_has_room_for_its_cameras(self):
        hold = self.hold(case_ref="x" * 1000)
        codes = ["x" * 32] * ((cctv_legal_hold.MOST_CODES - 2) // 35)
        self.patch(self.env.registry["cctv.camera"], "mapped", lambda cameras, name: codes)
        for action in ("hold.preserved", "hold.release_asked"):
            hold._tell_custody(action)

    def test_the_ledger_tells_of_each_hold(self):
        hold = self.hold()
        hold.with_user(self.officer).write({"stop": hold.stop + timedelta(hours=1)})
        hold.with_user(self.supervisor).action_confirm()
        hold.with_user(self.supervisor).action_activate()
        hold.with_user(self.dpo).action_renew(note="Belum selesai")
        for step in ("request_release", "keep", "request_release"):
            getattr(hold.with_user(self.supervisor), f"action_{step}")(note="Selesai")
        hold.with_user(self.users["management"]).action_release(note="Setuju")
        steps = "preserved widened confirmed active renewed release_asked kept release_asked released"
        self.assertEqual(self.custody(hold), [f"hold.{step}" for step in steps.split()])
        lines = self.env["cctv.custody.entry"].search([("object", "=", hold.name)], order="id")
        self.assertEqual(lines[2].actor, self.supervisor.login, "who ended the time after which it lapses")
        self.assertEqual(json.loads(lines[4].data)["review"], fields.Date.to_string(hold.review_date))
        lapsed = self.hold()
        self.later(hours=73)
        self.assertEqual(self.custody(lapsed), ["hold.preserved", "hold.lapsed"])

    # -- the way through -----------------------------------------------------------------------------------

    def test_whole_way(self):
        hold = self.hold()
        self.assertRegex(hold.name, r"^PH/\d{4}/0001$")
        self.assertEqual((hold.state, hold.preserved_by), ("preserved", self.officer))
        self.assertEqual(hold.confirm_until - hold.preserved_at, timedelta(hours=72))
        self.assertEqual(self.work(hold, "confirm").user_id, self.supervisor)
        hold.with_user(self.supervisor).action_confirm()
        self.assertEqual((hold.state, hold.requested_by, hold.confirm_until), ("requested", self.supervisor, False))
        self.assertFalse(self.work(hold, "confirm"))
        self.assertEqual(self.work(hold, "step").user_id, self.supervisor, "it has no end of its own")
        hold.with_user(self.dpo).action_activate()
        self.assertFalse(self.work(hold, "step"))
        self.assertEqual((hold.state, hold.activated_by), ("active", self.dpo))
        self.assertEqual(self.work(hold, "review").date_deadline, hold.review_date)
        before = hold.review_date
        hold.with_user(self.dpo).action_renew(note="belum selesai")
        self.assertEqual(hold.review_date, before + timedelta(days=90))
        self.assertEqual(self.work(hold, "review").mapped("date_deadline"), [hold.review_date])
        hold.with_user(self.supervisor).action_request_release(note="selesai")
        self.assertEqual(self.work(hold, "step").user_id, self.management, "who may grant it")
        hold.with_user(self.management).action_release(note="setuju")
        self.assertEqual((hold.state, hold.released_by), ("released", self.management))
        self.assertEqual(hold.grace_until - hold.released_at, timedelta(days=7))
        self.assertFalse(hold.ended_at, "still kept: the days of grace")
        self.assertFalse(hold.sudo().activity_ids)
        lines = self.env["cctv.workflow.log"].search([("res_model", "=", "cctv.legal.hold"), ("res_id", "=", hold.id)])
        self.assertEqual(len(lines), 5)

    def test_release_is_asked_of_one_who_had_no_part(self):
        hold = self.active()
        hold.with_user(self.management).action_request_release(note="selesai")
        self.assertEqual(self.work(hold, "step").user_id, self.dpo)
        hold.with_user(self.dpo).action_keep(note="belum")
        self.assertFalse(self.work(hold, "step"))
        early = self.hold()
        early.with_user(self.supervisor).action_confirm()
        for step in ("request_release", "keep"):
            getattr(early.with_user(self.supervisor), f"action_{step}")(note="x")
        self.assertEqual(self.work(early, "step").user_id, self.supervisor, "it waits for its activation again")

    def test_preserved_lapses(self):
        hold = self.hold()
        self.later(hours=71)
        self.assertEqual((hold.state, hold.ended_at), ("preserved", False))
        self.later(hours=73)
        self.assertEqual(hold.state, "lapsed")
        self.assertTrue(hold.ended_at)
        self.assertEqual(self.work(hold, "lapsed").user_id, self.supervisor)
        self.assertFalse(self.work(hold, "confirm"))

    def test_confirmed_does_not_lapse(self):
        hold = self.hold()
        hold.with_user(self.dpo).action_confirm()
        self.later(days=100)
        self.assertEqual((hold.state, hold.ended_at), ("requested", False))

    def test_grace_of_seven_days(self):
        hold = self.active()
        hold.with_user(self.supervisor).action_request_release(note="x")
        hold.with_user(self.dpo).action_release(note="x")
        self.later(days=6, hours=23)
        self.assertFalse(hold.ended_at)
        self.assertIn(hold, self.holds.search(self.holds._holding_domain()))
        self.later(days=7, minutes=1)
        self.assertTrue(hold.ended_at)
        self.assertNotIn(hold, self.holds.search(self.holds._holding_domain()))

    def test_active_needs_case_and_review(self):
        hold = self.hold(case_ref=False, review_date=False)
        hold.with_user(self.supervisor).action_confirm()
        with self.refused("Case Reference, Review"):
            hold.with_user(self.supervisor).action_activate()
        hold.with_user(self.officer).write({"case_ref": "LP/2", "review_date": fields.Date.today()})
        with self.refused("past"):
            hold.with_user(self.supervisor).action_activate()

    # -- separation of duty --------------------------------------------------------------------------------

    def test_release_is_a_second_persons(self):
        both = self._new_user("both", "cctv_sop.group_dpo,cctv_sop.group_management")
        for stood in ("preserved_by", "requested_by", "release_requested_by"):
            actors = dict.fromkeys(("preserved_by", "requested_by", "release_requested_by"), self.dpo) | {stood: both}
            hold = self.hold(actors["preserved_by"])
            hold.with_user(actors["requested_by"]).action_confirm()
            hold.with_user(actors["requested_by"]).action_activate()
            hold.with_user(actors["release_requested_by"]).action_request_release(note="x")
            with self.subTest(stood), self.refused("Separation of duty", AccessError):
                hold.with_user(both).action_release(note="x")
            self.assertEqual(hold.state, "release_requested")
            hold.with_user(self.management).action_release(note="x")
            self.assertEqual(hold.state, "released")

    def test_release_can_be_declined(self):
        hold = self.active()
        hold.with_user(self.supervisor).action_request_release(note="x")
        hold.with_user(self.management).action_keep(note="perkara banding")
        self.assertEqual((hold.state, hold.release_requested_by.id), ("active", False))

    # -- what may be written -------------------------------------------------------------------------------

    def test_never_narrower(self):
        hold = self._new_hold(self.camera | self.other, self.officer)
        start, stop = hold.start, hold.stop
        for values in (
            {"camera_ids": [(3, self.other.id)]},
            {"camera_ids": [(6, 0, self.other.ids)]},
            {"camera_ids": [(5,)]},
            {"start": start + timedelta(hours=1)},
            {"stop": stop - timedelta(hours=1)},
        ):
            for user in (self.officer, self.dpo, self.env.user):
                with self.subTest(values=values, user=user.login), self.refused("."):
                    hold.with_user(user).write(values)
        third = self._camera_in("active", "cam-03")
        hold.with_user(self.officer).write(
            {"camera_ids": [(4, third.id)], "start": start - timedelta(days=1), "stop": False}
        )
        self.assertEqual((len(hold.camera_ids), hold.stop), (3, False))
        with self.refused("widened"):
            hold.with_user(self.officer).stop = stop

    def test_closed_after_activation(self):
        hold = self.active()
        for values in ({"reason": "x"}, {"camera_ids": [(4, self.other.id)]}, {"review_date": "2030-01-01"}):
            with self.subTest(values=values), self.refused("no longer open"):
                hold.with_user(self.dpo).write(values)

    def test_forgeries(self):
        hold = self.hold()
        for name in hold._guarded_names():
            with self.subTest(name), self.assertRaises(AccessError):
                hold.with_user(self.dpo).write({name: False})
        context = {"default_state": "released", "default_ended_at": "2020-01-01", "default_preserved_by": self.it.id}
        made = self.hold(self.dpo).with_context(**context).copy({"camera_ids": [(6, 0, self.camera.ids)]})
        self.assertEqual((made.state, made.ended_at, made.preserved_by), ("preserved", False, self.dpo))
        with self.assertRaises(UserError):
            hold.unlink()
        self.assertNotIn("hold_ids", self.camera._fields, "a mirror of camera_ids would be a way around")

    def test_window(self):
        now = fields.Datetime.now()
        for values, text in (
            ({"camera_ids": []}, "at least one camera"),
            ({"start": now.replace(year=1999)}, "2000"),
            ({"stop": now.replace(year=2098)}, "2000"),
        ):
            with self.subTest(text), self.refused(text):
                self.hold(**values)
        theirs = self._new_tree(self.other_company, "Situs Lain", "Asia/Jakarta")[3]
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.hold(camera_ids=[(6, 0, self._camera_in("active", "cam-50", location=theirs).ids)])

    # -- what is shown -------------------------------------------------------------------------------------

    def test_not_measured_without_a_recorder(self):
        hold = self.hold()
        self.assertEqual(hold.hold_state, "unknown")
        self.assertIn("Not measured", hold.hold_detail)
        self.assertEqual(self.camera._hold_status()[self.camera.id], {"measured": False, "count": None})

    def test_a_start_to_come_is_warned_of(self):
        with freeze_time("2026-11-23 01:00:00"):
            hold = self.hold(start=fields.Datetime.now() - timedelta(minutes=1), stop=False)
            self.assertFalse(hold.window_note)
            later = self.hold(start="2026-11-23 22:30:00", stop=False)
            note = later.window_note
            self.assertIn("24 Nov 2026 06:30 WITA", note)
            self.assertIn("nothing recorded before then is held by it", note)
            self.assertIn("24 Nov 2026 06.30 WITA", later.with_context(lang="id_ID").window_note)
            typed = self.holds.new({"camera_ids": [(6, 0, self.camera.ids)], "start": "2026-11-23 22:30:00"})
            self.assertEqual(typed.window_note, note, "before it is saved")
        with freeze_time("2026-11-23 23:00:00"):
            later.invalidate_recordset(["window_note"])
            self.assertFalse(later.window_note)

    def test_cameras_of_several_zones_are_warned_of(self):
        theirs = self._new_tree(self.company, "Situs Jakarta", "Asia/Jakarta")[3]
        far = self._camera_in("active", "cam-60", location=theirs)
        note = self._new_hold(self.camera | far, self.officer).window_note
        self.assertIn("WIB, WITA", note)
        self.assertIn("times here are WITA", note)
        self.assertFalse(self._new_hold(far, self.officer).window_note)

    def test_the_window_is_typed_in_site_time(self):
        """Never in the viewer's zone without a word, and not before the site is known."""
        arch = etree.fromstring(self.holds.with_user(self.officer).get_view(view_type="form")["arch"])
        for name in ("start", "stop"):
            (node,) = arch.xpath(f"//field[@name='{name}']")
            self.assertEqual(node.get("widget"), "cctv_site_time_input")
            self.assertIn("not camera_ids", node.get("readonly"))

    def test_camera_counts_its_holds(self):
        self.hold()
        self.active()
        lapsed = self.hold()
        lapsed._with_pass(["ended_at"]).write({"ended_at": fields.Datetime.now()})
        for user in (self.officer, self.it):
            camera = self.camera.with_user(user)
            camera.invalidate_recordset()
            cards = {card["key"]: card for card in camera.get_overview()["cards"]}
            self.assertEqual(cards["holds"]["value"], 2)
            action = getattr(camera, cards["holds"]["method"])()
            self.assertEqual(self.holds.with_user(user).search_count(action["domain"]), 3)

    def test_numbers_have_no_holes_and_are_per_company(self):
        theirs = self._new_tree(self.other_company, "Situs Lain", "Asia/Jakarta")[3]
        camera = self._camera_in("active", "cam-50", location=theirs)
        names = [self.hold().name, self._new_hold(camera).name, self.hold().name]
        self.assertEqual([name.split("/")[-1] for name in names], ["0001", "0001", "0002"])

    def test_one_broken_hold_leaves_the_others_watched(self):
        first, second = self.hold(), self.hold()
        cls = type(first)
        original = cls._step_lapse

        def lapse(hold, *args, **kwargs):
            if hold == first:
                hold.env.cr.execute("SELECT 1/0")
            return original(hold, *args, **kwargs)

        lapse.step = original.step
        self.patch(cls, "_step_lapse", lapse)
        with self.assertLogs(WATCH, "ERROR"), self.assertLogs("odoo.sql_db", "ERROR"):
            self.later(hours=73)
        self.assertEqual((first.state, second.state), ("preserved", "lapsed"))

    def test_an_empty_list_tells_who_makes_a_hold(self):
        makers = self.env["ir.model.access"].search(
            [("model_id.model", "=", "cctv.legal.hold"), ("perm_create", "=", True)]
        )
        self.assertTrue(makers)
        for lang in ("en_US", "id_ID"):
            words = self.env.ref("cctv_sop.action_cctv_legal_hold").with_context(lang=lang).help
            for group in makers.group_id.with_context(lang=lang):
                self.assertIn(group.name, words)
