"""What is exported and imported again is what it was, whatever the type, in every format that can be imported."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qdm.query.ast import Query
from qdm.record import Bad, CellValue, Link, Record
from qdm.selectors import records
from qdm.sheets.body import body
from qdm.sheets.convert import Misfit, converter, plain_text
from qdm.sheets.export.layout import parted
from qdm.sheets.forms.diff import compare
from qdm.sheets.forms.lines import find
from qdm.sheets.forms.plan import FormPlan, Source
from qdm.sheets.infer import infer
from qdm.sheets.into import into_term
from qdm.sheets.proposal import ColumnPlan
from qdm.sheets.reading.spool import spool_path
from qdm.sheets.supervisor import read_file
from qdm.types import codec
from qdm.types.base import BaseType, Locale
from tests.db.exports.conftest import Export
from tests.db.selectors.recruiting import Recruiting

pytestmark = pytest.mark.django_db

# Controls other than these are no text of a sheet: XML cannot hold them, and CSV readers take NUL for binary data.
texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], include_characters="\t\n", exclude_characters="\ufeff"),
    min_size=1,
    max_size=40,
) | st.sampled_from(
    ["=1+1", "'=x", "+7 912 345-67-89", "000123", "1 234,5", "ИСТИНА", "01.02.2025", "#N/A x", " a  b ", "_x000D_"]
)
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str) | st.integers(-(10**25), 10**25).map(
    str
)
floats = st.floats(-1e300, 1e300, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-300)
days = st.dates(date(1000, 1, 1), date(9999, 12, 31)).map(date.isoformat)
moments = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)


def canonical(base: BaseType, raw: object) -> str:
    text = codec(base).parse(raw, Locale("en"))
    return "0" if text is None else text


rows = st.fixed_dictionaries(
    {},
    optional={
        "note": texts,
        "salary": numbers.map(lambda raw: canonical(BaseType.NUMBER, raw)),
        "rate": floats.map(lambda raw: canonical(BaseType.FLOAT, raw)),
        "born": days,
        "seen": moments.map(lambda raw: canonical(BaseType.DATETIME, raw)),
        "active": st.sampled_from(["0", "1"]),
        "code": st.uuids().map(str),
        "skills": st.lists(texts.map(str.strip).filter(bool), min_size=1, max_size=3, unique=True),
        "scores": st.lists(numbers.map(lambda raw: canonical(BaseType.NUMBER, raw)), min_size=1, max_size=3),
    },
)


@pytest.mark.parametrize("format_name", ["xlsx", "csv", "ods"])
@settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
@given(found=st.lists(rows, min_size=1, max_size=12))
def test_export_and_import_change_nothing(
    w: Recruiting, export: Export, tmp_path: Path, format_name: str, found: list[dict[str, object]]
) -> None:
    department = w.nodes.record(w.department, "Отдел; «А»")
    ids = [
        w.nodes.record(w.candidate, f"Имя {n}", {getattr(w, k): v for k, v in row.items()} | {w.dept: department})
        for n, row in enumerate(found)
    ]
    w.nodes.write()
    before = {record.id: record for record in records.by_ids(w.candidate, ids, access=w.owner)}
    after = imported(w, export(format_name, Query(), with_ids=True), tmp_path)
    names = {r.name: r.id for r in w.schema.terms[w.candidate].cells}
    for record_id, record in before.items():
        row = after[record_id]
        assert row["Кандидат"] == record.val
        for name, requisite in names.items():
            requisite_is = w.schema.requisites[requisite]
            assert same(shown(record, requisite), row.get(name), requisite_is.base, requisite_is.multiple), (
                name,
                record,
            )


def _trimmed(row: dict[str, object]) -> dict[str, object]:
    """What a form takes for no value of its column is not there: blanks at the ends of a text, and a number of more
    digits than a spreadsheet holds, which is a text there (an account, a card)."""
    trimmed = {name: value.strip() if isinstance(value, str) else value for name, value in row.items()}
    long = {name for name in ("salary", "rate") if len(str(trimmed.get(name, ""))) > 15}
    return {name: value for name, value in trimmed.items() if value and name not in long}


@pytest.mark.parametrize("format_name", ["xlsx", "csv", "ods"])
@settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
@given(found=st.lists(rows.map(_trimmed), min_size=1, max_size=12))
def test_an_export_sent_to_an_upload_form_changes_nothing(
    w: Recruiting, export: Export, tmp_path: Path, format_name: str, found: list[dict[str, object]]
) -> None:
    department = w.nodes.record(w.department, f"Отдел; «{uuid4()}»")
    for n, row in enumerate(found):
        cells = {getattr(w, k): v for k, v in row.items()} | {w.dept: department}
        w.nodes.record(w.candidate, f"Имя {uuid4()} {n}", cells)
    w.nodes.write()
    term = w.schema.terms[w.candidate]
    names = [(term.id, term.heading), *((r.id, r.name) for r in term.cells)]
    plan = FormPlan(tuple(Source(column, (name,)) for column, name in names), (term.id,))
    folder = tmp_path / "spool"
    folder.mkdir(exist_ok=True)
    path = export(format_name, Query())
    sheet = find(plan, term, read_file(path, folder, "t"), folder, path.name)
    with transaction.atomic():
        diff = compare(plan, term, sheet, access=w.owner)
    assert [(change.line, change.values) for change in [*diff.new, *diff.changed]] == []
    assert [problem for line in diff.bad for problem in line.problems] == []
    assert diff.same >= len(found)


def imported(w: Recruiting, path: Path, tmp_path: Path) -> dict[int, dict[str, str | None]]:
    """Id -> heading -> what the import would store."""
    folder = tmp_path / "spool"
    folder.mkdir(exist_ok=True)
    reading = read_file(path, folder, "t")
    plan = infer("t", reading, folder, schema=w.schema, locale=Locale("ru"))
    (table,) = into_term(plan, w.schema.terms[w.candidate]).tables
    found = {}
    for _number, cells in body(spool_path(folder, 0), table.first_row, table.merged):
        row = {column.name: _stored(column, cells) for column in table.columns}
        found[int(row["ID"] or 0)] = row
    return found


def _stored(column: ColumnPlan, cells: list[object]) -> str | None:
    cell = cells[column.index] if column.index < len(cells) else None
    if column.name in ("ID", "Балл", "Навык"):
        return plain_text(cell, column)
    value = converter(column)(cell)
    return value.text if isinstance(value, Misfit) else value


def shown(record: Record, requisite: int) -> CellValue | None:
    return record.cells.get(requisite)


def same(value: CellValue | None, text: str | None, base: BaseType, multiple: bool) -> bool:
    if value is None or text is None:
        return value is None and text is None
    if isinstance(value, tuple):
        parts = parted(text)
        return len(parts) == len(value) and all(same(v, p, base, False) for v, p in zip(value, parts, strict=True))
    if isinstance(value, Link):
        return value.label == text
    if isinstance(value, Bad):
        return value.text == text
    if base is BaseType.FLOAT:
        return float(value) == float(text.replace(",", "."))
    if base is BaseType.NUMBER:
        return Decimal(value) == Decimal(text.replace(",", "."))
    return value == text
