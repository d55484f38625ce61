"""The name of a browser out of what it says of itself (User-Agent), for who looks for his own in a list.

A family calls itself by the names of those it descends from too, so the youngest is looked for first.
"""

import re

from django.utils.translation import gettext as _

_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Yandex Browser", r"YaBrowser/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Version/.* Safari/"),
)
_SYSTEMS = (
    ("Android", r"Android"),
    ("iOS", r"iPhone|iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
)


def named(agent: str) -> str:
    """``Chrome on Linux``; what is not known, as it calls itself."""
    browser, system = _first(_BROWSERS, agent), _first(_SYSTEMS, agent)
    if browser is None:
        return agent
    return browser if system is None else _("%(browser)s on %(system)s") % {"browser": browser, "system": system}


def _first(known: tuple[tuple[str, str], ...], agent: str) -> str | None:
    return next((name for name, pattern in known if re.search(pattern, agent)), None)
