from unittest.mock import patch

from odoo.tests import tagged

from ...tools import intervals, rollup, rows
from ..common import DAY, MINUTE, BridgeCommon, now_us

ODD = {
    "camera_id": (0, -1, True, "1", None, 2**31, 1.0, []),
    "start_us": ("", "-1", "1.0", 5, None, "9" * 19, "１２", "1\n", " 1", "\ud800"),
    "stop_us": ("", "0", 5, None, "9" * 18, "1,2"),
    "bytes": ("", "-1", None, "1e3", "9" * 19, str(2**44 + 1), str(2**44)),
    "sha256": ("", "A" * 64, "a" * 63, None, "a" * 65, 5, "a" * 64 + "\n", "a" * 63 + "\n", "a" * 63 + "\ud800"),
    "run": ("", "z" * 32, None, "0" * 31, 5),
    "number": (-1, "1", None, 2**31, True, 1.5),
    "status": ("fine", None, "OK", [], "deleted"),
    "test": (2, -1, None, "1", True),
}


@tagged("post_install", "-at_install")
class TestRows(BridgeCommon):
    """The quick look at whole columns and the close look at each row never disagree."""

    def judge(self, table, quick):
        window, cameras = (now_us() - 400 * DAY, now_us() + DAY), dict.fromkeys(self.cameras.ids)
        if quick:
            return rows.judge_segments(table, cameras, window, 15 * MINUTE, self.env._)
        with patch.object(rows, "_all_good", lambda *args: None):
            return rows.judge_segments(table, cameras, window, 15 * MINUTE, self.env._)

    def test_agreement(self):
        quick = 0
        for _batch in range(400):
            start = now_us() - DAY
            batch = [
                self.segment(self.random.choice(self.cameras), start + n * MINUTE)
                for n in range(self.random.randrange(1, 8))
            ]
            for _fault in range(self.random.choice((0, 0, 1, 2))):
                name = self.random.choice(list(ODD))
                self.random.choice(batch)[name] = self.random.choice(ODD[name])
            if self.random.random() < 0.1:
                batch.append(dict(batch[0]))
            table = self.columns(batch)
            self.assertEqual(self.judge(table, True), self.judge(table, False), f"seed {self.seed}: {batch}")
            window, cameras = (now_us() - 400 * DAY, now_us() + DAY), dict.fromkeys(self.cameras.ids)
            quick += rows._all_good(table, cameras, window, 15 * MINUTE) is not None
        self.assertGreater(quick, 50)
        self.assertLess(quick, 390)

    def test_touching_rows_change_nothing(self):
        """In an unbroken run the stored segment before ends where the new one starts: no second more or less."""
        noon = now_us() // DAY * DAY - DAY // 2
        fresh = self.fresh(noon, noon + MINUTE)
        alone = self.summed(fresh, [])
        self.assertEqual([figures["recorded"] for figures in alone.values()], [MINUTE])
        before, after = self.stored(noon - MINUTE, noon), self.stored(noon + MINUTE, noon + 2 * MINUTE)
        self.assertEqual(self.summed(fresh, [before]), alone)
        self.assertEqual(self.summed(fresh, [before, after]), alone)
        over = self.stored(noon - MINUTE, noon + MINUTE // 2)
        self.assertEqual([f["recorded"] for f in self.summed(fresh, [over]).values()], [MINUTE // 2])
        inside = self.stored(noon + 1, noon + 2, "missing")
        self.assertEqual([f["kept"] for f in self.summed(fresh, [inside, before]).values()], [MINUTE])

    def fresh(self, start, stop):
        return rows.Segment(0, 1, start, stop, 9, "a" * 64, "b" * 32, 0, "ok", 0)

    def stored(self, start, stop, status="ok"):
        return rows.Stored(1, start, stop, 9, "" if status == "missing" else "a" * 64, status, 1)

    def summed(self, row, known):
        collector = rollup.Collector({1: "Asia/Jakarta"})
        collector.islands([row])
        collector.add_segments([row], [], {(stored.camera, stored.start): stored for stored in known})
        return {day: figures for (_camera, day), figures in collector.days.items() if any(figures.values())}

    def test_day_asked_again(self):
        """The day last asked for is remembered; its ends are not mixed up."""
        for tz in ("Asia/Jakarta", "America/New_York", "UTC"):
            for _draw in range(300):
                us = now_us() - self.random.randrange(300 * DAY)
                day = intervals.day_of(us, tz)
                first, last = intervals.day_bounds(day, tz)
                self.assertTrue(first <= us < last, f"{us} {tz} {day}")
                self.assertEqual(intervals.day_of(first, tz), day)
                self.assertNotEqual(intervals.day_of(last, tz), day)
