"""Counting for Prometheus: every worker writes its figures to shared files, any worker can read them all out."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from typing import Final

from serving.metrics.meter import SILENT, Meter

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Variable by which the library learns where the shared files are; it reads it once, when it is imported."""

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def prepare(folder: Path) -> None:
    """Empty the folder of shared files and name it to this process and its forks, before anything is counted."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    os.environ[FOLDER] = str(folder)


@cache
def meter() -> Meter:
    """Return the meter of this process: one that counts where a folder is named, else the silent one."""
    return PrometheusMeter() if os.environ.get(FOLDER) else SILENT


def exposed() -> tuple[bytes, str]:
    """Return the figures of all workers together in Prometheus' text form, and its media type."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST


def forget(pid: int) -> None:
    """Take away what a dead worker said of its present state; what it has counted stays counted."""
    if os.environ.get(FOLDER):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)  # type: ignore[no-untyped-call]


class PrometheusMeter(Meter):
    """Counts in the shared files of this process."""

    def __init__(self) -> None:
        # The library decides when it is imported whether it shares files, so it waits until the folder is named.
        from prometheus_client import Counter, Gauge, Histogram

        names = ("route", "method", "status")
        self._requests = Counter("fenliu_requests", "已答复的请求 / requests answered", names)
        self._seconds = Histogram(
            "fenliu_request_seconds", "答复用时（秒）/ seconds to the answer", ("route",), buckets=_SECONDS
        )
        self._advice = Counter("fenliu_advice", "已存档的建议 / answers recorded", ("mode", "status"))
        self._exchanges = Counter("fenliu_exchanges", "模型与规则的更换 / exchanges", ("part", "outcome"))
        self._lost = Counter("fenliu_shadow_lost", "未作对照的案件 / cases the challenger went without")
        self._workers = Gauge(
            "fenliu_workers",
            "各模型的工作进程数 / workers by what they answer with",
            ("model_sha256", "ruleset_sha256", "mode"),
            multiprocess_mode="livesum",
        )
        self._stood: tuple[str, str, str] | None = None

    def request(self, route: str, method: str, *, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def advice(self, mode: str, status: str) -> None:
        """Count one recorded answer."""
        self._advice.labels(mode, status).inc()

    def exchange(self, part: str, outcome: str) -> None:
        """Count one exchange."""
        self._exchanges.labels(part, outcome).inc()

    def shadow_lost(self, cases: int) -> None:
        """Count cases that the challenger went without."""
        self._lost.inc(cases)

    def standing(self, *, model_sha256: str, ruleset_sha256: str, mode: str) -> None:
        """Note what this worker answers with now."""
        stands = (model_sha256[:12], ruleset_sha256[:12], mode)
        if self._stood is not None and self._stood != stands:
            self._workers.labels(*self._stood).set(0)
        self._workers.labels(*stands).set(1)
        self._stood = stands
