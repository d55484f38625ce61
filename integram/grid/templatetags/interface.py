"""What the pages are drawn with."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
