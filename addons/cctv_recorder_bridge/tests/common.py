"""A node with cameras, and what a recorder would send for it."""

import hashlib
import logging
import os
import random
import time
import uuid

from odoo.addons.cctv_sop.tests.common import CctvCommon, CctvHttpCommon

from ..tools import intervals, wire

_logger = logging.getLogger(__name__)

SECOND = intervals.SECOND
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
URL = "rtsp://127.0.0.1:18551/main"
#: Logger of refused calls, for tests that make such.
SYNC = "odoo.addons.cctv_recorder_bridge.models.recording.cctv_recorder_sync"


def now_us():
    return time.time_ns() // 1000


class BridgeMixin:
    @classmethod
    def _set_up_bridge(cls):
        cls.seed = int(os.environ.get("CCTV_SEED") or random.SystemRandom().randrange(2**32))
        cls.random = random.Random(cls.seed)
        _logger.info("%s: seed %s", cls.__name__, cls.seed)
        cls.recorder, cls.toml = cls._new_recorder("GDG-1", cls.site)
        cls.bot = cls.recorder.bot_user_id
        cls.cameras = cls.env["cctv.camera"]
        for number in range(1, 4):
            cls.cameras |= cls._recorded_camera(f"cam-{number:02}", cls.recorder)
        cls.camera = cls.cameras[0]

    @classmethod
    def _new_recorder(cls, name, site):
        return cls.env["cctv.recorder"]._register_node(
            {
                "name": name,
                "site_id": site.id,
                "company_id": site.company_id.id,
                "quota_gb": 5,
                "erp_url": "http://127.0.0.1:1",
            }
        )

    @classmethod
    def _recorded_camera(cls, code, recorder, state="active", **values):
        camera = cls._new_camera(code, recorder_id=recorder.id, **values)
        cls.env["cctv.camera.source"].create(
            {"camera_id": camera.id, "url": URL, "user": "viewer", "password": f"pw-{code}"}
        )
        return cls._bring_to(state, camera)

    @classmethod
    def _retire(cls, recorder, note="x"):
        """Take its cameras from it, and retire it."""
        recorder.camera_ids.with_user(cls.it).recorder_id = False
        recorder.with_user(cls.it).action_retire(note=note)

    def setUp(self):
        super().setUp()
        self.seq = 0
        self.epoch = str(uuid.uuid4())

    def message(self, recorder=None, **parts):
        self.seq += 1
        return {
            "schema": 1,
            "node": (recorder or self.recorder).node,
            "epoch": self.epoch,
            "seq": str(self.seq),
            "sent_us": str(now_us()),
            "etag": "",
            **parts,
        }

    def sync(self, recorder=None, **parts):
        recorder = recorder or self.recorder
        return self.send(self.message(recorder, **parts), recorder)

    def send(self, message, recorder=None):
        bot = (recorder or self.recorder).bot_user_id
        model = self.env["cctv.recorder"].with_user(bot)
        return wire.unpack(model.sync(wire.pack(message)))

    def segment(self, camera=None, start=0, seconds=60.0, **values):
        """One row; the hash is of its camera and start, so that equal rows are equal."""
        camera = camera or self.camera
        row = {
            "camera_id": camera.id,
            "start_us": str(start),
            "stop_us": str(start + round(seconds * SECOND)),
            "bytes": str(1_000_000 + start % 1000),
            "sha256": hashlib.sha256(f"{camera.id}/{start}".encode()).hexdigest(),
            "run": "0" * 31 + "1",
            "number": 1,
            "status": "ok",
            "test": 0,
        }
        return {**row, **values}

    def minutes(self, start, count, camera=None):
        return [self.segment(camera, start + n * MINUTE, number=n) for n in range(count)]

    @staticmethod
    def columns(rows):
        return {name: [row[name] for row in rows] for name in rows[0]}

    def gap(self, start, stop=None, reason="source_lost", camera=None):
        return {
            "camera_id": (camera or self.camera).id,
            "start_us": str(start),
            "stop_us": None if stop is None else str(stop),
            "reason": reason,
        }

    def heartbeat(self, cameras=(), **values):
        return {
            "versions": {"service": "1.0.0", "mediamtx": "v1.20.1", "ffmpeg": "5.1"},
            "clock_offset_ms": 1.5,
            "disk": {
                "path": "/srv",
                "total": str(32 * 10**12),
                "free": str(10**12),
                "used": "5",
                "quota": "0",
                "reserve": "7",
                "level": "normal",
                "hours_left": 51.5,
                "hours_left_without_purge": 50,
                "ballast": "83886080",
                "index_free": "2000000000",
            },
            "engine": {"state": "up", "started_us": str(now_us())},
            "gate": {"state": "up", "started_us": str(now_us())},
            "recording": True,
            "alarms": [],
            "pending": {"segments": 0, "gaps": 0, "parked": 0},
            "cameras": list(cameras),
            **values,
        }

    def camera_state(self, state, camera=None, **values):
        return {
            "camera_id": (camera or self.camera).id,
            "state": state,
            "reason": "",
            "since_us": str(now_us()),
            "last_stop_us": str(now_us()),
            "kbps": 2048,
            "detail": "",
            **values,
        }

    def ack(self, row, **values):
        """What a node says of a hold row that it has stored."""
        return {
            **{name: row[name] for name in ("hold", "version", "cameras", "from_us", "to_us")},
            "kept": 5,
            "gone": 0,
            "kept_bytes": "5000000",
            "gone_rows": [],
            **values,
        }

    def deletion(self, segment, run, **values):
        """The row of a deleted segment, of the row that told of it."""
        return {
            "camera_id": segment["camera_id"],
            "start_us": segment["start_us"],
            "at_us": str(now_us()),
            "run": run,
            "freed": segment["bytes"],
            **values,
        }

    def purge(self, cameras=None, run=None, last=None, **values):
        """A purge that a node asks for; by default of footage that ended a year ago."""
        last = now_us() - 365 * DAY if last is None else last
        rows = [
            {"camera_id": c.id, "segments": 10, "bytes": "10000000", "first_us": str(last - DAY), "last_us": str(last)}
            for c in (self.camera if cameras is None else cameras)
        ]
        run = run or str(uuid.uuid4())
        asked = {"run": run, "kind": "retention", "state": "ask", "reason": "", "cutoffs_tag": "x", "cameras": rows}
        return {**asked, **values}

    def stored(self, camera=None):
        return self.env["cctv.segment"].search([("camera_id", "=", (camera or self.camera).id)], order="start, id")

    def coverage(self, camera=None):
        rows = self.env["cctv.coverage"].search([("camera_id", "=", (camera or self.camera).id)])
        return {row.day.isoformat(): row for row in rows}

    def midnight(self, days_ago=2, tz="Asia/Makassar"):
        """Start of a recent day of the site, µs."""
        return intervals.day_bounds(intervals.day_of(now_us() - days_ago * DAY, tz), tz)[0]


class BridgeCommon(BridgeMixin, CctvCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_bridge()


class BridgeHttpCommon(BridgeMixin, CctvHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_bridge()
