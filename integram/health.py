"""Whether the process lives, and whether it can serve. Open to everybody, and says nothing else."""

import psycopg
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

PATIENCE = 3  #: seconds to wait for the database, less than any health check waits for the answer

CONNECTED = {"status": "ok", "db": "connected"}
AWAY = {"status": "error", "db": "unavailable"}


def database_answers() -> bool:
    """Asked on a connection of its own: the pool would wait much longer, and may be busy with work."""
    parameters = connection.get_connection_params() | {"connect_timeout": PATIENCE}
    try:
        psycopg.connect(**parameters).close()
    except psycopg.OperationalError:
        return False
    return True


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """IntegramDD's contract: 200 as long as the process answers, with what it knows of the database."""
    return JsonResponse(CONNECTED if database_answers() else AWAY)


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """For load balancers: 503 while the database is away."""
    if database_answers():
        return JsonResponse(CONNECTED)
    return JsonResponse(AWAY, status=503)
