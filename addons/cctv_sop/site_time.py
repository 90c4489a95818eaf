"""Site time in words, for names of records and facts (screens show it with their own component)."""

from datetime import timezone
from zoneinfo import ZoneInfo

from odoo.tools import format_datetime


def zone_word(moment, tz):
    """:return str: ``WITA``; of a naive UTC datetime in the zone of a site"""
    return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(tz or "UTC")).tzname()


def site_time(env, moment, tz, pattern="d MMM y HH:mm:ss"):
    """Return a naive UTC datetime in the zone of a site: ``14 Nov 2026 08:22:05 WITA``; empty without a time."""
    if not moment:
        return ""
    return f"{format_datetime(env, moment, tz=tz or 'UTC', dt_format=pattern)} {zone_word(moment, tz)}"


def site_minute(env, moment, tz):
    """Return the same without seconds, as the language writes a time: ``14 Nov 2026 08.22 WITA`` in Indonesian."""
    return site_time(env, moment, tz, "d MMM y HH.mm" if (env.lang or "").startswith("id") else "d MMM y HH:mm")
