"""Heads of the custody ledger that this node has seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """The newest line of a company's ledger: its number and its hash (lower-case hex)."""

    company_id: int
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class SeenHead:
    """A head, and when this node was told it."""

    head: Head
    at_us: int
