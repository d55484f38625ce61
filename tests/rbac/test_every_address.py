"""Every address of the site is walked by those who may not be there. An address added later is walked too, or, where it
is of a kind not known here, fails the first test until it is listed with who may see what it shows."""

import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path
from pytest_django.fixtures import Settings

from qdm.access import Access, Action
from rbac import grants, tokens
from rbac.models import User
from tests.rbac.conftest import signed_in
from tests.rbac.test_leaks import _body
from tests.rbac.world import Agency, agency

pytestmark = pytest.mark.django_db

#: Shown to everybody, and why.
OPEN = {
    "health": "whether the server lives; says nothing else",
    "health/ready": "the same with its database",
    "metrics": "figures of the server, to this machine or with a token; tests/platform/test_metrics.py",
    "i18n/setlang/": "the language of one's own browser",
    "accounts/login/": "where one signs in",
    "accounts/logout/": "ends one's own session",
    "accounts/choose/<uidb64>/<token>/": "the link of an invitation, which is the secret",
    "accounts/unsubscribe/<str:token>/": "the address in a letter, signed; tests/grid/test_deliveries.py",
    "accounts/theme/": "a cookie of one's own browser",
    "accounts/language/": "a cookie of one's own browser",
    "w/<slug:slug>": "adds the slash, whatever the slug",
    "send/<str:text>/": "the link of an upload form, which is the secret; tests/grid/test_upload_forms.py",
    "send/<str:text>/<str:key>/": "what became of one's own file, by a signed key",
    "send/<str:text>/<str:key>/marked": "one's own file with its problems, by a signed key",
    "openapi.json": "the interface itself, without data",
    "docs": "the interface itself, without data",
    "redoc": "the interface itself, without data",
}
#: Shown to who is signed in; what is on it is only his.
SIGNED_IN = {"", "w/", "accounts/own/", "accounts/password/", "accounts/view-as/end/"}
#: Checked for the same by tests/video/test_rights.py and test_contract.py.
VIDEO = "video/"
PAGES = "w/<slug:slug>/"
REST = "<workspace:db>/"
ADMIN = "admin/"
MISSING = 999_999


def routes(patterns: Any = None, before: str = "") -> Iterator[str]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            assert isinstance(pattern, URLPattern)
            yield route


def filled(route: str, slug: str, a: Agency, term: int, row: int) -> str:
    """The address with every part of it filled in. A part of an unknown name is an error: who may see it?

    What belongs to one person (jobs, exports, webhooks) is asked of others in test_leaks_of_files_and_history.py.
    """
    values = {
        "slug": slug, "db": slug, "term_id": term, "column_id": a.salary, "requisite_id": a.in_department,
        "record_id": row, "object_id": row, "id": term, "job_id": MISSING, "rest": "other",
        "export_id": MISSING, "webhook_id": MISSING, "form_id": MISSING, "run_id": MISSING,
        "delivery_id": MISSING, "key": "bcdfghjklmnpqrst", "view_id": MISSING + 1, "batch_id": MISSING,
    }  # fmt: skip
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), route)


def asked(client: Client, address: str) -> list[tuple[int, str, bytes]]:
    """Answers to reading and writing at the address: status, where it leads, and the body."""
    sent = json.dumps({"writes": [{"op": "delete", "id": 1}], "id": 1, "val": "x", "t": 3, "attrs": {}})
    answers = [
        client.get(address, headers={"accept": "application/json"}),
        client.get(address),
        client.post(address, sent, content_type="application/json", headers={"accept": "application/json"}),
        client.delete(address),
    ]
    return [(a.status_code, a.headers.get("Location", ""), _body(a) if not a.streaming else b"") for a in answers]


def without(answers: list[tuple[int, str, bytes]], *words: object) -> list[tuple[int, str, bytes]]:
    """The answers with these words, which were asked for, taken out."""
    found = []
    for status, location, body in answers:
        for word in words:
            location = location.replace(str(word), "*")
            body = body.replace(str(word).encode(), b"*")
        found.append((status, location, body))
    return found


def unknown(patterns: Any = None) -> list[str]:
    """The addresses nobody has said of who may be there."""
    return [
        route
        for route in routes(patterns)
        if route not in OPEN and route not in SIGNED_IN and not route.startswith((VIDEO, PAGES, REST, ADMIN))
    ]


def test_every_address_is_of_a_kind_whose_walk_is_known() -> None:
    assert unknown() == []
    assert OPEN.keys() - set(routes()) == set()


