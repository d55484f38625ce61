"""What this process counts of itself, for ``integram.metrics``: requests, statements, sockets. Knows no model, because
the log counts too, which is there before the models are."""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from prometheus_client import Counter, Gauge, Histogram

#: Seconds. Half a second is where a page begins to be slow, ten where nobody waits any more.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
#: What a request is called that leads nowhere: its path is what somebody typed.
NOWHERE = "none"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

REQUESTS = Counter("integram_http_requests", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("integram_http_request_seconds", "Until the answer begins.", ["route"], buckets=BUCKETS)
STATEMENT_SECONDS = Histogram("integram_statement_seconds", "Statements to PostgreSQL.", ["verb"], buckets=BUCKETS)
STATEMENT_ERRORS = Counter("integram_statement_errors", "Statements that failed.", ["verb"])
SOCKETS = Gauge("integram_sockets", "WebSockets that are open.", ["kind"])

_VERB = re.compile(r"(?:\s|--[^\n]*\n|\()*(\w+)")  # after comments
_VERBS = ("select", "insert", "update", "delete", "with", "copy", "explain")
_SECONDS = {verb: STATEMENT_SECONDS.labels(verb) for verb in (*_VERBS, "other")}


def request_answered(request: HttpRequest, status: int, seconds: float) -> None:
    """By the pattern of its address, never by the address: no name, id or search text, and a bounded number."""
    match = getattr(request, "resolver_match", None)
    route = match.route if match is not None else NOWHERE
    REQUESTS.labels(request.method if request.method in METHODS else "other", route, str(status)).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)


def verb_of(statement: str) -> str:
    """What the statement is counted as."""
    found = _VERB.match(statement)
    verb = found[1].lower() if found else ""
    return verb if verb in _SECONDS else "other"


def statement_run(verb: str, seconds: float) -> None:
    _SECONDS[verb].observe(seconds)


def statement_failed(verb: str) -> None:
    STATEMENT_ERRORS.labels(verb).inc()


def counted_sockets(application: Callable[..., Any]) -> Callable[..., Any]:
    """The ASGI application of sockets, those that are open counted: of sheets and of video."""

    async def counted(scope: dict[str, Any], receive: Any, send: Any) -> None:
        with SOCKETS.labels("video" if scope["path"].startswith("/video/") else "sheet").track_inprogress():
            await application(scope, receive, send)

    return counted
