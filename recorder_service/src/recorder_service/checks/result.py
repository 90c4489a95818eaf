"""Short hands for what a probe found."""

from __future__ import annotations

from ..domain.probe import Level, Result

__all__ = ["Level", "Result", "fail", "ok", "warn"]


def ok(name: str, message: str) -> Result:
    return Result(name, Level.OK, message)


def warn(name: str, message: str, fix: str) -> Result:
    return Result(name, Level.WARN, message, fix)


def fail(name: str, message: str, fix: str) -> Result:
    return Result(name, Level.FAIL, message, fix)
