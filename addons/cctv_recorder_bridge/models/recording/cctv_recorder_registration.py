import logging
from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools.translate import LazyTranslate

from odoo.addons.cctv_sop.workflow import Step

from .cctv_recorder import IT

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

KEY_INDEX = 8  # characters by which Odoo looks a key up (res.users.apikeys.index)
KEY_DAYS = 365
MEDIA_ROOT = "/srv/cctv"
_REGISTER = Step("register_node", _lt("Register recorder and make its key"), groups=(IT,))
_ROTATE = replace(_REGISTER, name="rotate_key", label=_lt("Make a new key"))
#: What is logged on recorders without being a step of theirs.
LOGGED = (_REGISTER, _ROTATE)


class Recorder(models.Model):
    _inherit = "cctv.recorder"

    @api.model
    def _register_node(self, vals):
        """Make a node: recorder, bot user, key and its settings file. For wizards and server-side loaders.

        :param dict vals: values of the recorder; besides ``erp_url`` (address the node reaches Odoo under,
            default ``web.base.url``), ``media_root`` (folder on the node) and ``key_days`` (life of the key)
        :return tuple: (recorder, text of recorder.toml); the key in the text is stored nowhere
        """
        vals = dict(vals)
        options = {"erp_url": vals.pop("erp_url", None), "days": vals.pop("key_days", None)}
        options["media_root"] = vals.pop("media_root", None)
        recorder = self.create(vals)
        recorder._make_bot()
        text = recorder._new_config(**options)
        recorder._log_key(_REGISTER)
        return recorder, text

    def _make_bot(self):
        self.ensure_one()
        # sudo: IT may register nodes without being allowed to administer users
        bot = (
            self.env["res.users"]
            .sudo()
            .with_context(no_reset_password=True, mail_create_nosubscribe=True, tracking_disable=True)
            .create(
                {
                    "name": self.name,
                    "login": f"recorder-{self.node}",
                    "company_id": self.company_id.id,
                    "company_ids": [Command.set(self.company_id.ids)],
                    "group_ids": [
                        Command.set(
                            [
                                self.env.ref("base.group_portal").id,
                                self.env.ref("cctv_recorder_bridge.group_recorder").id,
                            ]
                        )
                    ],
                }
            )
        )
        self.sudo()._with_pass(["bot_user_id"]).write({"bot_user_id": bot.id})

    def _new_config(self, erp_url=None, days=None, media_root=None):
        """Make one more key for the node's bot, valid beside the old one, and return the settings file with it.

        The older key ends when the node is first seen with the newer one.
        """
        self.ensure_one()
        days = days or self._int_parameter("key_days", KEY_DAYS)
        expires = fields.Datetime.now() + timedelta(days=days)
        bot = self.sudo().bot_user_id
        # sudo: key life is ours to set, above what the bot's groups allow
        key = self.env["res.users.apikeys"].with_user(bot).sudo()._generate("rpc", self.name, expires)
        self.sudo()._with_pass(["key_index", "key_expires"]).write(
            {"key_index": key[:KEY_INDEX], "key_expires": expires}
        )
        return self._config_text(key, expires, erp_url, media_root)

    def _config_text(self, key, expires, erp_url, media_root):
        # sudo: base address and bot login are administration, the file is for IT
        recorder = self.sudo()
        url = erp_url or recorder.env["ir.config_parameter"].get_param("web.base.url")
        return "\n".join(
            (
                f"# Settings of the recorder {_comment(recorder.name)}. They carry a key: keep the "
                f"file to yourself (mode 600).",
                f"# The key ends {expires:%Y-%m-%d %H:%M} UTC.",
                "[odoo]",
                f"url = {_toml(url)}",
                f"db = {_toml(self.env.cr.dbname)}",
                f"login = {_toml(recorder.bot_user_id.login)}",
                f"key = {_toml(key)}",
                f"transport = {_toml(recorder.transport)}",
                "",
                "[node]",
                f"uuid = {_toml(recorder.node)}",
                "",
                "# Where footage goes on that machine.",
                "[media]",
                f"root = {_toml(media_root or MEDIA_ROOT)}",
                "",
            )
        )

    def action_rotate_key(self):
        self._check_it()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New key for %s", self.name),
            "res_model": "cctv.recorder.rotate",
            "view_mode": "form",
            "target": "new",
            "context": {"default_recorder_id": self.id},
        }

    def _rotate_key(self, note=None):
        """Return new settings for a running node and leave a trace of who asked for them."""
        self.ensure_one()
        self._check_it()
        if self.state == "retired":
            raise UserError(self.env._("%s is retired and gets no new key.", self.name))
        if not self.sudo().bot_user_id.active:
            raise UserError(self.env._("%s has no bot user any more. Register the node anew.", self.name))
        text = self._new_config()
        self._log_key(_ROTATE, note)
        body = self.env._("New key made by %s. The old one ends when the node uses the new one.", self.env.user.name)
        self._message_log(body=f"{body} {(note or '').strip()}".strip())
        return text

    def _log_key(self, act, note=None):
        """Keep who holds a new key: with it anyone may ask for what the node is told, passwords of cameras included."""
        note = (note or "").strip()
        self._check_note(note)
        told = self.env._("Gives access to the credentials of all cameras of this recorder.")
        text = f"{note} {told}".strip()
        self.env["cctv.workflow.log"]._append(self, act, self.state, self.state, text)
        evidence = {"expires": fields.Datetime.to_string(self.key_expires), "reason": note}
        self.env["cctv.custody.entry"]._append("recorder.key.made", self, evidence, self.company_id)

    def _check_it(self):
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group(IT)):
            raise AccessError(self.env._("Keys of recorders are for the IT role."))

    def _cut_off(self):
        """Revoke the keys of these nodes and archive their bots."""
        bots = self.sudo().bot_user_id
        self._revoke_keys([("user_id", "in", bots.ids)])
        bots.filtered("active").action_archive()
        if self:
            self.sudo()._with_pass(["key_index", "key_expires"]).write({"key_index": False, "key_expires": False})

    @api.model
    def _revoke_keys(self, domain):
        # sudo: the node's life, not the caller, decides on these keys
        keys = self.env["res.users.apikeys"].sudo().search(domain)
        if keys:
            keys.unlink()
            # XML-RPC remembers credentials it has checked
            self.env.registry.clear_cache()
        return keys

    @api.model
    def _int_parameter(self, name, default):
        """A whole number above zero; a slip of the pen in the settings must not stop a node, it is logged."""
        value = self._parameter(name, default)
        try:
            number = int(value)
        except ValueError:
            number = 0
        if number > 0:
            return number
        _logger.warning("cctv_recorder_bridge.%s is no number above zero: %r; %s is used", name, value, default)
        return default

    @api.model
    def _parameter(self, name, default):
        # sudo: settings of this addon, none of them secret
        return self.env["ir.config_parameter"].sudo().get_param(f"cctv_recorder_bridge.{name}") or default


def _comment(text):
    return "".join(c for c in text if c.isprintable())


def _toml(value):
    escaped = (value or "").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'
