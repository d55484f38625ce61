"""Every address of the site answers with the headers that protect its reader, and no page has what they forbid."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from rbac.models import User
from tests.rbac.conftest import signed_in
from tests.rbac.test_every_address import ADMIN, PAGES, REST, routes
from tests.rbac.world import Agency, agency

pytestmark = pytest.mark.django_db

NOSNIFF, DENY, SAME = "nosniff", "DENY", "same-origin"
#: The viewer of the interface makes its styles itself, and shows nothing but the interface.
REDOC = "/redoc"
ONES_OWN = {"accounts/logout/", "accounts/choose/<uidb64>/<token>/"}


class Inline(HTMLParser):
    """What a page may not have: scripts and styles in the text, handlers in attributes."""

    def __init__(self, nonce: str) -> None:
        super().__init__()
        self.nonce = nonce
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and "src" not in given and given.get("type") not in {"application/json", "importmap"}:
            self.found.append("<script>")
        if tag == "style" and given.get("nonce") != self.nonce:
            self.found.append("<style>")
        self.found += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        for name in ("src", "href") if tag in {"script", "link", "img", "iframe"} else ():
            if re.match(r"(https?:)?//", given.get(name) or ""):
                self.found.append(f"<{tag} {name}={given[name]}>")


def addresses(a: Agency) -> list[str]:
    """Of every route one; what belongs to a single person or job is asked for by a number that need not be there."""
    known = {"slug": "agency", "db": "agency", "term_id": a.candidate, "column_id": a.salary, "id": a.candidate,
             "requisite_id": a.in_department, "record_id": a.candidates[0], "object_id": a.candidates[0]}  # fmt: skip
    found = []
    for route in routes():
        if route in ONES_OWN or route == f"{ADMIN}logout/":
            continue
        if route.startswith(ADMIN):
            known["object_id"] = 1
        if route.startswith((PAGES, REST, ADMIN)) or "<" not in route:
            found.append("/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(known.get(match[1], 1)), route))
    return found


def test_every_answer_has_the_headers_and_no_page_breaks_the_policy() -> None:
    client = signed_in(User.objects.create_superuser("boss"))
    client.raise_request_exception = False  # Django's own pages fail where a parameter is missing: headers all the same
    pages = 0
    for address in [*addresses(agency("agency")), "/no-such-page", "/w/nowhere/"]:
        answer = client.get(address)
        headers = answer.headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert "unsafe" not in policy["script-src"], address
        assert "unsafe" not in policy["style-src"] or address == REDOC, address
        assert policy["default-src"] in {"'self'", "'none'"}, address
        assert policy["frame-ancestors"] in {"'none'", "'self'"}, address
        assert headers["X-Content-Type-Options"] == NOSNIFF, address
        assert headers["X-Frame-Options"] in {DENY, "SAMEORIGIN"}, address
        assert headers["Referrer-Policy"] in {SAME, "no-referrer"}, address
        assert "camera=()" in headers["Permissions-Policy"], address
        if headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
            pages += 1
            nonce = re.search(r"'nonce-([\w-]+)'", headers["Content-Security-Policy"])
            inline = Inline(nonce[1] if nonce else "")
            inline.feed(answer.content.decode())
            assert inline.found == [], address
    assert pages > 40


def test_a_page_for_somebody_who_is_not_signed_in_has_them_too(db: None) -> None:
    for address in ("/accounts/login/", "/w/agency/", "/send/nothing/", "/docs", "/redoc"):
        assert "default-src" in Client().get(address).headers["Content-Security-Policy"], address
