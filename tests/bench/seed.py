"""Runs inside ``odoo shell``: a site, cameras and a node for the figures."""

import json
import os
from pathlib import Path


def run(env, job_file):
    """Make ``job["cameras"]`` cameras on a new node.

    :param str job_file: JSON {cameras, recorded, segment_seconds, url, user, password, erp_url, media_root, result,
        admin_password}
    """
    job = json.loads(Path(job_file).read_text())
    env.ref("base.user_admin").password = job["admin_password"]
    company = env.ref("base.main_company")
    site = env["cctv.location"].create({"name": "Bench", "location_type": "site", "tz": "Asia/Jakarta"})
    values = {"name": "Bench", "company_id": company.id, "segment_seconds": job["segment_seconds"]}
    place = {"erp_url": job["erp_url"], "media_root": job["media_root"]}
    node, settings = env["cctv.recorder"]._register_node({**values, **place})
    cameras = env["cctv.camera"].create([_camera(site, node, number) for number in range(job["cameras"])])
    recorded = cameras[: job["recorded"]]
    env["cctv.camera.source"].create([_source(job, camera) for camera in recorded])
    admin = env.ref("base.user_admin")
    admin.group_ids += env.ref("cctv_sop.group_it")
    if recorded:
        recorded.with_user(admin).action_take_over(note="bench")
    env.cr.commit()
    target = Path(job["result"])
    target.touch(mode=0o600)
    content = {"node": node.node, "node_id": node.id, "cameras": cameras.ids, "settings": settings}
    partial = target.with_suffix(".new")
    partial.write_text(json.dumps(content))
    os.replace(partial, target)


def _camera(site, node, number):
    return {
        "code": f"bench-{number:04}",
        "name": f"Bench {number}",
        "location_id": site.id,
        "recorder_id": node.id,
        "purpose": "asset_security",
        "lawful_basis": "legitimate_interest",
    }


def _source(job, camera):
    names = ("url", "user", "password")
    return {"camera_id": camera.id, "kind": "main", **{name: job[name] for name in names}}
