"""The command line of ``scripts/cameras``."""

import argparse
import json
import os
import random
import secrets
import signal
import sys
import time
from pathlib import Path

from . import clips, spec
from .paths import become_service_user, cameras_dir, mediamtx
from .supervisor import Supervisor

ORDER_TIMEOUT_S = 15
ONE = "one-"  # begins the group of a camera that 'start-one' plays


def main() -> int:
    """Run one command; 0 when it did what was asked."""
    options = _parser().parse_args()
    try:
        _prepare_cache(options)
        become_service_user()
        return options.run(options)
    except (RuntimeError, OSError, KeyError) as error:
        print(f"cameras: {error}", file=sys.stderr)
        return 1


def _prepare_cache(options: argparse.Namespace) -> None:
    """Make what is not there yet, with the rights of the caller, whose cache it is."""
    wanted = {_prepare: spec.CLIPS, _start_one: {getattr(options, "clip", None)}}.get(options.run, ())
    for name in sorted(filter(None, wanted)):
        clips.path_of(name)
    if options.run in (_start, _start_one):
        os.environ["MEDIAMTX_BIN"] = mediamtx()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cameras", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name: str, run, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        sub.add_argument("--json", action="store_true")
        return sub

    command("prepare", _prepare, "Fetch footage, encode clips, make cameras.json.")
    for name in ("start", "serve"):
        start = command(name, _start, "Play the sample cameras in the foreground.")
        start.add_argument("--seed", type=int, default=None, help="of the drop-outs")
    command("list", _list, "Show the sample cameras, without passwords.")
    command("status", _status, "Show what plays; 0 when all steady cameras do.")
    stop = command("stop", _stop, "End what 'start' or 'start-one' plays.")
    stop.add_argument("--name", help="end this camera of 'start-one' only")
    _add_one(command)
    for order, text in (("drop", "Pull the plug."), ("stall", "Hang, connections open.")):
        command(order, _order, text).add_argument("--name", required=True)
        commands.choices[order].set_defaults(order=order)
    resume = command("resume", _order, "Play again after 'drop' or 'stall'.")
    resume.add_argument("--name", required=True)
    resume.set_defaults(order="resume")
    return parser


def _add_one(command) -> None:
    one = command("start-one", _start_one, "Play one more camera in the foreground.")
    one.add_argument("--name", required=True)
    one.add_argument("--port", type=_port, required=True)
    one.add_argument("--user", default="recorder")
    one.add_argument("--password", help="default: drawn and printed")
    one.add_argument("--clip", choices=sorted(clips.CLIPS), default="counter")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: give a number from 1 to 65535")
    return int(text)


def _prepare(options: argparse.Namespace) -> int:
    spec.prepare()
    for name in sorted(spec.CLIPS):
        print(clips.path_of(name), flush=True)
    return 0


def _start(options: argparse.Namespace) -> int:
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    Supervisor("samples", spec.load(), cameras_dir(), seed, "CCTV_CAMERA_PORT, the first of them").run()
    return 0


def _start_one(options: argparse.Namespace) -> int:
    password = options.password or secrets.token_urlsafe(9)
    if not options.password:
        print(f"user {options.user}  password {password}", flush=True)
    camera = spec.Camera(options.name, options.port, options.user, password, options.clip)
    print(camera.main, flush=True)
    Supervisor(f"{ONE}{camera.name}", [camera], cameras_dir(), 0, "--port").run()
    return 0


def _list(options: argparse.Namespace) -> int:
    rows = [{key: value for key, value in camera.as_dict().items() if key != "password"} for camera in spec.load()]
    _show({"cameras": rows}, options, "{name}  {main}  {clip}")
    return 0


def _status(options: argparse.Namespace) -> int:
    groups = list(_groups())
    rows = [row for _file, group in groups for row in group["cameras"]]
    _show({"cameras": rows}, options, "{name}  {state}  {url}  {pid}")
    playing = any(file.name.startswith("samples.") for file, _group in groups)
    steady = all(row["state"] == "up" for row in rows if not row["dropout"])
    return 0 if playing and steady else 1


def _show(content: dict, options: argparse.Namespace, line: str) -> None:
    if options.json:
        print(json.dumps(content, indent=1))
        return
    for row in content["cameras"]:
        print(line.format(**row))


def _groups():
    """Yield the state file and content of each group that is alive."""
    for file in sorted(cameras_dir().glob("*.state.json")):
        try:
            content = json.loads(file.read_text())
        except FileNotFoundError:
            continue
        if Path(f"/proc/{content['pid']}").exists():
            yield file, content


def _stop(options: argparse.Namespace) -> int:
    groups = {file.name.removesuffix(".state.json"): group for file, group in _groups()}
    if options.name:
        names = [group.removeprefix(ONE) for group in groups if group.startswith(ONE)]
        _check_name(options.name, names, "played by 'start-one'")
        groups = {ONE + options.name: groups[ONE + options.name]}
    for group in groups.values():
        os.kill(group["pid"], signal.SIGTERM)
        _wait(lambda pid=group["pid"]: not Path(f"/proc/{pid}").exists())
    return 0


def _check_name(name: str, names: list[str], kind: str) -> None:
    if name not in names:
        raise RuntimeError(f"no camera {name} is {kind}; known: {', '.join(sorted(names)) or 'none'}")


def _order(options: argparse.Namespace) -> int:
    _check_name(options.name, [row["name"] for _file, group in _groups() for row in group["cameras"]], "playing")
    order = cameras_dir() / "orders" / options.name
    if options.order == "resume":
        order.unlink(missing_ok=True)
    else:
        order.parent.mkdir(parents=True, exist_ok=True)
        order.write_text(options.order)
    wanted = {"drop": "down", "stall": "stalled", "resume": "up"}[options.order]
    if not _wait(lambda: _state_of(options.name) == wanted):
        raise RuntimeError(f"{options.name} did not become {wanted}")
    return 0


def _state_of(name: str) -> str | None:
    for _file, group in _groups():
        for row in group["cameras"]:
            if row["name"] == name:
                return row["state"]
    return None


def _wait(reached) -> bool:
    deadline = time.monotonic() + ORDER_TIMEOUT_S
    while time.monotonic() < deadline:
        if reached():
            return True
        time.sleep(0.1)
    return False
