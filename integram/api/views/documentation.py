"""The interface explained: OpenAPI, and two readers of it. Open to everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from integram.api.answer import Answer
from integram.api.openapi.document import document

#: ReDoc makes its style sheets and a worker itself.
REDOC_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "worker-src blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return Answer(document())


@require_safe
def swagger(request: HttpRequest) -> HttpResponse:
    return render(request, "api/swagger.html")


@require_safe
def redoc(request: HttpRequest) -> HttpResponse:
    answer = render(request, "api/redoc.html")
    answer.headers["Content-Security-Policy"] = REDOC_POLICY
    return answer
