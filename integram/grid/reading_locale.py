"""How the present user writes numbers and dates."""

from django.utils.translation import get_language

from qdm.types.base import Locale


def current() -> Locale:
    return Locale("en" if (get_language() or "ru").startswith("en") else "ru")
