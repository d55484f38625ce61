"""The history page tells who did what by which door, as far as the reader may see, and takes it back."""

import re

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
from rbac.models import Lock, User
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


def undo_page(batch_id: int | None) -> str:
    return f"{URL}{batch_id}/undo/"


def sent(user: User, url: str, **values: object) -> str:
    client = Client()
    client.force_login(user)
    return client.post(url, values, follow=True, headers={"accept-language": "en"}).content.decode()


def test_a_deleted_row_is_restored_from_the_page(staff: Staff) -> None:
    (one,) = staff.add(1)
    records.delete(one, access=staff.access())
    batch = history.batches(access=staff.access())[0]
    assert "1 row deleted" in page(staff.owner)
    assert undo_page(batch.id) in page(staff.owner)
    looked = page(staff.owner, undo_page(batch.id))
    assert "1 row comes back" in looked
    assert reading.count(staff.candidates, Query(), access=staff.access()).value == 0, "a look writes nothing"
    assert "1 row restored" in sent(staff.owner, undo_page(batch.id))
    assert reading.get(one, access=staff.access()).val == "Кандидат 00001"
    assert "undone already" in page(staff.owner, undo_page(batch.id))
    assert "undone already" in sent(staff.owner, undo_page(batch.id))


def test_conflicts_are_named_and_written_over_only_when_confirmed(staff: Staff) -> None:
    (one,) = staff.add(1)
    salary = staff.columns["Зарплата"]
    first = records.write(staff.candidates, [records.Update(one, {salary: 5})], access=staff.access())
    boss = User.objects.create_superuser("boss")
    records.update(one, {salary: 4321}, access=staff.access(boss))
    looked = page(staff.owner, undo_page(first.batch)).split("Changed since")[1]
    cells = re.findall(r"<td>(.*?)</td>", looked, re.DOTALL)
    assert [re.sub(r"<.*?>", "", cell).strip() for cell in cells[1::2]] == ["Зарплата", "4321"]
    assert "boss" in cells[2]
    assert cells[4] == "1000"
    seen = re.search(r'name="seen" value="(\d+)"', page(staff.owner, undo_page(first.batch)))
    assert seen
    assert "changed since" in sent(staff.owner, undo_page(first.batch))
    assert reading.get(one, access=staff.access()).cells[salary] == "4321"
    records.update(one, {salary: 7}, access=staff.access(boss))
    assert "look again" in sent(staff.owner, undo_page(first.batch), force="on", seen=seen[1])
    assert reading.get(one, access=staff.access()).cells[salary] == "7"
    newest = reading.get(one, access=staff.access()).version
    assert "1 cell put back" in sent(staff.owner, undo_page(first.batch), force="on", seen=newest)
    assert reading.get(one, access=staff.access()).cells[salary] == "1000"


