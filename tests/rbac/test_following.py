"""Rights follow what happens: new columns, deleted rows, wrong passwords."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone

from qdm.access import Access, Action
from qdm.errors import RecordNotFound, WorkspaceNotFound
from qdm.selectors import records as reading
from qdm.services import columns, records, trash
from qdm.services.column_types import Spec
from qdm.types.base import BaseType
from rbac import grants
from rbac.access import access_for
from rbac.models import Guard, Lock, Session, User
from tests.rbac.conftest import signed_in
from tests.rbac.world import Agency

pytestmark = pytest.mark.django_db


def test_a_new_column_inherits_what_its_table_gives(a: Agency, root: Access, anna: User) -> None:
    grants.grant(anna, [Action.VIEW], grants.on_table(a.candidate, access=root), access=root)
    column = columns.create(a.candidate, Spec("Премия", BaseType.NUMBER), access=root)
    assert column in access_for(anna, "agency", via="test").schema.requisites


def test_a_new_column_beside_a_locked_one_starts_locked(a: Agency, root: Access, anna: User, manager: User) -> None:
    grants.grant(anna, [Action.VIEW], grants.on_table(a.candidate, access=root), access=root)
    grants.lock(grants.on_field(a.salary, access=root), Lock.VIEW, access=root)
    column = columns.create(a.candidate, Spec("Премия", BaseType.NUMBER), access=root)
    assert column not in access_for(anna, "agency", via="test").schema.requisites
    assert column in access_for(manager, "agency", via="test").schema.requisites
    page = signed_in(manager).get(f"/w/agency/t/{a.candidate}/columns/").content.decode()
    assert "starts locked" in page or "закрыт" in page


def test_lk_145_an_erased_row_loses_its_grants_and_one_in_the_trash_shows_nothing(
    a: Agency, root: Access, anna: User
) -> None:
    row = a.candidates[0]
    grants.grant(anna, [Action.VIEW], grants.on_record(row, access=root), access=root)
    grants.grant(anna, [Action.VIEW], grants.on_record(a.candidates[1], access=root), access=root)
    records.delete(row, access=root)
    with pytest.raises(RecordNotFound):
        reading.get(row, access=access_for(anna, "agency", via="test"))
    trash.empty(timezone.now() + timedelta(days=1), access=root)
    assert [g.node_id for g in Guard.objects.filter(kind="r")] == [a.candidates[1]]


def test_a_table_whose_only_granted_row_is_in_the_trash_is_none(a: Agency, root: Access, anna: User) -> None:
    row = a.candidates[0]
    grants.grant(anna, [Action.VIEW], grants.on_table(a.department, access=root), access=root)
    grants.grant(anna, [Action.VIEW], grants.on_record(row, access=root), access=root)
    assert a.candidate in access_for(anna, "agency", via="test").schema.terms
    records.delete(row, access=root)
    assert a.candidate not in access_for(anna, "agency", via="test").schema.terms
    grants.revoke(anna, [Action.VIEW], grants.on_table(a.department, access=root), access=root)
    with pytest.raises(WorkspaceNotFound):
        access_for(anna, "agency", via="test")


@pytest.fixture
def with_lock_out() -> object:
    cache.clear()
    with override_settings(AXES_ENABLED=True):
        yield


def test_guessing_at_a_password_is_stopped(with_lock_out: object, anna: User) -> None:
    anna.set_password("right-word-42")
    anna.save()
    guesser = Client()
    for _ in range(8):
        guesser.post("/accounts/login/", {"username": "anna", "password": "wrong"})
    answer = guesser.post("/accounts/login/", {"username": "anna", "password": "right-word-42"})
    assert answer.status_code in (403, 429)
    assert "_auth_user_id" not in guesser.session
    elsewhere = Client(REMOTE_ADDR="10.0.0.7")
    answer = elsewhere.post("/accounts/login/", {"username": "anna", "password": "right-word-42"})
    assert answer.status_code == 302


def test_a_session_knows_its_user_and_browser(anna: User) -> None:
    anna.set_password("right-word-42")
    anna.save()
    client = Client(headers={"User-Agent": "Firefox 140"})
    client.post("/accounts/login/", {"username": "anna", "password": "right-word-42"})
    session = Session.objects.get(user=anna)
    assert session.agent == "Firefox 140"
