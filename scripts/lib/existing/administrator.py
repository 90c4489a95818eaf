#!/usr/bin/python3
"""Steps of the guide in the README as the people of a company take them in their browsers.

administrator.py --url URL --db NAME --logins FILE STEP [FILE]

LOGINS has lines "role login password"; the steps are the functions below. Exit 1 with the words of what failed.
"""

import argparse
import inspect
import json
import sys
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TEMPLATE = ROOT / "addons/cctv_recorder_bridge/static/import/cctv_camera.csv"
ALONE, BOTH = "CCTV Standard Operating Procedure", "CCTV recorder bridge"
ROLES = {"it": "IT Team", "supervisor": "Operations Supervisor"}
PLACE = "Head Office / Yard"
SEGMENT_SECONDS = 20
QUOTA_GB = 5
CATEGORY = "CCTV"
# serial number: the company's device; port of the stream that plays there
CAMERAS = {"cam-01": ("DS-0001", 18561), "cam-02": ("DS-0002", 18562), "cam-03": ("DS-0003", 18563)}
USER = "kamera"
ANSWER = 120  # seconds
# as Odoo's import screen asks
READING = json.loads((ROOT / "addons/cctv_sop/tests/assets/import_options.json").read_text())


class Odoo:
    """The session of one person in a browser."""

    def __init__(self, options, role):
        self.url = options.url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        rows = (line.split() for line in options.logins.read_text().splitlines())
        login, self.password = next((login, password) for name, login, password in rows if name == role)
        self._post("/web/session/authenticate", {"db": options.db, "login": login, "password": self.password})

    def _post(self, path, params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"})  # noqa: S310 (the URL is ours)
        with self.opener.open(request, timeout=300) as answer:
            told = json.load(answer)
        if "error" in told:
            raise RuntimeError(told["error"]["data"].get("debug") or told["error"]["data"]["message"])
        return told["result"]

    def call(self, model, method, *args, **kwargs):
        """Call what a view or a button calls."""
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", params)

    def find(self, model, **values):
        """Return the id of the one record with these values."""
        domain = [[name, "=", value] for name, value in values.items()]
        (found,) = self.call(model, "search", domain) or need(False, f"{model} with {values}")
        return found

    def make(self, model, **values):
        """Save a new record, if its form shows all that is filled in."""
        shows(self, model, *values)
        return self.call(model, "create", [values])[0]


def need(true, what):
    """:raises RuntimeError: it is not true"""
    if not true:
        raise RuntimeError(f"Not so: {what}")
    return true


def shows(odoo, model, *names):
    """:raises RuntimeError: the form does not show these fields to this person"""
    fields = odoo.call(model, "get_views", [[False, "form"]])["models"][model]["fields"]
    need(not set(names) - set(fields), f"the form of {model} shows {', '.join(sorted(set(names) - set(fields)))}")


def until(reached, what):
    """Return the first true answer."""
    end = time.monotonic() + ANSWER
    while not (answer := reached()):
        need(time.monotonic() < end, what)
        time.sleep(1)
    return answer


def install(admin, _file):
    """Update Apps List; install the bridge, which brings both."""
    admin.call("base.module.update", "update_module", [admin.make("base.module.update")])
    for name in (ALONE, BOTH):
        admin.find("ir.module.module", shortdesc=name, state="uninstalled")
    module = admin.find("ir.module.module", shortdesc=BOTH)
    admin.call("ir.module.module", "button_immediate_install", [module])
    for name in (ALONE, BOTH):
        admin.find("ir.module.module", shortdesc=name, state="installed")


def roles(admin, _file):
    """Give each person his CCTV roles."""
    for login, name in ROLES.items():
        group = admin.find("res.groups", **{"name": name, "privilege_id.category_id.name": "CCTV"})
        admin.call("res.users", "write", [admin.find("res.users", login=login)], {"group_ids": [[4, group]]})


def places(it, _file):
    """Site with its time zone, then what is below."""
    site, place = PLACE.split(" / ")
    site = it.make("cctv.location", name=site, location_type="site", tz="Asia/Makassar")
    it.make("cctv.location", name=place, location_type="zone", area_type="parking", parent_id=site)


def register(it, file):
    """Register Recorder; save what it shows as FILE."""
    site = it.find("cctv.location", location_type="site")
    values = {"name": "Gudang", "site_id": site, "quota_gb": QUOTA_GB, "segment_seconds": SEGMENT_SECONDS}
    wizard = it.make("cctv.recorder.register", **values)
    shown = it.call("cctv.recorder.register", "action_register", [wizard])["context"]
    file.touch(0o600)
    file.write_text(shown["default_config_text"])


def devices(manager, _file):
    """Equipment that hangs as a camera: the box CCTV devices of its category."""
    shows(manager, "maintenance.equipment.category", "cctv")
    category = manager.find("maintenance.equipment.category", name=CATEGORY)
    manager.call("maintenance.equipment.category", "write", [category], {"cctv": True})


def add_camera(it, _file):
    """Add a camera, as the README says it; its device is known to the company already."""
    code, (serial, port) = next(iter(CAMERAS.items()))
    values = {"purpose": "asset_security", "lawful_basis": "legitimate_interest", "lawful_basis_note": "LIA-1"}
    place = it.find("cctv.location", complete_name=PLACE)
    values |= {"resolution_width": 640, "resolution_height": 480, "recorder_id": it.find("cctv.recorder")}
    camera = it.make("cctv.camera", code=code, name="Gate", location_id=place, **values)
    source = {"camera_id": camera, "kind": "main", "url": f"rtsp://127.0.0.1:{port}/main", "user": USER}
    source = it.call("cctv.camera.source", "create", [{**source, "password": "wrong"}])
    need("password" in _test_stream(it, source)["test_result"].lower(), "a wrong password is told")
    it.call("cctv.camera.source", "write", source, {"password": it.password})
    tested = _test_stream(it, source)
    need(tested["test_ok"], f"Test Stream: {tested}")
    _mount(it, camera, serial)
    _take_over(it, camera)


def _test_stream(it, source):
    it.call("cctv.camera.source", "action_test_stream", source)

    fields = ["test_result", "test_ok", "test_job_id"]

    def told():
        job = it.call("cctv.camera.source", "read", source, fields)[0]["test_job_id"][0]
        done = it.call("cctv.recorder.job", "read", [job], ["state"])[0]["state"] in ("done", "failed")
        return done and it.call("cctv.camera.source", "read", source, fields)[0]

    return until(told, "Test Stream is answered")


def _mount(it, camera, serial):
    """Mount Device, Known device."""
    domain = [["category_id.cctv", "=", True], ["cctv_camera_ids", "=", False]]
    known = it.call("maintenance.equipment", "name_search", "", domain=domain)
    device = next((device for device, name in known if serial in name), None)
    need(device, f"Known device offers {serial}: {known}")
    wizard = it.make("cctv.camera.mount", camera_id=camera, mode="mount", equipment_id=device)
    it.call("cctv.camera.mount", "action_confirm", [wizard])
    mounted = it.call("cctv.camera", "read", [camera], ["serial_no"])[0]["serial_no"]
    need(mounted == serial, f"the device that hangs is {serial}: {mounted}")


def _take_over(it, camera):
    it.call("cctv.camera", "action_take_over", [camera], note="hung here before")


def import_cameras(it, _file):
    """Many at once: the template's columns, a serial number that is known already mounts that device."""
    heading = TEMPLATE.read_text().splitlines()[0]
    text = [heading]
    for code, (serial, port) in list(CAMERAS.items())[1:]:
        values = {"Code": code, "Name": code, "Location": PLACE, "Serial number": serial, "Purpose": "Asset security"}
        values |= {"Lawful Basis": "Legitimate interest", "Lawful Basis Note": "LIA-1", "Recorder": "Gudang"}
        values |= {"Streams/Kind": "Main stream", "Streams/Address": f"rtsp://127.0.0.1:{port}/main"}
        values |= {"Streams/Transport": "TCP", "Streams/User Name": USER, "Streams/Password": it.password}
        text.append(",".join(values.get(name, "") for name in heading.split(",")))
    kept = {"res_model": "cctv.camera", "file": "\n".join(text), "file_name": "cameras.csv", "file_type": "text/csv"}
    wizard = it.call("base_import.import", "create", [kept])
    preview = it.call("base_import.import", "parse_preview", wizard, READING)
    matches = need(preview.get("matches"), f"preview of the import: {preview.get('error')}")
    names = ["/".join(matches.get(str(column), [])) or False for column in range(len(preview["headers"]))]
    options = preview["options"]
    done = it.call("base_import.import", "execute_import", wizard, names, preview["headers"], options, dryrun=False)
    need(done["ids"], f"import: {done['messages']}")
    for camera in it.call("cctv.camera", "read", done["ids"], ["code", "serial_no"]):
        need(camera["serial_no"] == CAMERAS[camera["code"]][0], f"the device of {camera}")
        _take_over(it, camera["id"])


def recording(it, _file):
    """All cameras are shown as recording."""

    def states():
        rows = it.call("cctv.camera", "search_read", [], ["code", "recording_state"])
        return len(rows) == len(CAMERAS) and all(row["recording_state"] == "recording" for row in rows)

    until(states, "all cameras are recording")


def rest(manager, _file):
    """What the company had works as before: equipment, requests, employees, projects, contacts, other apps' views."""
    device = manager.find("maintenance.equipment", serial_no="DS-0003")
    shows(manager, "maintenance.equipment", "serial_no", "category_id")
    manager.call("maintenance.equipment", "write", [device], {"note": "Dock"})
    laptop = manager.find("maintenance.equipment", serial_no="LT-1")
    manager.call("maintenance.equipment", "write", [laptop], {"serial_no": "LT-1"})
    request = manager.find("maintenance.request", name="Lens is dirty")
    stages = manager.call("maintenance.stage", "search", [])
    manager.call("maintenance.request", "write", [request], {"stage_id": stages[1]})
    manager.make("maintenance.request", name="Battery", equipment_id=laptop)
    employee = manager.make("hr.employee", name="Newcomer")
    manager.call("hr.employee", "write", [employee], {"job_title": "Guard"})


def work(employee, _file):
    """Somebody without a CCTV role goes on with his own work and sees no camera."""
    employee.make("project.task", name="Boxes", project_id=employee.find("project.project", name="Move"))
    employee.make("res.partner", name="Another customer")
    try:
        employee.call("cctv.camera", "search", [])
    except RuntimeError:
        return
    raise RuntimeError("Cameras are open to everybody.")


def uninstall(admin, _file):
    """Uninstall the bridge."""
    _uninstall(admin, BOTH)


def kept(it, _file):
    """Without the bridge cameras and their devices stay."""
    codes = it.call("cctv.camera", "search_read", [], ["code", "state", "serial_no"])
    wanted = {(code, "active", serial) for code, (serial, _port) in CAMERAS.items()}
    need({(row["code"], row["state"], row["serial_no"]) for row in codes} == wanted, f"cameras stay: {codes}")


def uninstall_all(admin, _file):
    """Uninstall the procedure as well: the company's equipment stays."""
    _uninstall(admin, ALONE)
    for serial, _port in CAMERAS.values():
        admin.find("maintenance.equipment", **{"serial_no": serial, "category_id.name": CATEGORY})
    admin.find("maintenance.request", name="Lens is dirty")


def _uninstall(admin, name):
    module = admin.find("ir.module.module", shortdesc=name)
    wizard = admin.call("base.module.uninstall", "create", [{"module_ids": [[6, 0, [module]]]}])
    admin.call("base.module.uninstall", "action_uninstall", wizard)
    admin.find("ir.module.module", shortdesc=name, state="uninstalled")


STEPS = (install, roles, places, register, devices, add_camera, import_cameras, recording, rest, work)
STEPS += (uninstall, kept, uninstall_all)


def main():
    """Take one step."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--db", required=True)
    parser.add_argument("--logins", required=True, type=Path)
    parser.add_argument("step", choices=[step.__name__ for step in STEPS])
    parser.add_argument("file", nargs="?", type=Path)
    options = parser.parse_args()
    step = next(step for step in STEPS if step.__name__ == options.step)
    try:
        step(Odoo(options, next(iter(inspect.signature(step).parameters))), options.file)
    except (RuntimeError, OSError) as error:
        print(f"{step.__doc__} {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
