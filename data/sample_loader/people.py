"""Departments, employees, and one user a role."""

import secrets

from .keep import find, keep, name, need, rows


def load(env, company, passwords):
    """Make the people; return ``{role: {login, password}}``.

    Logins are the role's word, so that a newcomer need not look them up.
    """
    for row in rows("departments"):
        keep(env, "hr.department", row["key"], lambda row=row: {"name": row["name"], "company_id": company.id})
    users = {"admin": _administrator(env, company, passwords["admin"])}
    for row in rows("people"):
        user = _user(env, company, row, passwords)
        _employee(env, company, row, user)
        if row["role"]:
            users[row["role"]] = {"login": row["login"], "password": passwords[row["role"]]}
    return users


def _administrator(env, company, password):
    admin = env.ref("base.user_admin")
    if not find(env, "admin"):
        admin.write({"password": password, "lang": "id_ID", "tz": "Asia/Jakarta", "company_id": company.id})
        name(env, "admin", admin)
    return {"login": admin.login, "password": password}


def _user(env, company, row, passwords):
    if row["kind"] == "none":
        return env["res.users"]
    groups = row["groups"].split()
    if row["kind"] == "internal":
        groups.append("base.group_user")
    return keep(
        env(context=dict(env.context, no_reset_password=True)),
        "res.users",
        f"user_{row['key']}",
        lambda: {
            "name": row["name"],
            "login": row["login"],
            "password": passwords.get(row["role"]) or secrets.token_urlsafe(12),
            "email": f"{row['login']}@contoh-niaga.example",
            "lang": "id_ID",
            "tz": row["tz"],
            "company_id": company.id,
            "company_ids": [(6, 0, company.ids)],
            "group_ids": [(6, 0, [env.ref(group).id for group in groups])],
            **({"notification_type": "inbox"} if row["kind"] == "internal" else {}),
        },
    )


def _employee(env, company, row, user):
    if row["kind"] == "portal":
        return
    keep(
        env,
        "hr.employee",
        f"employee_{row['key']}",
        lambda: {
            "name": row["name"],
            "job_title": row["job_title"],
            "department_id": need(env, row["department"]).id,
            "company_id": company.id,
            "user_id": user.id,
            "tz": row["tz"] or "Asia/Jakarta",
        },
    )
