"""May the clock be believed? Footage is deleted by its age, so a wrong clock must not make it old.

Never taken as "now": the highest time ever seen (one jump ahead poisons it for as long), or the newest segment's time.
What is believed instead is *lived* time: how long this machine has really run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .purge import Cutoff
from .said import Said, SaidCode
from .times import SECOND_US

#: Clocks may wander by this much before they are no longer believed.
TOLERANCE_US = 60 * SECOND_US
#: A cutoff may run ahead of lived time by this much since the last purge; more needs a person's word.
SLACK_US = 2 * 3600 * SECOND_US


@dataclass(frozen=True, slots=True)
class Reading:
    """Clocks at one moment (µs): the host's, lived time, and the ERP's (None: not heard since the start).

    ``boot`` names the boot of this machine.
    """

    wall_us: int
    lived_us: int
    erp_us: int | None
    boot: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The clocks' distances from lived time, as they were when trust began in this boot."""

    boot: str
    wall_us: int
    erp_us: int


@dataclass(frozen=True, slots=True)
class Trust:
    """``problem`` empty: the clock is believed. ``lasting``: only a person can end it."""

    baseline: Baseline | None
    problem: str = ""
    lasting: bool = False


def judge(reading: Reading, known: Baseline | None) -> Trust:
    """Compare the clocks with each other and with their own past. Trust is built anew after each boot."""
    baseline = known if known is not None and known.boot == reading.boot else None
    if reading.erp_us is None:
        return Trust(baseline, Said("Odoo's clock is not known yet", SaidCode.ERP_CLOCK_UNKNOWN))
    apart = reading.wall_us - reading.erp_us
    if abs(apart) > TOLERANCE_US:
        text = f"this machine's clock and Odoo's are {_words(apart)} apart; set both by NTP"
        return Trust(baseline, Said(text, SaidCode.CLOCKS_APART, seconds=round(apart / SECOND_US)))
    if baseline is None:
        return Trust(Baseline(reading.boot, reading.wall_us - reading.lived_us, reading.erp_us - reading.lived_us))
    for name, code, moved in (
        ("this machine's clock", SaidCode.HOST_CLOCK_SET, reading.wall_us - reading.lived_us - baseline.wall_us),
        ("Odoo's clock", SaidCode.ERP_CLOCK_SET, reading.erp_us - reading.lived_us - baseline.erp_us),
    ):
        if abs(moved) > TOLERANCE_US:
            text = f"{name} was set by {_words(moved)} while the machine ran"
            return Trust(baseline, Said(text, code, seconds=round(moved / SECOND_US)), lasting=True)
    return Trust(baseline)


def _words(us: int) -> str:
    return f"{us / SECOND_US:+.0f} s"


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a camera's cutoff had come at its last purge, and lived time then (µs)."""

    cutoff_us: int
    lived_us: int


def leaps(cutoffs: Mapping[int, Cutoff], before: Mapping[int, Advance], lived_us: int) -> dict[int, int]:
    """Cameras whose cutoff ran ahead of lived time, with µs by which it did beyond the slack.

    A machine that was off, a clock that was set for good, retention that was shortened: each deletes much at once.
    """
    found = {}
    for camera, cutoff in cutoffs.items():
        if (last := before.get(camera)) is not None:
            beyond = (cutoff.cutoff_us - last.cutoff_us) - (lived_us - last.lived_us) - SLACK_US
            if beyond > 0:
                found[camera] = beyond
    return found


def moved(advance: Advance | None, cutoff_us: int, lived_us: int) -> Advance:
    """After a purge up to ``cutoff_us``; a cutoff that went back (longer retention) stays where it had come to."""
    if advance is not None and advance.cutoff_us > cutoff_us:
        return replace(advance, lived_us=lived_us)
    return Advance(cutoff_us, lived_us)
