"""No camera password and no key in any log, chatter, export, answer or listing."""

import secrets
import subprocess
import time
import tomllib

import pytest
import requests
from odoorpc.error import RPCError
from support.erp import Erp


@pytest.fixture(scope="module")
def secret_words(system):
    """Return everything that must not be seen."""
    words = {camera["password"] for camera in system.camera_secrets()}
    words.add(tomllib.loads((system.run / "recorder" / "recorder.toml").read_text())["odoo"]["key"])
    words |= {user["password"] for user in system.access["users"].values()}
    words.add((system.run / "recorder" / "node.secret").read_text().strip())
    assert len(words) > 15
    assert all(len(word) >= 8 for word in words)
    return words


def _seen(words, text):
    return {word for word in words if word in text}


def test_logs(system, secret_words):
    logs = [file for file in (system.run / "log").iterdir() if file.is_file()]
    assert len(logs) >= 5
    for file in logs:
        text = file.read_text(errors="replace")
        assert not _seen(secret_words, text), f"{file} shows a secret"


def test_a_planted_secret_is_found(system, secret_words, tmp_path):
    """The mutation: the same search over a text that holds one."""
    word = next(iter(secret_words))
    assert _seen(secret_words, f"rtsp://recorder:{word}@127.0.0.1") == {word}


def test_chatter_and_history(system, secret_words):
    admin = Erp(system.access, "admin")
    it = Erp(system.access, "it")
    texts = [str(admin.search_read("mail.message", [], ["body", "subject"]))]
    texts.append(str(Erp(system.access, "auditor").search_read("cctv.workflow.log", [], [])))
    texts.append(str(it.search_read("cctv.recorder.event", [], [])))
    texts.append(str(it.search_read("cctv.recorder.job", [], ["params", "result", "error", "message"])))
    texts.append(str(it.search_read("cctv.recorder", [], [])))
    for text in texts:
        assert len(text) > 10
        assert not _seen(secret_words, text)


def _answer_or_refusal(erp, method, *args):
    """Return what a call tells; a refusal tells something too."""
    try:
        return str(erp.call("cctv.camera.source", method, *args))
    except RPCError as refusal:
        return str(refusal) + str(refusal.info)


@pytest.mark.parametrize("role", ["it", "admin", "supervisor", "management", "auditor", "dpo", "officer", "employee"])
def test_sources_do_not_tell(system, secret_words, role):
    """Reading, exporting, grouping and copying a source gives no password, to nobody."""
    erp = Erp(system.access, role)
    ids = [row["id"] for row in Erp(system.access, "it").search_read("cctv.camera.source", [], ["id"])]
    assert len(ids) >= 7
    fields = list(Erp(system.access, "it").call("cctv.camera.source", "fields_get"))
    told = [_answer_or_refusal(erp, "search_read", [], [])]
    told += [_answer_or_refusal(erp, "export_data", ids, fields)]
    told += [_answer_or_refusal(erp, "copy_data", ids)]
    told += [_answer_or_refusal(erp, "read", ids, [name]) for name in ("password", "secret_password", "secret_user")]
    for text in told:
        assert not _seen(secret_words, text)


def test_secret_fields_cannot_be_searched(system, secret_words):
    it = Erp(system.access, "it")
    for field in ("secret_password", "secret_user"):
        with pytest.raises(RPCError):
            it.search_read("cctv.camera.source", [(field, "like", "a")], ["id"])


def test_recorder_api(system, secret_words):
    for page in ("health", "status", "metrics"):
        answer = requests.get(f"{system.access['recorder']['url']}/{page}", timeout=10)
        assert answer.ok
        assert len(answer.text) > 20
        assert not _seen(secret_words, answer.text)


def test_engine_api_asks_for_a_login(system):
    answer = requests.get(f"{system.access['mediamtx']['engine_api']}/v3/config/paths/list", timeout=10)
    assert answer.status_code == 401


def test_command_lines(secret_words):
    """What every user of the machine sees in ``ps``."""
    listing = subprocess.run(["ps", "-eo", "args", "-ww"], capture_output=True, text=True, check=True).stdout
    assert "mediamtx" in listing
    assert not _seen(secret_words, listing)


def test_recorder_command_line(system, secret_words):
    for words in (["config"], ["config", "--json"], ["status", "--json"], ["check", "--json"]):
        done = system.recorder(*words)
        assert len(done.stdout) > 20
        assert not _seen(secret_words, done.stdout + done.stderr)


def test_files_with_secrets_are_private(system):
    for name in (
        "access.json",
        "recorder/recorder.toml",
        "recorder/engine.yml",
        "recorder/node.secret",
        "cameras/cameras.json",
    ):
        assert (system.run / name).stat().st_mode & 0o077 == 0, f"{name} can be read by others"


def test_a_password_that_meets_a_lock_stands_in_no_log(system):
    """Two saves at once make PostgreSQL refuse or delay one: neither its log nor Odoo's repeats the statement."""
    it, word = Erp(system.access, "it"), f"kunci-{secrets.token_hex(6)}"
    location = it.search_read("cctv.camera", [("code", "=", "cam-05")], ["location_id"])[0]["location_id"][0]
    camera = it.call("cctv.camera", "create", {"code": f"s-{word[6:]}", "name": word[:5], "location_id": location})
    source = it.call("cctv.camera.source", "create", {"camera_id": camera, "url": "rtsp://192.0.2.7/main"})
    holder = system.psql(
        f"BEGIN; UPDATE cctv_camera_source SET write_date = now() WHERE id = {source}; SELECT pg_sleep(4); COMMIT"
    )
    time.sleep(1.0)
    it.call("cctv.camera.source", "write", [source], {"password": word})
    assert holder.wait(20) == 0
    found = it.call("cctv.camera.source", "reveal_credentials", [source])["password"]
    assert found == word, "the second save came through"
    for name in ("odoo.log", "postgres.log"):
        text = (system.run / "log" / name).read_text(errors="replace")
        assert word not in text, f"{name} repeats the password"
    assert "could not serialize" in (system.run / "log" / "postgres.log").read_text(), "nothing was provoked"
