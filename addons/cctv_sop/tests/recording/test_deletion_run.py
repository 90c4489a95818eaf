import json

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ... import chain
from ..common import CctvCommon


@tagged("post_install", "-at_install")
class TestDeletionRun(CctvCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera = cls._camera_in("active")

    def parked(self):
        run = self._new_run(self.camera, reason="off for three days")
        run._step_park()
        return run

    def test_one_persons_click_with_a_reason(self):
        run = self.parked()
        action = run.with_user(self.it).action_release()
        self.assertEqual((action["res_model"], run.state), ("cctv.step.reason", "parked"))
        run.with_user(self.it).action_release(note="perekam mati tiga hari")
        self.assertEqual((run.state, run.decided_by), ("released", self.it))
        run._step_confirm()
        run._step_end(state="done")
        self.assertEqual(run.state, "done")
        self.assertTrue(run.ended_at)
        self.env.cr.flush()
        told = self.env["cctv.custody.entry"].search([("object", "=", run.name)], order="id")
        self.assertEqual(told.mapped("action"), ["purge.released", "purge.done"])

    def test_more_cameras_than_a_line_of_the_ledger_has_room_for(self):
        codes = [f"cam-{number:05}-{'x' * 20}" for number in range(5000)]
        self.patch(self.env.registry["cctv.camera"], "mapped", lambda cameras, name: codes)
        run = self._new_run(self.camera)
        run._step_confirm()
        run._step_end(state="done")
        self.env.cr.flush()
        data = json.loads(self.env["cctv.custody.entry"].search([("object", "=", run.name)]).data)
        self.assertEqual(data["cameras"], codes[: len(data["cameras"])])
        self.assertGreater(len(data["cameras"]), 1500)
        self.assertEqual(data["cameras_more"], 5000 - len(data["cameras"]))
        self.assertEqual(data["cameras_sha256"], chain.digest(chain.canonical(codes)))

    def test_refused_stays_refused(self):
        run = self.parked()
        run.with_user(self.management).action_refuse(note="jam salah")
        run._step_end(state="cancelled")
        self.assertEqual(run.state, "refused")
        self.assertTrue(run.ended_at)

    def test_words(self):
        run = self._new_run(self.camera)
        for segments, cameras, words in ((3, 1, "3 segments of 1 camera"), (1, 2, "1 segment of 2 cameras")):
            run._with_pass(["segments", "cameras"]).write({"segments": segments, "cameras": cameras})
            self.assertEqual(run.summary, f"Due: {words}, 3 MB.")
        run._with_pass(["segments"]).write({"segments": 3})
        values = {"done_segments": 2, "freed": 2e6, "rescued": 1, "ended_at": "2026-01-01"}
        run._with_pass(values).write(values)
        ended = "2 of 3 segments deleted, 2 MB freed, 1 saved by a hold."
        self.assertEqual(run.summary, ended)
        run._with_pass(["segments", "state"]).write({"segments": 7, "state": "done"})
        self.assertEqual(run.summary, ended.replace("3", "7") + " Not deleted: 4 (the recorder's events say why).")
        self.assertRegex(run.name, r"^BM/\d{4}/0001$")

    def test_nobody_makes_one_of_no_company(self):
        for user in self.users.values():
            with self.subTest(user.login), self.assertRaises(AccessError), self.env.cr.savepoint():
                self.env["cctv.deletion.run"].with_user(user).create({})

    def test_nobody_writes(self):
        run = self._new_run(self.camera)
        for user in (*self.users.values(), self.env.user):
            for call in (
                lambda r: r.write({"freed": 1}),
                lambda r: r.create([{"uuid": "x", "company_id": self.company.id}]),
                lambda r: r.line_ids.write({"segments": 1}),
                lambda r: r.line_ids.create([{"run_id": run.id, "camera_id": self.camera.id}]),
                lambda r: r.line_ids.unlink(),
            ):
                with self.subTest(user.login), self.assertRaises(AccessError), self.env.cr.savepoint():
                    call(run.with_user(user))
