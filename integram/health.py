"""Whether the process lives, and whether it can serve. Open to everybody, and says nothing else."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout


def _database_answers() -> bool:
    try:
        connection.ensure_connection()
        return connection.is_usable()
    except (DatabaseError, PoolTimeout):
        return False


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """IntegramDD's contract: 200 as long as the process answers, with what it knows of the database."""
    if _database_answers():
        return JsonResponse({"status": "ok", "db": "connected"})
    return JsonResponse({"status": "error", "db": "unavailable"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """For load balancers: 503 while the database is away."""
    if _database_answers():
        return JsonResponse({"status": "ok", "db": "connected"})
    return JsonResponse({"status": "error", "db": "unavailable"}, status=503)
