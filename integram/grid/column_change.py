"""The form of a column as one change: name, properties and constraints together or not at all."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integram.grid import reading_locale
from integram.grid.column_forms import LINK
from qdm.access import Access
from qdm.errors import NotUnique, ValueRequired
from qdm.schema import Requisite, Term
from qdm.selectors import records, standing
from qdm.services import columns, requisites
from qdm.services.column_types import LIMIT, Spec
from qdm.services.transaction import batch
from qdm.sheets import reshaping
from qdm.types.base import BaseType
from qdm.types.registry import codec

PROPERTIES = ("description", "default", "format", "align")
FLAGS = {"required": "NOT NULL", "unique": "UNIQUE", "multiple": "MULTIPLE"}


def spec(values: dict[str, Any]) -> Spec:
    """What the form asks for, as the service of columns takes it."""
    base, target = _type(values["type"])
    return Spec(values["name"], base, target, **{name: values[name] for name in FLAGS})


def default_of(column: Requisite, *, access: Access) -> str:
    """The value of a new row as a person reads and types it; '' for none, or for a row he does not see."""
    text = column.modifier("DEFAULT") or ""
    if not text or column.target is None:
        return text if text.startswith("@") else codec(column.base).display(text, reading_locale.current())
    found = records.by_ids(column.target, [int(text)], access=access, fields=()) if text.isdigit() else []
    return found[0].val if found else ""


def name_of_copy(column: Requisite, term: Term) -> str:
    """A free name for a copy."""
    taken = {r.name.casefold() for r in term.requisites}
    for number in range(1, len(taken) + 2):
        ending = _(" (copy)") if number == 1 else _(" (copy %(number)d)") % {"number": number}
        name = column.name[: LIMIT - len(ending)] + ending
        if name.casefold() not in taken:
            break
    return name


def of_the_worker(column: Requisite, values: dict[str, Any], *, access: Access) -> dict[str, bool]:
    """Constraints of the form that take long to set or take away in a large table."""
    changed = {FLAGS[name]: bool(values[name]) for name in FLAGS if values[name] != bool(getattr(column, name))}
    slow = {name: wanted for name, wanted in changed.items() if name in reshaping.FLAGS}
    return slow if slow and reshaping.is_large(column.id, access=access) else {}


def hold_against_rows(
    column: Requisite, values: Mapping[str, Any], *, later: Collection[str] = (), access: Access
) -> None:
    """Constraints the form sets, against the rows there are; what the worker sets he holds against them himself.

    Raises ValueRequired with the rows that have nothing in the column, NotUnique with the values that repeat.
    """
    locale = reading_locale.current()
    if values["required"] and not column.required:
        number, names = standing.unfilled(column.id, access=access, locale=locale)
        if number:
            raise ValueRequired(
                ngettext(
                    "%(count)d row has nothing in this column: %(rows)s. Fill it in first.",
                    "%(count)d rows have nothing in this column: %(rows)s. Fill them in first.",
                    number,
                )
                % {"count": number, "rows": _listed(names, more=number > len(names))},
                fields={"required": ""},
            )
    if values["unique"] and not column.unique and not values["multiple"] and FLAGS["unique"] not in later:
        texts = standing.repeated(column.id, access=access, locale=locale)
        if texts:
            listed = _listed(texts, more=len(texts) >= standing.SHOWN)
            raise NotUnique(
                _("Some values stand in several rows: %(values)s.") % {"values": listed}, fields={"unique": ""}
            )


def _listed(texts: list[str], *, more: bool) -> str:
    quoted = ", ".join(_("“%(text)s”") % {"text": text[:100]} for text in texts)
    return f"{quoted}…" if more else quoted


def carry_out(
    column: Requisite, values: dict[str, Any], before: Mapping[str, Any], *, later: Collection[str] = (), access: Access
) -> None:
    """Bring the column to what the form says; ``before``: what it showed; ``later``: constraints that are the worker's.
    Raises what the services of columns raise."""
    given: dict[str, Any] = {
        modifier: values[name]
        for name, modifier in FLAGS.items()
        if values[name] != bool(getattr(column, name)) and modifier not in later
    }
    for name in PROPERTIES:
        if name in values and values[name] != (before[name] or ""):
            given[name] = values[name]
    with batch(access, "change_column"):
        if values["name"] != column.name:
            columns.rename(column.id, values["name"], access=access)
        if given:
            requisites.set_modifiers(column.id, given, access=access, locale=reading_locale.current())


def _type(choice: str) -> tuple[BaseType | None, int | None]:
    if choice.startswith(LINK):
        return None, int(choice.removeprefix(LINK))
    return BaseType(int(choice)), None
