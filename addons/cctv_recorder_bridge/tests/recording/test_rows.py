from unittest.mock import patch

from odoo.tests import tagged

from ...tools import rows
from ..common import DAY, MINUTE, BridgeCommon, now_us

ODD = {
    "camera_id": (0, -1, True, "1", None, 2**31, 1.0, []),
    "start_us": ("", "-1", "1.0", 5, None, "9" * 19, "１２", "1\n", " 1"),
    "stop_us": ("", "0", 5, None, "9" * 18, "1,2"),
    "bytes": ("", "-1", None, "1e3", "9" * 19),
    "sha256": ("", "A" * 64, "a" * 63, None, "a" * 65, 5, "a" * 64 + "\n"),
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
