"""The attempts of a security matrix, for the tables of this addon and of those that build on it.

A test case names its tables in ``rights`` and ``steps`` (see ``security_matrix.py``), sets ``samples``, and says what a
new record and a changed one hold. :class:`OrmAttempts` or :class:`RpcAttempts` says how a call is made::

    class TestMyMatrix(OrmAttempts, MatrixMixin, CctvCommon): ...
"""

import itertools

from odoo.exceptions import UserError

#: loggers that report refusals, which a matrix provokes
QUIET = ("odoo.http", "odoo.addons.rpc.controllers.json2", "odoo.addons.base.models.ir_rule", "odoo.models")
_OPERATIONS = {"read": "r", "write": "w", "create": "c", "unlink": "d"}


class MatrixMixin:
    """Every role × model × operation and every role × step; ``users`` maps a role to its user."""

    #: model -> role -> rights, letters of ``r`` read, ``w`` write, ``c`` create, ``d`` unlink
    rights = {}
    #: model -> step -> roles that may take it
    steps = {}
    #: step -> arguments that it needs besides a reason
    step_arguments = {}
    #: model -> record on which operations are tried; a model without one gets a new record of the user's
    samples = {}

    def _new_values(self, model):
        """:return dict: values with which a record of the model can be created, new ones at each call"""
        raise NotImplementedError

    def _changes(self, model):
        """:return dict: a harmless change of a record of the model"""
        raise NotImplementedError

    def _record_in(self, model, state):
        """:return: a record of a model with steps, in that state, on which the caller's company works"""
        raise NotImplementedError

    def _try(self, user, model, method, /, ids=(), **arguments):
        """:return bool: whether the call was let through; what it wrote is rolled back"""
        raise NotImplementedError

    def _sample(self, model, user, rights):
        """Transient records are their maker's: where he may make none, an administrator's stands in."""
        if model in self.samples:
            return self.samples[model]
        maker = user if "c" in rights else self.env.user
        return self.env[model].with_user(maker).sudo().create(self._new_values(model))

    def _attempts(self, model, user, rights):
        ids = self._sample(model, user, rights).ids
        return {
            "read": self._try(user, model, "read", ids=ids, fields=["display_name"]),
            "write": self._try(user, model, "write", ids=ids, vals=self._changes(model)),
            "create": self._try(user, model, "create", vals_list=[self._new_values(model)]),
            "unlink": self._try(user, model, "unlink", ids=ids),
        }

    def _check_rights(self):
        for model, by_role in self.rights.items():
            for role, user in self.users.items():
                rights = by_role.get(role, "")
                expected = {name: letter in rights for name, letter in _OPERATIONS.items()}
                with self.subTest(model=model, role=role):
                    self.assertEqual(self._attempts(model, user, rights), expected)

    def _check_steps(self):
        for model, steps in self.steps.items():
            declared = self.env[model]._steps()
            for (name, allowed), (role, user) in itertools.product(steps.items(), self.users.items()):
                record = self._record_in(model, declared[name].source[0])
                with self.subTest(step=name, role=role):
                    self.assertEqual(self._try_step(user, record, name), role in allowed)

    def _check_step_states(self):
        """Each step starts from the states that it declares, and from no other."""
        for model, steps in self.steps.items():
            field = self.env[model]._fields[self.env[model]._state_field]
            for (name, roles), state in itertools.product(steps.items(), field.get_values(self.env)):
                source = self.env[model]._steps()[name].source
                with self.subTest(model=model, step=name, state=state):
                    done = self._try_step(self.users[min(roles)], self._record_in(model, state), name)
                    self.assertEqual(done, not source or state in source)

    def _check_declared_roles(self):
        """The groups that a step declares are those of the table's roles."""
        for model, steps in self.steps.items():
            for name, roles in steps.items():
                groups = {f"cctv_sop.group_{role}" for role in roles}
                self.assertEqual(set(self.env[model]._steps()[name].groups), groups, name)

    def _check_table_is_whole(self, module):
        """Every model and every step of an addon stands in the tables; steps that another adds stand in that one's."""
        ours = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == module and not model._abstract
        }
        self.assertEqual(ours, self.rights.keys())
        for name in ours:
            steps = getattr(self.env[name], "_steps", dict)()
            own = {step for step, declared in steps.items() if not declared.private and self._is_of(module, name, step)}
            self.assertEqual(own, self.steps.get(name, {}).keys(), name)

    def _is_of(self, module, model, step):
        return getattr(self.env.registry[model], step).__module__.startswith(f"odoo.addons.{module}.")

    def _try_step(self, user, record, name):
        return self._try(user, record._name, name, ids=record.ids, note="uji", **self.step_arguments.get(name, {}))


class OrmAttempts:
    """Calls in the ORM, as the user."""

    def _try(self, user, model, method, /, ids=(), **arguments):
        records = self.env[model].with_user(user).browse(ids)
        self.env.invalidate_all()
        with self.env.cr.savepoint() as savepoint:
            try:
                getattr(records, method)(**arguments)
            except UserError:
                return False
            finally:
                savepoint.rollback()
        return True


class RpcAttempts:
    """Calls over JSON-2, with the user's key."""

    def _try(self, user, model, method, /, **arguments):
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            status, answer = self.json2(user, model, method, **arguments)
            savepoint.rollback()
        self.assertIn(status, (200, 403, 422), answer)
        return status == 200
