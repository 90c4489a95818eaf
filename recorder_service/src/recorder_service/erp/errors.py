"""What can go wrong between node and ERP, by what the node has to do about it (docs/wire.md, "Faults")."""

from __future__ import annotations


class ErpError(Exception):
    """One sentence for people, never with a key or a password in it."""


class ErpUnreachableError(ErpError):
    """Refused, timed out, 5xx, 429, a server error: rows are kept, try again with full jitter."""


class ErpFaultError(ErpUnreachableError):
    """The server broke inside. Passing trouble as a rule; if only the rows bring it about, one of them is the cause."""


class ErpDeniedError(ErpError):
    """The key or user is wrong, revoked, or lacks the recorder's rights: try again slowly."""


class ErpMisdirectedError(ErpError):
    """Not an Odoo, an unknown database, or no recorder bridge in it: try again slowly."""


class ErpRefusedError(ErpError):
    """The ERP understood the call and refuses it as a whole (``UserError``): the batch is halved."""


class ErpProtocolError(ErpError):
    """The answer is not what docs/wire.md promises."""
