import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...workflow import Pass

_DEVICE_DATA = frozenset({"serial_no", "model", "cctv_mac", "active", "company_id"})
ROLES = ",".join(f"cctv_sop.group_{role}" for role in ("officer", "supervisor", "it", "management", "auditor", "dpo"))
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_MAC_TYPED = re.compile(r"[0-9a-fA-F]{2}([-:.]?[0-9a-fA-F]{2}){2,5}")  # the half of one is enough to look for it


class MaintenanceEquipment(models.Model):
    """Device data of a mounted camera change only by a step of the camera, for equipment managers too."""

    _inherit = "maintenance.equipment"
    _rec_names_search = ["name", "serial_no", "cctv_mac"]

    # equipment managers without a role here have no right on cameras: without groups they could not read() a device
    cctv_camera_ids = fields.One2many("cctv.camera", "equipment_id", "CCTV camera", groups=ROLES)
    cctv_camera_id = fields.Many2one(
        "cctv.camera", "Camera Point", compute="_compute_cctv_camera_id", search="_search_cctv_camera_id", groups=ROLES
    )
    cctv_camera_place = fields.Char(
        "CCTV location", related="cctv_camera_id.location_id.display_name", related_sudo=False, groups=ROLES
    )
    cctv_camera_state = fields.Selection(
        related="cctv_camera_id.state", string="Status", related_sudo=False, groups=ROLES
    )
    cctv_mac = fields.Char("MAC address", copy=False)
    cctv_device = fields.Boolean("CCTV device", related="category_id.cctv")

    _cctv_mac_uniq = models.Constraint("UNIQUE(cctv_mac)", "Another device has this MAC address.")

    @api.depends("cctv_camera_ids")
    def _compute_cctv_camera_id(self):
        """The point at which the device hangs now."""
        for device in self:
            device.cctv_camera_id = device.cctv_camera_ids[:1]

    @api.model
    def _search_cctv_camera_id(self, operator, value):
        return [("cctv_camera_ids", operator, value)]

    @api.model
    def _search_display_name(self, operator, value):
        """A device is found by what stands on its label: name, serial number, MAC address however it is written."""
        found = super()._search_display_name(operator, value)
        if operator in Domain.NEGATIVE_OPERATORS or not isinstance(value, str) or not _MAC_TYPED.fullmatch(value):
            return found
        return Domain(found) | Domain("cctv_mac", operator, self._with_colons(value))

    @api.model
    def _with_colons(self, mac):
        digits = re.sub(r"[^0-9a-z]", "", str(mac or "").lower())
        return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))

    @api.model
    def _normalise_mac(self, mac):
        """:return str: ``aa:bb:cc:dd:ee:ff``, or ``False`` for nothing
        :raises UserError: when it is no MAC address
        """
        found = self._with_colons(mac)
        if mac and not _MAC.fullmatch(found):
            raise UserError(self.env._("“%s” is no MAC address.", mac))
        return found or False

    @api.model
    def _create_cctv_device(self, camera, serial_no, model=None, mac=None):
        """Register a device for a point.

        :return maintenance.equipment: the new device, of the camera's company
        """
        return self.create(
            {
                "name": model or self.env._("CCTV camera"),
                "serial_no": serial_no,
                "model": model or False,
                "cctv_mac": mac or False,
                "company_id": camera.company_id.id,
                "equipment_assign_to": "other",
                "category_id": self.env.ref("cctv_sop.equipment_category_camera").id,
            }
        )

    def _write_device_data(self, vals):
        """Change device data in a step of the camera.

        :param dict vals: of serial_no, model, cctv_mac
        """
        leave = Pass(self._name, frozenset(vals), frozenset(self.ids))
        # sudo: the camera's step has checked the role
        self.sudo().with_context(_workflow=leave).write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if "cctv_mac" in vals:
                vals["cctv_mac"] = self._normalise_mac(vals["cctv_mac"])
        return super().create(vals_list)

    def write(self, vals):
        self.check_access("write")  # before anything is told about the device
        if "cctv_mac" in vals:
            vals = {**vals, "cctv_mac": self._normalise_mac(vals["cctv_mac"])}
        self._check_device_data(vals)
        return super().write(vals)

    def _check_device_data(self, vals):
        given = self.env.context.get("_workflow")
        leave = given.names if isinstance(given, Pass) and given.opens(self) else frozenset()
        names = (_DEVICE_DATA & vals.keys()) - leave
        # sudo: a mounted device is guarded whether or not the caller may see the camera
        mounted = self.sudo().filtered("cctv_camera_ids") if names else self.browse()
        for device in mounted:
            changed = [
                name
                for name in names
                if (device._fields[name].convert_to_write(device[name], device) or False) != (vals[name] or False)
            ]
            if changed:
                labels = sorted(self._fields[name]._description_string(self.env) for name in changed)
                raise AccessError(
                    self.env._(
                        "%(device)s hangs at camera %(camera)s. Only a step on the camera changes this: %(fields)s.",
                        device=device.name,
                        camera=device.cctv_camera_ids[0].display_name,
                        fields=", ".join(labels),
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_mounted(self):
        # sudo: history counts whoever deletes
        if self.env["cctv.camera.mounting"].sudo().search_count([("equipment_id", "in", self.ids)], limit=1):
            raise UserError(self.env._("A device that hung at a camera is archived, never deleted."))
