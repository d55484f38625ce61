"""Signing in with OpenID Connect, against a provider that runs beside the tests."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.contrib.auth.models import Group
from django.test import Client
from oidc_provider_mock import User as Person
from oidc_provider_mock import run_server_in_thread
from pytest_django.fixtures import Settings

from qdm.access import Action
from qdm.errors import WorkspaceNotFound
from rbac import grants
from rbac.access import access_for
from rbac.models import User
from tests.rbac.world import Agency

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]

PEOPLE = [
    Person(sub="1001", claims={"preferred_username": "oleg", "email": "oleg@example.org", "groups": ["HR", "Other"]}),
    Person(sub="1002", claims={"preferred_username": "anna", "email": "anna@example.org"}),
]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with run_server_in_thread(user_claims=PEOPLE) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(autouse=True)
def switched_on(provider: str, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.rbac.sign_in_urls"
    settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, "rbac.oidc.Backend"]
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = "integram", "secret"
    settings.OIDC_RP_SIGN_ALGO, settings.OIDC_RP_SCOPES = "RS256", "openid email profile"
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT = f"{provider}/oauth2/authorize"
    settings.OIDC_OP_TOKEN_ENDPOINT = f"{provider}/oauth2/token"
    settings.OIDC_OP_USER_ENDPOINT = f"{provider}/userinfo"
    settings.OIDC_OP_JWKS_ENDPOINT = f"{provider}/jwks"
    settings.OIDC_USE_PKCE = True
    settings.OIDC_VERIFY_KID = False  # the keys of this provider have no names
    settings.OIDC_USERNAME_CLAIM, settings.OIDC_GROUPS_CLAIM, settings.OIDC_GROUPS = "preferred_username", "", []
    settings.LOGIN_REDIRECT_URL_FAILURE = "/accounts/login/"


def sign_in(subject: str, **changed: str) -> Client:
    """A browser that went to the provider and came back; ``changed``: what it says otherwise on its way back."""
    client = Client()
    there = client.get("/accounts/oidc/authenticate/")
    assert there.status_code == 302
    back = requests.post(there.headers["Location"], data={"sub": subject}, allow_redirects=False, timeout=20)
    assert back.status_code == 302, back.text
    came = urlsplit(back.headers["Location"])
    assert came.path == "/accounts/oidc/callback/"
    query = dict(part.split("=", 1) for part in came.query.split("&")) | changed
    client.get(came.path, query)
    return client


def test_who_signs_in_has_an_account_and_no_right(a: Agency) -> None:
    client = sign_in("1001")
    user = User.objects.get(username="oleg")
    assert (user.email, user.is_staff, user.is_superuser, user.has_usable_password()) == (
        "oleg@example.org", False, False, False,
    )  # fmt: skip
    assert client.get("/").status_code == 200
    assert client.get("/w/agency/").status_code == 404
    with pytest.raises(WorkspaceNotFound):
        access_for(user, "agency", via="test")


def test_the_page_of_signing_in_offers_it() -> None:
    assert "/accounts/oidc/authenticate/" in Client().get("/accounts/login/").content.decode()


def test_who_comes_again_is_the_same_person_whatever_he_is_called_now() -> None:
    sign_in("1001")
    User.objects.filter(username="oleg").update(username="renamed")
    sign_in("1001")
    assert list(User.objects.values_list("username", flat=True)) == ["renamed"]


def test_an_account_made_here_is_not_opened_by_a_name_or_an_address(a: Agency, anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(email="anna@example.org")
    client = sign_in("1002")
    assert client.get("/accounts/own/").status_code == 200
    assert str(client.session["_auth_user_id"]) != str(anna.pk)
    assert User.objects.get(pk=client.session["_auth_user_id"]).username == "anna-2"


def test_who_was_dismissed_does_not_come_in() -> None:
    sign_in("1001")
    User.objects.update(is_active=False)
    assert sign_in("1001").get("/accounts/own/").status_code == 302


def test_an_answer_to_a_question_nobody_asked_is_refused() -> None:
    assert sign_in("1001", state="forged").get("/accounts/own/").status_code in (302, 400)
    assert not User.objects.exists()


def test_mapped_groups_follow_the_provider_and_no_others(a: Agency, root: object, settings: Settings) -> None:
    settings.OIDC_GROUPS_CLAIM, settings.OIDC_GROUPS = "groups", ["HR", "Sales"]
    hr, sales, other = (Group.objects.create(name=name) for name in ("HR", "Sales", "Other"))
    grants.grant(hr, [Action.VIEW], grants.on_table(a.candidate, access=root), access=root)  # type: ignore[arg-type]
    sign_in("1001")
    user = User.objects.get(username="oleg")
    assert set(user.groups.all()) == {hr}
    assert access_for(user, "agency", via="test").can(Action.VIEW, a.candidate)
    user.groups.set([sales, other])
    sign_in("1001")
    assert set(user.groups.all()) == {hr, other}


def test_the_environment_switches_it_on_and_off(tmp_path: Path) -> None:
    script = (
        "import django; django.setup()\nfrom django.urls import NoReverseMatch, reverse\n"
        "try: print(reverse('oidc_authentication_init'))\nexcept NoReverseMatch: print('off')"
    )
    urls = {f"OIDC_{name}_URL": "https://id.example.org/" for name in ("AUTHORIZATION", "TOKEN", "USERINFO", "JWKS")}
    for named, shown in (({}, "off"), ({"OIDC_CLIENT_ID": "integram", **urls}, "/accounts/oidc/authenticate/")):
        environment = os.environ | {"VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "integram.settings"} | named
        ran = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60
        )
        assert ran.stdout.strip().splitlines()[-1:] == [shown], ran.stderr
