import math
from datetime import timedelta

from babel.dates import format_date
from babel.numbers import format_decimal

from odoo import fields, models
from odoo.tools import SQL, babel_locale_parse

from ...tools import intervals
from ..recording.cctv_gap import TO_EXPLAIN
from ..recording.cctv_segment import MAX_SEGMENT, TABLE

STRIP_DAYS = 30
OLD_STILL = timedelta(hours=24)
LIVE = ("testing", "active")
SEEN = ("recording", "waiting")
MICROSECOND = timedelta(microseconds=1)


class Camera(models.Model):
    """What a recorder knows about cameras, in the words of ``cctv_sop``'s hooks."""

    _inherit = "cctv.camera"

    def _recording_summary(self):
        """See ``cctv_sop``; ratios of recorded to expected seconds, from the rollup, in few queries for any number."""
        summary = super()._recording_summary()
        measured = self._measured()
        days = measured._strip_days()
        for camera in measured:
            summary[camera.id] = {
                "measured": True,
                "state": camera.recording_shown,
                "note": "",
                "days": days[camera.id],
            }
        return summary

    def _strip_days(self):
        """:return dict: camera id -> thirty site days, oldest first; a day without a row is unknown, not empty"""
        today = {
            camera.id: intervals.day_of(intervals.to_us(fields.Datetime.now()), camera.tz or "UTC") for camera in self
        }
        if not self:
            return {}
        first = min(today.values()) - timedelta(days=STRIP_DAYS - 1)
        rows = self.env["cctv.coverage"].search_fetch(
            [("camera_id", "in", self.ids), ("day", ">=", first)],
            ["camera_id", "day", "recorded_seconds", "gaps", "gap_seconds", "site_id"],
        )
        found = {(row.camera_id.id, row.day): row for row in rows}
        unexplained, held = self._unexplained_days(first), self._held_days(first)
        return {
            camera.id: [
                camera._strip_day(day, found.get((camera.id, day)), (camera.id, day) in unexplained, held)
                for day in (today[camera.id] - timedelta(days=n) for n in reversed(range(STRIP_DAYS)))
            ]
            for camera in self
        }

    def _unexplained_days(self, first):
        """:return set: (camera id, site day) that an unexplained gap touches, from a day on"""
        gaps = self.env["cctv.gap"].search_fetch(
            [
                ("camera_id", "in", self.ids),
                *TO_EXPLAIN,
                ("counted_until", ">=", fields.Datetime.to_datetime(first) - timedelta(days=1)),
            ],
            ["camera_id", "start", "counted_until", "site_id"],
        )
        days = set()
        for gap in gaps:
            tz, stop = gap.camera_id.tz or "UTC", intervals.to_us(gap.counted_until)
            start = min(max(intervals.to_us(gap.start), intervals.day_bounds(first, tz)[0]), stop)
            touched = {intervals.day_of(start, tz), *intervals.by_day([(start, stop)], tz)}
            days |= {(gap.camera_id.id, day) for day in touched}
        return days

    def _held_days(self, first):
        """:return set: (camera id, site day) of which a hold keeps footage, from a day on"""
        now = fields.Datetime.now()
        days = set()
        for camera in self:
            tz = camera.tz or "UTC"
            for start, stop in camera.hold_windows or ():
                day = max(first, _day(fields.Datetime.to_datetime(start), tz))
                last = _day(min(fields.Datetime.to_datetime(stop) or now, now) - MICROSECOND, tz)
                while day <= last:
                    days.add((camera.id, day))
                    day += timedelta(days=1)
        return days

    def _hold_status(self):
        status = super()._hold_status()
        for camera in self.filtered("recorder_id"):
            status[camera.id] = {"measured": True, "count": camera.hold_count}
        return status

    def _strip_day(self, day, row, unexplained, held):
        ratio = None
        if row and row.expected_seconds:
            ratio = min(1.0, row.recorded_seconds / row.expected_seconds)
        return {
            "day": day.isoformat(),
            "ratio": ratio,
            "recorded": bool(row and row.recorded_seconds),
            "gaps": row.gaps if row else 0,
            "gap_seconds": round(row.gap_seconds) if row else 0,
            "explained": not unexplained,
            "held": (self.id, day) in held,
        }

    def _media_sources(self):
        """:return dict: by camera id the streams that may be viewed; their addresses are never told"""
        sources = super()._media_sources()
        # sudo: which streams exist is no secret, their rows are
        rows = self.env["cctv.camera.source"].sudo().search([("camera_id", "in", self.ids)])
        for row in rows:
            sources[row.camera_id.id].append({"kind": row.kind, "path": row.camera_id.path})
        return sources

    def _recorded_share(self, start, stop, lasting=False):
        """Share of a window for which footage was recorded, of one camera, to the µs.

        :param datetime start: UTC
        :param datetime stop: UTC
        :param bool lasting: the camera records on: the window ends with its last segment, for the open one is no loss
        :return float: 0..1, or None for a window without length
        """
        self.ensure_one()
        if start >= stop:
            return None
        self.env.cr.execute(self._recorded_share_sql(start, stop, lasting))
        return self.env.cr.fetchone()[0]

    def _recorded_share_sql(self, start, stop, lasting):
        return SQL(
            """SELECT coalesce(sum(extract(epoch FROM upper(part) - lower(part))), 0)::float8
                      / nullif(extract(epoch FROM w.stop - %(start)s), 0)::float8
                 FROM (SELECT coalesce((SELECT greatest(last_stop, %(start)s) FROM cctv_camera_health
                                         WHERE %(lasting)s AND camera_id = %(camera)s AND state = 'recording'
                                           AND last_stop BETWEEN %(stop)s - %(longest)s AND %(stop)s),
                                       %(stop)s) AS stop) AS w
            LEFT JOIN LATERAL (
                      SELECT unnest(range_agg(tsrange(start, stop))
                                    * tsmultirange(tsrange(%(start)s, w.stop))) AS part
                        FROM %(table)s
                       WHERE camera_id = %(camera)s AND start > %(start)s - %(longest)s AND start < %(stop)s
                         AND stop > %(start)s AND sha256 IS NOT NULL) AS parts ON TRUE
                GROUP BY w.stop""",
            table=SQL.identifier(TABLE),
            camera=self.id,
            start=start,
            stop=stop,
            lasting=lasting,
            longest=MAX_SEGMENT,
        )

    def _head_figures(self, start, stop, lasting=False):
        """What the head of the form says of a window, of one camera, in one query.

        :return dict: ``share`` as :meth:`_recorded_share`; ``gaps`` of the window, lists of reason, number and seconds
            inside, an open one up to its node's last call; ``oldest``, first site day of which footage is still
            there, or None
        """
        self.env["cctv.gap"].flush_model(["camera_id", "state", "reason", "start", "stop", "counted_until"])
        # by SQL: who reads the camera may know of its gaps and days
        self.env.cr.execute(
            SQL(
                """SELECT (%(share)s) AS share,
                          (SELECT min(day) FROM cctv_coverage
                            WHERE camera_id = %(camera)s AND kept_seconds > 0) AS oldest,
                          (SELECT json_agg(g) FROM (
                            SELECT json_build_array(g.reason, count(*), sum(extract(epoch FROM
                                       least(e.stop, %(stop)s) - greatest(g.start, %(start)s))))
                              FROM cctv_gap g LEFT JOIN cctv_recorder r ON r.id = g.recorder_id,
                           LATERAL (SELECT coalesce(g.stop, greatest(g.counted_until, r.last_sync)) AS stop) AS e
                             WHERE g.camera_id = %(camera)s AND g.state != 'withdrawn'
                               AND g.start < %(stop)s AND e.stop > %(start)s
                             GROUP BY g.reason) AS g(g)) AS gaps""",
                share=self._recorded_share_sql(start, stop, lasting) if start < stop else SQL("NULL"),
                camera=self.id,
                start=start,
                stop=stop,
            )
        )
        share, oldest, gaps = self.env.cr.fetchone()
        return {"share": share, "oldest": oldest, "gaps": gaps or []}

    # -- head of the form ----------------------------------------------------------------------------------

    def _overview_picture(self):
        if not self.recorder_id and not self.last_still_at:
            return super()._overview_picture()
        taken = fields.Datetime.to_string(self.last_still_at) if self.last_still_at else False
        if not self._has_field_access(self._fields["last_still"], "read"):
            note = self.env._("Your role does not see pictures. Ask for footage with a request.")
            return {"url": "", "taken_at": taken, "state": "no_right", "note": note}
        if not taken:
            return {"url": "", "taken_at": False, "state": "none", "note": self.env._("No still taken yet.")}
        away = self.state in LIVE and self.recording_shown not in SEEN
        old = away or fields.Datetime.now() - self.last_still_at > OLD_STILL
        return {"url": self._still_url(), "taken_at": taken, "state": "old" if old else "ok", "note": ""}

    def _overview_pills(self, recording):
        pills = super()._overview_pills(recording)
        if recording["measured"] and self.state in LIVE:
            since = self.recording_since
            pills[0] = {
                "kind": "camera",
                "state": self.recording_shown,
                "label": self._selection_word("recording_shown"),
                "detail": self.recording_reason_word or "",
                "since": fields.Datetime.to_string(since) if since else False,
            }
        # sudo: a node's clock is no secret to who sees what it dates
        if (recorder := self.sudo().recorder_id) and self.state in LIVE:
            pills.insert(1, recorder._clock_pill(silent=self.recording_shown == "unknown"))
        return pills

    def _overview_facts(self, recording):
        if not recording["measured"]:
            return super()._overview_facts(recording)
        now = fields.Datetime.now()
        start = self._share_start(now - timedelta(days=1), recording["days"])
        recording = {**recording, **self._head_figures(start, now, self.recording_state == "recording")}
        facts = super()._overview_facts(recording)
        return [*self._recorded_facts(recording), *facts] if self.state in LIVE else facts

    def _recorded_facts(self, recording):
        """:return list: how much of the last 24 hours was recorded, and which gaps there were"""
        if not any(day["ratio"] for day in recording["days"]) and not self.last_recorded_at:
            tone = "" if self.recording_shown in SEEN else "warning"
            return [{"key": "recorded", "text": self.env._("Nothing has been recorded yet."), "tone": tone}]
        share = recording["share"]
        if share is None:
            return []
        tone = "" if share > 0.99 else "warning" if share > 0.9 else "danger"
        text = self.env._("Recorded in the last 24 hours: %s %%", self._percent(share))
        if gaps := self._gap_words(recording["gaps"]):
            text = f"{text} · {gaps}"
        return [{"key": "recorded", "text": text, "tone": tone}]

    def _percent(self, share):
        """:return str: one decimal, two above 99; cut, for 99.996 is not 100"""
        digits = 0 if share in (0, 1) else 2 if share > 0.99 else 1
        figure = math.floor(share * 100 * 10**digits + 1e-9) / 10**digits
        return format_decimal(figure, f"0.{'0' * digits}" if digits else "0", babel_locale_parse(self.env.lang))

    def _gap_words(self, gaps):
        """:return str: how many gaps there are, how long they are and the reason of most of that; may be empty"""
        if not gaps:
            return ""
        count = sum(number for _reason, number, _seconds in gaps)
        reason = max(gaps, key=lambda gap: gap[2])[0]
        values = {
            "count": count,
            "span": self._span(sum(seconds for _reason, _number, seconds in gaps)),
            "reason": dict(self.env["cctv.gap"]._fields["reason"]._description_selection(self.env))[reason],
        }
        if count == 1:
            return self.env._("1 gap, %(span)s (%(reason)s)", **values)
        if len(gaps) > 1:
            return self.env._("%(count)s gaps, %(span)s (mostly: %(reason)s)", **values)
        return self.env._("%(count)s gaps, %(span)s (%(reason)s)", **values)

    def _span(self, seconds):
        """:return str: a length of time, at most a day, in its two largest units"""
        minutes, seconds = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        parts = (
            hours and self.env._("%s h", hours),
            minutes and self.env._("%s min", minutes),
            seconds and not hours and self.env._("%s s", seconds),
        )
        return " ".join(filter(None, parts)) or self.env._("%s s", 0)

    def _retention_words(self, recording):
        if oldest := recording.get("oldest"):
            day = format_date(oldest, "d MMM y", locale=babel_locale_parse(self.env.lang))
            return self.env._(
                "Kept for %(days)s days; the oldest footage is of %(day)s.", days=self.retention_days, day=day
            )
        return super()._retention_words(recording)

    def _share_start(self, start, days):
        """A camera that is new counts since its first sign of life, so that it does not cry wolf."""
        if any(day["ratio"] is not None for day in days[:-2]):
            return start
        first = self.env["cctv.coverage"]._first_moments(self.ids).get(self.id)
        return max(start, intervals.from_us(first)) if first else start

    def _overview_cards(self, recording):
        cards = super()._overview_cards(recording)
        if recording["measured"]:
            open_gaps = self.gap_count_open
            cards.append(
                {
                    "key": "gaps",
                    "label": self.env._("Unexplained gaps"),
                    "value": open_gaps,
                    "tone": "warning" if open_gaps else "",
                    "method": "action_view_gaps",
                }
            )
            cards.append(
                {
                    "key": "coverage",
                    "label": self.env._("Days recorded of the last 30"),
                    "value": sum(bool(day["recorded"]) for day in recording["days"]),
                    "tone": "",
                    "method": "action_view_recorded_days",
                }
            )
        return cards


def _day(moment, tz):
    return intervals.day_of(intervals.to_us(moment), tz)
