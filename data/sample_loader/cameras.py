"""Six cameras, each with its device and its stream, put into use by the IT role."""

from .keep import find, keep, need, rows

TEXTS = ("code", "name", "purpose", "lawful_basis", "lawful_basis_note")
SIZES = ("resolution_width", "resolution_height")
LENGTHS = ("focal_length_mm", "sensor_width_mm", "distance_m", "mount_height_m")
REASON = (
    "Kamera sudah terpasang dan berfungsi sebelum sistem ini dipakai; diperiksa di tempat, menunggu pengujian sistem."
)


def load(env, company, node, samples):
    """Make cameras, devices and sources; return remarks for the newcomer.

    The steps are taken by the user who holds the role, as at work: the log then
    names a person, and a step that the role may not take fails here too.
    """
    devices = {row["key"]: row for row in rows("devices")}
    served = {sample["name"]: sample for sample in samples}
    for row in rows("cameras"):
        if not find(env, row["code"]):
            camera = keep(env, "cctv.camera", row["code"], lambda row=row: _values(env, company, node, row))
            _sources(env, camera, served[row["sample"]])
            _put_to_work(env, camera, _device(env, company, devices[row["device"]]))
    return []


def _values(env, company, node, row):
    return {
        **{key: row[key] for key in TEXTS},
        **{key: int(row[key]) for key in SIZES},
        **{key: float(row[key]) for key in LENGTHS},
        "company_id": company.id,
        "location_id": need(env, row["location"]).id,
        "recorder_id": node.id,
    }


def _device(env, company, row):
    return keep(
        env,
        "maintenance.equipment",
        row["key"],
        lambda: {
            "name": row["name"],
            "model": row["model"],
            "serial_no": row["serial_no"],
            "cctv_mac": row["mac"],
            "category_id": env.ref("cctv_sop.equipment_category_camera").id,
            "company_id": company.id,
        },
    )


def _sources(env, camera, sample):
    for kind in ("main", "sub"):
        if sample[kind]:
            env["cctv.camera.source"].create(
                {
                    "camera_id": camera.id,
                    "kind": kind,
                    "url": sample[kind],
                    "user": sample["user"],
                    "password": sample["password"],
                    "transport": "tcp",
                }
            )


def _put_to_work(env, camera, device):
    by_it = camera.with_user(need(env, "user_it"))
    by_it.action_mount(equipment_id=device.id)
    by_it.action_take_over(note=REASON)
