"""Site time in words, for names of records and facts (screens show it with their own component)."""

from datetime import timezone
from zoneinfo import ZoneInfo

from odoo.tools import format_datetime


def zone_word(moment, tz):
    """:return str: ``WITA``; of a naive UTC datetime in the zone of a site"""
    return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(tz or "UTC")).tzname()


def site_time(env, moment, tz, clock="HH:mm:ss"):
    """Return a naive UTC datetime in the zone of a site, as the language writes a time; empty without a time.

    English: ``14 Nov 2026 08:22:05 WITA``, Indonesian: ``14 Nov 2026 08.22.05 WITA``.
    """
    if not moment:
        return ""
    if (env.lang or "").startswith("id"):
        clock = clock.replace(":", ".")
    return f"{format_datetime(env, moment, tz=tz or 'UTC', dt_format=f'd MMM y {clock}')} {zone_word(moment, tz)}"


def site_minute(env, moment, tz):
    """Return the same without seconds: ``14 Nov 2026 08:22 WITA``."""
    return site_time(env, moment, tz, "HH:mm")
