"""The recorder node that keeps the sample cameras."""

from .keep import find, name, need, rows


def load(env, company, job):
    """Register the node when it is missing.

    :return: the node, and the settings to paste (empty when the machine has them)
    """
    (row,) = rows("recorder")
    node = find(env, row["key"])
    if node:
        # settings that were lost: the node stays, its key is made anew
        text = "" if job["have_settings"] else node._new_config(erp_url=job["odoo_url"], media_root=job["media_root"])
        return node, text
    node, text = env["cctv.recorder"]._register_node(
        {
            "name": row["name"],
            "site_id": need(env, row["site"]).id,
            "company_id": company.id,
            "quota_gb": float(row["quota_gb"]),
            "reserve_gb": float(row["reserve_gb"]),
            "segment_seconds": int(row["segment_seconds"]),
            "erp_url": job["odoo_url"],
            "media_root": job["media_root"],
        }
    )
    return name(env, row["key"], node), text
