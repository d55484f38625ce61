"""Cells have colours by conditions: set in a form, kept with the view, evaluated by the database for the page, within
the reader's rights, readable in both themes."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from qdm.services import requisites
from rbac import grants
from rbac.models import Lock
from tests.grid.staff import SLUG, Staff
from tests.grid.test_views import config, keep, reader, sheet

__all__ = ["reader"]
pytestmark = pytest.mark.django_db
CSS = Path(__file__).parents[2] / "static" / "css"


def colour(client: Client, staff: Staff, column: str, query: str = "", **values: Any) -> int:
    id_ = staff.columns.get(column, staff.candidates)
    address = f"/w/{SLUG}/t/{staff.candidates}/colours/{id_}/{query}"
    return client.post(address, {"colour": "green", **values}).status_code


def painted(html: str) -> list[tuple[str, str]]:
    """Colour and text of each cell that has one."""
    return re.findall(r'<td class="[^"]*\bc-(\w+)">(?:<span[^>]*>)*([^<]*)', html.split('id="sheet-config"')[0])


def test_a_rule_paints_its_column_or_the_whole_row_and_the_first_wins(owner: Client, staff: Staff) -> None:
    staff.add(4)
    assert colour(owner, staff, "Зарплата", op=">=", value="3 000") == 302
    assert colour(owner, staff, "Зарплата", op=">", value="1000", colour="red", rules=["0"]) == 302
    found = painted(sheet(owner, staff))
    assert found == [("red", "2000"), ("green", "3000"), ("green", "4000")]
    assert colour(owner, staff, "Город", op="=", value="уфа", colour="blue", whole="on") == 302
    whole = painted(sheet(owner, staff))
    assert ("green", "4000") in whole
    assert ("blue", "Кандидат 00002") in whole
    assert ("blue", "Кандидат 00001") not in whole
    # The form of a column lists its own rules; one that is not ticked goes.
    assert colour(owner, staff, "Зарплата", rules=["1"]) == 302
    assert [c for c, text in painted(sheet(owner, staff)) if text == "3000"] == ["red"]


def test_a_condition_that_is_none_is_said_in_the_form(owner: Client, staff: Staff) -> None:
    assert colour(owner, staff, "Зарплата", op=">", value="много") == 422
    assert colour(owner, staff, "Зарплата", op=">", value="") == 422
    assert colour(owner, staff, "Зарплата", op="contains", value="1") == 422
    assert painted(sheet(owner, staff)) == []


def test_colours_are_kept_with_the_view_and_seen_within_the_readers_rights(
    owner: Client, reader: Client, staff: Staff
) -> None:
    staff.add(3)
    colour(owner, staff, "Зарплата", op=">", value="1777", whole="on")
    colour(owner, staff, "Город", op="=", value="Казань", colour="red")
    view = keep(owner, staff, "", "Цветной")
    assert ("green", "2000") in painted(sheet(reader, staff, f"?view={view.pk}"))
    assert painted(sheet(owner, staff, "?view=0")) == []  # they went to the view
    grants.lock(grants.on_field(staff.columns["Зарплата"], access=staff.access()), Lock.VIEW, access=staff.access())
    html = sheet(reader, staff, f"?view={view.pk}")
    assert {c for c, _text in painted(html)} == {"red"}
    assert "1777" not in html


def test_periods_are_kept_as_said_and_meant_for_today(owner: Client, staff: Staff) -> None:
    staff.add(1)
    assert colour(owner, staff, "Родился", op="<", value="@this_year") == 302
    assert painted(sheet(owner, staff)) == [("green", "17.05.1990")]
    (rule,) = config(sheet(owner, staff))["layout"]["colours"]
    assert "@this_year" in rule["where"]
    assert re.fullmatch(r"\d{4}-01-01", rule["test"]["items"][0]["values"][0])


def test_a_rule_whose_column_is_gone_or_retyped_paints_nothing_and_the_page_opens(owner: Client, staff: Staff) -> None:
    staff.add(1)
    colour(owner, staff, "Зарплата", op=">", value="5")
    colour(owner, staff, "Телефон", op="empty", value="")
    owner.post(f"/w/{SLUG}/t/{staff.candidates}/columns/{staff.columns['Зарплата']}/type/", {"type": "9", "seen": "9"})
    requisites.delete(staff.columns["Телефон"], access=staff.access())
    assert painted(sheet(owner, staff)) == []


def test_the_colours_are_readable_in_both_themes() -> None:
    tokens = (CSS / "tokens.css").read_text()
    colours = (CSS / "columns.css").read_text()
    pairs = re.findall(r"--c-(\w+): light-dark\((#\w{6}), (#\w{6})\)", colours)
    assert len(pairs) == 6
    for ink in ("text", "accent"):  # of words, of ticks
        (light, dark), *_ = re.findall(rf"--{ink}: light-dark\((#\w{{6}}), (#\w{{6}})\)", tokens)
        least = 4.5 if ink == "text" else 3
        for name, on_light, on_dark in pairs:
            assert contrast(light, on_light) >= least, (name, ink, "light")
            assert contrast(dark, on_dark) >= least, (name, ink, "dark")


def contrast(one: str, two: str) -> float:
    """WCAG 2.2, 1.4.3."""
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
