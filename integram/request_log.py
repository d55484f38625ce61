"""One line in the log for each request, and an id that ties every other line to its request."""

import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from secrets import token_hex

from django.http import HttpRequest, HttpResponseBase

from integram import counters

logger = logging.getLogger("integram.request")
request_id: ContextVar[str] = ContextVar("request_id", default="-")
#: What a proxy in front may call a request; anything else could forge lines of the log.
ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestIdFilter(logging.Filter):
    """Adds ``request_id`` to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class RequestLogMiddleware:
    """Takes or makes the id (header X-Request-ID, there and back) and logs the request when it is answered.

    The query string is left out: it may hold what people search for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        identifier = sent if sent and ACCEPTED_ID.fullmatch(sent) else token_hex(16)
        token = request_id.set(identifier)
        start = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = identifier
            seconds = time.perf_counter() - start
            counters.request_answered(request, response.status_code, seconds)
            if logger.isEnabledFor(logging.INFO):
                path = request.path.encode("unicode_escape").decode()
                logger.info(
                    "method=%s path=%s status=%d ms=%.1f", request.method, path, response.status_code, seconds * 1000
                )
        finally:
            request_id.reset(token)
        return response
