"""The plan of an upload form as a page's form: a line for each column of the table, and back."""

from dataclasses import dataclass

from django.http import QueryDict

from qdm.schema import Term
from qdm.sheets.forms.plan import FormPlan, Missing, Source, parent_of


@dataclass(frozen=True, slots=True)
class Line:
    """One column: ``source`` as it is so far; whether it is a key, needed, of the scope."""

    id: int
    name: str
    source: Source
    key: bool
    needed: bool
    scope: bool
    is_link: bool


def lines(term: Term, plan: FormPlan | None) -> list[Line]:
    """The main value and every column; without a plan each is looked for under its own name."""
    columns = [(term.id, term.heading, False), *((r.id, r.name, r.is_reference) for r in term.cells)]
    known = {source.column: source for source in plan.sources} if plan else {}
    found = []
    for column, name, is_link in columns:
        fresh = Source(column, () if plan else (name,))
        found.append(
            Line(
                column,
                name,
                known.get(column, fresh),
                plan is not None and column in plan.keys,
                plan is not None and column in plan.needs,
                plan is not None and column in plan.scope,
                is_link,
            )
        )
    return found


def read(term: Term, sent: QueryDict) -> FormPlan:
    """The plan of a form that was sent; columns without any source are left out. Raises BadMapping."""
    sources = []
    for column in [term.id, *(r.id for r in term.cells)]:
        source = _source(column, sent)
        if source.names or source.cell or source.from_name or source.constant or source.default:
            sources.append(source)
    header, mark = sent.get("header", ""), sent.get("mark", "")
    return FormPlan(
        sources=tuple(sources),
        keys=_chosen(term, sent, "key"),
        sheet=sent.get("sheet", "").strip(),
        header=int(header) if header.isdigit() and len(header) < 6 else 0,
        needs=_chosen(term, sent, "needed"),
        missing=next((way for way in Missing if way == sent.get("missing")), Missing.KEEP),
        scope=_chosen(term, sent, "scope"),
        mark=int(mark) if mark.isdigit() and len(mark) < 19 else None,
        mark_as=sent.get("mark_as", ""),
    )


def _source(column: int, sent: QueryDict) -> Source:
    def text(name: str) -> str:
        return sent.get(f"{name}-{column}", "").strip()

    return Source(
        column,
        names=tuple(name.strip() for name in text("names").split(";") if name.strip()),
        cell=text("cell"),
        from_name=f"from_name-{column}" in sent,
        pattern=text("pattern"),
        constant=text("constant"),
        default=text("default"),
        template=text("template"),
        day_first=f"month_first-{column}" not in sent,
        create=f"create-{column}" in sent,
    )


def _chosen(term: Term, sent: QueryDict, name: str) -> tuple[int, ...]:
    return tuple(c for c in [term.id, *(r.id for r in term.cells)] if f"{name}-{c}" in sent)


def marked_columns(term: Term) -> list[tuple[int, str]]:
    """Columns that missing rows may be marked in."""
    return [(r.id, r.name) for r in term.cells if not r.multiple and r.id != parent_of(term)]


def percentage(text: str) -> float | None:
    """None for blank; what is no number becomes -1, which the form refuses."""
    text = text.strip().replace(",", ".")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return -1.0
