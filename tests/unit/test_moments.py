"""Pages, letters, files and the admin write a moment as a cell does, in the language of who reads it."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.formats import date_format, localize

from integram.grid import reading_locale
from qdm.types.base import BaseType
from qdm.types.registry import codec

ROOT = Path(__file__).resolve().parents[2]
MOMENT = datetime(2026, 3, 4, 5, 6, 7)


@pytest.mark.parametrize(("language", "day"), [("ru", "04.03.2026"), ("en", "04/03/2026")])
def test_a_page_writes_a_moment_as_a_cell_does(language: str, day: str) -> None:
    with translation.override(language):
        locale = reading_locale.current()
        cell = codec(BaseType.DATETIME).display("2026-03-04T05:06:00", locale)
        assert cell == f"{day} 05:06"
        assert codec(BaseType.DATE).display("2026-03-04", locale) == day
        for name in ("DATETIME_FORMAT", "SHORT_DATETIME_FORMAT"):
            assert date_format(MOMENT, name) == cell
        for name in ("DATE_FORMAT", "SHORT_DATE_FORMAT"):
            assert date_format(date(2026, 3, 4), name) == day
        assert localize(MOMENT) == cell
        aware = timezone.make_aware(MOMENT)
        written = Template("{{ at }} {{ at|date:'SHORT_DATETIME_FORMAT' }}").render(Context({"at": aware}))
        assert written == f"{cell} {cell}"


def test_no_template_has_an_order_of_its_own() -> None:
    """But those that a program reads (``c``)."""
    said = [
        (str(path.relative_to(ROOT)), found)
        for path in (ROOT / "templates").rglob("*.html")
        for found in re.findall(r"""\|(?:date|time):["']([^"']+)|{% now ["']([^"']+)""", path.read_text("utf-8"))
    ]
    assert said
    allowed = {"c", "SHORT_DATE_FORMAT", "SHORT_DATETIME_FORMAT", "DATE_FORMAT", "DATETIME_FORMAT"}
    assert [one for one in said if (one[1][0] or one[1][1]) not in allowed] == []
