"""Order of the loading. Runs inside ``odoo shell``; one commit at the end."""

import json
from pathlib import Path

from sample_loader.keep import find, name
from sample_loader.main import write_result

ADMIN = "own_admin"
NODE = "own_recorder"


def run(env, job_file):
    """Give the administrator a password and register the node, unless that was done before.

    :param env: environment of the superuser
    :param str job_file: JSON with passwords and addresses; see ``data/load``
    """
    job = json.loads(Path(job_file).read_text())
    env = env(context=dict(env.context, lang="id_ID", tracking_disable=True))
    admin = _administrator(env, job["passwords"]["admin"])
    settings = _node(env, job)
    env.cr.commit()
    users = {"admin": {"login": admin.login, "password": job["passwords"]["admin"]}}
    write_result(job["result"], {"db": env.cr.dbname, "users": users, "settings": settings, "notes": []})


def _administrator(env, password):
    admin = env.ref("base.user_admin")
    if not find(env, ADMIN):
        admin.write({"password": password, "lang": "id_ID", "tz": admin.tz or "Asia/Jakarta"})
        admin.company_id.partner_id.write({"lang": "id_ID"})
        name(env, ADMIN, admin)
    return admin


def _node(env, job):
    """Return the settings to paste; empty when the machine has them."""
    addresses = {"erp_url": job["odoo_url"], "media_root": job["media_root"]}
    node = find(env, NODE)
    if node:
        # settings that were lost: the node stays, its key is made anew
        return "" if job["have_settings"] else node._new_config(**addresses)
    node, text = env["cctv.recorder"]._register_node({"name": job["node_name"], **addresses})
    name(env, NODE, node)
    return text
