"""One company, its places and one user per role: for these tests and for those of other addons."""

import json
import uuid
from contextlib import contextmanager
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.modules.migration import exec_script
from odoo.tests import HttpCase, TransactionCase, new_test_user
from odoo.tools import file_path

#: role -> XML ids of the groups of its user
ROLE_GROUPS = {
    "officer": "cctv_sop.group_officer",
    "supervisor": "cctv_sop.group_supervisor",
    "it": "cctv_sop.group_it",
    "management": "cctv_sop.group_management",
    "auditor": "cctv_sop.group_auditor",
    "dpo": "cctv_sop.group_dpo",
    "hr": "base.group_user,hr.group_hr_user",
    "procurement": "base.group_user,purchase.group_purchase_user",
    "employee": "base.group_user",
    "vendor": "base.group_portal",
    "admin": "base.group_user,base.group_system",
}


def make_recordable(camera):
    """Where recorders are known, a camera is put to the test only with a recorder and a main stream."""
    camera = camera.sudo()
    recorders = camera.env.get("cctv.recorder")
    if recorders is None or camera.recorder_id:
        return
    values = {"name": "Perekam Uji", "company_id": camera.company_id.id, "erp_url": "http://127.0.0.1:1"}
    recorder = recorders.search([("name", "=", values["name"]), ("company_id", "=", values["company_id"])])
    camera.recorder_id = recorder or recorders._register_node(values)[0]
    camera.env["cctv.camera.source"].create({"camera_id": camera.id, "url": "rtsp://127.0.0.1:18551/main"})


