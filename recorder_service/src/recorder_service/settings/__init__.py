"""Settings of the service: a TOML file, overridden by the environment."""

from .load import SettingsError, load, settings_file
from .model import Settings

__all__ = ["Settings", "SettingsError", "load", "settings_file"]
