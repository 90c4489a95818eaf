"""scripts/test-docker backs up and restores by the very commands of docs/docker.md."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REDIRECTION = re.compile(r"\s*[<>]\S+$")


def of_guide():
    """Return what follows `docker compose` in the section on backups, without the files."""
    text = (ROOT / "docs" / "docker.md").read_text()
    section = text.split("\n## Backup and restore\n")[1].split("\n## ")[0]
    return [REDIRECTION.sub("", line) for line in re.findall(r"^docker compose (.+)$", section, re.M)]


def of_trial():
    """Return what the trial's two functions give to compose, likewise."""
    text = (ROOT / "scripts" / "test-docker").read_text()
    bodies = (re.search(rf"^{name}\(\) {{\n(.+?)^}}$", text, re.M | re.S)[1] for name in ("keep_backup", "put_back"))
    lines = (line.strip().removesuffix(" &&") for body in bodies for line in body.splitlines())
    return [REDIRECTION.sub("", re.sub(r'^(compose|fed "\S+") ', "", line)) for line in lines]


def test_the_trial_takes_the_guides_commands():
    assert of_trial() == of_guide()


def test_open_sessions_are_no_part_of_the_backup():
    (command,) = (line for line in of_guide() if " data " in line)
    assert "--exclude=data/sessions -c data " in command
