"""The history page tells who did what by which door, as far as the reader may see, and takes it back."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qdm.access import Action
from qdm.query.ast import Query
from qdm.selectors import history
from qdm.selectors import records as reading
from qdm.services import records
from rbac import grants
from rbac.models import User
from tests.grid import staff as world
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db
URL = f"/w/{SLUG}/history/"


@pytest.fixture
def staff() -> Staff:
    return world.make()


def page(user: User, url: str = URL) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(url, headers={"accept-language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_deleted_row_is_restored_from_the_page(staff: Staff) -> None:
    (one,) = staff.add(1)
    records.delete(one, access=staff.access())
    batch = history.batches(access=staff.access())[0]
    assert "1 row deleted" in page(staff.owner)
    client = Client()
    client.force_login(staff.owner)
    answer = client.post(URL, {"undo": batch.id}, follow=True, headers={"accept-language": "en"})
    assert "1 row restored" in answer.content.decode()
    assert reading.get(one, access=staff.access()).val == "Кандидат 00001"
    again = client.post(URL, {"undo": batch.id}, follow=True, headers={"accept-language": "en"})
    assert "undone already" in again.content.decode()


def test_a_later_edit_keeps_an_undo_from_overwriting_it(staff: Staff) -> None:
    (one,) = staff.add(1)
    salary = staff.columns["Зарплата"]
    first = records.write(staff.candidates, [records.Update(one, {salary: 5})], access=staff.access())
    records.update(one, {salary: 6}, access=staff.access())
    client = Client()
    client.force_login(staff.owner)
    answer = client.post(URL, {"undo": first.batch}, follow=True, headers={"accept-language": "en"})
    assert "changed since" in answer.content.decode()
    assert reading.get(one, access=staff.access()).cells[salary] == "6"


def test_a_reader_sees_his_own_acts_only_and_undoes_no_others(staff: Staff) -> None:
    staff.add(2)
    reader = User.objects.create_user("reader")
    place = grants.on_table(staff.candidates, access=staff.access())
    grants.grant(reader, [Action.VIEW, Action.ADD], place, access=staff.access())
    assert "owner" not in page(reader).split("<main")[-1]
    made = records.create(staff.candidates, 1, {staff.candidates: "Моя"}, access=staff.access(reader))
    assert "1 row added" in page(reader)
    theirs = history.batches(access=staff.access())[-1]
    client = Client()
    client.force_login(reader)
    client.post(URL, {"undo": theirs.id})
    assert reading.count(staff.candidates, Query(), access=staff.access()).value == 3
    assert made.id


def test_the_history_of_a_row_names_columns_and_values(staff: Staff) -> None:
    (one,) = staff.add(1)
    records.update(one, {staff.columns["Телефон"]: "12-34"}, access=staff.access())
    text = page(staff.owner, f"/w/{SLUG}/t/{staff.candidates}/r/{one}/history/")
    assert "Телефон" in text
    assert "12-34" in text
    assert "The row was made" in text


def test_queries_do_not_grow_with_acts(staff: Staff) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(staff.owner)
        return len(queries)

    staff.add(1)
    asked()
    few = asked()
    for number in range(12):
        staff.add(1, first=number + 2)
    assert asked() == few
