"""Find in table over HTTP: within the question, within the rights, and bad requests."""

from django.test import Client

from qdm.services import records
from qdm.services.writes import Update
from tests.grid.staff import SLUG, Staff


def _url(staff: Staff, more: str = "") -> str:
    return f"/w/{SLUG}/t/{staff.candidates}/find{more}"


def _mark(staff: Staff, ids: list[int]) -> None:
    note = staff.columns["Заметка"]
    records.write(staff.candidates, [Update(i, {note: "жираф"}, None) for i in ids], access=staff.access())


def test_the_next_hit_tells_its_place_in_the_question_and_comes_round(owner: Client, staff: Staff) -> None:
    made = staff.add(6)
    _mark(staff, [made[1], made[4]])
    note = staff.columns["Заметка"]
    first = owner.get(_url(staff), {"find": "ЖИРАФ"}).json()["hit"]
    assert first == {"id": made[1], "place": 1, "columns": [note], "wrapped": False}
    second = owner.get(_url(staff), {"find": "жираф", "from": made[1]}).json()["hit"]
    assert (second["id"], second["place"]) == (made[4], 4)
    assert owner.get(_url(staff), {"find": "жираф", "from": made[4]}).json()["hit"]["wrapped"] is True
    back = owner.get(_url(staff), {"find": "жираф", "from": made[4], "back": ""}).json()["hit"]
    assert back["id"] == made[1]
    sorted_ = owner.get(_url(staff), {"find": "жираф", "sort": f"-{staff.columns['Зарплата']}"}).json()["hit"]
    assert (sorted_["id"], sorted_["place"]) == (made[4], 1)


def test_hits_are_counted_and_the_place_among_them_told(owner: Client, staff: Staff) -> None:
    made = staff.add(6)
    _mark(staff, [made[1], made[4]])
    answer = owner.get(_url(staff, "/count"), {"find": "жираф", "at": made[4]}).json()
    assert answer == {"total": 2, "more": False, "place": 1}


def test_nothing_is_found_in_columns_one_may_not_see(owner: Client, staff: Staff) -> None:
    from qdm.access import Action
    from rbac import grants
    from rbac.models import Lock, User

    made = staff.add(3)
    _mark(staff, [made[1]])
    access = staff.access()
    reader = User.objects.create_user("reader")
    grants.grant(reader, [Action.VIEW], grants.on_table(staff.candidates, access=access), access=access)
    client = Client()
    client.force_login(reader)
    assert client.get(_url(staff), {"find": "жираф"}).json()["hit"]["id"] == made[1]
    grants.lock(grants.on_field(staff.columns["Заметка"], access=access), Lock.VIEW, access=access)
    assert client.get(_url(staff), {"find": "жираф"}).json()["hit"] is None
    assert client.get(_url(staff, "/count"), {"find": "жираф"}).json()["total"] == 0


def test_a_search_for_nothing_is_refused(owner: Client, staff: Staff) -> None:
    assert owner.get(_url(staff), headers={"Accept": "application/json"}).status_code == 400
    assert owner.get(_url(staff), {"find": "a", "from": "x"}, headers={"Accept": "application/json"}).status_code == 400
