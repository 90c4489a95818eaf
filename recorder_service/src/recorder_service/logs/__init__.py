"""Structured logs without secrets."""

from .redact import REDACTED, forget_secrets, keep_secret, redact
from .setup import configure

__all__ = ["REDACTED", "configure", "forget_secrets", "keep_secret", "redact"]
