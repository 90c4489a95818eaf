"""The recording machine's units: they are right for systemd, and what they start works in any order and dies alone."""

import json
import os
import random
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from contextlib import suppress
from itertools import permutations
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNITS = ("cctv-engine", "cctv-gate", "cctv-recorder")
NODE = str(uuid.uuid4())
NAMES = ("odoo", "engine", "engine_rtsp", "engine_metrics", "gate", "gate_rtsp", "webrtc", "ice", "hls", "gate_metrics")


def free_ports(count):
    """Return so many ports that nobody has."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def settings(root, port):
    """Return a recorder.toml whose Odoo is away."""
    return f"""
[odoo]
url = "http://127.0.0.1:{port["odoo"]}"
db = "acme"
login = "recorder"
key = "the-key-of-a-trial-0123456789"
[node]
uuid = "{NODE}"
[media]
root = "{root}/footage"
[engine]
api_port = {port["engine"]}
rtsp_port = {port["engine_rtsp"]}
metrics_port = {port["engine_metrics"]}
[gate]
api_port = {port["gate"]}
rtsp_port = {port["gate_rtsp"]}
webrtc_port = {port["webrtc"]}
ice_port = {port["ice"]}
hls_port = {port["hls"]}
metrics_port = {port["gate_metrics"]}
[http]
port = {port["http"]}
auth_port = {port["auth"]}
"""


def install(root, *words):
    """Run the installer below a folder of our own."""
    return subprocess.run(
        [ROOT / "scripts" / "install-node", "--root", root, *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """Return an installed recording machine: its root, its ports."""
    root = tmp_path_factory.mktemp("machine")
    names = (*NAMES, "http", "auth")
    port = dict(zip(names, free_ports(len(names)), strict=True))
    given = root / "from-odoo.toml"
    given.write_text(settings(root, port))
    done = install(root, "--settings", given, "--adopt-media")
    assert done.returncode == 0, done.stderr
    return root, port


def unit_file(root, name):
    """Return the path of a placed unit."""
    return root / "etc/systemd/system" / name


def directives(root, name):
    """Return a unit's directives: name to all of its values."""
    found = {}
    for line in unit_file(root, f"{name}.service").read_text().splitlines():
        key, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


class Unit:
    """One unit's ExecStart, run as systemd runs it: its environment, its mask, its log, its notification socket."""

    def __init__(self, root, name):
        self.name = name
        self.told = directives(root, name)
        self.log = Path(self.told["StandardOutput"][0].removeprefix("append:"))
        self.process = None
        self.messages = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.address = f"\0cctv-{uuid.uuid4()}"
        self.socket.bind(self.address)
        self.socket.setblocking(False)

    def start(self):
        """Start it with nothing of our environment but PATH."""
        environment = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": "@" + self.address[1:]}
        environment |= dict(value.split("=", 1) for value in self.told["Environment"])
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                shlex.split(self.told["ExecStart"][0]),
                env=environment,
                umask=int(self.told["UMask"][0], 8),
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )

    def heard(self):
        """Return all messages of the main process so far."""
        with suppress(BlockingIOError):
            while True:
                self.messages.append(self.socket.recv(4096).decode())
        return self.messages

    def alive(self):
        """Tell whether the main process runs."""
        return self.process.poll() is None

    def end(self):
        """End it as systemd does, and tell its exit status."""
        if self.process and self.alive():
            self.process.terminate()
        return self.process.wait(20) if self.process else None


@pytest.fixture
def units(node):
    """Return the three units, not started; leave none behind."""
    made = {name: Unit(node[0], name) for name in UNITS}
    yield made
    for unit in made.values():
        if unit.process and unit.alive():
            unit.process.kill()
            unit.process.wait()
        unit.socket.close()


def answers(port):
    """Tell whether something listens."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def status(port):
    """Return the recorder's status, or None while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port['http']}/status", timeout=5) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


def wait(reached, what, seconds=30):
    """Wait until it is so, or fail."""
    until = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < until, f"not {what} after {seconds} s"
        time.sleep(0.1)


