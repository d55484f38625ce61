"""Reading records. Every function takes the Access it reads under; hidden and missing look the same."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import InvalidRequest, RecordNotFound
from qdm.managers import column_uses, ladders, statements
from qdm.managers import records as manager
from qdm.query import cursor as cursors
from qdm.query import grouping, paging, picking
from qdm.query.ast import END, EVERYTHING, MAX_ID, Aggregate, And, Compare, FieldRef, Op, Query
from qdm.query.branches import rule_uses
from qdm.query.compiler import Compiler
from qdm.query.cursor import Cursor
from qdm.query.scope import Scope
from qdm.query.statement import Statement
from qdm.query.uses import uses
from qdm.record import Count, CountKind, Group, Link, Option, Page, Record, Totals, Value
from qdm.types.base import Locale

#: A count goes no further than this unless asked to.
CAP = 10_000


def page(
    term_id: int, query: Query, *, access: Access, locale: Locale | None = None, action: Action = Action.VIEW
) -> Page:
    """A page of the term's records, by cursor or offset, and the cursors beside it.

    ``action``: only records that allow it.

    Raises TermNotFound, UnknownField, BadFilter, InvalidRequest (a cursor of another order), QueryTimeout.
    """
    term = access.term(term_id)
    compiler = Compiler(access, locale, action)
    sorts = compiler.sorts(term, query)
    if query.after is None and query.before is None and not query.offset:
        asked = uses(compiler.binder.filter(query.filter, term), sorts if query.sorts else ())
        column_uses.note(access.schema.pg_schema, [*asked, *rule_uses(Scope(compiler.build(), term), sorts[0])])
    if query.after is not None and query.before is not None:
        raise InvalidRequest(_("A page is after one cursor or before one, not both."))
    backward = query.before is not None
    text = query.before if query.before is not None else query.after
    at_end = query.before == END
    at = cursors.decode(sorts, text) if text is not None and not at_end else None
    manager.look_up_labels(compiler, term, query)
    compiled = paging.page(compiler, term, query, at, backward=backward)
    if not query.limit:  # whoever counts asks for no record: the question has been checked, that is all
        return Page(())
    fetched = manager.page(compiler, compiled, query.limit + 1)

    more = len(fetched.records) > query.limit
    records, keys = fetched.records[: query.limit], fetched.keys[: query.limit]
    if backward:
        records, keys = records[::-1], keys[::-1]
    has_next = more if not backward else bool(not at_end or query.offset)
    has_previous = more if backward else at is not None or query.offset > 0

    def end(place: int) -> str:
        return cursors.encode(sorts, Cursor(keys[place], records[place].id))

    return Page(
        tuple(records),
        next=end(-1) if records and has_next else None,
        previous=end(0) if records and has_previous else None,
    )


def walk(
    term_id: int,
    query: Query,
    *,
    access: Access,
    size: int,
    locale: Locale | None = None,
    action: Action = Action.VIEW,
) -> Iterator[tuple[Record, ...]]:
    """All records of the question, in runs of ``size``, however many there are. Raises as ``page``.

    To see one state of the table, walk inside ``statements.one_state``.
    """
    query = replace(query, limit=size, offset=0, after=None, before=None)
    while True:
        found = page(term_id, query, access=access, locale=locale, action=action)
        yield found.records
        if found.next is None:
            return
        query = replace(query, after=found.next)


def count(
    term_id: int,
    query: Query,
    *,
    access: Access,
    cap: int | None = CAP,
    locale: Locale | None = None,
    action: Action = Action.VIEW,
) -> Count:
    """How many records: exact up to ``cap`` (None: always), beyond it as a ladder says exactly, or estimated.

    Where rights restrict what is counted there is no estimate, because it would be made of unseen rows: then the
    count is capped, and the value says "at least".
    """
    term = access.term(term_id)
    compiler = Compiler(access, locale, action)
    if cap is not None and cap > CAP and (known := ladders.total(compiler, term, query)) is not None:
        return Count(known)
    manager.look_up_labels(compiler, term, query)
    value = _number(compiler.count(term, query, cap))
    if cap is None or value <= cap:
        return Count(value)
    if cap <= CAP and (known := ladders.total(compiler, term, query)) is not None:
        return Count(known)
    statement = compiler.estimate(term, query)
    if statement is None:
        return Count(cap, CountKind.CAPPED)
    return Count(max(statements.expected_rows(statement), value), CountKind.ESTIMATED)


def some(term_id: int, *, access: Access) -> bool:
    """Whether any record of the term is seen. Raises TermNotFound."""
    row = statements.row(*Compiler(access).some(access.term(term_id)))
    return bool(row and row[0])


def get(record_id: int, *, access: Access, fields: Sequence[FieldRef] | None = None) -> Record:
    """One record of any term. Raises RecordNotFound, the same for hidden and missing."""
    if abs(record_id) > MAX_ID:
        raise RecordNotFound
    compiler = Compiler(access)
    likely = None if fields else manager.likely_term(access, record_id)
    if likely is not None:
        found = manager.records(compiler, *compiler.by_ids(likely, [record_id], fields)).records
        if found:
            return found[0]
    # What is in no table is looked for in one all the same, so that missing takes as long as hidden.
    term = manager.term_of(access, record_id)
    any_term = term or next(iter(access.schema.terms.values()), None)
    if any_term is None:
        raise RecordNotFound
    found = manager.records(compiler, *compiler.by_ids(any_term, [record_id], fields if term else None)).records
    if not found:
        raise RecordNotFound
    return found[0]


def by_ids(
    term_id: int, ids: Sequence[int], *, access: Access, fields: Sequence[FieldRef] | None = None
) -> list[Record]:
    """These records of the term in the order of ``ids``; unseen and missing ones are left out."""
    term = access.term(term_id)
    compiler = Compiler(access)
    possible = [i for i in ids if abs(i) <= MAX_ID]
    found = manager.records(compiler, *compiler.by_ids(term, possible, fields)).records
    by_id = {record.id: record for record in found}
    return [by_id[i] for i in dict.fromkeys(ids) if i in by_id]


def options(requisite_id: int, search: str = "", *, access: Access, limit: int = 20, offset: int = 0) -> list[Option]:
    """Records that may be picked for a reference: labels that start with ``search`` first, then those containing it.

    Raises RequisiteNotFound; InvalidRequest for a column that is no reference.
    """
    requisite = access.requisite(requisite_id)
    if requisite.target is None:
        raise InvalidRequest(_("This column is not a link."))
    if limit < 0 or offset < 0:
        raise InvalidRequest(_("Limit and offset cannot be negative."))
    target = access.schema.terms.get(requisite.target)
    if target is None:
        return []
    rows = statements.rows(*picking.options(Compiler(access), target, search, limit, offset))
    return [Option(record_id, label or "") for record_id, label in rows]


def totals(
    term_id: int,
    query: Query,
    aggregates: Sequence[Aggregate] = (),
    *,
    access: Access,
    locale: Locale | None = None,
) -> Totals:
    """Number of records and aggregates over them, in canonical text. Raises as ``page``."""
    term = access.term(term_id)
    compiler = Compiler(access, locale)
    manager.look_up_labels(compiler, term, query)
    ((number, *found),) = statements.rows(*grouping.totals(compiler, term, query, aggregates))
    return Totals(number, tuple(found))


def groups(
    term_id: int,
    query: Query,
    fields: Sequence[FieldRef],
    aggregates: Sequence[Aggregate] = (),
    *,
    access: Access,
    by_count: bool = False,
    locale: Locale | None = None,
) -> list[Group]:
    """Groups of records by one or more fields, with counts and aggregates.

    In the order of the fields (a sort of the query gives its direction), empty last; ``by_count``: largest first.
    ``query.limit`` and ``query.offset`` are of groups.
    """
    if not fields:
        raise InvalidRequest(_("Name at least one column to group by."))
    term = access.term(term_id)
    compiler = Compiler(access, locale)
    manager.look_up_labels(compiler, term, query)
    statement, layout = grouping.groups(compiler, term, query, fields, aggregates, by_count=by_count)
    found = []
    for row in statements.rows(*statement):
        columns = iter(row)
        values: list[Value | None] = []
        for link in layout.links:
            value = next(columns)
            if link:
                label = next(columns) or ""
                values.append(None if value is None else Link(value, label))
            else:
                values.append(value)
        found.append(Group(tuple(values), next(columns), tuple(columns)))
    return found


def distinct(
    term_id: int,
    field: FieldRef,
    query: Query,
    search: str = "",
    *,
    access: Access,
    by_count: bool = False,
    locale: Locale | None = None,
) -> list[Group]:
    """The values of one field with the number of records of each; ``search``: only those that contain the text."""
    if search:
        query = replace(query, filter=And((query.filter, Compare(field, Op.CONTAINS, search))))
    return groups(term_id, query, [field], access=access, by_count=by_count, locale=locale)


def position(record_id: int, term_id: int, query: Query, *, access: Access, locale: Locale | None = None) -> int:
    """How many records stand before this one in the question's order.

    Raises RecordNotFound when it is not among the records of the question.
    """
    term = access.term(term_id)
    if abs(record_id) > MAX_ID:
        raise RecordNotFound
    compiler = Compiler(access, locale)
    keys = statements.row(*compiler.keys_of(term, query, record_id))
    if keys is None:
        raise RecordNotFound
    at = Cursor(keys, record_id)
    rung = ladders.last_before(compiler, term, query, at)
    if rung is None:
        return _number(compiler.position(term, query, at))
    if rung.cursor.id == record_id:
        return rung.place - 1
    return rung.place + _number(compiler.position(term, query, at, rung.cursor))


def beside(
    record_id: int | None, term_id: int, query: Query, *, access: Access, backward: bool = False
) -> Record | None:
    """The record of the question next after the record, which need not be of it; None after the last.

    ``record_id`` None: the first. ``backward``: the one before, the last. Raises RecordNotFound for a start unseen.
    """
    term = access.term(term_id)
    compiler = Compiler(access)
    cursor = None
    if record_id is not None:
        whole = replace(query, filter=EVERYTHING, up=None)
        keys = statements.row(*compiler.keys_of(term, whole, record_id)) if abs(record_id) <= MAX_ID else None
        if keys is None:
            raise RecordNotFound
        cursor = Cursor(keys, record_id)
    one = replace(query, limit=0, offset=0)  # a page has one record more than its limit
    found = manager.page(compiler, paging.page(compiler, term, one, cursor, backward=backward), 1).records
    return found[0] if found else None


def subtable_counts(term_id: int, ids: Iterable[int], *, access: Access) -> Mapping[int, Mapping[int, int]]:
    """Rows seen in each sub-table of each record: record id -> requisite id -> number, zeros left out."""
    term = access.term(term_id)
    subtables = [r for r in term.requisites if r.is_subtable]
    counts: dict[int, dict[int, int]] = {}
    if subtables:
        for requisite_id, parent, number in statements.rows(*Compiler(access).subtable_counts(subtables, ids)):
            counts.setdefault(parent, {})[requisite_id] = number
    return counts


def _number(statement: Statement) -> int:
    """The one number a statement answers; 0 where it has no row."""
    row = statements.row(*statement)
    return int(row[0]) if row is not None else 0
