"""Folders outside the checkout that the scripts are tried on."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def open_folder(prefix):
    """A new folder in /tmp, where the service user can come; gone afterwards."""
    base = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    base.chmod(0o755)
    try:
        yield base
    finally:
        shutil.rmtree(base)


def contents(folder):
    """Return all that may be told of a folder: of every file in it, itself included, content, mode, owner and times."""
    return {
        str(path): (path.lstat()[:6], path.lstat().st_mtime_ns, path.is_file() and path.read_bytes())
        for path in [folder, *sorted(folder.rglob("*"))]
    }
