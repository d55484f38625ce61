"""The page for paper: rows, columns and order as the sheet shows them, within the reader's rights."""

import pytest
from django.test import Client
from django.urls import reverse

from integram.grid import printed
from qdm.access import Action
from rbac import grants
from rbac.models import User
from rbac.models.guard import Lock
from tests.grid.staff import SLUG, Staff


def paper(client: Client, staff: Staff, **asked: str) -> str:
    answer = client.get(reverse("grid:sheet", args=[SLUG, staff.candidates]), {"print": "", **asked})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_rows_of_the_question_in_its_order(owner: Client, staff: Staff) -> None:
    staff.add(4)
    page = paper(owner, staff, q="Уфа", sort=f"-{staff.candidates}")
    assert page.index("Кандидат 00004") < page.index("Кандидат 00002")
    assert "Кандидат 00001" not in page


def test_more_rows_than_fit_on_paper_are_said(owner: Client, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    staff.add(7)
    monkeypatch.setattr(printed, "MOST", 4)
    monkeypatch.setattr(printed, "_AT_ONCE", 2)
    page = paper(owner, staff)
    assert "Кандидат 00004" in page
    assert "Кандидат 00005" not in page
    assert "Не все строки" in page
    monkeypatch.setattr(printed, "MOST", 8)
    assert "Не все строки" not in paper(owner, staff)


def test_groups_are_printed_with_their_sums(owner: Client, staff: Staff) -> None:
    staff.add(4)
    page = paper(owner, staff, group=str(staff.columns["Город"]))
    assert "Город: Уфа · 2" in page
    assert "6000" in page  # 2000 + 4000


def test_what_may_not_be_seen_is_not_printed(staff: Staff) -> None:
    staff.add(2)
    user = User.objects.create_user("reader")
    access = staff.access()
    grants.grant(user, [Action.VIEW], grants.on_table(staff.candidates, access=access), access=access)
    grants.lock(grants.on_field(staff.columns["Зарплата"], access=access), Lock.VIEW, access=access)
    client = Client()
    client.force_login(user)
    page = paper(client, staff)
    assert "Телефон" in page
    assert "Зарплата" not in page
    assert "2000" not in page.partition("data-printed")[2]
