"""The history in the user's words: doors, what was done, columns and their values."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integram.grid import reading_locale
from qdm.access import Access
from qdm.record import Bad, Link
from qdm.schema import Term
from qdm.selectors.history import Deed
from qdm.types import codec
from qdm.types.base import BaseType

#: Names of the doors: what ``Access.via`` says.
DOORS = {
    "grid": gettext_lazy("in the table"),
    "api": gettext_lazy("by a program"),
    "import": gettext_lazy("import of a file"),
    "command": gettext_lazy("by a command"),
    "system": gettext_lazy("by Integram itself"),
    "sql": gettext_lazy("in the database"),
}


def door(via: str) -> str:
    return str(DOORS.get(via, via))


def deed(one: Deed, access: Access) -> str:
    """What was done in one table."""
    if one.kind == "s":
        return _("tables and columns")
    table = access.schema.terms[one.term_id].title
    count = one.count
    match one.kind:
        case "c":
            text = ngettext("%(table)s: %(count)d row added", "%(table)s: %(count)d rows added", count)
        case "d":
            text = ngettext("%(table)s: %(count)d row deleted", "%(table)s: %(count)d rows deleted", count)
        case "r":
            text = ngettext("%(table)s: %(count)d row restored", "%(table)s: %(count)d rows restored", count)
        case "x":
            text = ngettext("%(table)s: %(count)d row erased", "%(table)s: %(count)d rows erased", count)
        case _:
            text = ngettext("%(table)s: %(count)d row changed", "%(table)s: %(count)d rows changed", count)
    return text % {"table": table, "count": count}


def column(key: str, term: Term) -> str:
    """What people call the column of a key of the history."""
    return term.heading if key == "val" else term.by_id[int(key)].name


def values(found: object, key: str, term: Term) -> str:
    """Values of a cell as people read them, '' for none; of a password nothing."""
    base = term.base if key == "val" else term.by_id[int(key)].base
    if found is None or base is BaseType.PWD:
        return ""
    items: Sequence[Any] = found if isinstance(found, list | tuple) else (found,)
    return ", ".join(_value(item, base) for item in items if item is not None)


def _value(value: Any, base: BaseType) -> str:
    match value:
        case Link():
            return _("no access") if value.hidden else value.label or ""
        case Bad(text):
            return text
        case _:
            return codec(base).display(str(value), reading_locale.current())