def test_an_address_nobody_has_listed_is_found() -> None:
    new = ("reports/<int:report_id>/", "w/<slug:slug>/new/<int:plan_id>/")
    added = [path(route, lambda request: None) for route in new]
    assert unknown(added) == ["reports/<int:report_id>/"]
    with pytest.raises(KeyError, match="plan_id"):
        filled("w/<slug:slug>/new/<int:plan_id>/", "agency", SimpleNamespace(salary=1, in_department=1), 1, 1)


def test_addresses_of_signing_in_elsewhere_give_no_rights(settings: Settings, a: Agency, anna: User) -> None:
    """They are there where OpenID Connect is switched on; a directory (LDAP) has none of its own. For anonymous, for a
    stranger, for the manager of another workspace: nobody becomes another, nothing is opened."""
    settings.ROOT_URLCONF = "tests.rbac.sign_in_urls"
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT, settings.OIDC_RP_CLIENT_ID = "https://id.example.org/authorize", "integram"
    elsewhere = [route for route in routes() if route.startswith("accounts/oidc/")]
    assert sorted(elsewhere) == [f"accounts/oidc/{name}/" for name in ("authenticate", "callback", "logout")]
    assert set(unknown()) == set(elsewhere)
    for route in elsewhere:
        for user in (None, anna, manager_elsewhere(f"other{len(route)}")):
            client = Client() if user is None else signed_in(user)
            forged = {"code": "x", "state": "made up", "next": "https://evil.example/"}
            answers = [client.get("/" + route), client.get("/" + route, forged), client.post("/" + route, forged)]
            for answer in answers:
                assert answer.status_code in (302, 400, 403, 405), route
                assert "evil.example" not in answer.headers.get("Location", "")
            known = client.session.get("_auth_user_id")
            assert known in (None, str(user.pk) if user is not None else None), route
            assert client.get("/w/agency/").status_code in (302, 404)


def manager_elsewhere(slug: str) -> User:
    """Who manages another workspace and has no right in this one."""
    foreign = Access.system(agency(slug).world.schema, "tests")
    manager = User.objects.create_user(f"manager-of-{slug}")
    grants.grant(manager, [Action.MANAGE], grants.on_workspace(foreign), access=foreign)
    return manager


def test_who_is_not_signed_in_is_sent_to_sign_in_wherever_he_goes(a: Agency) -> None:
    for route in routes():
        if route.startswith(PAGES):
            there = asked(Client(), filled(route, "agency", a, a.candidate, a.candidates[0]))
            missing = asked(Client(), filled(route, "nowhere", a, a.candidate, a.candidates[0]))
            assert without(there, "agency") == without(missing, "nowhere"), route
            assert all(status in (302, 401, 405) for status, _to, _body in there), route
        elif route.startswith(REST):
            there = asked(Client(), filled(route, "agency", a, a.candidate, a.candidates[0]))
            assert {status for status, _to, _body in there} == {401}, route
        elif route.startswith(ADMIN) and not re.search(r"log(in|out)/$", route) and "<" not in route:
            assert Client().get("/" + route).status_code == 302, route
        elif route in SIGNED_IN:
            assert Client().get("/" + route).status_code in (302, 405), route


def test_a_workspace_where_one_has_no_rights_is_none_wherever_one_goes(a: Agency, anna: User) -> None:
    """For a stranger, and for the manager of another workspace."""
    for user in (anna, manager_elsewhere("other")):
        pages = signed_in(user)
        rest = Client(headers={"Authorization": f"Bearer {tokens.create(user)}"})
        for route in routes():
            client = pages if route.startswith(PAGES) else rest
            if route.startswith((PAGES, REST)):
                there = asked(client, filled(route, "agency", a, a.candidate, a.candidates[0]))
                missing = asked(client, filled(route, "nowhere", a, a.candidate, a.candidates[0]))
                assert without(there, "agency") == without(missing, "nowhere"), route
                assert all(status >= 400 for status, _to, _body in there), route


def test_a_table_and_a_row_one_does_not_see_are_none_wherever_one_goes(a: Agency, root: Access, anna: User) -> None:
    grants.grant(anna, list(Action)[:5], grants.on_table(a.department, access=root), access=root)
    pages = signed_in(anna)
    rest = Client(headers={"Authorization": f"Bearer {tokens.create(anna)}"})
    hidden, gone = a.candidates[0], MISSING
    for route in routes():
        if route.startswith((PAGES, REST)) and re.search(r"<\w+:(term_id|object_id|record_id|id)>", route):
            client = pages if route.startswith(PAGES) else rest
            there = asked(client, filled(route, "agency", a, a.candidate, hidden))
            missing = asked(client, filled(route, "agency", a, MISSING - 1, gone))
            assert without(there, a.candidate, hidden) == without(missing, MISSING - 1, gone), route
