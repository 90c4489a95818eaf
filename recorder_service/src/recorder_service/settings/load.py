"""Reading the settings: all mistakes at once, each with what to do."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from .model import Settings

ENV_FILE = "RECORDER_CONFIG"
DEFAULT_FILE = Path("/etc/cctv-recorder/recorder.toml")


class SettingsError(Exception):
    """Carries one line for each mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def settings_file(given: Path | None = None) -> Path:
    """``--config``, else ``RECORDER_CONFIG``, else the system's place."""
    return given or Path(os.environ.get(ENV_FILE) or DEFAULT_FILE)


def load(given: Path | None = None) -> Settings:
    """Read file and environment.

    Raises:
        SettingsError: with all mistakes found; values of secrets never appear in it.
    """
    file = settings_file(given)
    problems = _readable(file)
    if problems:
        raise SettingsError(problems)
    try:
        return _model(file)(file=file.resolve())
    except ValidationError as error:
        raise SettingsError([_sentence(file, dict(found)) for found in error.errors(include_input=False)]) from None


def _readable(file: Path) -> list[str]:
    try:
        tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return [f"{file}: not found; paste the settings that Odoo showed when the recorder was registered there"]
    except OSError as error:
        return [f"{file}: cannot be read ({error.strerror}); give it to the user that runs the service"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return [f"{file}: is not valid TOML: {error}"]
    return []


def _model(file: Path) -> type[Settings]:
    class FromFile(Settings):
        model_config = SettingsConfigDict(**{**Settings.model_config, "toml_file": file})

    return FromFile


def _sentence(file: Path, error: dict[str, Any]) -> str:
    where = [str(part) for part in error["loc"]]
    name = f"[{where[0]}] {'.'.join(where[1:])}".strip()
    variable = "RECORDER_" + "__".join(where).upper()
    if error["type"] == "missing":
        return f"{name} is missing: set it in {file} (or {variable} in the environment)"
    if error["type"] == "extra_forbidden":
        return f"{name} is not a setting: remove it from {file} or correct its name"
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}: {message}: correct it in {file} (or {variable} in the environment)"
