"""``/metrics``: what Prometheus reads of this process, without a word of what users have in their tables.

Counts of requests, statements and sockets are of the process and begin at nought with it; jobs, the pool and streams
are looked at when they are asked for. Who may ask: a program on this machine, or one that has METRICS_TOKEN.
"""

import ipaddress
import secrets
from collections import Counter as Tally
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import connections
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe
from procrastinate.contrib.django.models import ProcrastinateJob
from prometheus_client import exposition
from prometheus_client.core import REGISTRY, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from integram import health
from video import census


class _Looked(Collector):
    """What is looked at when it is asked for."""

    def collect(self) -> Iterable[Metric]:
        answers = health.database_answers()  # the pool would wait longer than Prometheus does
        yield GaugeMetricFamily("integram_database_up", "Whether PostgreSQL answers.", value=int(answers))
        yield from _pool()
        if answers:
            yield from _jobs()
            yield from _streams()

    def describe(self) -> Iterable[Metric]:
        return []  # nothing is asked of the database when this is imported


def _jobs() -> Iterator[Metric]:
    jobs = GaugeMetricFamily("integram_jobs", "Background jobs kept.", labels=["queue", "state"])
    for queue, state, number in ProcrastinateJob.objects.values_list("queue_name", "status").annotate(Count("id")):
        jobs.add_metric([queue, state], number)
    yield jobs


#: Name of psycopg_pool's figure -> ours, and what it is.
_POOL = {
    "pool_size": ("integram_pool_connections", "Connections to PostgreSQL that the pool holds."),
    "pool_available": ("integram_pool_free", "Of these, free."),
    "pool_max": ("integram_pool_limit", "Connections the pool may hold."),
    "requests_waiting": ("integram_pool_waiting", "Threads that wait for a connection."),
    "requests_errors": ("integram_pool_refused", "Times nobody got a connection in time, since the start."),
}


def _pool() -> Iterator[Metric]:
    if not settings.DATABASES["default"]["OPTIONS"].get("pool"):
        return
    figures = connections["default"].pool.get_stats()  # type: ignore[attr-defined]  # PostgreSQL's wrapper has it
    for name, (ours, text) in _POOL.items():
        yield GaugeMetricFamily(ours, text, value=figures.get(name, 0))


def _streams() -> Iterator[Metric]:
    streams = GaugeMetricFamily("integram_streams", "Sources of video.", labels=["state"])
    statuses = census.statuses()
    for state, number in Tally(status.state.value for status in statuses).items():
        streams.add_metric([state], number)
    yield streams
    yield GaugeMetricFamily("integram_stream_viewers", "Viewers.", value=sum(s.viewers for s in statuses))


REGISTRY.register(_Looked())


@require_safe
def metrics(request: HttpRequest) -> HttpResponseBase:
    """The text format. 404 for whoever may not: hidden and missing look the same."""
    if not _may(request):
        raise Http404
    write, kind = exposition.choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(write(REGISTRY), content_type=kind)


def _may(request: HttpRequest) -> bool:
    if token := settings.METRICS_TOKEN:
        return secrets.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    # Behind a proxy everybody comes from this machine, so there only the token counts.
    if settings.BEHIND_HTTPS or {"X-Forwarded-For", "Forwarded", "Via"} & set(request.headers):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
