"""What every answer carries, whoever gives it: the policy of content, an id, a line in the log."""

import logging
import re

import pytest
from django.template import engines
from django.test import Client, RequestFactory

from integram.content_security import ContentSecurityMiddleware
from integram.request_log import RequestLogMiddleware

PAGES = ["/health", "/admin/login/", "/no-such-page"]


@pytest.fixture
def client(db: None) -> Client:
    return Client()


@pytest.mark.parametrize("page", PAGES)
def test_every_answer_has_a_strict_policy(client: Client, page: str) -> None:
    headers = client.get(page).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self'"
    assert re.fullmatch(r"'self' 'nonce-[\w-]{20,}'", policy["style-src"])
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_the_nonce_is_new_each_time_and_known_to_templates() -> None:
    template = engines["django"].from_string("{{ request.csp_nonce }}")
    rendered = []

    def view(request):
        from django.http import HttpResponse

        rendered.append(template.render({}, request))
        return HttpResponse()

    policies = [
        ContentSecurityMiddleware(view)(RequestFactory().get("/")).headers["Content-Security-Policy"] for _ in range(2)
    ]
    assert rendered[0] != rendered[1]
    for nonce, policy in zip(rendered, policies, strict=True):
        assert f"'nonce-{nonce}'" in policy


def test_an_id_of_a_proxy_is_kept(client: Client) -> None:
    answer = client.get("/health", headers={"X-Request-ID": "proxy-17.a"})
    assert answer.headers["X-Request-ID"] == "proxy-17.a"


@pytest.mark.parametrize("forged", ["a b", "x\u2028INFO all is well", "a" * 65, "'; --"])
def test_an_id_that_could_forge_the_log_is_replaced(client: Client, forged: str) -> None:
    answer = client.get("/health", headers={"X-Request-ID": forged})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])


def test_a_request_is_one_line_without_its_query(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "integram.request"):
        client.get("/health?search=secret")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "integram.request"]
    assert re.fullmatch(r"method=GET path=/health status=200 ms=\d+\.\d", line)


def test_a_path_cannot_break_the_line(caplog: pytest.LogCaptureFixture) -> None:
    from django.http import HttpResponse

    request = RequestFactory().get("/a")
    request.path = "/a\nINFO forged"
    with caplog.at_level(logging.INFO, "integram.request"):
        RequestLogMiddleware(lambda request: HttpResponse())(request)
    assert "\n" not in caplog.records[-1].getMessage()
