"""Where the sample cameras keep their files, and which programs they use."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

SERVICE_USER = "cctv"
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
    """Return the MediaMTX binary: the user's own, or the one that ``scripts/setup-mediamtx`` built or now builds.

    :raises RuntimeError: there is none
    """
    found = os.environ.get("MEDIAMTX_BIN") or shutil.which("mediamtx") or _built()
    if not os.access(found, os.X_OK):
        raise RuntimeError(f"MediaMTX {found!r} cannot be run. Set MEDIAMTX_BIN, or run scripts/setup-mediamtx.")
    return found


def _built() -> str:
    setup = subprocess.run([REPO / "scripts" / "setup-mediamtx"], stdout=subprocess.PIPE, text=True, check=False)
    return setup.stdout.strip()


def become_service_user() -> None:
    """As root, go on as the user to whom the run folder belongs: it may have put links there that root must not follow.

    :raises RuntimeError: that user does not exist yet
    """
    if os.geteuid() != 0:
        return
    try:
        user = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        raise RuntimeError(f"User {SERVICE_USER} does not exist yet; scripts/run makes it.") from None
    os.environ.update(CCTV_RUN=str(run_dir().resolve()), HOME=user.pw_dir, USER=user.pw_name, LOGNAME=user.pw_name)
    os.chdir("/")
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def first_port(count: int) -> int:
    """Return the first camera's RTSP port; the others have the next ones.

    :raises RuntimeError: that is no port, or there are not so many after it
    """
    found, last = os.environ.get("CCTV_CAMERA_PORT") or "18551", 65536 - count
    if not found.isascii() or not found.isdigit() or not 1 <= int(found) <= last:
        raise RuntimeError(f"CCTV_CAMERA_PORT={found} is not a port. Give a number from 1 to {last}.")
    return int(found)
