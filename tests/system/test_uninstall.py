"""Uninstalling for real leaves nothing behind, above all no pictures of people: first the bridge, then ``cctv_sop``."""

from support.throwaway import throwaway

# A camera with a still, alarms raised and done, a job with its picture, a segment, a gap: all that a recorder brings.
USED = r"""
import base64, json, time, uuid
from odoo.addons.cctv_recorder_bridge.tools import wire
company = env.company
company.cctv_code = company.cctv_code or "buang"
site = env["cctv.location"].create({"name": "Situs", "location_type": "site", "tz": "Asia/Makassar"})
recorder, _toml = env["cctv.recorder"]._register_node({"name": "GDG-1", "site_id": site.id})
values = {"code": "cam-01", "name": "Dock", "location_id": site.id, "recorder_id": recorder.id}
camera = env["cctv.camera"].create(values)
env["cctv.camera.source"].create({"camera_id": camera.id, "url": "rtsp://192.0.2.7/one", "password": "x"})
picture = base64.b64encode(b"\xff\xd8 a person")
camera._with_pass(["last_still"]).write({"last_still": picture})
kinds = [(recorder, f"cctv_recorder_bridge.mail_activity_{kind}") for kind in ("offline", "key", "strays")]
# earlier versions had one type for both
of_camera = "cctv_recorder_bridge.mail_activity_camera_offline"
kinds.append((camera, of_camera if env.ref(of_camera, raise_if_not_found=False) else kinds[0][1]))
for record, kind in kinds:
    for _twice in range(2):
        recorder._raise_alarm_on(record, kind, "x", env.user)
        if not _twice:
            record.activity_ids.action_feedback(feedback="done")
job = env["cctv.recorder.job"]._request(camera, "test_stream", {"which": "main"}).sudo()
job._with_pass(["image"]).write({"image": picture})
now = time.time_ns() // 1000
minute = 60 * 10**6
segment = {"camera_id": camera.id, "start_us": str(now - 9 * minute), "stop_us": str(now - 8 * minute), "bytes": "1",
           "sha256": "ab" * 32, "run": "0" * 32, "number": 1, "status": "ok", "test": 0}
gap = {"camera_id": camera.id, "start_us": str(now - 8 * minute), "stop_us": None, "reason": "timeout"}
message = {"schema": 1, "node": recorder.node, "epoch": str(uuid.uuid4()), "seq": "1", "sent_us": str(now), "etag": "",
           "segments": {name: [value] for name, value in segment.items()},
           "gaps": {name: [value] for name, value in gap.items()}}
reply = wire.unpack(env["cctv.recorder"].with_user(recorder.bot_user_id).sync(wire.pack(message)))
assert (reply["segments"], reply["gaps"]) == (["ok"], ["ok"]), reply
print("TOLD", json.dumps({"camera": camera.id, "bot": recorder.bot_user_id.id}))
"""
LEFT = {
    "relations": "select relname from pg_class"
    " where relname ~ '^cctv_(recorder|segment|gap|coverage|camera_(source|health))'",
    "columns": "select column_name from information_schema.columns where table_name = 'cctv_camera'"
    " and column_name ~ '^(recorder_id|recording_|last_still)'",
    "pictures": "select id, res_model, res_field from ir_attachment where res_field in ('last_still', 'image')"
    " and res_model like 'cctv.%'",
    "activities": "select id, res_model from mail_activity where res_model like 'cctv.%'",
    "activity types": "select id from mail_activity_type where name::text like '%Recording failed%'",
    "data": "select name from ir_model_data where module = 'cctv_recorder_bridge'",
    "keys": "select id from res_users_apikeys",
}


def test_uninstall_leaves_nothing(system):
    with throwaway(system) as database:
        database.install("cctv_recorder_bridge")
        made = database.shell(USED)
        assert len(database.query(LEFT["pictures"])) == 2
        assert len(database.query(LEFT["activities"])) == 8, "done ones are kept by Odoo"
        database.uninstall("cctv_recorder_bridge")
        assert {name: rows for name, query in LEFT.items() if (rows := database.query(query))} == {}
        assert database.query(f"select active from res_users where id = {made['bot']}") == [["f"]]
        assert database.query(f"select code, state from cctv_camera where id = {made['camera']}") == [
            ["cam-01", "planned"]
        ]
        database.uninstall("cctv_sop")
        assert database.query("select relname from pg_class where relname like 'cctv\\_%'") == []
