"""How files of one kind become rows of a table: what an upload form knows, as values stored as JSON."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.query.bound import Field, Special
from qdm.schema import Modifier, Term
from qdm.sheets.errors import BadMapping


class Missing(StrEnum):
    """What happens to rows of the table that the file, in its scope, does not have any more."""

    KEEP = "keep"
    MARK = "mark"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the value of one column comes from.

    ``column``: requisite id, the table's id for the main value. The first of these that says anything: the column of
    the file under one of the headings ``names`` (compared without case, the last part of a heading in two lines is
    enough); ``cell`` (``A2``) of the sheet or, with ``from_name``, the name of the file, both through the one group of
    ``pattern`` where that is set; ``constant``; ``default`` where the file's cell is blank. ``template`` puts the text
    into another: ``{}, Красная глина``. ``day_first``: whether 01/02 is the first of February. ``match``: the column of
    the linked table that is compared, None for its main value. ``create``: an unknown name becomes a row there.
    """

    column: int
    names: tuple[str, ...] = ()
    cell: str = ""
    from_name: bool = False
    pattern: str = ""
    constant: str = ""
    default: str = ""
    template: str = ""
    day_first: bool = True
    match: int | None = None
    create: bool = False


@dataclass(frozen=True, slots=True)
class FormPlan:
    """``sheet``: pattern of its name (``Выпуск*``), '' for the first with rows. ``header``: row from 1, 0 to find it.

    ``keys``: columns that together name a row. ``needs``: columns that every data row fills; others, such as totals and
    signatures, are skipped. ``scope``: columns whose values in the file bound what it speaks of: rows of the table
    beyond are never missing. ``mark``, ``mark_as``: the column that missing rows are marked in, and how.
    """

    sources: tuple[Source, ...]
    keys: tuple[int, ...]
    sheet: str = ""
    header: int = 0
    needs: tuple[int, ...] = ()
    missing: Missing = Missing.KEEP
    scope: tuple[int, ...] = ()
    mark: int | None = None
    mark_as: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "FormPlan":
        """Raises BadMapping for anything that is not what ``as_json`` gives."""
        try:
            mark = content.get("mark")
            return cls(
                sources=tuple(Source(**{**one, "names": tuple(one.get("names", ()))}) for one in content["sources"]),
                keys=_columns(content, "keys"),
                sheet=str(content.get("sheet", "")),
                header=int(content.get("header", 0)),
                needs=_columns(content, "needs"),
                missing=Missing(content.get("missing", "keep")),
                scope=_columns(content, "scope"),
                mark=None if mark is None else int(mark),
                mark_as=str(content.get("mark_as", "")),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadMapping from error


def _columns(content: Mapping[str, Any], name: str) -> tuple[int, ...]:
    return tuple(map(int, content.get(name, ())))


def form_term(term_id: int, *, access: Access) -> Term:
    """The table as a form fills it: where its rows lie inside rows of another, that one is a link among its columns.

    Raises TermNotFound; BadMapping where it lies in several tables, or in itself.
    """
    term = access.term(term_id)
    parents = access.schema.parents_of(term_id)
    if not parents:
        return term
    owner = access.schema.terms[parents[0].term_id]
    if len(parents) > 1 or owner is term:
        names = {"table": term.title, "owner": owner.title}
        raise BadMapping(
            _("The rows of “%(table)s” lie inside rows of “%(owner)s”. An upload form cannot fill it.") % names
        )
    alias = (Modifier("ALIAS", owner.title),)
    link = replace(parents[0], term_id=term.id, target=owner.id, base=owner.base, is_subtable=False, modifiers=alias)
    return replace(term, requisites=(link, *term.requisites))


def parent_of(term: Term) -> int | None:
    """The column that is the row it lies in, of a ``form_term``."""
    return next((r.id for r in term.requisites if r.is_reference and r.type_id == term.id), None)


def check(plan: FormPlan, term: Term, *, access: Access) -> None:
    """Raises BadMapping that names the column, Forbidden, UnknownField."""
    access.require(Action.ADD, term.id)
    access.require(Action.CHANGE, term.id)
    if plan.missing is Missing.DELETE:
        access.require(Action.DELETE, term.id)
    columns = [source.column for source in plan.sources]
    if len(set(columns)) < len(columns):
        raise BadMapping(_("A column has two sources."))
    require_columns(plan, term)
    if not plan.keys:
        raise BadMapping(_("Choose the columns that together name a row."))
    if (parent := parent_of(term)) is not None and parent not in plan.keys:
        raise BadMapping(
            _("A row is named by the row it lies in, too: “%(column)s” belongs to what names a row.")
            % {"column": name_of(term, parent)}
        )
    if missing := {*plan.keys, *plan.needs, *plan.scope} - set(columns):
        raise BadMapping(_("“%(column)s” has no source in the file.") % {"column": name_of(term, min(missing))})
    if any((r := term.by_id.get(key)) is not None and r.multiple for key in plan.keys):
        raise BadMapping(_("A column of several values cannot name a row."))
    if plan.missing is Missing.MARK and plan.mark in (None, parent_of(term)):
        raise BadMapping(_("Choose the column that missing rows are marked in."))
    if plan.missing is not Missing.KEEP and not plan.scope:
        raise BadMapping(_("Say what a file speaks of, or every row of the table would be missing."))
    for source in plan.sources:
        _check_source(source, term, access)


def require_columns(plan: FormPlan, term: Term) -> None:
    """Raises BadMapping where a column of the plan is gone, or is none for the sender."""
    mark = () if plan.mark is None else (plan.mark,)
    for column in {*(s.column for s in plan.sources), *plan.keys, *plan.needs, *plan.scope, *mark}:
        requisite = term.by_id.get(column)
        if column != term.id and (requisite is None or requisite.is_subtable):
            raise BadMapping(_("The form fills a column that the table does not have."))


def _check_source(source: Source, term: Term, access: Access) -> None:
    name = name_of(term, source.column)
    if not (source.names or source.cell or source.from_name or source.constant or source.default):
        raise BadMapping(_("“%(column)s” has no source in the file.") % {"column": name})
    if source.cell and re.fullmatch(r"[A-Za-z]{1,3}[1-9]\d{0,6}", source.cell) is None:
        raise BadMapping(_("“%(cell)s” is no address of a cell.") % {"cell": source.cell})
    if source.template and source.template.count("{}") != 1:
        raise BadMapping(_("The template of “%(column)s” needs {} once.") % {"column": name})
    if source.create:
        requisite = term.by_id.get(source.column)
        if requisite is None or requisite.target is None:
            raise BadMapping(_("“%(column)s” is no link.") % {"column": name})
        access.require(Action.ADD, requisite.target)


def field_of(term: Term, column: int) -> Field:
    """The field of the table's records that a column of the plan is."""
    if column == term.id:
        return Field(term, Special.MAIN)
    return Field(term, Special.UP if column == parent_of(term) else term.by_id[column])


def target_of(term: Term, column: int) -> int | None:
    """The table a column leads to; None where it is no link."""
    requisite = term.by_id.get(column)
    return None if requisite is None else requisite.target


def name_of(term: Term, column: int) -> str:
    """What people call a column of the table, its main value among them."""
    return term.heading if column == term.id else term.by_id[column].name if column in term.by_id else str(column)
