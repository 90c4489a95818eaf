"""The README's table of settings is the code's."""

from __future__ import annotations

import re
from pathlib import Path

from recorder_service.cli.check import settings_failed
from recorder_service.cli.main import app
from recorder_service.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def documented() -> set[tuple[str, str]]:
    found = set()
    for first in re.findall(r"^\| (`\[\w+\][^|]*)\|", README, re.MULTILINE):
        table = re.search(r"\[(\w+)\]", first)
        assert table
        found |= {(table[1], name) for name in re.findall(r"(?:\] |`)(\w+)`", first)}
    return found


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    known = {
        (section, name)
        for section, field in Settings.model_fields.items()
        if section != "file"
        for name in field.annotation.model_fields  # type: ignore[union-attr]
    }
    assert documented() == known


def test_wrong_settings_name_the_page_that_tells_them() -> None:
    (found,) = settings_failed(SettingsError(["[odoo] url is missing"]))
    page, heading = re.findall(r"recorder_service/(README\.md), (\w+)", found.fix)[0]
    assert (ROOT / page).is_file()
    assert f"\n## {heading}\n" in README


def test_every_command_is_documented() -> None:
    commands = {command.name or command.callback.__name__ for command in app.registered_commands}  # type: ignore[union-attr]
    assert set(re.findall(r"^\| `recorder (\w+)`", README, re.MULTILINE)) == commands
