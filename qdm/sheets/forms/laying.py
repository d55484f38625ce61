"""The data rows of a sheet laid out beside the table they are for, so that the database finds those that say something
new: a row that is there already never becomes an object here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qdm.access import Access
from qdm.managers import staging
from qdm.query.bound import Field
from qdm.query.compiler import Compiler
from qdm.schema import Term
from qdm.sheets.forms.lines import Run, Sheet, Stored
from qdm.sheets.forms.links import Links, texts_of
from qdm.sheets.forms.plan import FormPlan, field_of
from qdm.sheets.uncollected import uncollected

#: Rows converted and copied at a time: with 10,000 the same takes twice as long, for memory is touched anew.
RUN = 2_000
_NULL = "\\N"
#: What COPY's text format escapes: https://www.postgresql.org/docs/current/sql-copy.html
_SPECIAL = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_ESCAPES = str.maketrans(_SPECIAL)
#: What stands between the quotes of an element of an array.
_QUOTES = str.maketrans({"\\": "\\\\", '"': '\\"'})


@dataclass(frozen=True, slots=True)
class Compared:
    """``rows``: data rows of the sheet; ``lines``: those that are to be looked at -> ids of the records they name;
    ``missing``: ids of records within the plan's scope that no row names."""

    rows: int
    lines: Mapping[int, list[int]]
    missing: list[int]


def compared(plan: FormPlan, term: Term, sheet: Sheet, links: Links, *, access: Access) -> Compared:
    """The sheet beside the records that the actor sees."""
    fields = [field_of(term, source.column) for source in plan.sources]
    places = {source.column: at for at, source in enumerate(plan.sources)}
    keys = [places[column] for column in plan.keys]
    bounds = [places[column] for column in plan.scope]
    compiler = Compiler(access)
    with staging.table(fields):
        with uncollected():
            rows = sum(staging.fill([_lines(run, fields, links)]) for run in sheet.runs(RUN))
        return Compared(
            rows,
            staging.differing(compiler, fields, keys),
            staging.missing(compiler, fields, keys, bounds) if bounds else [],
        )


def _lines(run: Run, fields: Sequence[Field], links: Links) -> bytes:
    odd = set(run.odd)
    columns: list[Sequence[str]] = []
    for (column, values), field in zip(run.columns.items(), fields, strict=True):
        if column in links.sources:
            columns.append(_linked(column, values, field, links, odd))
        elif field.multiple:
            columns.append([_array([_quoted(text) for text in texts_of(value)]) for value in values])
        else:
            columns.append(_plain(values))
    flags = ["t" if at in odd else "f" for at in range(len(run.numbers))]
    return "".join(_rows([list(map(str, run.numbers)), flags, *columns])).encode()


def _rows(columns: Sequence[Sequence[str]]) -> Iterator[str]:
    return ("\t".join(row) + "\n" for row in zip(*columns, strict=True))


def _plain(values: Sequence[Stored]) -> list[str]:
    texts = [value if isinstance(value, str) else None for value in values]
    whole = "".join(filter(None, texts))
    if any(special in whole for special in _SPECIAL):
        texts = [text and text.translate(_ESCAPES) for text in texts]
    return [_NULL if text is None else text for text in texts]


def _linked(column: int, values: Sequence[Stored], field: Field, links: Links, odd: set[int]) -> list[str]:
    """Ids of the records meant; a row with a text that does not mean one is odd."""
    links.look_up(column, {text for value in values for text in texts_of(value)})
    known: dict[object, str | None] = {None: _NULL}
    found: list[str] = []
    for at, value in enumerate(values):
        key = tuple(value) if isinstance(value, list) else value
        if key not in known:
            known[key] = _ids(column, value, field, links)
        text = known[key]
        if text is None:
            odd.add(at)
        found.append(text or _NULL)
    return found


def _ids(column: int, value: Stored, field: Field, links: Links) -> str | None:
    bearers = [links.bearers(column, text) for text in texts_of(value)]
    if any(len(ids) != 1 for ids in bearers):
        return None
    found = [str(ids[0]) for ids in bearers]
    return _array(found) if field.multiple else found[0]


def _array(elements: Sequence[str]) -> str:
    return f"{{{','.join(elements)}}}".translate(_ESCAPES) if elements else _NULL


def _quoted(text: str) -> str:
    return f'"{text.translate(_QUOTES)}"'
