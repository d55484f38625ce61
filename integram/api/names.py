"""What a program may call a column: ``f{id}`` or ``t{id}``, its id, its name or alias, a path of names."""

import re
from typing import Any

from qdm.errors import UnknownField
from qdm.query.ast import MAIN, FieldRef
from qdm.schema import Requisite, Term

_BY_ID = re.compile(r"[ft]([0-9]{1,18})", re.ASCII)


def field(name: Any, term: Term) -> FieldRef:
    """What the binder takes. Raises UnknownField for an id that is no column of the term; names it looks up itself."""
    if isinstance(name, int) and not isinstance(name, bool):
        return _by_id(name, term, str(name))
    if not isinstance(name, str):
        raise UnknownField(fields={str(name): ""})
    match = _BY_ID.fullmatch(name)
    found = named(name, term)
    if match and (int(match[1]) in term.by_id or found is None):
        return _by_id(int(match[1]), term, name)
    return found.id if found is not None else name


def _by_id(wanted: int, term: Term, name: str) -> FieldRef:
    if wanted == term.id:
        return MAIN
    if wanted in term.by_id:
        return wanted
    for requisite in term.requisites:  # a sub-table is also found by its own term
        if requisite.is_subtable and requisite.type_id == wanted:
            return requisite.id
    raise UnknownField(fields={name: ""})


def named(name: str, term: Term) -> Requisite | None:
    """Columns go before the special names, so that one may be called id."""
    return term.by_name.get(name.strip().casefold())


def requisite(name: Any, term: Term) -> Requisite:
    """A column of the term itself. Raises UnknownField."""
    found = field(name, term)
    if isinstance(found, int):
        return term.by_id[found]
    raise UnknownField(fields={str(name): ""})
