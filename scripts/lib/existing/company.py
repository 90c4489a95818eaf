"""What a company has in its Odoo before it knows of CCTV: two companies, people, and cameras among its equipment.

Runs inside ``odoo shell``; LOGINS in the environment is a file of lines "role login password".
"""

import os

GROUPS = {
    "admin": "base.group_system",
    "manager": "maintenance.group_equipment_manager,hr.group_hr_user",
    "it": "base.group_user",
    "supervisor": "base.group_user",
    "employee": "base.group_user,base.group_partner_manager,project.group_project_user",
}
DEVICES = (("Dome, gate", "DS-0001"), ("Dome, yard", "DS-0002"), ("Bullet, dock", "DS-0003"))


def people(env):
    """Make the users, an employee each; the first is Odoo's own administrator."""
    with open(os.environ["LOGINS"], encoding="utf-8") as lines:
        logins = [line.split() for line in lines]
    for role, login, password in logins:
        groups = [env.ref(name).id for name in GROUPS[role].split(",")]
        values = {"login": login, "password": password, "group_ids": [(4, group) for group in groups]}
        if role == "admin":
            env.ref("base.user_admin").write(values)
        else:
            user = env["res.users"].with_context(no_reset_password=True).create({"name": role.title(), **values})
            env["hr.employee"].create({"name": user.name, "user_id": user.id})


def equipment(env):
    """Make cameras and a laptop, as a company keeps them; one camera has an open request."""
    categories = env["maintenance.equipment.category"].create([{"name": "CCTV"}, {"name": "Laptops"}])
    team = env["maintenance.team"].create({"name": "Facility"})
    for name, serial in DEVICES:
        values = {"name": name, "serial_no": serial, "category_id": categories[0].id, "maintenance_team_id": team.id}
        device = env["maintenance.equipment"].create(values)
    env["maintenance.equipment"].create({"name": "Laptop", "serial_no": "LT-1", "category_id": categories[1].id})
    request = {"name": "Lens is dirty", "equipment_id": device.id, "maintenance_team_id": team.id}
    env["maintenance.request"].create(request)


def run(env):
    """Make everything and keep it."""
    env.company.name = "PT Lama Jaya"
    env["res.company"].create({"name": "PT Lama Jaya Logistik"})
    people(env)
    equipment(env)
    env["project.project"].create({"name": "Move"})
    env["res.partner"].create({"name": "Customer"})
    env.cr.commit()
