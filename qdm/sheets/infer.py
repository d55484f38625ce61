"""From the spool of a file to a proposal of what its import will do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from qdm.schema import Schema, Term
from qdm.sheets.body import body, downward
from qdm.sheets.headers import SEARCHED, Header, distinct_names, find_header
from qdm.sheets.kinds import Kind
from qdm.sheets.links import link_tables, main_column, with_directories
from qdm.sheets.proposal import ColumnPlan, DirectoryPlan, FormulaNote, Proposal, TablePlan
from qdm.sheets.reading.facts import Format, SheetFacts
from qdm.sheets.reading.spool import read_rows, spool_path
from qdm.sheets.study import Study, study
from qdm.sheets.supervisor import Reading
from qdm.types.base import BaseType, Locale

#: Data rows kept in the proposal for the preview.
PREVIEW_ROWS = 20
#: Rows from which on a column without a repetition is no accident.
_MIN_UNIQUE = 20
#: Kinds for which UNIQUE is proposed: names and phones may well repeat one day.
_CODES = frozenset({Kind.INT, Kind.CODE, Kind.UUID})


def infer(
    file: str,
    reading: Reading,
    folder: Path,
    *,
    schema: Schema,
    locale: Locale,
    headers: Mapping[int, int] | None = None,
) -> Proposal:
    """Proposal for the file in the spool. ``schema``: what the user sees of the workspace, so that names do not clash.

    ``headers``: sheet number -> header row the user chose, -1 for none.
    """
    tables, studies = [], []
    for number in range(len(reading.sheets)):
        table, columns = _table(reading, number, folder, locale, (headers or {}).get(number))
        tables.append(table)
        studies.append(columns)
    linked = link_tables(_free_names(tables, schema), studies, folder)
    linked, directories = with_directories(linked, studies)
    linked, directories = _known_directories(linked, directories, schema)
    return Proposal(
        file,
        reading.kind,
        linked,
        directories,
        reading.encoding,
        reading.delimiter,
        tuple(_notes(reading, linked)),
    )


def _table(
    reading: Reading, number: int, folder: Path, locale: Locale, forced: int | None
) -> tuple[TablePlan, list[Study]]:
    facts = reading.sheets[number]
    path = spool_path(folder, number)
    head = list(islice(read_rows(path), SEARCHED + 1)) if facts.rows else []
    header = find_header(head, facts, forced)
    first_row = header.last + 1
    merged = downward(facts.merged, first_row)
    studies = study(path, first_row, facts, merged, locale, is_typed=reading.kind != "csv")
    plans = _columns(header, facts, studies)
    kept = {plan.index for plan in plans}
    rows = max((s.filled + s.blanks for s in studies), default=0)
    table = TablePlan(
        key=f"sheet:{number}",
        sheet=facts.name,
        name=facts.name.strip() or _("Sheet %(number)d") % {"number": number + 1},
        columns=tuple(plans),
        main=main_column(plans, [studies[plan.index] for plan in plans]),
        skip=not facts.visible or not rows,
        visible=facts.visible,
        header=header.first,
        first_row=first_row,
        rows=rows,
        title=header.title,
        merged=merged,
        formulas=tuple(
            FormulaNote(column, f.count, f.example, f.without_value) for column, f in sorted(facts.formulas.items())
        ),
        sample=tuple(row for _number, row in islice(body(path, first_row, merged), PREVIEW_ROWS)),
    )
    return table, [study for index, study in enumerate(studies) if index in kept]


def _columns(header: Header, facts: SheetFacts, studies: Sequence[Study]) -> list[ColumnPlan]:
    """Plans of the columns that hold anything or have a header."""
    kept = [index for index in range(facts.width) if header.names[index] or studies[index].filled]
    names = dict(zip(kept, distinct_names([_named(header, index) for index in kept]), strict=True))
    return [
        _column(index, header.names[index], names[index], studies[index], facts.formats.get(index)) for index in kept
    ]


def _named(header: Header, index: int) -> str:
    return header.names[index] or _("Column %(number)d") % {"number": index + 1}


def _column(index: int, header: str, name: str, found: Study, form: Format | None) -> ColumnPlan:
    verdict = found.verdict
    base, shown_as, zeros = verdict.base, "", 0
    if form and form.numbers and base is BaseType.NUMBER:
        if form.padded == form.numbers:  # shown as 000123: digits that are a name
            base, zeros = BaseType.CHARS, form.zeros
        else:
            shown_as = "%" if form.percent * 2 > form.numbers else form.currency
    codes = verdict.kind in _CODES or zeros > 0
    unique = found.is_key and codes and found.filled >= _MIN_UNIQUE
    return ColumnPlan(
        index=index,
        header=header,
        name=name,
        base=base,
        unique=unique,
        required=unique,
        kind=Kind.CODE if zeros else verdict.kind,
        fit=round(verdict.fit, 4),
        filled=found.filled,
        blanks=found.blanks,
        errors=found.errors,
        is_unique=found.is_unique,
        distinct=None if found.spellings is None else len(found.spellings),
        unit=verdict.unit,
        shown_as=shown_as,
        zeros=zeros,
        language=verdict.language,
        day_first=verdict.day_first,
        samples=found.samples,
    )


def keeps_name(term: Term) -> bool:
    """Whether the name is taken for good: the mere type of a column gives its name up for a table."""
    return term.projected or not term.is_used


def _free_names(tables: Sequence[TablePlan], schema: Schema) -> list[TablePlan]:
    """Table names that neither the workspace nor another sheet has."""
    taken = {name for name, term in schema.by_name.items() if keeps_name(term)}
    result = []
    for table in tables:
        name, number = table.name, 1
        while name.casefold() in taken:
            number += 1
            name = f"{table.name} ({number})"
        taken.add(name.casefold())
        result.append(replace(table, name=name))
    return result


def _known_directories(
    tables: tuple[TablePlan, ...], directories: tuple[DirectoryPlan, ...], schema: Schema
) -> tuple[tuple[TablePlan, ...], tuple[DirectoryPlan, ...]]:
    """A directory the workspace has already is used; a name that something else there has gets another."""
    targets = {}
    kept = []
    for directory in directories:
        known = schema.by_name.get(directory.name.casefold())
        if known is None or not keeps_name(known):
            kept.append(directory)
        elif known.base is BaseType.CHARS and not any(column.required for column in known.requisites):
            targets[directory.key] = f"term:{known.id}"
        else:
            kept.append(replace(directory, name=_("%(name)s (list)") % {"name": directory.name}))
    renamed = tuple(
        replace(table, columns=tuple(replace(c, target=targets.get(c.target, c.target)) for c in table.columns))
        for table in tables
    )
    return renamed, tuple(kept)


def _notes(reading: Reading, tables: Sequence[TablePlan]) -> Iterator[str]:
    """What the user should know before he says yes."""
    if reading.kind == "xlsm":
        yield _("The workbook has macros. They are not run and not transferred.")
    for table in tables:
        named = {"sheet": table.sheet}
        if not table.visible:
            yield _("The sheet “%(sheet)s” is hidden; it is left out unless you take it in.") % named
        elif not table.rows:
            yield _("The sheet “%(sheet)s” has no rows; it is left out.") % named
        if table.merged:
            yield _("“%(sheet)s”: the value of %(count)d merged areas is repeated in each of their rows.") % {
                **named,
                "count": len(table.merged),
            }
        if formulas := sum(note.count for note in table.formulas):
            yield _("“%(sheet)s”: %(count)d formulas are taken by value and not transferred.") % {
                **named,
                "count": formulas,
            }
        if missing := sum(note.without_value for note in table.formulas):
            yield _(
                "“%(sheet)s”: %(count)d formulas have no stored value. Open the file in Excel and save it to have them."
            ) % {**named, "count": missing}
        if errors := sum(column.errors for column in table.columns):
            yield _("“%(sheet)s”: %(count)d cells hold an error such as #N/A; they are kept as text and listed.") % {
                **named,
                "count": errors,
            }
        for column in table.columns:
            if column.unit and column.base in (BaseType.NUMBER, BaseType.FLOAT):
                yield _("“%(sheet)s”: numbers of the column “%(column)s” are stored without the sign %(sign)s.") % {
                    **named,
                    "column": column.name,
                    "sign": column.unit,
                }
