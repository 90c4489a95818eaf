"""A database of each landed version, in use, becomes what a new one is: its rows kept, its tables alike."""

import re
import shutil
import tarfile

import pytest
from support.system import ROOT
from support.throwaway import throwaway
from test_uninstall import USED

LANDED = sorted((ROOT / "tests" / "landed").glob("addons-*.tar.xz"))
ALIKE = {
    "columns": "select table_name, column_name, data_type, character_maximum_length, is_nullable"
    " from information_schema.columns where table_name like 'cctv\\_%' order by 1, 2",
    "indexes": "select tablename, indexname, indexdef from pg_indexes where tablename like 'cctv\\_%' order by 1, 2",
    "constraints": "select conrelid::regclass, conname, pg_get_constraintdef(oid) from pg_constraint"
    " where conrelid::regclass::text like 'cctv\\_%' order by 1::text, 2",
    "triggers": "select event_object_table, trigger_name from information_schema.triggers"
    " where event_object_table like 'cctv\\_%' order by 1, 2",
    "data": "select module, name, model from ir_model_data where module like 'cctv\\_%' and name not like 'user\\_%'"
    " order by 1, 2",
    "activity types": "select d.name, t.res_model from ir_model_data d join mail_activity_type t on t.id = d.res_id"
    " where d.model = 'mail.activity.type' and d.module like 'cctv\\_%' order by 1",
}
KEPT = "select c.code, c.state, s.status, r.longest_segment from cctv_camera c join cctv_segment_data s on"
KEPT += " s.camera_id = c.id join cctv_recorder r on r.id = s.recorder_id"


@pytest.fixture(params=LANDED, ids=lambda path: path.name.removeprefix("addons-").removesuffix(".tar.xz"))
def landed(system, request):
    """Return the addons path of a landed version."""
    folder = system.owned_folder(system.run / "work" / "landed")
    with tarfile.open(request.param) as archive:
        archive.extractall(folder)
    folder.chmod(0o755)
    conf = (system.run / "odoo" / "odoo.conf").read_text()
    *others, _ours = re.search(r"^addons_path = (.*)$", conf, re.M)[1].split(",")
    yield ",".join([*others, str(folder / "addons")])
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def new(system):
    """Return what a database of this version has: rows of each query of ALIKE by name."""
    with throwaway(system) as database:
        database.install("cctv_recorder_bridge")
        return {what: database.query(query) for what, query in ALIKE.items()}


@pytest.mark.timeout(900)
def test_landed_version_becomes_this_one(system, landed, new):
    with throwaway(system) as older:
        only = ["-d", older.name, f"--db-filter=^{older.name}$"]
        older.odoo(*only, f"--addons-path={landed}", "-i", "cctv_recorder_bridge", "--stop-after-init", "--no-http")
        code = f"{USED}\nenv.cr.commit()\n"
        older.odoo("shell", *only, f"--addons-path={landed}", "--no-http", text=code)
        older.odoo(*only, "-u", "cctv_sop,cctv_recorder_bridge", "--stop-after-init", "--no-http")
        assert older.query(KEPT) == [["cam-01", "planned", "ok", "60"]]
        for what, query in ALIKE.items():
            assert older.query(query) == new[what], what
