"""A user sees where he is signed in and which tokens he has, and ends them; nobody else's are within his reach."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from qdm.access import Access, Action
from rbac import grants, tokens
from rbac.models import AccessLog, Session, Token, User
from tests.rbac.conftest import signed_in
from tests.rbac.test_leaks import _body
from tests.rbac.world import Agency

pytestmark = pytest.mark.django_db

PAGE = "/accounts/own/"


def browser(user: User, agent: str) -> Client:
    client = Client(headers={"user-agent": agent})
    user.set_password("quite-long-and-secret")
    user.save()
    sent = {"username": user.username, "password": "quite-long-and-secret"}
    assert client.post("/accounts/login/", sent).status_code == 302
    return client


def made(answer: object) -> str:
    (text,) = re.findall(r'value="(itg_[^"]+)"', answer.content.decode())  # type: ignore[attr-defined]
    return str(text)


def test_the_user_menu_leads_to_the_page(anna: User) -> None:
    assert f'href="{PAGE}"' in signed_in(anna).get("/").content.decode()


def test_one_other_browser_is_signed_out_and_this_one_stays(anna: User) -> None:
    client = browser(anna, "Firefox here")
    other = Client(headers={"user-agent": "Chrome there"})
    other.post("/accounts/login/", {"username": "anna", "password": "quite-long-and-secret"})
    page = client.get(PAGE).content.decode()
    assert "Firefox here" in page
    assert "Chrome there" in page
    (name,) = re.findall(r'name="session" value="(\w+)"', page)
    assert client.post(PAGE, {"do": "end", "session": name}).status_code == 302
    assert other.get(PAGE).status_code == 302
    assert client.get(PAGE).status_code == 200


def test_all_other_browsers_are_signed_out_at_once_and_it_is_in_the_log(anna: User) -> None:
    client, others = signed_in(anna), [signed_in(anna) for _ in range(3)]
    assert client.post(PAGE, {"do": "end-others"}).status_code == 302
    assert [other.get(PAGE).status_code for other in others] == [302, 302, 302]
    assert client.get(PAGE).status_code == 200
    assert list(AccessLog.objects.filter(subject="rbac_session").values_list("actor_id", flat=True)) == [anna.pk] * 3


def test_the_page_never_holds_the_key_of_a_session(anna: User) -> None:
    client = signed_in(anna)
    signed_in(anna)
    page = client.get(PAGE).content.decode()
    assert not [key for key in Session.objects.values_list("session_key", flat=True) if key in page]


def test_a_token_is_shown_once_and_opens_what_it_was_made_for(anna: User, a: Agency, root: Access) -> None:
    grants.grant(anna, [Action.VIEW, Action.CHANGE], grants.on_table(a.candidate, access=root), access=root)
    client = signed_in(anna)
    sent = {"do": "make", "label": "script", "workspace": a.world.workspace.pk, "days": "30", "read_only": "on"}
    answer = client.post(PAGE, sent)
    text = made(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert text not in client.get(PAGE).content.decode()
    rest = Client(headers={"Authorization": f"Bearer {text}"})
    assert rest.get("/agency/terms").status_code == 200
    _user, token = tokens.authenticate(f"Bearer {text}")
    assert token.read_only
    assert token.workspace is not None
    assert token.workspace.slug == "agency"
    assert token.expires_at is not None
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=31)
    assert AccessLog.objects.filter(subject="rbac_token", actor_id=anna.pk, event="INSERT").exists()


def test_a_token_without_an_end_or_a_name_is_made_only_where_it_is_said(anna: User) -> None:
    client = signed_in(anna)
    assert client.post(PAGE, {"do": "make", "label": "", "days": "30"}).status_code == 422
    assert client.post(PAGE, {"do": "make", "label": "x", "days": "31"}).status_code == 422
    assert not Token.objects.exists()
    made(client.post(PAGE, {"do": "make", "label": "forever", "days": ""}))
    assert Token.objects.get().expires_at is None


def test_a_revoked_token_opens_nothing(anna: User) -> None:
    client = signed_in(anna)
    text = made(client.post(PAGE, {"do": "make", "label": "script", "days": "30"}))
    assert client.post(PAGE, {"do": "revoke", "token": Token.objects.get().pk}).status_code == 302
    assert Client(headers={"Authorization": f"Bearer {text}"}).get("/agency/terms").status_code == 403


def test_the_sessions_and_tokens_of_another_are_missing(anna: User, boss: User) -> None:
    tokens.create(boss, label="of the boss")
    signed_in(boss)
    client = signed_in(anna)
    page = client.get(PAGE).content.decode()
    assert "of the boss" not in page
    assert 'name="session"' not in page
    signed_in(boss)
    name = re.findall(r'name="session" value="(\w+)"', signed_in(boss).get(PAGE).content.decode())
    of_boss = {"do": "end", "session": name[0]}, {"do": "revoke", "token": Token.objects.get().pk}
    of_nobody = {"do": "end", "session": "0" * 64}, {"do": "revoke", "token": 999_999}
    for theirs, missing in zip(of_boss, of_nobody, strict=True):
        there, nowhere = client.post(PAGE, theirs), client.post(PAGE, missing)
        assert there.status_code == nowhere.status_code == 404
        assert _body(there) == _body(nowhere)
    client.post(PAGE, {"do": "end-others"})
    assert Session.objects.filter(user=boss).count() == 3
    assert Token.objects.count() == 1


def test_a_workspace_one_may_not_see_is_not_among_the_choices(anna: User, a: Agency) -> None:
    client = signed_in(anna)
    there = client.post(PAGE, {"do": "make", "label": "x", "days": "30", "workspace": a.world.workspace.pk})
    missing = client.post(PAGE, {"do": "make", "label": "x", "days": "30", "workspace": 999_999})
    assert there.status_code == missing.status_code == 422
    assert not Token.objects.exists()
    assert "agency" not in client.get(PAGE).content.decode()


def test_who_looks_as_another_makes_tokens_of_his_own_only(anna: User, a: Agency, root: Access, manager: User) -> None:
    grants.grant(anna, [Action.VIEW], grants.on_workspace(root), access=root)
    client = signed_in(manager)
    client.post("/w/agency/people/", {"do": "look", "user": anna.pk})
    made(client.post(PAGE, {"do": "make", "label": "script", "days": "30"}))
    assert Token.objects.get().user == manager
