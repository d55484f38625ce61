"""The door of the interface for programs: who calls, with which rights, and how an error leaves. Once for all calls."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from integram.api import address, body, errors, rates
from integram.api.answer import Answer
from integram.repeats import idempotency
from qdm.access import Access
from qdm.errors import QdmError, WorkspaceNotFound
from qdm.managers import statements
from qdm.models import SLUG_PATTERN
from rbac import tokens
from rbac.access import access_for
from rbac.tokens import Caller

logger = logging.getLogger("integram.api")
#: Where Django has the header.
_KEY = f"HTTP_{idempotency.HEADER.upper().replace('-', '_')}"


@dataclass
class Call:
    """One call: the request and what its caller may do in the workspace."""

    request: HttpRequest
    access: Access

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query string."""
        return address.parameters(self.request)

    @cached_property
    def body(self) -> bytes:
        return body.received(self.request)

    def json(self) -> dict[str, Any]:
        """The body, an object."""
        return body.mapping(self.body)


#: Takes the call and the ids of its path; gives what becomes JSON, or a response.
Handler = Callable[..., Any]


def route(**handlers: Handler) -> Callable[..., HttpResponseBase]:
    """The Django view of one path: a handler for each method it knows."""

    @csrf_exempt  # a bearer token is no cookie
    def view(request: HttpRequest, db: str, **path: str) -> HttpResponseBase:
        # The texts are part of the interface: the same whatever language a browser asks for.
        with override("en"):
            try:
                rates.of_address(request)
                with statements.patience(settings.API_STATEMENT_SECONDS * 1000):
                    return _serve(request, db, path, handlers)
            except QdmError as error:
                return errors.render(error)
            except Exception:
                logger.exception("a call failed")
                return errors.render(errors.Broken())

    view.handlers = handlers  # type: ignore[attr-defined]  # for the test that all of them are documented
    return view


def _caller(request: HttpRequest, slug: str | None) -> Caller:
    """Raises TokenMissing, TokenMalformed, TokenInvalid, RateLimited."""
    try:
        caller = tokens.arrived(request.META.get("HTTP_AUTHORIZATION"), slug)
    except QdmError:
        rates.failed(request)
        raise
    rates.of_token(caller.token.pk)
    return caller


def _serve(request: HttpRequest, db: str, path: dict[str, str], handlers: dict[str, Handler]) -> HttpResponseBase:
    slug = db if re.fullmatch(SLUG_PATTERN, db) else None
    user, token, version = _caller(request, slug)
    if not handlers:
        raise errors.RouteNotFound
    handler = handlers.get(request.method or "")
    if handler is None:
        raise errors.MethodNotAllowed(list(handlers))
    try:
        if version is None:
            raise WorkspaceNotFound
        access = access_for(user, db, via="api", token=token, version=version)
    except WorkspaceNotFound:
        raise WorkspaceNotFound(f"Table '{db}' not found.") from None
    call = Call(request, access)

    def serve() -> HttpResponseBase:
        result = handler(call, *address.ids(path).values())
        return result if isinstance(result, HttpResponseBase) else Answer(result)

    if request.method != "GET" and _KEY in request.META:
        _check_key(request.headers[idempotency.HEADER])
        # only what is fetched is ever a stream
        return idempotency.answered(user, request, call.body, lambda: cast(HttpResponse, serve()))
    return serve()


def _check_key(key: str) -> None:
    """Raises Malformed."""
    if not idempotency.is_key(key):
        message = _("1 to %(most)d characters are expected.") % {"most": idempotency.LONGEST}
        raise errors.Malformed([errors.problem(("header", idempotency.HEADER), message)])