def test_the_preview_is_the_same_with_what_is_hidden_and_without(staff: Staff) -> None:
    """A column and a row hidden since the act show as little as if the act had never touched them."""
    seen_row, hidden_row = staff.add(2)
    salary, phone = staff.columns["Зарплата"], staff.columns["Телефон"]
    clerk = User.objects.create_user("clerk")
    place = grants.on_table(staff.candidates, access=staff.access())
    grants.grant(clerk, [Action.VIEW, Action.CHANGE], place, access=staff.access())

    def act(*updates: records.Update) -> int:
        done = records.write(staff.candidates, updates, access=staff.access(clerk)).batch
        assert done
        for one in updates:
            records.update(one.id, dict.fromkeys(one.values, "99"), access=staff.access())
        return done

    without = act(records.Update(seen_row, {phone: "1"}))
    records.update(seen_row, {phone: None}, access=staff.access())
    there = act(records.Update(seen_row, {phone: "1", salary: 5}), records.Update(hidden_row, {phone: "2"}))
    assert "2 cells have been changed since" not in page(clerk, undo_page(without))
    assert "3 cells have been changed since" in page(clerk, undo_page(there))
    grants.lock(grants.on_field(salary, access=staff.access()), Lock.VIEW, access=staff.access())
    grants.lock(grants.on_record(hidden_row, access=staff.access()), Lock.VIEW, access=staff.access())
    assert bare(page(clerk, undo_page(there))) == bare(page(clerk, undo_page(without)))
    assert "forbidden" not in sent(clerk, undo_page(there), force="on", seen=2**60 // 2)
    assert reading.get(hidden_row, access=staff.access()).cells[phone] == "99", "whole or not at all"
    assert reading.get(seen_row, access=staff.access()).cells[phone] == "99"


def bare(text: str) -> str:
    """What the page says, without what differs between any two acts: ids, stamps, times, tokens."""
    text = text.split("<main")[-1]
    text = re.sub(r"<time.*?</time>|csrfmiddlewaretoken\" value=\"\w+", "", text)
    return re.sub(r"history/\d+/undo|name=\"seen\" value=\"\d+", "", text)


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
    answers = [client.get(undo_page(theirs.id)), client.post(undo_page(theirs.id)), client.get(undo_page(10**15))]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
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


def test_the_history_of_a_table_is_filtered_and_paged_by_the_address(staff: Staff) -> None:
    rows = staff.add(30)
    phone = staff.columns["Телефон"]
    boss = User.objects.create_superuser("boss")
    for number in ("1", "2"):
        updates = [records.Update(row, {phone: number}) for row in rows]
        records.write(staff.candidates, updates, access=staff.access(boss))
    address = f"/w/{SLUG}/t/{staff.candidates}/history/"
    first = page(staff.owner, f"{address}?who=BOSS&column={phone}")
    assert first.count("<time") == 50
    older = re.search(r'href="([^"]+before=[^"]+)"', first)
    assert older
    assert page(staff.owner, older[1].replace("&amp;", "&")).count("<time") == 10
    assert "Nothing of the kind" in page(staff.owner, f"{address}?who=nobody")
    assert "Nothing of the kind" in page(staff.owner, f"{address}?to=2020-01-31")
    client = Client()
    client.force_login(staff.owner)
    for bad in ("from=yesterday", "before=1", "batch=x", "column=x"):
        assert client.get(f"{address}?{bad}").status_code == 400
    assert client.get(f"{address}?column=999999").status_code == 404


def test_a_row_goes_back_from_its_history(staff: Staff) -> None:
    (one,) = staff.add(1)
    phone = staff.columns["Телефон"]
    records.update(one, {phone: "12"}, access=staff.access())
    records.update(one, {phone: "34"}, access=staff.access())
    address = f"/w/{SLUG}/t/{staff.candidates}/r/{one}/history/"
    links = re.findall(r'href="([^"]+/back/[^"]+)"', page(staff.owner, address))
    back = next(link.replace("&amp;", "&") for link in links[2:] if "column" in link)
    looked = page(staff.owner, back)
    assert [re.sub("<.*?>", "", cell) for cell in re.findall(r"<td>(.*?)</td>", looked)][:3] == ["Телефон", "34", "12"]
    version = reading.get(one, access=staff.access()).version
    assert "changed this in the meantime" in sent(staff.owner, back, version=version - 1)
    assert reading.get(one, access=staff.access()).cells[phone] == "34"
    sent(staff.owner, back, version=version)
    assert reading.get(one, access=staff.access()).cells[phone] == "12"
    assert "holds the same" in page(staff.owner, back)
    reader = User.objects.create_user("reader")
    place = grants.on_table(staff.candidates, access=staff.access())
    grants.grant(reader, [Action.VIEW], place, access=staff.access())
    assert "/back/" not in page(reader, address)
    client = Client()
    client.force_login(reader)
    assert client.get(back).status_code == 403


def test_the_history_pages_are_the_same_with_what_is_hidden_and_without(staff: Staff) -> None:
    one, hidden = staff.add(2)
    reader = User.objects.create_user("reader")
    place = grants.on_table(staff.candidates, access=staff.access())
    grants.grant(reader, [Action.VIEW], place, access=staff.access())
    salary = staff.columns["Зарплата"]
    grants.lock(grants.on_field(salary, access=staff.access()), Lock.VIEW, access=staff.access())
    grants.lock(grants.on_record(hidden, access=staff.access()), Lock.VIEW, access=staff.access())
    table = f"/w/{SLUG}/t/{staff.candidates}/"

    def shown() -> list[str]:
        return [
            page(reader, address).split("<main")[-1] for address in (f"{table}history/", f"{table}r/{one}/history/")
        ]

    before = shown()
    records.update(one, {salary: 7}, access=staff.access())
    records.update(hidden, {staff.columns["Телефон"]: "9"}, access=staff.access())
    records.delete(hidden, access=staff.access())
    assert shown() == before
    client = Client()
    client.force_login(reader)
    answers = [client.get(f"{table}history/?column={column}") for column in (salary, 999_999)]
    assert [answer.status_code for answer in answers] == [404, 404]
    answers = [client.get(f"{table}r/{row}/history/") for row in (hidden, 999_999)]
    assert [answer.status_code for answer in answers] == [404, 404]
