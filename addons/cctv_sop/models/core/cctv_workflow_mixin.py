from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...storable import check_storable
from ...workflow import Pass, Step

MOST_NOTE = 10_000  # characters; the custody ledger keeps reasons, and has room for little more in a line


class CctvWorkflowMixin(models.AbstractModel):
    """Record whose state moves only through its steps. The rule is told in ``cctv_sop/workflow.py``.

    A model that inherits this declares a selection field ``state`` (or names another one in ``_state_field``),
    marks its protected fields ``guarded=True, readonly=True, copy=False`` and its transitions with ``@step``.
    """

    _name = "cctv.workflow.mixin"
    _description = "Record whose state moves only through its steps"
    _inherit = ["cctv.derived.mixin"]

    _state_field = "state"
    _open_states = ("draft",)
    # Ordinary fields editable in every state. Each class adds its own: the sets of all classes are joined.
    _free_fields = frozenset()

    allowed_steps = fields.Char(compute="_compute_allowed_steps", compute_sudo=False)
    is_open = fields.Boolean(compute="_compute_allowed_steps", compute_sudo=False)

    def _valid_field_parameter(self, field, name):
        return name == "guarded" or super()._valid_field_parameter(field, name)

    # -- what is declared --------------------------------------------------------------------------------

    @classmethod
    def _guarded_names(cls):
        """:return frozenset: names of the fields that only steps may set"""
        names = {name for name, field in cls._fields.items() if getattr(field, "guarded", False)}
        return frozenset(names | ({cls._state_field, "active"} & cls._fields.keys()))

    @classmethod
    def _always_free_names(cls):
        """:return frozenset: ordinary fields that may be edited in every state"""
        return frozenset().union(*(vars(klass).get("_free_fields", ()) for klass in cls.__mro__))

    @classmethod
    def _steps(cls):
        """:return dict: every step of the model by name. An override without ``@step`` keeps its step."""
        found = {}
        for klass in cls.__mro__:
            for name, attribute in vars(klass).items():
                if isinstance(declared := getattr(attribute, "step", None), Step):
                    found.setdefault(name, declared)
        return found

    # -- the guard ---------------------------------------------------------------------------------------

    def _with_pass(self, names, create=False):
        """These records with leave to write the named fields. Never give the result to a caller.

        :param names: names of guarded fields
        :param bool create: leave to create a record instead of writing these
        """
        ids = None if create else frozenset(self.ids)
        return self.with_context(_workflow=Pass(self._name, frozenset(names), ids))

    def _leave(self):
        """:return frozenset: guarded names that the pass in the context opens for these records"""
        given = self.env.context.get("_workflow")
        return given.names if isinstance(given, Pass) and given.opens(self) else frozenset()

    def _refuse_guarded(self, names):
        labels = ", ".join(sorted(self._fields[name]._description_string(self.env) for name in names))
        raise AccessError(self.env._("Only the steps of the procedure change this: %(fields)s.", fields=labels))

    def _initial_values(self, vals):
        """Values with which guarded fields start. Beats ``default_*`` keys and ``ir.default``.

        :param dict vals: the values given for one record
        :return dict: by field name; computed fields are left to their compute
        """
        return {name: self._initial_value(self._fields[name]) for name in self._guarded_names()}

    def _initial_value(self, field):
        if field.type in ("one2many", "many2many"):
            return []
        value = field.default(self) if field.default else False
        return field.convert_to_write(field.convert_to_cache(value, self, validate=False), self)

    @api.model_create_multi
    def create(self, vals_list):
        guarded = self._guarded_names() - self._leave()
        for vals in vals_list:
            if forged := guarded & vals.keys():
                self._refuse_guarded(forged)
        self.check_access("create")  # before first values are reckoned, which may take a number
        prepared = [{**self._initial_values(vals), **vals} for vals in vals_list]
        hidden = {name for name in guarded if not self._has_field_access(self._fields[name], "write")}
        if not hidden:
            return super().create(prepared)
        records = super().create([{name: vals[name] for name in vals if name not in hidden} for vals in prepared])
        for record, vals in zip(records, prepared, strict=True):
            # sudo: the guard sets what the caller's groups hide from him
            record.sudo()._with_pass(hidden).write({name: vals[name] for name in hidden})
        return records

    def write(self, vals):
        leave = self._leave()
        if forged := (self._guarded_names() & vals.keys()) - leave:
            self._refuse_guarded(forged)
        if not leave:
            self._check_open(vals)
        return super().write(vals)

    def _check_open(self, names):
        """Refuse a change of ordinary fields of a record that is past its open states.

        :param names: names of the fields to be changed
        :raises UserError: naming the record
        """
        closed = self.filtered(lambda record: record[record._state_field] not in record._open_states)
        if closed and any(self._is_ordinary(name) for name in names):
            raise UserError(
                self.env._(
                    "%(name)s is no longer open for changes (%(state)s).",
                    name=closed[0].display_name,
                    state=closed[0]._state_label(),
                )
            )

    def _check_content(self, name):
        """Refuse what ``write`` would refuse, where the content of a binary field changes past it.

        :param str name: of the binary field
        :raises AccessError: it is guarded and no step writes it now
        :raises UserError: the record is past its open states
        """
        leave = self._leave()
        if name in self._guarded_names() - leave:
            self._refuse_guarded([name])
        if not leave:
            self.exists()._check_open([name])

    def _check_files(self):
        """Refuse a change of files that hang at these records, in no field of theirs.

        :raises UserError: a record is past its open states
        """
        self.exists()._check_open([self._state_field])

    def _is_ordinary(self, name):
        return (
            name in self._fields
            and name not in self._always_free_names()
            and not name.startswith(("message_", "activity_"))
        )

    def _state_label(self, state=None):
        """:return str: translated word of a state, of the record's own by default"""
        states = dict(self._fields[self._state_field]._description_selection(self.env))
        return states.get(state or self[self._state_field], state or "")

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        # public update_field_translations() writes past write()
        if field_name in self._guarded_names():
            self._refuse_guarded([field_name])
        self._check_open([field_name])
        return super()._update_field_translations(field_name, translations, digest, source_lang)

    def copy_data(self, default=None):
        guarded = self._guarded_names()
        if forged := guarded & (default or {}).keys():
            self._refuse_guarded(forged)
        return [
            {name: value for name, value in vals.items() if name not in guarded} for vals in super().copy_data(default)
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Records of the procedure are cancelled or ended, never deleted."))

    # -- steps -------------------------------------------------------------------------------------------

    def _step_refusal(self, step):
        """Why the caller may not take a step on this record: state, role, owner, separation of duty.

        :param Step step: the declaration
        :return: ``False`` when he may, else an exception to raise
        """
        record, user = self.sudo(), self.env.user
        state = record[self._state_field]
        if step.source and state not in step.source:
            return UserError(self._wrong_state_text(step, state))
        if not step.private and not self._is_actor(step):
            return AccessError(self._wrong_actor_text(step))
        for name in step.differ:
            if user in record[name]:
                label = self._fields[name]._description_string(self.env)
                return AccessError(self.env._("Separation of duty: you stand here as “%s”.", label))
        return False

    def _is_actor(self, step):
        user = self.env.user
        if step.groups and not any(user.has_group(group) for group in step.groups):
            return False
        if step.own and self.sudo()[step.own] != user:
            return False
        return not step.predicate or bool(getattr(self, step.predicate)())

    def _wrong_state_text(self, step, state):
        return self.env._(
            "“%(step)s” is not possible while %(name)s is %(state)s.",
            step=self.env._(step.label),
            name=self.sudo().display_name,
            state=self._state_label(state),
        )

    def _wrong_actor_text(self, step):
        label = self.env._(step.label)
        if step.own:
            return self.env._(
                "“%(step)s” is for %(user)s.", step=label, user=self.sudo()[step.own].name or self.env._("nobody yet")
            )
        if step.groups:
            groups = [self.env.ref(xmlid).sudo().name for xmlid in step.groups]
            return self.env._(
                "“%(step)s” needs the role %(roles)s. Your administrator assigns roles.",
                step=label,
                roles=", ".join(groups),
            )
        return self.env._("“%(step)s” is not yours to take.", step=label)

    def _run_step(self, step, method, note, kwargs=None):
        """Take a step on each record, or open the reason wizard when the reason is missing.

        :raises UserError: the record is in another state, or the step's body refuses
        :raises AccessError: role, owner or separation of duty
        """
        self.check_access("read")
        note = note.strip() if isinstance(note, str) else ""
        self._check_step_call(step, method, note, kwargs or {})
        if step.note and not note:
            return self._ask_note(step, kwargs)
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset([self._state_field])
        for record in self:
            record._take_step(step, method, note, kwargs or {})
        return True

    def _take_step(self, step, method, note, kwargs):
        if refusal := self._step_refusal(step):
            raise refusal
        # sudo: role, state and duty are checked above; approvers have no write right of their own
        record = self.sudo()
        record._check_before(step)
        before = record[self._state_field]
        values = dict(method(record, **self._step_arguments(method, note, kwargs)) or {})
        if step.target:
            values.setdefault(self._state_field, step.target[0])
        after = values.get(self._state_field, before)
        if after != before and after not in step.target:
            raise ValueError(f"{step.name} does not lead to {after}")
        if values:
            record._with_pass(values).write(values)
        self.env["cctv.workflow.log"]._append(record, step, before, after, note)
        record._post_step_note(step, note)

    def _check_step_call(self, step, method, note, kwargs):
        """:raises UserError: the reason cannot be kept, or the body knows no such argument"""
        self._check_note(note)
        code = method.__code__
        if unknown := kwargs.keys() - set(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]):
            raise UserError(
                self.env._(
                    "“%(step)s” takes nothing of this name: %(names)s.",
                    step=self.env._(step.label),
                    names=", ".join(sorted(unknown)),
                )
            )

    def _check_note(self, note):
        """:raises UserError: the reason is longer than what is kept of it, or cannot be stored"""
        check_storable(self.env["cctv.step.reason"], {"note": note})
        if len(note) > MOST_NOTE:
            raise UserError(self.env._("A reason has %s characters at most.", MOST_NOTE))

    @staticmethod
    def _step_arguments(method, note, kwargs):
        """The body receives the reason when it names a parameter ``note``."""
        code = method.__code__
        wants_note = "note" in code.co_varnames[: code.co_argcount]
        return {**kwargs, **({"note": note} if wants_note else {})}

    def _post_step_note(self, step, note):
        if note and hasattr(self, "_message_log"):
            self._message_log(body=f"{self.env._(step.label)}: {note}")

    def _check_before(self, step):
        """Refuse a step for what is missing, as superuser: before its reason is asked for, and again as it is taken."""

    def _step_advice(self, step):
        """:return str: what whoever takes the step should know as he gives its reason. Models add their own."""
        return ""

    def _ask_note(self, step, kwargs=None):
        """:return dict: action that opens the reason wizard for a step on these records"""
        for record in self:
            if refusal := record._step_refusal(step):
                raise refusal
            # sudo: as the step itself
            record.sudo()._check_before(step)
        return {
            "type": "ir.actions.act_window",
            "name": str(self.env._(step.label)),
            "res_model": "cctv.step.reason",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_ids": self.ids,
                "default_step": step.name,
                "default_arguments": kwargs or {},
            },
        }

    @api.depends_context("uid")
    @api.depends(lambda self: (self._state_field,) if self._state_field in self._fields else ())
    def _compute_allowed_steps(self):
        steps = [step for step in self._steps().values() if not step.private]
        for record in self:
            record.is_open = record[self._state_field] in record._open_states
            record.allowed_steps = " ".join(step.name for step in steps if not record._step_refusal(step))
