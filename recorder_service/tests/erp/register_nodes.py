# Runs inside `odoo shell`: two nodes with an active camera each. Sets `answer`.
import secrets

mark = secrets.token_hex(3)
company = env.company  # noqa: F821
company.cctv_code = company.cctv_code or "tst"
site = env["cctv.location"].create(  # noqa: F821
    {
        "name": f"Test site {mark}",
        "code": f"t{mark}",
        "location_type": "site",
        "tz": "Asia/Jakarta",
        "security_class": "public",
    }
)
it = env["res.users"].create(  # noqa: F821
    {
        "name": f"Test IT {mark}",
        "login": f"it-{mark}",
        "group_ids": [(4, env.ref("cctv_sop.group_it").id), (4, env.ref("base.group_user").id)],  # noqa: F821
    }
)
tomls, cameras, recorders = [], [], []
for name in ("a", "b"):
    recorder, toml = env["cctv.recorder"]._register_node({"name": f"Test {mark}{name}", "quota_gb": 5})  # noqa: F821
    camera = env["cctv.camera"].create(  # noqa: F821
        {
            "code": f"t{mark}{name}",
            "name": f"Test {mark}{name}",
            "location_id": site.id,
            "purpose": "asset_security",
            "lawful_basis": "legitimate_interest",
            "recorder_id": recorder.id,
        }
    )
    env["cctv.camera.source"].create(  # noqa: F821
        {"camera_id": camera.id, "kind": "main", "url": "rtsp://viewer:s3cret-pw@127.0.0.1:9/main"}
    )
    camera.with_user(it).action_take_over(note="hangs already")
    tomls.append(toml)
    cameras.append({"id": camera.id, "path": camera.path})
    recorders.append(recorder.id)
answer = {"tomls": tomls, "cameras": cameras, "recorders": recorders, "it": it.id}
