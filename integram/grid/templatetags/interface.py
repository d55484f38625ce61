"""What the pages are drawn with."""

from datetime import datetime
from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from integram.grid import reading_locale
from qdm.types.base import BaseType
from qdm.types.registry import codec

register = template.Library()

SPRITE = "vendor/icons@3.51.0/sprite.svg"


def sprite_url() -> str:
    return static(SPRITE)


@register.simple_tag
@cache  # a page of a thousand tables has some thousands
def icon(name: str, classes: str = "") -> SafeString:
    """An icon of the sprite; it is decoration, the text beside it or the button's label says what it means."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', f"icon {classes}".strip(), sprite_url(), name
    )


@register.filter
def moment(value: datetime | None) -> str:
    """A moment to the minute, written as the moments in cells are."""
    if value is None:
        return ""
    minute = localtime(value).replace(tzinfo=None, second=0, microsecond=0)
    return codec(BaseType.DATETIME).display(minute.isoformat(), reading_locale.current())