class CctvMixin:
    """Fixtures. ``users`` maps a role to its user; a role whose group is not installed is left out."""

    @classmethod
    def _set_up_cctv(cls):
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, mail_create_nolog=True))
        cls.company = cls.env["res.company"].create({"name": "PT Uji Satu", "cctv_code": "ujisatu"})
        cls.other_company = cls.env["res.company"].create({"name": "PT Uji Dua", "cctv_code": "ujidua"})
        cls.users = {
            role: cls._new_user(role, groups) for role, groups in ROLE_GROUPS.items() if cls._installed(groups)
        }
        cls.it, cls.officer, cls.management = (cls.users[role] for role in ("it", "officer", "management"))
        cls.outsider = cls._new_user("it_other", ROLE_GROUPS["it"], cls.other_company)
        cls.site, cls.building, cls.floor, cls.room = cls._new_tree(cls.company, "Gudang Makassar", "Asia/Makassar")
        cls.forbidden = cls._new_location(
            "Toilet", "room", cls.floor, area_type="forbidden", forbidden_kind="toilet", company_id=cls.company.id
        )
        cls.level = cls.env.ref("cctv_sop.level_2014_recognise")
        cls.env["maintenance.team"].create({"name": "Tim Uji", "company_id": cls.company.id})

    @classmethod
    def _installed(cls, groups):
        return all(cls.env.ref(xmlid, raise_if_not_found=False) for xmlid in groups.split(","))

    @classmethod
    def _new_user(cls, role, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            f"cctv_{role}",
            groups=groups,
            name=f"Uji {role}",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    @classmethod
    def _new_location(cls, name, kind, parent=None, **values):
        values.setdefault("company_id", parent.company_id.id if parent else cls.company.id)
        return cls.env["cctv.location"].create(
            {"name": name, "location_type": kind, "parent_id": parent.id if parent else False, **values}
        )

    @classmethod
    def _new_tree(cls, company, name, tz):
        site = cls._new_location(name, "site", tz=tz, company_id=company.id, security_class="restricted")
        building = cls._new_location("Gedung A", "building", site)
        floor = cls._new_location("Lantai 1", "floor", building)
        room = cls._new_location("Dock 3", "room", floor, area_type="warehouse")
        return site, building, floor, room

    @classmethod
    def _new_camera(cls, code="cam-01", **values):
        """:return: a planned camera with purpose and lawful basis"""
        location = values.pop("location", cls.room)
        return cls.env["cctv.camera"].create(
            {
                "code": code,
                "name": f"Kamera {code}",
                "location_id": location.id,
                "company_id": location.company_id.id,
                "purpose": "asset_security",
                "lawful_basis": "legitimate_interest",
                **values,
            }
        )

    @classmethod
    def _camera_in(cls, state, code="cam-01", **values):
        """:return: a camera brought to a state by its steps, as IT would"""
        return cls._bring_to(state, cls._new_camera(code, **values))

    @classmethod
    def _bring_to(cls, state, camera):
        if state == "testing":
            make_recordable(camera)
        person = camera.with_user(cls.it if camera.company_id == cls.company else cls.outsider)
        routes = {
            "planned": (),
            "testing": ("action_start_testing",),
            "active": ("action_take_over",),
            "suspended": ("action_take_over", "action_suspend"),
            "decommissioned": ("action_decommission",),
        }
        for name in routes[state]:
            getattr(person, name)(note="uji")
        return camera

    @classmethod
    def _custody_line(cls, company=None):
        """:return: a new line of a company's custody ledger"""
        lines = cls.env["cctv.custody.entry"]
        lines._append("purge.done", "CCTV/DEL/2026/0001", company=company or cls.company)
        cls.env.cr.flush()
        return lines.search([("company_id", "=", (company or cls.company).id)], limit=1)

    @classmethod
    def _new_hold(cls, cameras, user=None, **values):
        """:return: a hold that is ready to become active, made by a user"""
        return (
            cls.env["cctv.legal.hold"]
            .with_user(user or cls.env.user)
            .create(
                {
                    "reason": "Barang hilang",
                    "case_ref": "LP/1",
                    "company_id": cameras.company_id.id,
                    "camera_ids": [(6, 0, cameras.ids)],
                    "start": fields.Datetime.now() - timedelta(days=2),
                    "stop": fields.Datetime.now() - timedelta(days=1),
                    "review_date": fields.Date.today() + timedelta(days=30),
                    **values,
                }
            )
        )

    @classmethod
    def _run_holds_until(cls, end):
        """Run the cron of holds every half day up to a moment."""
        holds, moment = cls.env["cctv.legal.hold"], fields.Datetime.now()
        while moment < end:
            moment = min(moment + timedelta(hours=12), end)
            with freeze_time(moment):
                holds._cron_holds()
        holds._reckon(fields.Datetime.now())

    @classmethod
    def _let_clock_leap(cls, company, **delta):
        """As if the clock had moved so much further than scheduled work ran."""
        holds, now = cls.env["cctv.legal.hold"], fields.Datetime.now()
        holds._reckon(now)
        cls.env.cr.execute(
            "UPDATE cctv_hold_clock SET passed = %s WHERE company_id = %s", [now - timedelta(**delta), company.id]
        )

    @classmethod
    def _new_run(cls, camera, **values):
        """:return: a deletion run with one camera, as what deletes would ask for it"""
        values = {"uuid": str(uuid.uuid4()), "company_id": camera.company_id.id, "segments": 3, "bytes": 3e6, **values}
        line = {"camera_id": camera.id, "segments": 3, "bytes": 3e6}
        return cls.env["cctv.deletion.run"]._ask({"cameras": 1, **values}, [line])


class CctvCommon(CctvMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_cctv()

    def migrate(self, script, installed):
        """Run a migration script as an update of its addon does.

        :param str script: ``addon/version/stage-name``
        :param str installed: version that the database has
        """
        addon, version, name = script.split("/")
        path = file_path(f"{addon}/migrations/{version}/{name}.py")
        exec_script(self.env.cr, installed, path, addon, name.split("-")[0], version)

    @contextmanager
    def refused(self, pattern, error=UserError):
        """Assert that the block is refused with a text that matches; what it wrote is rolled back."""
        with self.assertRaisesRegex(error, pattern), self.env.cr.savepoint():
            yield


class CctvHttpCommon(CctvMixin, HttpCase):
    """Calls as a client makes them: JSON-2 with a key, JSON-RPC with a session."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_cctv()

    def json2(self, user, model, method, /, **body):
        """Call ``/json/2/<model>/<method>``.

        :return: pair (HTTP status, decoded body)
        """
        key = self.env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "uji", None)
        answer = self.url_open(
            f"/json/2/{model}/{method}",
            data=json.dumps(body),
            headers={
                "Authorization": f"bearer {key}",
                "Content-Type": "application/json",
                "X-Odoo-Database": self.env.cr.dbname,
            },
        )
        return answer.status_code, answer.json()

    def called(self, user, method, /, model="cctv.camera", **body):
        """:return: the answer to a call over JSON-2 that is not refused"""
        status, answer = self.json2(user, model, method, **body)
        self.assertEqual(status, 200, answer)
        self.env.invalidate_all()
        return answer

    def denied(self, pattern, user, method, /, model="cctv.camera", **body):
        """Assert that a call over JSON-2 is refused for want of rights, with a text that matches."""
        status, answer = self.json2(user, model, method, **body)
        self.assertEqual(status, 403, answer)
        self.assertRegex(answer["message"], pattern)
        self.env.invalidate_all()
