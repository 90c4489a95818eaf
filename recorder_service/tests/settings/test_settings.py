from __future__ import annotations

from pathlib import Path

import pytest

from recorder_service.settings import SettingsError, load

GOOD = """
[odoo]
url = "https://odoo.example.com/"
db = "acme"
login = "recorder-x"
key = "0123456789abcdef"
[node]
uuid = "0B8F7F7E-5F0A-4A53-9D8E-0F6B7F0C1A11"
[media]
root = "/srv/cctv"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "recorder.toml"
    path.write_text(GOOD)
    return path


def test_what_registration_prints_is_enough(file: Path) -> None:
    settings = load(file)
    assert settings.odoo.url == "https://odoo.example.com"
    assert settings.node.uuid == "0b8f7f7e-5f0a-4a53-9d8e-0f6b7f0c1a11"
    assert settings.index_file == file.parent / "index.sqlite"
    assert settings.engine_config == file.parent / "engine.yml"


def test_the_key_does_not_show(file: Path) -> None:
    settings = load(file)
    assert "0123456789abcdef" not in f"{settings!r} {settings.model_dump()} {settings.model_dump_json()}"
    assert settings.odoo.key.get_secret_value() == "0123456789abcdef"


def test_the_environment_overrides(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDER_ODOO__KEY", "another-key")
    monkeypatch.setenv("RECORDER_HTTP__PORT", "9000")
    settings = load(file)
    assert (settings.odoo.key.get_secret_value(), settings.http.port) == ("another-key", 9000)
    assert settings.odoo.db == "acme"


def test_the_environment_names_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDER_CONFIG", str(file))
    assert load().odoo.db == "acme"


def test_all_mistakes_come_at_once(file: Path) -> None:
    file.write_text('[odoo]\nurl = "odoo"\nkey = "topsecret1"\nport = 3\n[node]\nuuid = "x"\n[http]\nport = 0\n')
    with pytest.raises(SettingsError) as caught:
        load(file)
    text = str(caught.value)
    for name in ("[odoo] url", "[odoo] db", "[odoo] login", "[odoo] port", "[node] uuid", "[http] port"):
        assert name in text
    assert "topsecret1" not in text
    assert len(caught.value.problems) == 6


@pytest.mark.parametrize(
    ("content", "text"), [(None, "not found"), ("[odoo", "not valid TOML"), ('x = "\udc80"', "not valid TOML")]
)
def test_an_unusable_file_is_said(tmp_path: Path, content: str | None, text: str) -> None:
    path = tmp_path / "recorder.toml"
    if content is not None:
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=text):
        load(path)


def test_credentials_in_the_address_are_refused(file: Path) -> None:
    file.write_text(GOOD.replace("https://", "https://me:pw@"))
    with pytest.raises(SettingsError, match="must not carry"):
        load(file)
