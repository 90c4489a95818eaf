"""Steps: the only way by which a record's state and its guarded fields change.

The rule (SOP section 6 and 7: every transition has an actor, a time, a from and a to):

* A field declared ``guarded=True``, and the state itself, is set by nobody: not by ``create``, ``write``,
  import, copy, ``default_*`` keys or ``ir.default``, administrators and ``sudo`` included.
* It moves through a method marked :func:`step`, which checks state, role and separation of duty, locks the
  record, writes, and adds a line to ``cctv.workflow.log``.
* Ordinary fields may be edited only while the record is in one of the model's open states.

The key to the guard is a :class:`Pass`, a Python object in the context. A client's context is plain JSON or
XML, which cannot carry one, so there is no switch that RPC can reach.
"""

import functools
from dataclasses import dataclass


@dataclass(frozen=True)
class Pass:
    """Leave to write the named guarded fields of certain records of one model.

    :param str model: name of the model
    :param frozenset names: fields that may be written
    :param frozenset ids: ids of the records that may be written; ``None`` gives leave to create
    """

    model: str
    names: frozenset
    ids: frozenset | None = None

    def opens(self, records):
        """:return bool: whether these records may be written (or, without ids, created) with this pass"""
        return self.model == records._name and (not records.ids if self.ids is None else set(records.ids) <= self.ids)


@dataclass(frozen=True, eq=False)
class Step:
    """What :func:`step` declares about a method; see there for the meaning of each attribute.

    One without states is no transition: something that a role does and the log keeps.
    """

    name: str
    label: object
    source: tuple = ()
    target: tuple = ()
    groups: tuple = ()
    own: str | None = None
    predicate: str | None = None
    differ: tuple = ()
    note: bool = False

    @property
    def private(self):
        """:return bool: a step of the system, which no person may take"""
        return self.name.startswith("_")


def _as_tuple(value):
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def step(source, target, *, who=None, own=None, predicate=None, differ=(), note=False, label=None):
    """Make a method one transition of its model.

    The method's body is guard and effect for ONE record, run as superuser with the caller in ``env.user``. It
    raises to refuse, and may return values (guarded ones too) to be written together with the state. Where
    several targets are declared it returns the one to take under the state field's name.

    :param str|tuple source: state or states it starts from
    :param str|tuple target: state it leads to; ``None`` leaves the state as it is
    :param str|tuple who: XML ids of the groups of which one is needed
    :param str own: name of a Many2one to ``res.users``: only that user may take the step
    :param str predicate: name of a method of the record; a true answer names the caller as actor
    :param tuple differ: names of ``res.users`` fields in which the caller must not stand (separation of duty)
    :param bool note: whether a reason is needed; without one the reason wizard opens
    :param label: lazily translated name of the step, for the log and the wizard
    :raises TypeError: for a step without an actor whose name does not begin with ``_``: RPC could call it
    """

    def decorate(method):
        name = method.__name__
        if not (who or own or predicate or name.startswith("_")):
            raise TypeError(f"{name}: a step that names no actor must be private")

        @functools.wraps(method)
        def run(self, note=None, **kwargs):
            return self._traced()._run_step(run.step, method, note, kwargs)

        del run.__wrapped__  # callers see (note, **kwargs), not the body's signature
        run.step = Step(
            name=name,
            label=label or name,
            source=_as_tuple(source),
            target=_as_tuple(target),
            groups=_as_tuple(who),
            own=own,
            predicate=predicate,
            differ=_as_tuple(differ),
            note=note,
        )
        return run

    return decorate
