"""CPU of engine, idle gate and service against MediaMTX alone, both recording the same twenty streams."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import psutil

from sample_cameras import clips

from .ground import Ground, as_service, free_port
from .report import median

STREAMS = 20
USER, PASSWORD = "bench", "bench-only"
GOAL = 1.25
SERVICE_GOAL = 0.02
SETTLE_S = 25
# the time watched is a multiple, so that each stream closes (and the service hashes) as much as it writes
SEGMENT_S = 60
ALONE = """logLevel: warn
{closed}
rtspAddress: 127.0.0.1:{rtsp}
rtspTransports: [tcp]
pathDefaults:
  record: true
  recordPath: {media}/%path/%Y-%m-%d/%s-%f
  recordFormat: fmp4
  recordPartDuration: 1s
  recordSegmentDuration: {segment}s
  recordDeleteAfter: 0s
  rtspTransport: tcp
paths:
{paths}
"""
SOURCE = """logLevel: warn
{closed}
rtspAddress: 127.0.0.1:{rtsp}
rtspTransports: [tcp]
paths:
  main:
"""
CLOSED = "\n".join(f"{name}: false" for name in "rtmp hls webrtc srt moq api metrics pprof playback".split())


class Source:
    """One RTSP server with one stream of 4 Mbit/s, which all twenty read. Its CPU is not counted."""

    def __init__(self, work, mediamtx):
        self.port = free_port()
        config = work / "source.yml"
        config.write_text(SOURCE.format(closed=CLOSED, rtsp=self.port))
        self.url = f"rtsp://127.0.0.1:{self.port}/main"
        self._processes = [subprocess.Popen([mediamtx, str(config)], stdout=subprocess.DEVNULL)]
        time.sleep(1)
        feed = ["ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", str(clips.path_of("load"))]
        feed += ["-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", self.url]
        self._processes.append(subprocess.Popen(feed))

    def stop(self):
        """End both."""
        for process in reversed(self._processes):
            process.kill()
            process.wait()


def measure(system, report, runs, seconds):
    """Alternate the two systems ``runs`` times; each is watched for ``seconds`` after it has settled."""
    mediamtx = os.environ["MEDIAMTX_BIN"]
    work = system.owned_folder(system.run / "work" / "bench")
    work.chmod(0o755)
    source = Source(work, mediamtx)
    try:
        told = {"url": source.url, "user": USER, "password": PASSWORD, "segment_seconds": SEGMENT_S}
        with Ground(system, cameras=STREAMS, recorded=STREAMS, source=told) as ground:
            ours, alone = Ours(ground, mediamtx), Alone(work, source.url, mediamtx)
            spent = {"ours": [], "alone": []}
            for _number in range(runs):
                spent["alone"].append(_watch(alone, seconds))
                spent["ours"].append(_watch(ours, seconds))
    finally:
        source.stop()
    _report(report, spent)


def _watch(side, seconds):
    """Return the share of a core that each process took."""
    side.start()
    try:
        time.sleep(SETTLE_S)
        side.check()
        before, begun = side.cpu(), time.monotonic()
        time.sleep(seconds)
        after, spent = side.cpu(), time.monotonic() - begun
    finally:
        side.stop()
    return {name: (after[name] - before[name]) / spent for name in after}


def _report(report, spent):
    ours = median(sum(run.values()) for run in spent["ours"])
    alone = median(run["mediamtx"] for run in spent["alone"])
    ratio = ours / alone
    report.add(
        f"CPU of engine, gate and service, {STREAMS} streams of 4 Mbit/s",
        ours,
        "cores",
        baseline=alone,
        goal=f"<= {GOAL}",
        met=ratio <= GOAL,
        raw=[spent["ours"], spent["alone"]],
    )
    service = median(run["recorder"] for run in spent["ours"])
    report.add("CPU of the service alone", service, "cores", goal=f"<= {SERVICE_GOAL}", met=service <= SERVICE_GOAL)


def _cpu_of(process):
    """Return the CPU seconds of a process and all it has started."""
    root = psutil.Process(process.pid)
    total = 0.0
    for one in [root, *root.children(recursive=True)]:
        times = one.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


class Side:
    """Processes that record, into a folder that is emptied for each run."""

    media: Path

    def __init__(self):
        self._processes = {}

    def cpu(self):
        """Return CPU seconds by process."""
        return {name: _cpu_of(process) for name, process in self._processes.items()}

    def check(self):
        """All twenty record, or the figure would mean nothing."""
        found = len({file.parent for file in self.media.glob("*/*/*.mp4") if file.stat().st_size})
        assert found == STREAMS, f"{found} of {STREAMS} streams are recorded"

    def stop(self):
        """End the processes and throw the footage away."""
        for process in reversed(self._processes.values()):
            process.terminate()
            process.wait(30)
        for folder in self.media.iterdir():
            if folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder)

    def _launch(self, name, *command, **environment):
        words = as_service("env", "TZ=UTC", *(f"{key}={value}" for key, value in environment.items()), *command)
        log = (self.media.parent / f"{name}.log").open("w")
        self._processes[name] = subprocess.Popen(words, cwd="/", stdout=log, stderr=log)


class Alone(Side):
    """MediaMTX with the engine's recording settings and nothing else."""

    def __init__(self, work, url, mediamtx):
        super().__init__()
        self.media, self._config, self._mediamtx = work / "alone" / "media", work / "alone.yml", mediamtx
        paths = "\n".join(f"  cam{number}:\n    source: {url}" for number in range(STREAMS))
        self._config.write_text(
            ALONE.format(closed=CLOSED, rtsp=free_port(), media=self.media, paths=paths, segment=SEGMENT_S)
        )

    def start(self):
        """Start it."""
        self.media.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.media, "cctv")
        self._launch("mediamtx", self._mediamtx, self._config)


