"""The tests' own database is the one the product promises: Cyrillic is cased, sessions are set for lists."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def one(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def test_cyrillic_letters_are_lowered() -> None:
    assert one("SELECT lower('ЖУК Ёж')") == "жук ёж"


def test_search_without_case_finds_cyrillic_text() -> None:
    assert one("SELECT 'Большой ЖУК' ILIKE '%жук%'") is True


@pytest.mark.parametrize(
    ("setting", "value"), [("jit", "off"), ("plan_cache_mode", "force_custom_plan"), ("random_page_cost", "1.1")]
)
def test_every_session_has_the_settings_for_lists(setting: str, value: str) -> None:
    assert one(f"SHOW {setting}") == value
