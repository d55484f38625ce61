"""A column gets another type: what will not fit is shown before, is kept, and all of it can be taken back."""

import pytest
from django.test import Client

from qdm.access import Action
from qdm.record import Bad
from qdm.selectors import fitting, history, records
from qdm.services import batches, requisites
from qdm.services import records as writing
from qdm.services.writes import Create
from rbac import grants
from rbac.models import User
from tests.db.projections import assert_whole
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db

PHONES = ("12", "1 234,50", "7 р.", "много", "много", "около 5")


def page(staff: Staff, column: str = "Телефон") -> str:
    return f"/w/{SLUG}/t/{staff.candidates}/columns/{staff.columns[column]}/type/"


def phones(staff: Staff) -> list[int]:
    writes = [Create({staff.candidates: f"К {at}", staff.columns["Телефон"]: p}) for at, p in enumerate(PHONES)]
    return [r.id for r in writing.write(staff.candidates, writes, access=staff.access()) if r.id]


def cells(staff: Staff, ids: list[int], column: str = "Телефон") -> list[object]:
    found = records.by_ids(staff.candidates, ids, access=staff.access())
    return [record.cells.get(staff.columns[column]) for record in found]


def test_what_will_not_fit_is_counted_and_shown_and_nothing_is_changed(owner: Client, staff: Staff) -> None:
    ids = phones(staff)
    response = owner.post(page(staff), {"type": "13"})
    assert response.status_code == 200
    found = response.context["fitting"]
    assert (found.filled, found.misfits) == (6, 3)
    assert found.left == (("много", 2), ("около 5", 1))
    # with a space that does not break, as numbers are shown
    assert sorted(found.read) == [("1 234,50", "1234,50", 1), ("7 р.", "7", 1)]
    html = response.content.decode()
    assert "около 5" in html
    assert 'name="seen" value="13"' in html
    assert cells(staff, ids) == list(PHONES)
    assert owner.post(page(staff), {"type": "9", "seen": "13"}).status_code == 200  # another type: its preview first
    assert cells(staff, ids) == list(PHONES)


def test_the_change_reads_values_in_the_users_language_keeps_misfits_and_is_taken_back(
    owner: Client, staff: Staff
) -> None:
    ids = phones(staff)
    response = owner.post(page(staff), {"type": "13", "seen": "13"}, follow=True)
    assert "3" in str(next(iter(response.context["messages"])))
    assert int(staff.access().requisite(staff.columns["Телефон"]).base) == 13
    assert cells(staff, ids) == ["12", "1234.50", "7", Bad("много"), Bad("много"), Bad("около 5")]
    assert_whole(SLUG)
    # Those that do not fit now are counted for the next change too.
    assert owner.post(page(staff), {"type": "3"}).context["fitting"].misfits == 0
    batches.undo(history.batches(access=staff.access())[0].id, access=staff.access())
    assert cells(staff, ids) == list(PHONES)
    assert_whole(SLUG)


def test_of_very_many_values_the_most_frequent_are_looked_at_and_all_are_changed(
    owner: Client, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = phones(staff)
    monkeypatch.setattr(fitting, "MOST", 2)
    response = owner.post(page(staff), {"type": "13"})
    found = response.context["fitting"]
    assert (found.filled, found.misfits, found.whole) == (3, 2, False)
    assert response.content.decode().count('class="help"') == 1
    owner.post(page(staff), {"type": "13", "seen": "13"})
    assert cells(staff, ids) == ["12", "1234.50", "7", Bad("много"), Bad("много"), Bad("около 5")]


def test_dates_become_the_text_a_person_saw_and_dates_again(owner: Client, staff: Staff) -> None:
    ids = staff.add(2)
    owner.post(page(staff, "Родился"), {"type": "3", "seen": "3"})
    assert cells(staff, ids, "Родился") == ["17.05.1990"] * 2
    owner.post(page(staff, "Родился"), {"type": "9", "seen": "9"})
    assert cells(staff, ids, "Родился") == ["1990-05-17"] * 2


def test_a_column_of_links_keeps_its_type_and_says_why(owner: Client, staff: Staff) -> None:
    response = owner.post(page(staff, "Город"), {"type": "3", "seen": "3"})
    assert response.status_code == 422
    assert "note error" in response.content.decode()


def test_only_who_manages_the_table_may_look_and_change(staff: Staff) -> None:
    user = User.objects.create_user("editor")
    place = grants.on_table(staff.candidates, access=staff.access())
    grants.grant(user, [Action.VIEW, Action.CHANGE], place, access=staff.access())
    client = Client()
    client.force_login(user)
    assert client.get(page(staff)).status_code == 403
    assert client.post(page(staff), {"type": "13", "seen": "13"}).status_code == 403
    requisites.delete(staff.columns["Телефон"], access=staff.access())
    assert client.get(page(staff)).status_code == 404