class Ours(Side):
    """Engine, gate and service as they run, on ports of their own, with a node and cameras in the bench's Odoo."""

    def __init__(self, ground, mediamtx):
        super().__init__()
        self._ground, self._mediamtx = ground, mediamtx
        for left in ("node", "media"):
            shutil.rmtree(ground.work / left, ignore_errors=True)
        self._folder = ground.system.owned_folder(ground.work / "node")
        self.media = ground.system.owned_folder(ground.work / "media")
        names = ("API", "RTSP", "METRICS")
        ports = {f"RECORDER_{part}__{name}_PORT": free_port() for part in ("ENGINE", "GATE") for name in names}
        ports |= {f"RECORDER_GATE__{name}_PORT": free_port() for name in ("WEBRTC", "HLS", "ICE")}
        ports |= {"RECORDER_HTTP__PORT": free_port(), "RECORDER_HTTP__AUTH_PORT": free_port()}
        logs = {f"RECORDER_{part}__LOG": self.media.parent / f"{part.lower()}.log" for part in ("ENGINE", "GATE")}
        settings = self._folder / "recorder.toml"
        settings.touch(mode=0o600)
        settings.write_text(ground.seed["settings"])
        if os.geteuid() == 0:
            shutil.chown(settings, "cctv")
        place = {"RECORDER_CONFIG": settings, "RECORDER_MEDIA__ROOT": self.media, "RECORDER_ODOO__URL": ground.url}
        self._environment = {**ports, **logs, **place, "RECORDER_PROGRAMS__MEDIAMTX": mediamtx}
        self._recorder(("check", "--adopt-media"), check=False)  # nothing runs yet, so other checks fail

    def _recorder(self, words, check=True):
        settings = {key.removeprefix("RECORDER_"): value for key, value in self._environment.items()}
        done = self._ground.system.recorder(*words, **settings)
        if check and done.returncode:
            raise RuntimeError(f"recorder {words}: {done.stderr[-500:]}{done.stdout[-500:]}")

    def start(self):
        """Start as scripts/run does."""
        self._recorder(("config", "--write"))
        self._launch("engine", self._mediamtx, self._folder / "engine.yml")
        self._launch("gate", self._mediamtx, self._folder / "gate.yml")
        known, python = self._ground.system.recorder_command()
        self._launch("recorder", python, "-m", "recorder_service", "run", **{**known, **self._environment})
