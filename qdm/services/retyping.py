"""A column gets another type: whether it may, its texts in the words of the type, and the node it then hangs on."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import InvalidType, RequisiteNotFound
from qdm.managers import nodes, statements
from qdm.managers.nodes import Node
from qdm.schema import Requisite, Term
from qdm.selectors import fitting, structure
from qdm.services import carriers, modifiers, requisites
from qdm.services.column_types import Spec, carrier
from qdm.sql import statement
from qdm.types.base import BaseType, Locale


def retypable(requisite_id: int, base: BaseType | None, target: int | None = None, *, access: Access) -> Requisite:
    """The column as it is now, if it may get that type. Raises RequisiteNotFound, Forbidden, InvalidType."""
    term_id = access.requisite(requisite_id).term_id
    access.require(Action.MANAGE, term_id)
    standing = structure.schema(access.workspace).requisites.get(requisite_id)
    if standing is None or standing.term_id != term_id:
        raise RequisiteNotFound
    spec = Spec(standing.name, base, target).checked(access.schema)
    if standing.is_reference or spec.target is not None or standing.is_subtable:
        raise InvalidType(_("A column of links cannot become a column of values, nor the other way round."))
    return standing


def retype(column: Requisite, base: BaseType, *, access: Access) -> None:
    """In the caller's batch: the column hangs on a node of that type, its texts as they are. Raises Forbidden."""
    access.require(Action.MANAGE, column.term_id)
    ws = access.schema.pg_schema
    term = requisites.current(column.term_id, access)
    others = Term(term.id, term.name, term.base, tuple(r for r in term.requisites if r.id != column.id))
    made = carrier(Spec(column.name, base), others, structure.schema(access.workspace), {})
    if made.id is None:
        (type_id,) = nodes.reserve(ws, 1)
        nodes.insert(ws, [Node(type_id, 0, made.t, made.val)])
    else:
        type_id = made.id
    nodes.update(ws, [Node(column.id, term.id, type_id, str(column.ordinal))])
    modifiers.store(ws, column.id, {"ALIAS": made.alias})
    carriers.release(column.type_id, access)


def reword(column: Requisite, base: BaseType, locale: Locale, *, access: Access) -> None:
    """In the caller's batch: all texts that fit the type are stored as it stores them; the others stay as they are."""
    ws = access.schema.pg_schema
    found = statements.rows(statement("texts_of_column", ws=ws), {"requisite": column.id})
    changed = dict(_changed((text for (text,) in found), column, base, locale))
    if changed:
        statements.run(
            statement("reword_cells", ws=ws),
            {"requisite": column.id, "texts": list(changed), "become": list(changed.values())},
        )


def misworded(
    column: Requisite, base: BaseType, locale: Locale, after: int, upto: int, *, access: Access
) -> list[tuple[int, str, str]]:
    """Cells among the nodes behind ``after`` that are to be stored otherwise: id, text, and what it becomes."""
    parameters = {"requisite": column.id, "after": after, "upto": upto}
    cells = statements.rows(statement("texts_between", ws=access.schema.pg_schema), parameters)
    become = dict(_changed({text for _id, text in cells}, column, base, locale))
    return [(node, text, become[text]) for node, text in cells if text in become]


def reword_these(cells: list[tuple[int, str, str]], *, access: Access) -> None:
    """In the caller's batch: as ``misworded`` found them, where nobody has changed them since."""
    ids, texts, become = zip(*cells, strict=True)
    parameters = {"ids": list(ids), "texts": list(texts), "become": list(become)}
    statements.run(statement("reword_nodes", ws=access.schema.pg_schema), parameters)


def _changed(texts: Iterable[str], column: Requisite, base: BaseType, locale: Locale) -> Iterator[tuple[str, str]]:
    for text in texts:
        other = fitting.reading(text, column.base, base, locale)
        if other is not None and other != text:
            yield text, other
