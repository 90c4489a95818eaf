"""The parts, built from the settings. Nothing starts here."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import __version__
from .api.options import HttpOptions
from .api.server import http_workers
from .checks.watch import CheckWorker
from .domain.config import Configuration
from .domain.health import Alarm, Health
from .domain.ports import Recording, Worker
from .domain.times import ErpTime, SystemClock
from .engine.options import EngineOptions, GateOptions
from .engine.recording import RecordingSide
from .engine.secret import gate_api_secret, node_secret
from .erp.connect import connect
from .erp.exchange import Hooks
from .erp.jobs import JobWorker
from .erp.state import LinkBoard
from .erp.sync import SyncWorker
from .logs import keep_secret
from .ops.ballast import BallastSizes
from .ops.index_disk import IndexDiskWorker
from .ops.purge import PurgeWorker
from .ops.verify import VerifyWorker
from .settings import Settings
from .store import Index, MediaRoot, MediaRootError


@dataclass(frozen=True, slots=True)
class Parts:
    """``workers`` in start order."""

    recording: Recording
    link: LinkBoard
    workers: Sequence[Worker]


def engine_options(settings: Settings) -> EngineOptions:
    """What the engine side has to know."""
    found = shutil.which(settings.programs.mediamtx)
    return EngineOptions(
        media_root=settings.media.root,
        config_file=settings.engine_config,
        log_file=settings.engine_log,
        secret_file=settings.node_secret_file,
        api_port=settings.engine.api_port,
        rtsp_port=settings.engine.rtsp_port,
        metrics_port=settings.engine.metrics_port,
        mediamtx=Path(found) if found else None,
        ffmpeg=settings.programs.ffmpeg,
        ffprobe=settings.programs.ffprobe,
    )


def gate_options(settings: Settings) -> GateOptions:
    """What the gate has to know; Odoo's pages may always call it."""
    gate = settings.gate
    return GateOptions(
        config_file=settings.gate_config,
        log_file=settings.gate_log,
        auth_port=settings.http.auth_port,
        api_port=gate.api_port,
        rtsp_port=gate.rtsp_port,
        webrtc_port=gate.webrtc_port,
        ice_port=gate.ice_port,
        hls_port=gate.hls_port,
        metrics_port=gate.metrics_port,
        host=gate.host,
        origins=tuple(dict.fromkeys((settings.odoo.url, *gate.origins))),
        additional_hosts=gate.additional_hosts,
    )


def keep_configuration_secret(config: Configuration) -> None:
    """Camera passwords appear in no log from now on."""
    for camera in config.cameras:
        for source in (camera.main, camera.sub):
            if source and source.password:
                keep_secret(source.password.reveal())


def build(settings: Settings, index: Index, status: Callable[[], dict[str, Any]]) -> Parts:
    """All parts of the service, joined."""
    media = MediaRoot(settings.media.root, settings.node.uuid)
    erp_time = ErpTime()
    purge = PurgeWorker(index, media, erp_time, SystemClock(), settings.retention.look_seconds)
    recording = RecordingSide(
        index,
        engine_options(settings),
        gate_options(settings),
        media,
        versions={"service": __version__},
        erp_time=erp_time,
        ballast=BallastSizes(settings.media.ballast_mb * 2**20, settings.index.ballast_mb * 2**20),
        due=purge,
    )
    link = LinkBoard()
    jobs = JobWorker(index, recording.run_job)

    def configured(config: Configuration) -> None:
        keep_configuration_secret(config)
        # not there, or full: the next configuration or start tells it again
        with suppress(MediaRootError, OSError):
            media.remember({camera.path: camera.id for camera in config.cameras})
        recording.apply(config)

    checks = CheckWorker(settings, index, status)

    def health() -> Health:
        return replace(_with_purge(recording.health(), purge), checks=checks.found())

    hooks = Hooks(health, configured, jobs.notify, erp_time)
    sync = SyncWorker(index, settings.odoo, hooks, link, connect)
    http = HttpOptions(host=settings.http.host, port=settings.http.port, auth_port=settings.http.auth_port)
    gate_api = gate_api_secret(node_secret(settings.node_secret_file))
    listeners = http_workers(recording, http, status, gate_api)
    verify = VerifyWorker(index, media, SystemClock(), settings.verify.megabytes_per_second, settings.verify.days)
    disk = IndexDiskWorker(index)
    # listeners first: the gate asks them before it answers the recording side
    return Parts(recording, link, (*listeners, *recording.workers(), purge, jobs, checks, verify, disk, sync))


def _with_purge(health: Health, purge: PurgeWorker) -> Health:
    """What the deleter knows, for the heartbeat."""
    told = purge.health()
    alarm = {"parked": Alarm.PURGE_PARKED, "locked": Alarm.PURGE_LOCKED}.get(told.state)
    return replace(health, purge=told, alarms=health.alarms | ({alarm} if alarm else set()))
