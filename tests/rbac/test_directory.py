"""Signing in with the password of a directory, against a real slapd."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django.fixtures import Settings

from rbac.models import User
from tests.rbac.world import Agency

SLAPD = shutil.which("slapd") or "/usr/sbin/slapd"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not Path(SLAPD).exists(), reason="no slapd here: apt install slapd"),
]
ldap = pytest.importorskip("ldap", reason="no python-ldap here: pip install -r requirements-ldap.txt")

CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
database mdb
suffix "dc=example,dc=org"
rootdn "cn=admin,dc=example,dc=org"
rootpw secret
directory {folder}/db
maxsize 10485760
"""
PEOPLE = """
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: uid=oleg,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: oleg
cn: Oleg
sn: Petrov
givenName: Oleg
mail: oleg@example.org
userPassword: of-the-directory

dn: uid=boss,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: boss
cn: Boss
sn: Boss
userPassword: of-the-directory

dn: cn=HR,dc=example,dc=org
objectClass: groupOfNames
cn: HR
member: uid=oleg,ou=people,dc=example,dc=org
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("slapd")
    (folder / "db").mkdir()
    config, people = folder / "slapd.conf", folder / "people.ldif"
    config.write_text(CONFIG.format(folder=folder))
    people.write_text(PEOPLE)
    subprocess.run([SLAPD, "-T", "add", "-f", config, "-l", people], check=True, timeout=60)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([SLAPD, "-f", config, "-h", f"ldap://127.0.0.1:{port}", "-d", "0"])
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"ldap://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(autouse=True)
def switched_on(directory: str, settings: Settings) -> None:
    from django_auth_ldap.config import GroupOfNamesType, LDAPSearch

    settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, "rbac.directory.Backend"]
    settings.AUTH_LDAP_SERVER_URI = directory
    settings.AUTH_LDAP_USER_SEARCH = LDAPSearch("ou=people,dc=example,dc=org", ldap.SCOPE_SUBTREE, "(uid=%(user)s)")
    settings.AUTH_LDAP_USER_ATTR_MAP = {"first_name": "givenName", "last_name": "sn", "email": "mail"}
    settings.AUTH_LDAP_GROUP_TYPE = GroupOfNamesType()
    settings.AUTH_LDAP_GROUP_SEARCH = LDAPSearch("dc=example,dc=org", ldap.SCOPE_SUBTREE, "(objectClass=groupOfNames)")
    settings.LDAP_GROUPS = []


def sign_in(name: str, password: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"username": name, "password": password})
    return client


def signed_in(client: Client) -> bool:
    return client.get("/accounts/own/").status_code == 200


def test_who_is_in_the_directory_comes_in_without_any_right(a: Agency) -> None:
    client = sign_in("oleg", "of-the-directory")
    assert signed_in(client)
    user = User.objects.get(username="oleg")
    assert (user.first_name, user.last_name, user.email) == ("Oleg", "Petrov", "oleg@example.org")
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (False, False, False)
    assert client.get("/w/agency/").status_code == 404


def test_a_wrong_or_an_empty_password_opens_nothing() -> None:
    assert not signed_in(sign_in("oleg", "wrong"))
    assert not signed_in(sign_in("oleg", ""))
    assert not signed_in(sign_in("*", "of-the-directory"))
    assert not User.objects.exists()


def test_an_account_made_here_is_not_opened_by_an_entry_of_its_name() -> None:
    here = User.objects.create_superuser("boss", password="made-here-quite-long")
    client = sign_in("boss", "of-the-directory")
    assert signed_in(client)
    entered = User.objects.get(pk=client.session["_auth_user_id"])
    assert entered != here
    assert not entered.is_superuser
    assert signed_in(sign_in("boss", "made-here-quite-long"))


def test_who_comes_again_is_the_same_person_and_who_was_dismissed_is_out() -> None:
    sign_in("oleg", "of-the-directory")
    sign_in("oleg", "of-the-directory")
    assert User.objects.count() == 1
    User.objects.update(is_active=False)
    assert not signed_in(sign_in("oleg", "of-the-directory"))


def test_mapped_groups_follow_the_directory(settings: Settings) -> None:
    settings.LDAP_GROUPS = ["HR"]
    hr, other = Group.objects.create(name="HR"), Group.objects.create(name="Other")
    sign_in("oleg", "of-the-directory")
    assert set(User.objects.get(username="oleg").groups.all()) == {hr}
    user = User.objects.get(username="oleg")
    user.groups.set([other])
    sign_in("oleg", "of-the-directory")
    assert set(user.groups.all()) == {hr, other}
