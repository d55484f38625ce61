"""The sheet says what it does where no index answers."""

import pytest
from django.test import Client

from qdm.selectors import indexes
from tests.grid.staff import Staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def large(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> Staff:
    """Every table counts as a large one."""
    monkeypatch.setattr(indexes, "LARGE", -1)
    indexes._seen.clear()
    return staff


def test_a_sort_without_an_index_is_said_on_the_page_and_to_the_open_sheet(large: Staff, owner: Client) -> None:
    column = large.columns["Зарплата"]
    address = f"/w/staff/t/{large.candidates}/"
    page = owner.get(address, {"sort": column}).content.decode()
    plain = owner.get(address).content.decode()
    asked = owner.get(f"{address}asked", {"sort": column}).json()
    assert "Зарплата" in asked["slow"]
    assert 'data-slow role="status">' in page
    assert 'data-slow role="status" hidden>' in plain


def test_small_tables_are_quick_without(staff: Staff, owner: Client) -> None:
    column = staff.columns["Зарплата"]
    assert owner.get(f"/w/staff/t/{staff.candidates}/asked", {"sort": column}).json()["slow"] == ""
