#!/usr/bin/python3
"""Write .run/access.json (addresses and a login per role, mode 600), or with --show print it for people."""

import argparse
import json
import os
from pathlib import Path

ROLE_ORDER = (
    "admin",
    "officer",
    "supervisor",
    "it",
    "management",
    "auditor",
    "dpo",
    "hr",
    "procurement",
    "vendor",
    "employee",
)


def ports(run):
    """Return the ports in force, by setting name."""
    lines = (run / "env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def access(run):
    """Return the content of access.json."""
    port = ports(run)
    loaded = json.loads((run / "secrets" / "load.json").read_text(encoding="utf-8"))
    here = "http://127.0.0.1:"
    return {
        "url": here + port["CCTV_ODOO_PORT"],
        "db": os.environ.get("CCTV_DB", "cctv"),
        "users": {role: loaded["users"][role] for role in ROLE_ORDER if role in loaded["users"]},
        "recorder": {"url": here + port["CCTV_RECORDER_PORT"]},
        "mediamtx": {
            "whep": here + port["CCTV_GATE_WEBRTC_PORT"],
            "hls": here + port["CCTV_GATE_HLS_PORT"],
            "engine_api": here + port["CCTV_ENGINE_API_PORT"],
        },
        "media_root": str(run / "media"),
    }


def write(run):
    """Replace access.json in one rename, never readable by others."""
    target = run / "access.json"
    new = target.with_suffix(".json.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(json.dumps(access(run), indent=1) + "\n", encoding="utf-8")
    new.replace(target)


def show(run):
    """Print the address, the logins and how to stop."""
    known = json.loads((run / "access.json").read_text(encoding="utf-8"))
    print(f"\n  Odoo      {known['url']}/odoo   (database {known['db']})")
    print(f"  Recorder  {known['recorder']['url']}/health")
    print("\n  role         login                password")
    for role, user in known["users"].items():
        print(f"  {role:12} {user['login']:20} {user['password']}")
    print("\n  scripts/status   what runs          scripts/logs odoo -f   its log")
    print("  scripts/stop     stop everything    scripts/clean          remove all data\n")


def main():
    """Write, or show."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("run", type=Path)
    options = parser.parse_args()
    (show if options.show else write)(options.run)


if __name__ == "__main__":
    main()
