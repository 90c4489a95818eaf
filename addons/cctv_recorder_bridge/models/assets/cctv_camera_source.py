from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from odoo.addons.cctv_sop.storable import check_storable
from odoo.addons.cctv_sop.workflow import Step

from ...tools import source_url
from ..recording.cctv_recorder_said import in_words

_lt = LazyTranslate(__name__)

IT = "cctv_sop.group_it"
SECRETS = ("user", "password")
_REVEAL = Step("reveal_credentials", _lt("Read the camera's credentials"), groups=(IT,))
_MOVE = replace(_REVEAL, name="change_stream", label=_lt("Change the address of a stream"))
_ADD = replace(_REVEAL, name="add_stream", label=_lt("Add a stream"))
_REMOVE = replace(_REVEAL, name="remove_stream", label=_lt("Remove a stream"))
#: What is logged on cameras without being a step of theirs.
LOGGED = (_REVEAL, _MOVE, _ADD, _REMOVE)


class CameraSource(models.Model):
    """Address and credentials of one stream of a camera.

    Credentials go out in two ways only: to the camera's own node inside ``cctv.recorder.sync``, and to the IT role by
    :meth:`reveal_credentials`, which is logged. ``user`` and ``password`` take what is typed and always read
    back empty. They belong to the device that answers at the address: another protocol, host or port without a new
    password forgets them, or whoever writes the address could have the node log in at a server of his own.
    """

    _name = "cctv.camera.source"
    _description = "Camera Stream"
    _inherit = ["cctv.workflow.line.mixin"]
    _workflow_parent = "camera_id"
    _order = "camera_id, kind"
    _rec_name = "kind"
    _check_company_auto = True

    camera_id = fields.Many2one("cctv.camera", required=True, index=True, ondelete="restrict", check_company=True)
    company_id = fields.Many2one(related="camera_id.company_id", store=True, index=True)
    recorder_id = fields.Many2one(related="camera_id.recorder_id")
    kind = fields.Selection([("main", "Main stream"), ("sub", "Sub stream")], default="main", required=True)
    url = fields.Char(
        "Address",
        required=True,
        help="For example rtsp://192.0.2.7:554/stream1. Another protocol, host or port clears the stored user name and "
        "password: enter them again with it.",
    )
    transport = fields.Selection([("tcp", "TCP"), ("udp", "UDP")], default="tcp", required=True)
    user = fields.Char("User Name", compute="_compute_input", readonly=False, copy=False, exportable=False)
    password = fields.Char(compute="_compute_input", readonly=False, copy=False, exportable=False)
    secret_user = fields.Char(groups=fields.NO_ACCESS, copy=False)
    secret_password = fields.Char(groups=fields.NO_ACCESS, copy=False)
    has_credentials = fields.Boolean(compute="_compute_has_credentials", compute_sudo=True)
    has_password = fields.Boolean(compute="_compute_has_credentials", compute_sudo=True)
    same_address = fields.Char("Also the Address Of", compute="_compute_same_address", groups=IT)
    open_password = fields.Char("Password in the Address", compute="_compute_open_password", groups=IT)
    test_job_id = fields.Many2one("cctv.recorder.job", compute="_compute_test")
    test_result = fields.Char("Last Test", compute="_compute_test")
    tested_at = fields.Datetime(compute="_compute_test")
    test_ok = fields.Boolean(compute="_compute_test")

    _kind_uniq = models.Constraint("UNIQUE(camera_id, kind)", "A camera has one main and one sub stream.")

    def _compute_input(self):
        self.user = self.password = False

    @api.depends("secret_user", "secret_password")
    def _compute_has_credentials(self):
        for source in self:
            source.has_password = bool(source.secret_password)
            source.has_credentials = bool(source.secret_user or source.secret_password)

    @api.depends("url", "camera_id")
    @api.depends_context("lang")
    def _compute_same_address(self):
        for source in self:
            names = ", ".join(source._cameras_at_same_address().mapped("display_name"))
            text = self.env._("This is also the address of %s: it is the same picture twice.", names)
            source.same_address = names and text

    @api.depends("url")
    @api.depends_context("lang")
    def _compute_open_password(self):
        """Addresses of earlier versions may hold one still: they stay as they are until a person changes them."""
        for source in self:
            source.open_password = source_url.holds_password(source.url) and self._url_texts()["secret"]

    def _cameras_at_same_address(self):
        """:return: other cameras that the user may see whose picture comes from this address, credentials aside"""
        place = source_url.place(self.url)
        if not place:
            return self.env["cctv.camera"]
        (_scheme, host, _port), _path, _query = place
        domain = [
            ("url", "ilike", host),
            ("camera_id", "not in", self.camera_id._origin.ids),
            ("camera_id.state", "!=", "decommissioned"),
        ]
        return self.search(domain).filtered(lambda source: source_url.place(source.url) == place).camera_id

    def _compute_test(self):
        jobs = self.env["cctv.recorder.job"]._last_tests(self.camera_id)
        for source in self:
            job = jobs.get((source.camera_id.id, source.kind), self.env["cctv.recorder.job"])
            source.test_job_id = job
            source.test_result = job.message
            source.tested_at = job.done_at
            source.test_ok = job.state == "done" and job._told_result().get("ok") is True

    # -- credentials ---------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        pairs = [self._split_secrets(vals) for vals in vals_list]
        sources = super().create([vals for vals, _secrets in pairs])
        for source, (_vals, secrets) in zip(sources, pairs, strict=True):
            source._store_secrets(secrets)
            source._log_on(source.camera_id, _ADD, source._kind_word())
        return sources

    def unlink(self):
        told = [(source.camera_id, source._kind_word()) for source in self]
        result = super().unlink()
        for camera, text in told:
            self._log_on(camera, _REMOVE, text)
        return result

    def write(self, vals):
        vals, secrets = self._split_secrets(vals)
        before = (
            {source: (source.url, source.camera_id) for source in self} if {"url", "camera_id"} & vals.keys() else {}
        )
        result = super().write(vals) if vals else self.check_access("write") or True
        elsewhere = self.browse()
        if not secrets.get("password"):
            elsewhere = self.filtered(
                lambda source: (
                    source in before and source_url.endpoint(before[source][0]) != source_url.endpoint(source.url)
                )
            )
        (self - elsewhere)._store_secrets(secrets)
        elsewhere._forget_secrets(secrets)
        for source, (url, camera) in before.items():
            source._tell_change(url, camera)
        return result

    def _forget_secrets(self, secrets):
        """These streams come from another device now: what was stored is not for it.

        :param dict secrets: credentials written along, without a password
        """
        known = self.filtered("has_credentials")
        self._store_secrets({"user": secrets.get("user") or False, "password": False})
        if known:
            text = self.env._("The address leads elsewhere: the stored user name and password are cleared. Enter them.")
            self.env.user._bus_send("simple_notification", {"message": text, "type": "warning", "sticky": True})

    def _tell_change(self, url, camera):
        """Keep who changed what on the camera and in the step log, which more roles read than may know an address."""
        if (url, camera) == (self.url, self.camera_id):
            return
        values = {"stream": self._kind_word(), "from": camera.display_name}
        if camera != self.camera_id:
            text = self.env._("%(stream)s: moved here from %(from)s", **values)
        elif source_url.endpoint(url) != source_url.endpoint(self.url):
            text = self.env._("%(stream)s: the address leads to another device", **values)
        else:
            text = self.env._("%(stream)s: another path on the same device", **values)
        for told in camera | self.camera_id:
            self._log_on(told, _MOVE, text)

    @api.model
    def _log_on(self, camera, act, text):
        self.env["cctv.workflow.log"]._append(camera, act, camera.state, camera.state, text)
        camera._message_log(body=f"{self.env._(act.label)}: {text}")

    @api.model
    def _split_secrets(self, vals):
        """Take credentials out of values, those inside an address too.

        :return tuple: (values without credentials, credentials by name)
        :raises UserError: the address is wrong, or what was given cannot be stored
        """
        if forged := {"secret_user", "secret_password"} & vals.keys():
            raise AccessError(self.env._("These fields are not for writing: %s.", ", ".join(sorted(forged))))
        vals = dict(vals)
        secrets = {}
        if "url" in vals:
            vals["url"], user, password = self._split_url(vals["url"])
            if user is not None:
                secrets = {"user": user, "password": password or False}
        for name in SECRETS:
            if name in vals:
                given = vals.pop(name)
                if given or name not in secrets:
                    secrets[name] = given or False
        check_storable(self, secrets)
        return vals, secrets

    @api.model
    def _split_url(self, text):
        try:
            return source_url.split(text)
        except source_url.UrlError as error:
            raise UserError(self._url_texts()[error.reason]) from None

    @api.model
    def _url_texts(self):
        example = "rtsp://192.0.2.7:554/stream1"
        return {
            "empty": self.env._("The address of the stream is missing. Example: %s", example),
            "long": self.env._("The address of the stream is longer than 500 characters."),
            "blank": self.env._("The address of the stream has blanks or control characters. Example: %s", example),
            "scheme": self.env._(
                "The address must begin with %(schemes)s. Example: %(example)s",
                schemes=", ".join(f"{name}://" for name in source_url.SCHEMES),
                example=example,
            ),
            "host": self.env._("The address names no camera: the part after “://” is missing. Example: %s", example),
            "port": self.env._("The port in the address is not valid: it is a number from 1 to 65535."),
            "hash": in_words(self.env, "address_hash", {}),
            "percent": in_words(self.env, "address_percent", {}),
            "name": in_words(self.env, "address_host", {}),
            "secret": self.env._(
                "The address holds a password in its path or query, where everyone who sees the address reads it. Take "
                "user name and password out of the address and enter them in their own fields: most such cameras take "
                "them there too."
            ),
        }

    def _store_secrets(self, secrets):
        if not secrets or not self:
            return
        self.check_access("write")
        self._write_secrets({f"secret_{name}": value or None for name, value in secrets.items()})
        for source in self:
            source.camera_id._message_log(body=self.env._("Credentials of the %s changed.", source._kind_word()))

    def _write_secrets(self, values):
        """Nobody may read these fields; whoever may write the source may set them.

        By SQL of its own, since Odoo's log repeats a statement that fails, values included, and two saves at once are
        enough for that.
        """
        self._check_parent_open()
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s WHERE id = ANY(%s)",
                SQL.identifier(self._table),
                SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items()),
                self.ids,
            ),
            log_exceptions=False,
        )
        self.invalidate_recordset(list(values))
        self.modified(list(values))

    def _kind_word(self):
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    def reveal_credentials(self):
        """Return the credentials to the IT role; who asked is kept in the step log and on the camera.

        :return dict: ``user`` and ``password``
        :raises AccessError: for every other role
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group(IT):
            raise AccessError(self.env._("Credentials of cameras are for the IT role."))
        self.env["cctv.workflow.log"]._append(
            self.camera_id, _REVEAL, self.camera_id.state, self.camera_id.state, self._kind_word()
        )
        self.camera_id._message_log(
            body=self.env._(
                "%(user)s read the credentials of the %(stream)s.", user=self.env.user.name, stream=self._kind_word()
            )
        )
        camera = self.camera_id
        self.env["cctv.custody.entry"]._append(
            "camera.credentials.read", camera, {"stream": self.kind}, camera.company_id
        )
        # sudo: checked and logged above
        return {"user": self.sudo().secret_user or "", "password": self.sudo().secret_password or ""}

    def reveal_password(self):
        """:return str: the password; see :meth:`reveal_credentials`"""
        return self.reveal_credentials()["password"]

    # -- for the node --------------------------------------------------------------------------------------

    def _wire(self):
        """:return dict: the stream as the node's configuration carries it, credentials included. Superuser only."""
        if not self:
            return None
        return {
            "url": self.url,
            "user": self.secret_user or "",
            "password": self.secret_password or "",
            "transport": self.transport,
        }

    def queue_test(self):
        """:return int: id of the job that tests this stream"""
        self.ensure_one()
        return self.env["cctv.recorder.job"]._request(self.camera_id, "test_stream", {"which": self.kind}).id

    def action_test_stream(self):
        for source in self:
            source.queue_test()
        return self.env["cctv.recorder.job"]._queued_notice(len(self))
