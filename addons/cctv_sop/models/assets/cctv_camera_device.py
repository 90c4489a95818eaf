from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from ...workflow import step

_lt = LazyTranslate(__name__)

IT = "cctv_sop.group_it"
_MOUNTABLE = ("planned", "installing", "testing", "active", "suspended")


class CctvCamera(models.Model):
    """The device that hangs at the point: mounted, corrected and taken down by steps."""

    _inherit = "cctv.camera"

    equipment_id = fields.Many2one(
        "maintenance.equipment",
        "Device",
        guarded=True,
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    mounting_ids = fields.One2many("cctv.camera.mounting", "camera_id", "Devices so far", readonly=True)
    serial_no = fields.Char(
        "Serial number",
        compute="_compute_serial_no",
        inverse="_inverse_serial_no",
        search="_search_serial_no",
        copy=False,
        help="Entering one at a point without a device mounts that device.",
    )
    device_name = fields.Char(related="equipment_id.name", string="Device name")
    model = fields.Char(related="equipment_id.model", string="Device model")
    mac = fields.Char(related="equipment_id.cctv_mac", string="MAC address")
    warranty_date = fields.Date(related="equipment_id.warranty_date")

    _one_point_per_device = models.Constraint("UNIQUE(equipment_id)", "This device hangs at another point already.")

    @api.depends("equipment_id.serial_no")
    def _compute_serial_no(self):
        for camera in self:
            # sudo: officers have no right on equipment, the serial number is part of the point's file
            camera.serial_no = camera.sudo().equipment_id.serial_no

    def _search_serial_no(self, operator, value):
        # any!: past the rules on equipment, as the serial number is read
        return [("equipment_id", "any!", [("serial_no", operator, value)])]

    def _inverse_serial_no(self):
        for camera in self:
            serial = camera.serial_no
            mounted = camera.sudo().equipment_id
            if not serial or serial == mounted.serial_no:
                continue
            if mounted:
                raise UserError(
                    self.env._(
                        "%s has a device already. Use “Replace device” or “Correct device data”.", camera.display_name
                    )
                )
            camera.action_mount(serial_no=serial)

    # -- steps -------------------------------------------------------------------------------------------

    @step(_MOUNTABLE, None, who=IT, label=_lt("Mount device"))
    def action_mount(self, equipment_id=None, serial_no=None, model=None, mac=None, note=None):
        """Hang a device at the point; one that hangs there is taken down first.

        :param int equipment_id: an existing device, or
        :param str serial_no: serial number of a device, made when it is not known yet
        :param str model: maker's model name of a new device
        :param str mac: MAC address of a new device
        :raises UserError: neither is given, or the device hangs elsewhere, belongs to another company or is not
            of a CCTV category
        """
        equipment = self._device_to_mount(equipment_id, serial_no, model, mac)
        self._check_device_free(equipment)
        self._close_mounting(note)
        self.env["cctv.camera.mounting"]._open(self, equipment, note)
        return {"equipment_id": equipment.id}

    @step(_MOUNTABLE, None, who=IT, note=True, label=_lt("Take device down"))
    def action_unmount(self, note):
        if not self.equipment_id:
            raise UserError(self.env._("No device hangs at %s.", self.display_name))
        self._close_mounting(note)
        return {"equipment_id": False}

    @step(_MOUNTABLE, None, who=IT, note=True, label=_lt("Correct device data"))
    def action_correct_device(self, serial_no=None, model=None, mac=None):
        """Correct what was entered wrongly; what is not given stays."""
        if not self.equipment_id:
            raise UserError(self.env._("No device hangs at %s.", self.display_name))
        self._check_cctv_device(self.equipment_id)
        given = {"serial_no": serial_no, "model": model, "cctv_mac": mac}
        self.equipment_id._write_device_data({name: value for name, value in given.items() if value})
        return {}

    def _device_to_mount(self, equipment_id, serial_no, model, mac):
        devices = self.env["maintenance.equipment"].sudo()
        if equipment_id:
            known = type(equipment_id) is int and 0 < equipment_id < 2**31
            return devices.browse(equipment_id if known else ()).exists()
        serial = serial_no.strip() if isinstance(serial_no, str) else ""
        if not serial:
            raise UserError(self.env._("Enter the device's serial number, or choose a device."))
        known = devices.with_context(active_test=False).search([("serial_no", "=", serial)])
        return known or devices._create_cctv_device(self, serial, model, mac)

    def _check_cctv_device(self, equipment):
        """Mounting opens a device's data to the IT role: that is for CCTV devices, not for any machine or laptop."""
        if not equipment.category_id.cctv:
            raise UserError(
                self.env._(
                    "The device %(serial)s is not of a CCTV category. Maintenance sets its category first.",
                    serial=equipment.serial_no or equipment.id,
                )
            )

    def _check_device_free(self, equipment):
        if not equipment:
            raise UserError(self.env._("This device does not exist."))
        if equipment.company_id and equipment.company_id != self.company_id:
            raise UserError(self.env._("The device with this serial number belongs to another company."))
        self._check_cctv_device(equipment)
        if not equipment.active:
            raise UserError(self.env._("%s is archived. Restore it in Maintenance first.", equipment.display_name))
        elsewhere = equipment.cctv_camera_ids - self
        if elsewhere:
            raise UserError(
                self.env._(
                    "%(device)s hangs at %(camera)s. Take it down there first.",
                    device=equipment.display_name,
                    camera=elsewhere[0].display_name,
                )
            )
        if equipment == self.equipment_id:
            raise UserError(self.env._("%s hangs here already.", equipment.display_name))

    def _close_mounting(self, note=None):
        self.mounting_ids.filtered(lambda mounting: not mounting.unmounted_at)._close(note)
