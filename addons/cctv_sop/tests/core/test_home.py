from odoo.tests import tagged

from ..common import CctvCommon


@tagged("post_install", "-at_install")
class TestHome(CctvCommon):
    def _landing(self, user):
        return self.env.ref("cctv_sop.action_home").with_user(user).run()

    def test_every_role_lands_on_something_it_may_read(self):
        for role in ("officer", "supervisor", "it", "management", "auditor", "dpo"):
            action = self._landing(self.users[role])
            with self.subTest(role=role):
                self.assertIn(action["type"], ("ir.actions.act_window", "ir.actions.client"))
                if action["type"] == "ir.actions.act_window":
                    self.assertTrue(self.env[action["res_model"]].with_user(self.users[role]).has_access("read"))

    def test_first_of_several_roles(self):
        both = self._new_user("both", "cctv_sop.group_officer,cctv_sop.group_management")
        self.assertEqual(self._landing(both)["id"], self._landing(self.management)["id"])

    def test_employee_without_a_role_sees_no_camera(self):
        self.assertNotEqual(self._landing(self.users["employee"]).get("res_model"), "cctv.camera")

    def test_employee_form_names_the_roles_to_hr_alone(self):
        both = self._new_user("two_roles", "cctv_sop.group_officer,cctv_sop.group_it")
        employee = self.env["hr.employee"].create({"name": "Rudi", "user_id": both.id, "company_id": self.company.id})
        self.assertEqual(employee.with_user(self.users["hr"]).cctv_role_names, "Monitoring Officer, IT Team")
        both.write({"group_ids": [(3, self.env.ref("cctv_sop.group_it").id)]})
        self.assertEqual(employee.with_user(self.users["hr"]).cctv_role_names, "Monitoring Officer")
        fields = self.env["hr.employee"].with_user(self.officer).fields_get()
        self.assertNotIn("cctv_role_names", fields)
        self.assertNotIn("cctv_role_names", self.env["hr.employee.public"]._fields)