def all_work(units, port):
    """Each answers, and the recorder has said that it is ready and alive."""
    wait(lambda: answers(port["engine"]), "the engine answering")
    wait(lambda: answers(port["gate"]), "the gate answering")
    wait(lambda: status(port), "the recorder answering")
    wait(lambda: units["cctv-recorder"].heard().count("WATCHDOG=1") >= 2, "two signs of life")
    assert units["cctv-recorder"].heard()[0] == "READY=1"
    workers = status(port)["workers"]
    assert workers
    assert all(worker["alive"] for worker in workers.values())


@pytest.mark.parametrize(
    "name", [*(f"{name}.service" for name in UNITS), "cctv-logrotate.service", "cctv-logrotate.timer"]
)
def test_systemd_finds_no_fault(node, name):
    done = subprocess.run(
        ["systemd-analyze", "verify", unit_file(node[0], name)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "@" not in re.sub(r"@(system-service|privileged)", "", unit_file(node[0], name).read_text())


@pytest.mark.parametrize("name", UNITS)
def test_what_the_suite_relies_on_stands_in_the_unit(node, name):
    told = directives(node[0], name)
    assert (told["UMask"], told["LimitNOFILE"], told["Restart"]) == (["0027"], ["65536"], ["always"])
    assert "TZ=UTC" in told["Environment"]
    assert told["StartLimitIntervalSec"] == ["0"]
    bound = {"Requires", "Requisite", "BindsTo", "PartOf", "Upholds", "Conflicts", "PropagatesStopTo"} & told.keys()
    assert not bound, f"{name} shares the fate of others: {bound}"
    for other in UNITS:
        assert f"{other}.service" not in " ".join(told.get("After", [])), "any order of start must do"
    assert told["Type"] == (["notify"] if name == "cctv-recorder" else ["exec"])


@pytest.mark.parametrize("name", UNITS)
def test_units_are_shut_in(node, name):
    """systemd's own measure of exposure: 0 is best, 10 a unit without any of it (9.6)."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=25"]
        + [unit_file(node[0], f"{name}.service")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout[-300:], done.stderr)


def test_any_order_of_start_works(node, units):
    order = random.choice(list(permutations(UNITS)))
    print("order:", *order)
    for name in order:
        units[name].start()
        time.sleep(1)
    all_work(units, node[1])
    assert [units[name].end() for name in reversed(order)].count(None) == 0
    assert "STOPPING=1" in units["cctv-recorder"].heard()


def test_recorder_first_and_engine_long_after_it(node, units):
    units["cctv-recorder"].start()
    wait(lambda: "WATCHDOG=1" in units["cctv-recorder"].heard(), "a sign of life without engine and gate")
    time.sleep(5)
    for name in ("cctv-gate", "cctv-engine"):
        units[name].start()
    all_work(units, node[1])


def test_each_dies_alone(node, units):
    for unit in units.values():
        unit.start()
    all_work(units, node[1])
    for name in UNITS:
        others = [unit for unit in units.values() if unit.name != name]
        before = [unit.process.pid for unit in others]
        os.killpg(units[name].process.pid, signal.SIGKILL)
        units[name].process.wait()
        time.sleep(1)
        assert all(unit.alive() for unit in others)
        assert [unit.process.pid for unit in others] == before
        units[name].heard()
        units[name].messages.clear()
        units[name].start()
        all_work(units, node[1])


def test_a_held_recorder_says_nothing(node, units):
    """What systemd's watchdog waits for stops with the process, and goes on with it."""
    unit = units["cctv-recorder"]
    unit.start()
    wait(lambda: "WATCHDOG=1" in unit.heard(), "a sign of life")
    unit.process.send_signal(signal.SIGSTOP)
    time.sleep(0.5)
    unit.heard()
    unit.messages.clear()
    time.sleep(5)
    assert unit.heard() == []
    unit.process.send_signal(signal.SIGCONT)
    wait(lambda: "WATCHDOG=1" in unit.heard(), "a sign of life again")


def test_files_of_the_node_are_its_own(node):
    root, _port = node
    state = root / "var/lib/cctv-recorder/node"
    assert oct((state / "recorder.toml").stat().st_mode & 0o777) == "0o600"
    assert oct(state.stat().st_mode & 0o777) == "0o750"
    assert (state / "log").resolve() == root / "var/log/cctv-recorder"
    command = [root / "usr/local/bin/recorder", "config", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["settings"]["node"]["uuid"] == NODE


def test_a_second_run_changes_nothing_and_other_settings_are_refused(node, tmp_path):
    root, _port = node
    state = root / "var/lib/cctv-recorder/node"
    # engine.yml is written anew while no engine runs, with new passwords for its readers
    names = ("recorder.toml", "node.secret", "gate.yml")
    before = {name: (state / name).read_bytes() for name in names}
    current = (root / "opt/cctv-recorder/current").readlink()
    assert install(root).returncode == 0
    other = tmp_path / "other.toml"
    other.write_text(before["recorder.toml"].decode().replace("acme", "another"))
    refused = install(root, "--settings", other)
    assert refused.returncode == 1
    assert "differs" in refused.stderr
    assert {name: (state / name).read_bytes() for name in names} == before
    assert (root / "opt/cctv-recorder/current").readlink() == current


def test_without_settings_it_says_what_is_missing(tmp_path):
    done = install(tmp_path)
    assert done.returncode == 0
    assert "register the recorder in Odoo" in done.stderr
    assert unit_file(tmp_path, "cctv-engine.service").exists()


@pytest.mark.parametrize(
    "media",
    [
        "/srv/R&D/cctv",
        "/m|;1e touch PROOF\\ns|x|",
        "/srv/../etc/cctv",
        "/etc/systemd/system/cctv-engine.service.d",
    ],
)
def test_a_media_root_that_units_cannot_carry_is_refused(tmp_path, media):
    """The settings belong to the node's user; root writes the units."""
    root, proof = tmp_path / "machine", tmp_path / "proof"
    text = settings(root, dict.fromkeys((*NAMES, "http", "auth"), 1))
    given = tmp_path / "from-odoo.toml"
    there = f"{root}{media}" if media.startswith("/etc") else media.replace("PROOF", str(proof))
    given.write_text(text.replace(f'root = "{root}/footage"', f'root = "{there}"'))
    done = install(root, "--settings", given, "--adopt-media")
    assert done.returncode == 1
    assert "[media] root" in done.stderr
    assert not proof.exists()
    assert not (root / "etc/systemd/system/cctv-recorder.service").exists()
    assert not (root / "etc/systemd/system/cctv-engine.service.d").exists()


def test_rotation_keeps_the_cap_while_the_writer_goes_on(node, tmp_path):
    """Real logrotate with the real file: the writer's descriptor stays good, and five old files are kept."""
    root, _port = node
    logs = root / "var/log/cctv-recorder"
    rules = (root / "etc/cctv-recorder/logrotate.conf").read_text()
    small = tmp_path / "logrotate.conf"
    small.write_text(rules.replace("size 20M", "size 20k"))
    assert small.read_text() != rules
    log = logs / "mediamtx-engine.log"
    log.write_bytes(b"")
    before = {path.name for path in logs.iterdir()}
    loop = "import sys\nfor n in range(4000): print('line %06d' % n, flush=True)"
    for _ in range(8):
        with log.open("ab") as sink:
            subprocess.run([sys.executable, "-c", loop], stdout=sink, check=True)
            rotate = ["/usr/sbin/logrotate", "--state", tmp_path / "state", small]
            subprocess.run(rotate, check=True, capture_output=True)
            sink.write(b"after\n")
            sink.flush()
            assert log.read_bytes() == b"after\n"
    kept = {path.name for path in logs.iterdir()} - before
    assert {name for name in kept if name.startswith("mediamtx-engine.log.")} == {
        "mediamtx-engine.log.1",
        *(f"mediamtx-engine.log.{number}.gz" for number in range(2, 6)),
    }
