"""The ERP's rows of a node, for an index that is compared with them or made anew (docs/wire.md, "Index")."""

import hashlib
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.recording import cctv_recorder_index as module
from ...tools import wire
from ..common import DAY, SYNC, BridgeCommon, now_us

NAMES = ("start_us", "stop_us", "bytes", "sha256", "run", "number", "status")


def digest(rows):
    """As a node makes it of its own rows."""
    lines = ("|".join(str(row[name]) for name in NAMES) for row in sorted(rows, key=lambda row: int(row["start_us"])))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@tagged("post_install", "-at_install")
class TestIndex(BridgeCommon):
    def setUp(self):
        super().setUp()
        today = now_us() // DAY * DAY
        self.start = today - 3 * DAY
        self.rows = self.minutes(self.start, 5) + self.minutes(self.start + DAY, 3)
        self.rows += self.minutes(self.start, 2, self.cameras[1])
        self.sync(segments=self.columns(self.rows))

    def ask(self, method, user=None, recorder=None, **values):
        bounds = {"from_us": str(self.start - DAY), "to_us": str(self.start + 3 * DAY)}
        message = {"schema": 1, "node": (recorder or self.recorder).node, **bounds, **values}
        model = self.env["cctv.recorder"].with_user(user or (recorder or self.recorder).bot_user_id)
        return wire.unpack(getattr(model, method)(wire.pack(message)))

    def of(self, camera, day=None):
        rows = [row for row in self.rows if row["camera_id"] == camera.id]
        return [row for row in rows if day is None or int(row["start_us"]) // DAY == day]

    def test_a_digest_for_each_camera_and_day(self):
        answer = self.ask("index_digests")
        first, second = self.cameras[:2]
        day = self.start // DAY
        parts = [self.of(first, day), self.of(first, day + 1), self.of(second, day)]
        self.assertEqual(answer["camera_id"], [first.id, first.id, second.id])
        self.assertEqual(answer["path"], [first.path, first.path, second.path])
        self.assertEqual(answer["segments"], [5, 3, 2])
        self.assertEqual(answer["bytes"], [str(sum(int(row["bytes"]) for row in part)) for part in parts])
        self.assertEqual(answer["sha256"], [digest(part) for part in parts])
        self.assertEqual((answer["first_us"], answer["last_us"]), (str(self.start), self.of(first)[-1]["start_us"]))

    def test_a_changed_row_changes_its_days_digest_alone(self):
        before = self.ask("index_digests")["sha256"]
        self.rows[0]["status"] = "missing"
        self.sync(segments=self.columns(self.rows[:1]))
        after = self.ask("index_digests")["sha256"]
        self.assertEqual([a == b for a, b in zip(before, after, strict=True)], [False, True, True])
        self.assertEqual(after[0], digest(self.of(self.camera, self.start // DAY)))

    def test_deleted_rows_count_in_no_digest(self):
        self.rows[0]["status"] = "deleted"
        self.sync(segments=self.columns(self.rows[:1]))
        answer = self.ask("index_digests")
        self.assertEqual(answer["segments"], [4, 3, 2])
        self.assertEqual(answer["sha256"][0], digest(self.of(self.camera, self.start // DAY)[1:]))

    def test_rows_come_in_pages_in_order_of_start(self):
        found, at = [], self.start
        with patch.object(module, "PAGE_ROWS", 3):
            while True:
                page = self.ask("index_rows", camera_id=self.camera.id, from_us=str(at))
                rows = list(zip(*(page[name] for name in (*NAMES, "test")), strict=True))
                self.assertLessEqual(len(rows), 3)
                found += rows
                if not page["more"]:
                    break
                at = int(page["start_us"][-1]) + 1
        sent = [tuple(row[name] for name in (*NAMES, "test")) for row in self.of(self.camera)]
        self.assertEqual(found, sent)

    @mute_logger(SYNC)
    def test_another_nodes_rows_are_not_shown(self):
        other, _toml = self._new_recorder("GDG-2", self.site)
        self.assertEqual(self.ask("index_digests", recorder=other)["camera_id"], [])
        self.assertEqual(self.ask("index_rows", recorder=other, camera_id=self.camera.id)["start_us"], [])
        with self.refused("node"):
            self.ask("index_digests", user=other.bot_user_id)

    def test_people_are_refused(self):
        for user in (*self.users.values(), self.env.ref("base.user_admin")):
            for method in ("index_digests", "index_rows"):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    self.ask(method, user=user, camera_id=self.camera.id)

    @mute_logger(SYNC)
    def test_wrong_requests_are_refused_by_their_field(self):
        for values, word in (
            ({"schema": 2}, "schema"),
            ({"from_us": ""}, "from_us"),
            ({"from_us": "-1"}, "from_us"),
            ({"to_us": "x"}, "to_us"),
            ({"to_us": "0"}, "to_us"),
            ({"from_us": "0", "to_us": str(33 * DAY)}, "to_us"),
            ({"camera_id": 0}, "camera_id"),
            ({"camera_id": True}, "camera_id"),
            ({"camera_id": 2**31}, "camera_id"),
            ({"extra": 1}, "extra"),
        ):
            for method in ("index_digests", "index_rows"):
                with self.subTest(word, method=method), self.refused(f"{word}:"):
                    self.ask(method, **({"camera_id": self.camera.id} | values))
        with self.refused("camera_id: is missing"):
            self.ask("index_rows")
