"""How large a call may be: what the service packs, what the bridge unpacks and what the wire's text says agree."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "recorder_service" / "src" / "recorder_service" / "erp" / "codec.py"
BRIDGE = ROOT / "addons" / "cctv_recorder_bridge" / "tools" / "wire.py"


def mebibytes(file, name):
    """Return a bound of a module in MiB."""
    (figure,) = re.findall(rf"^{name} = (\d+) \* 1024 \* 1024\b", file.read_text("utf-8"), re.MULTILINE)
    return figure


def test_service_bridge_and_description_agree():
    up, down = mebibytes(SERVICE, "MAX_UP"), mebibytes(SERVICE, "MAX_DOWN")
    assert mebibytes(BRIDGE, "MAX_RAW") == up
    text = " ".join((ROOT / "docs" / "wire.md").read_text("utf-8").split())
    assert f"capped at {up} MiB up" in text
    assert f"and {down} MiB down" in text
