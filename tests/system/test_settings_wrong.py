"""Wrong settings: ``recorder check`` says what is wrong and what to do, and never shows the key."""

import secrets
import socket
import tomllib

import pytest


@pytest.fixture
def settings(system):
    """Return the node's settings as its file has them."""
    return tomllib.loads((system.run / "recorder" / "recorder.toml").read_text())


def _failures(checks):
    return {name: row for name, row in checks.items() if row["level"] not in ("ok", "warn")}


def _odoo_complaint(system, **wrong):
    """Return the one complaint about Odoo that these settings lead to."""
    code, checks = system.check(**wrong)
    failed = _failures(checks)
    assert code == 1
    assert failed
    assert all(name.startswith("odoo") for name in failed), failed
    row = next(iter(failed.values()))
    assert row["fix"], "a complaint without advice"
    print(row)
    return row["message"]


def test_right_settings_pass(system):
    code, checks = system.check()
    assert (code, _failures(checks)) == (0, {})


def test_wrong_key(system, settings):
    wrong = secrets.token_hex(20)
    message = _odoo_complaint(system, ODOO__KEY=wrong)
    assert "key" in message
    assert wrong not in message
    assert settings["odoo"]["key"] not in message


def test_unknown_database(system):
    assert "no-such-db" in _odoo_complaint(system, ODOO__DB="no-such-db")


def test_odoo_not_there(system):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    message = _odoo_complaint(system, ODOO__URL=url)
    assert url in message
    assert "refused" in message.lower() or "reached" in message


def test_not_an_odoo(system):
    """The address of another web server: here the recorder's own."""
    assert "Odoo" in _odoo_complaint(system, ODOO__URL=system.access["recorder"]["url"])


def test_missing_setting_is_named(system):
    file = system.owned_folder(system.run / "work" / "wrong-settings") / "recorder.toml"
    file.write_text("[node]\nuuid = 'x'\n[odo]\nurl = 1\n")
    done = system.recorder("check", "--json", CONFIG=str(file))
    assert done.returncode == 1
    for word in ("login", "key", "odo", "uuid"):
        assert word in done.stdout + done.stderr
