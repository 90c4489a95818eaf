"""Where the sample cameras keep their files, and which programs they use."""

import os
import shutil
from pathlib import Path

REPO = Path(__file__).resolve().parents[3]


def run_dir() -> Path:
    """Return the data folder of this checkout's running system."""
    return Path(os.environ.get("CCTV_RUN") or REPO / ".run")


def cameras_dir() -> Path:
    """Return the folder of the cameras' configuration and state."""
    return run_dir() / "cameras"


def cache_dir() -> Path:
    """Return the folder for downloads and clips, outside the checkout."""
    configured = os.environ.get("CCTV_CACHE")
    if configured:
        return Path(configured)
    if os.geteuid() == 0:
        return Path("/var/cache/cctv-sop")
    return Path.home() / ".cache" / "cctv-sop"


def mediamtx() -> str:
    """Return the MediaMTX binary; ``RuntimeError`` when there is none."""
    configured = os.environ.get("MEDIAMTX_BIN") or shutil.which("mediamtx")
    if not configured or not os.access(configured, os.X_OK):
        raise RuntimeError("MediaMTX was not found. Set MEDIAMTX_BIN, or run scripts/setup-mediamtx.")
    return configured


def first_port() -> int:
    """Return the first camera's RTSP port."""
    return int(os.environ.get("CCTV_CAMERA_PORT") or 18551)
