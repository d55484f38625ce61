"""The cells of one row as fields of a form, and saving what was changed in them."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from integram.grid import first_rows, reading_locale, wire
from qdm.access import Access
from qdm.errors import QdmError
from qdm.record import Record
from qdm.schema import Term
from qdm.services import files as storing
from qdm.services import records
from qdm.services.writes import Mode, Update, Write
from qdm.types import files
from qdm.types.base import BaseType
from qdm.types.registry import codec

#: Between several values of one field, as they are shown and typed.
SEPARATOR = "\n"
#: Names of files that are shown as pictures, where their first bytes agree (``qdm.services.files``).
PICTURE = re.compile(r"\.(png|jpe?g|gif|webp|bmp)$", re.IGNORECASE)
Given = MultiValueDict[str, Any]


@dataclass(slots=True)
class Field:
    """``text``: the cell as a person reads and types it; several values stand on lines of their own. ``texts``: of a
    field of files, what the cell holds."""

    column: dict[str, Any]
    text: str
    editable: bool
    errors: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"c{self.column['id']}"

    @property
    def choices(self) -> list[str]:
        """What a yes-or-no field may say, empty first; of other fields nothing."""
        if self.column["type"] != "boolean":
            return []
        show = codec(BaseType.BOOLEAN).display
        return ["", show("1", reading_locale.current()), show("0", reading_locale.current())]

    @property
    def files(self) -> list[dict[str, str]]:
        """Of a field of files those that are in it: text, name, address, that of the picture."""
        return [_file(text, self.column) for text in self.texts]

    @property
    def lines(self) -> bool:
        return self.column["type"] in ("memo", "list") or bool(self.column.get("multiple"))


def _file(text: str, column: dict[str, Any]) -> dict[str, str]:
    found = files.parts(text)
    if found is None:
        return {"text": text, "name": text, "url": "", "picture": ""}
    url = f"{column['record']}files/{column['id']}/{found[1]}"
    return {"text": text, "name": found[0], "url": url, "picture": f"{url}?shown" if PICTURE.search(found[0]) else ""}


def title(term: Term, record: Record) -> str:
    return codec(term.base).display(record.val, reading_locale.current()) if record.val else _("(no name)")


def fields(term: Term, record: Record, access: Access) -> list[Field]:
    """The main value and the cells, in the order of the columns."""
    columns = wire.columns(term, access, {})
    bases = (term.base, *(r.base for r in term.cells))
    _id, _version, values = wire.row(record, term)
    page = reverse("grid:record", args=[access.workspace, term.id, record.id])
    return [
        Field(
            column | {"record": page},
            _text(value, base, None if column["edit"] else column.get("format")),
            column["edit"],
            texts=_texts(value) if "files" in column else [],
        )
        for column, value, base in zip(columns, values, bases, strict=True)
    ]


def _texts(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def _text(value: Any, base: BaseType, code: str | None) -> str:
    """What is edited stands whole, without the column's format, which may round."""
    if isinstance(value, list):
        return SEPARATOR.join(first_rows.text(item, base, code) for item in value)
    return first_rows.text(value, base, code)


def save(
    term: Term, record: Record, shown: list[Field], sent: QueryDict, access: Access, given: Given | None = None
) -> bool:
    """Write the fields whose text was changed; False where some was refused (their ``errors`` say why). ``given``:
    files for fields of files."""
    changed: dict[int, object] = {}
    for one in shown:
        if "files" in one.column and one.editable:
            _take_files(one, sent, given or MultiValueDict(), changed, access)
            continue
        text = sent.get(one.name)
        if not one.editable or text is None or text.replace("\r\n", "\n") == one.text:
            continue
        one.text = text.replace("\r\n", "\n")
        changed[one.column["id"]] = one.text.split(SEPARATOR) if one.column.get("multiple") else one.text
    refused = any(one.errors for one in shown)
    if not changed:
        return not refused
    version = sent.get("version", "")
    problems = _carry_out(Update(record.id, changed, int(version) if version.isdigit() else None), term, access)
    for one in shown:
        if (problem := problems.get(one.column["id"])) is not None:
            one.errors.append(problem)
    if 0 in problems:
        shown[0].errors.append(problems[0])
    return not problems and not refused


def _take_files(one: Field, sent: QueryDict, given: Given, changed: dict[int, object], access: Access) -> None:
    """Those that are to go (``<name>-gone``) go, those that came stand beside the others or in the place of the one."""
    gone = set(sent.getlist(f"{one.name}-gone"))
    left = [text for text in one.texts if text not in gone]
    try:
        came = [
            storing.keep(one.column["id"], file.name or "", file.chunks(), access=access).text
            for file in given.getlist(one.name)
        ]
    except QdmError as error:
        one.errors.append(str(error))
        return
    if not came and left == one.texts:
        return
    now = [*left, *came] if one.column["multiple"] else came or left
    changed[one.column["id"]] = now if one.column["multiple"] else now[0] if now else None


def _carry_out(write: Write, term: Term, access: Access) -> dict[int, str]:
    """Column id -> what is wrong with its value; 0: with the row."""
    try:
        (result,) = records.write(
            term.id, [write], access=access, locale=reading_locale.current(), mode=Mode.GOOD, note="grid"
        )
    except QdmError as error:
        return {0: str(error)}
    problems = {column: str(error) for column, error in result.fields.items()}
    return problems if problems or result.error is None else {0: str(result.error)}
