"""The structure of a workspace: its schema, and the tables an actor sees."""

import re
from collections import defaultdict

from qdm.access import Access
from qdm.errors import WorkspaceNotFound
from qdm.managers import statements
from qdm.models import SLUG_PATTERN
from qdm.schema import FIRST_FREE_ID, FLAGS, MODIFIERS, Modifier, ReferenceTerm, Requisite, Schema, Term
from qdm.sql import statement
from qdm.types.base import BaseType

_MODIFIER_NAMES = {node_id: name for name, node_id in MODIFIERS.items()}
#: workspace -> its schema at the version last read. A version number is never given twice, so a hit is never stale.
_known: dict[str, Schema] = {}


def schema(workspace: str) -> Schema:
    """The unpruned schema, as of now. For building an ``Access``; everything else takes it from there.

    One statement when the structure has not changed since this process last read it, else two.
    Raises WorkspaceNotFound.
    """
    if not re.match(SLUG_PATTERN, workspace):
        raise WorkspaceNotFound
    found = statements.row(statement("schema_version"), {"ws": f"ws_{workspace}"})
    return at(workspace, found[0] if found else None)


def at(workspace: str, version: int | None) -> Schema:
    """The unpruned schema, of which the version has just been read (None: there is no such workspace). As ``schema``.

    No statement when the structure is known to this process, else one.
    """
    if version is None:
        _known.pop(workspace, None)
        raise WorkspaceNotFound
    known = _known.get(workspace)
    if known is None or known.version != version:
        known = _known[workspace] = _read(workspace)
    return known


def _read(workspace: str) -> Schema:
    row = statements.row(statement("schema", ws=f"ws_{workspace}"))
    if row is None:
        raise WorkspaceNotFound
    version = row[0]
    terms, requisites, modifier_rows, indexes = map(statements.document, row[1:])
    modifiers: dict[int, list[Modifier]] = defaultdict(list)
    for owner, kind, value in modifier_rows:
        name = _MODIFIER_NAMES[kind]
        modifiers[owner].append(Modifier(name, "" if name in FLAGS else value or ""))
    names = {term_id: name for term_id, name, _base, _target, _projected in terms}
    columns: dict[int, list[Requisite]] = defaultdict(list)
    used = set()
    for requisite_id, term_id, type_id, ordinal, base, target, subtable in requisites:
        used.add(type_id)
        columns[term_id].append(
            Requisite(
                id=requisite_id,
                term_id=term_id,
                type_id=type_id,
                type_name=names.get(type_id) or names.get(target) or "",
                ordinal=ordinal,
                base=BaseType(base),
                target=target,
                is_subtable=subtable,
                modifiers=tuple(modifiers[requisite_id]),
            )
        )
    return Schema(
        workspace=workspace,
        version=version,
        terms={
            term_id: Term(
                id=term_id,
                name=name or "",
                base=BaseType(base),
                requisites=tuple(columns[term_id]),
                modifiers=tuple(modifiers[term_id]),
                is_used=term_id in used,
                projected=projected,
            )
            for term_id, name, base, target, projected in terms
            if target is None
        },
        references={
            term_id: ReferenceTerm(term_id, target, name)
            for term_id, name, _base, target, _projected in terms
            if target is not None
        },
        indexes=frozenset(indexes),
    )


def tables(*, access: Access) -> list[Term]:
    """What people call tables: terms of their own, in order of title.

    Left out are seeded terms nobody has touched and terms that are only the type of a column.
    """
    found = [term for term in access.schema.terms.values() if is_table(term)]
    return sorted(found, key=lambda term: term.title.casefold())


def is_table(term: Term) -> bool:
    """Whether people see the term as a table: its own columns or rows, or made by them and no column's type."""
    if term.id < FIRST_FREE_ID:
        return False
    return term.projected or not term.is_used
