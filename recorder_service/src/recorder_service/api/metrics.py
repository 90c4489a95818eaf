"""Figures for Prometheus, read from health at each scrape. Labels are camera paths and fixed words only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ..domain.health import Alarm, CameraState, Health
from ..domain.pressure import Level

Status = Callable[[], dict[str, Any]]


class HealthCollector(Collector):
    """`paths()`: camera id to path."""

    def __init__(self, health: Callable[[], Health], status: Status, paths: Callable[[], dict[int, str]]) -> None:
        self._health = health
        self._status = status
        self._paths = paths

    def collect(self) -> Iterator[Metric]:
        """All families."""
        health = self._health()
        yield from _processes(health)
        yield from _disk(health)
        yield from _cameras(health, self._paths())
        yield from _service(self._status())


def _processes(health: Health) -> Iterator[Metric]:
    up = GaugeMetricFamily("cctv_recorder_process_up", "1 while the process answers", labels=["process"])
    up.add_metric(["engine"], float(health.engine.up))
    up.add_metric(["gate"], float(health.gate.up))
    yield up
    alarms = GaugeMetricFamily("cctv_recorder_alarm", "1 while the alarm stands", labels=["alarm"])
    for alarm in Alarm:
        alarms.add_metric([alarm.value], float(alarm in health.alarms))
    yield alarms


def _disk(health: Health) -> Iterator[Metric]:
    disk = GaugeMetricFamily("cctv_recorder_disk_bytes", "Media disk; index_free: of the index's", labels=["kind"])
    for kind in ("total", "free", "used", "quota", "reserve", "ballast", "index_free"):
        disk.add_metric([kind], float(getattr(health.disk, kind)))
    level = GaugeMetricFamily("cctv_recorder_disk_level", "1 for the level that holds", labels=["level"])
    for one in Level:
        level.add_metric([one.value], float(one is health.disk.level))
    hours = GaugeMetricFamily("cctv_recorder_disk_hours_left", "Hours until recording stops", labels=["purge"])
    for purge, left in (("with", health.disk.hours_left), ("without", health.disk.hours_left_without_purge)):
        if left is not None:
            hours.add_metric([purge], left)
    yield from (disk, level, hours)


def _cameras(health: Health, paths: dict[int, str]) -> Iterator[Metric]:
    state = GaugeMetricFamily("cctv_recorder_camera_state", "1 for the state that holds", labels=["path", "state"])
    rate = GaugeMetricFamily("cctv_recorder_camera_kbps", "Incoming kbit/s", labels=["path"])
    last = GaugeMetricFamily(
        "cctv_recorder_camera_last_stop_seconds", "End of the newest segment, unix seconds", labels=["path"]
    )
    for camera in health.cameras:
        path = paths.get(camera.camera_id, str(camera.camera_id))
        for one in CameraState:
            state.add_metric([path, one.value], float(one is camera.state))
        rate.add_metric([path], float(camera.kbps))
        if camera.last_stop_us is not None:
            last.add_metric([path], camera.last_stop_us / 1e6)
    yield from (state, rate, last)


def _service(status: dict[str, Any]) -> Iterator[Metric]:
    pending = GaugeMetricFamily("cctv_recorder_pending_rows", "Rows that the ERP has not yet", labels=["kind"])
    for kind, count in status.get("pending", {}).items():
        pending.add_metric([str(kind)], float(count))
    yield pending
    restarts = CounterMetricFamily("cctv_recorder_worker_restarts", "Restarts after a failure", labels=["worker"])
    alive = GaugeMetricFamily("cctv_recorder_worker_alive", "1 while the thread lives", labels=["worker"])
    for name, worker in status.get("workers", {}).items():
        restarts.add_metric([str(name)], float(worker.get("restarts", 0)))
        alive.add_metric([str(name)], float(bool(worker.get("alive")) and not worker.get("hung")))
    yield from (restarts, alive)
