"""Bad rows on the wire: each gets its own verdict, and none sinks its batch."""

import secrets
import tomllib
import uuid
import xmlrpc.client

import pytest
from support.erp import sync
from support.system import now_us

US = 10**6


class Node:
    """A second node, played by hand."""

    def __init__(self, access, text):
        self.access = access
        settings = tomllib.loads(text)
        self.login, self.key = settings["odoo"]["login"], settings["odoo"]["key"]
        self.uuid, self.epoch, self.seq = settings["node"]["uuid"], str(uuid.uuid4()), 0

    def send(self, segments=None, **more):
        """Send rows; return the answer."""
        self.seq += 1
        payload = {"schema": 1, "node": self.uuid, "epoch": self.epoch, "seq": str(self.seq), "sent_us": str(now_us())}
        payload |= {"etag": "", "heartbeat": {}, "events": [], "jobs": []}
        payload |= {
            "segments": columns(segments or []),
            "gaps": {"camera_id": [], "start_us": [], "stop_us": [], "reason": []},
        }
        return sync(self.access, self.login, self.key, {**payload, **more})


NAMES = ["camera_id", "start_us", "stop_us", "bytes", "sha256", "run", "number", "status", "test"]


def columns(rows):
    """Turn rows into the wire's columns."""
    return {name: [row[name] for row in rows] for name in NAMES}


@pytest.fixture(scope="module")
def played(system):
    """Register a node and a camera of its own through Odoo's wizard, as IT; retire it afterwards."""
    from support.erp import Erp

    it = Erp(system.access, "it")
    wizard = it.call("cctv.recorder.register", "create", {"name": f"Perekam uji {secrets.token_hex(3)}", "quota_gb": 1})
    shown = it.call("cctv.recorder.register", "action_register", [wizard])["context"]
    location = it.search_read("cctv.location", [("area_type", "=", "parking")], ["id"], limit=1)[0]["id"]
    camera = it.call(
        "cctv.camera",
        "create",
        {
            "code": f"uji-{secrets.token_hex(3)}",
            "name": "Kamera uji",
            "location_id": location,
            "recorder_id": shown["default_recorder_id"],
            "purpose": "asset_security",
            "lawful_basis": "legitimate_interest",
        },
    )
    yield Node(system.access, shown["default_config_text"]), camera
    it.call("cctv.camera", "write", [camera], {"recorder_id": False})
    it.call("cctv.camera", "action_decommission", [camera], note="uji selesai")
    it.call("cctv.recorder", "action_retire", [shown["default_recorder_id"]], note="uji selesai")


def _row(camera, start_us, **other):
    base = {"camera_id": camera, "start_us": str(start_us), "stop_us": str(start_us + 20 * US), "bytes": "1234567"}
    base |= {"sha256": secrets.token_hex(32), "run": secrets.token_hex(16), "number": 1, "status": "ok", "test": 0}
    return {**base, **other}


def _code(verdict):
    return verdict if isinstance(verdict, str) else verdict[0]


def test_each_bad_row_gets_its_verdict(played, it, draw):
    node, camera = played
    others = it.camera("cam-01")["id"]
    now = now_us() - 3600 * US - draw.randrange(600) * US
    twice = _row(camera, now + 100 * US)
    cases = [
        (_row(camera, now), "ok"),
        (_row(others, now), "not_yours"),
        (_row(2**30, now), "not_yours"),
        (_row(camera, now + 9 * 24 * 3600 * US), "bad_time"),
        (_row(camera, now - 1000 * 24 * 3600 * US), "bad_time"),
        (_row(camera, now + 40 * US, stop_us=str(now + 40 * US + 3600 * US)), "too_long"),
        (_row(camera, now + 60 * US, stop_us=str(now + 50 * US)), "bad_value"),
        (_row(camera, now + 80 * US, sha256="zz"), "bad_value"),
        (twice, "ok"),
        (dict(twice), "duplicate"),
        (_row(camera, now + 200 * US), "ok"),
    ]
    order = draw.sample(range(len(cases)), len(cases))
    if order.index(8) > order.index(9):
        at, to = order.index(8), order.index(9)
        order[at], order[to] = order[to], order[at]
    verdicts = node.send([cases[index][0] for index in order])["segments"]
    told = {index: _code(verdict) for index, verdict in zip(order, verdicts, strict=True)}
    assert told == {index: code for index, (_row_, code) in enumerate(cases)}
    for verdict in verdicts:
        assert verdict == "ok" or len(verdict[1]) > 10, "a refusal without a sentence"
    stored = {row["sha256"] for row in it.segments(camera)}
    assert stored == {cases[index][0]["sha256"] for index in (0, 8, 10)}


def test_same_row_again_is_no_second_row(played, it, draw):
    node, camera = played
    row = _row(camera, now_us() - 7200 * US - draw.randrange(600) * US)
    assert node.send([row])["segments"] == ["ok"]
    assert node.send([row])["segments"] == ["ok"]
    assert _code(node.send([{**row, "sha256": secrets.token_hex(32)}])["segments"][0]) == "conflict"
    (stored,) = [found for found in it.segments(camera) if found["start_us"] == row["start_us"]]
    assert stored["sha256"] == row["sha256"]


def test_unknown_field_is_named_and_nothing_is_stored(played, it):
    node, camera = played
    row = _row(camera, now_us() - 9000 * US)
    before = it.segments(camera)
    with pytest.raises(xmlrpc.client.Fault, match="colour"):
        node.send([row], colour="red")
    assert it.segments(camera) == before


def test_another_nodes_identity_is_refused(played, system):
    node, _camera = played
    foreign = tomllib.loads((system.run / "recorder" / "recorder.toml").read_text())["node"]["uuid"]
    with pytest.raises(xmlrpc.client.Fault):
        node.send(node=foreign)


def test_bot_sees_nothing_else(played, system):
    """The bot's key opens ``sync`` and little more."""
    node, _camera = played
    common = xmlrpc.client.ServerProxy(f"{system.access['url']}/xmlrpc/2/common")
    uid = common.authenticate(system.access["db"], node.login, node.key, {})
    models = xmlrpc.client.ServerProxy(f"{system.access['url']}/xmlrpc/2/object")

    def read(model, *fields):
        return models.execute_kw(system.access["db"], uid, node.key, model, "search_read", [[], list(fields)])

    for model in ("cctv.segment", "cctv.camera.source", "cctv.camera", "cctv.gap", "hr.employee", "cctv.workflow.log"):
        try:
            found = read(model, "id")
        except xmlrpc.client.Fault:
            continue
        pytest.fail(f"the bot reads {model}: {found}")
    assert [user["id"] for user in read("res.users", "id")] == [uid]
