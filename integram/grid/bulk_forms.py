"""The forms of a change of many rows, and the rows its address names."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integram.grid import as_shown, question, reading_locale, wire
from integram.grid.record_form import SEPARATOR
from qdm.access import Access
from qdm.errors import InvalidRequest
from qdm.models import BulkJob
from qdm.schema import Term
from qdm.selectors.chosen import Chosen
from qdm.services.bulk import Change, Deleting, Duplicating, Setting
from qdm.types.base import BaseType
from qdm.types.registry import codec

Kind = BulkJob.Kind


class BulkForm(forms.Form):
    """``expected``: how many rows the user is told there are."""

    expected = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def change(self) -> Change:
        """What is to be done, of a valid form."""
        return Deleting()


class DuplicateForm(BulkForm):
    below = forms.BooleanField(label=_("With their rows in sub-tables"), required=False, initial=True)

    def __init__(self, *args: Any, term: Term, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not any(r.is_subtable for r in term.requisites):
            del self.fields["below"]

    def change(self) -> Change:
        return Duplicating(below=self.cleaned_data.get("below", True))


class SetForm(BulkForm):
    """A value as a person types it into one of the columns he may write to."""

    column = forms.TypedChoiceField(label=_("Column"), coerce=int)
    value = forms.CharField(
        label=_("Value"),
        required=False,
        strip=False,
        help_text=_("Empty: the cells are emptied."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, columns: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._columns = {column["id"]: column for column in columns if column["edit"]}
        field = self.fields["column"]
        assert isinstance(field, forms.TypedChoiceField)
        field.widget = _Columns(self._columns)
        field.choices = [(column["id"], column["name"]) for column in self._columns.values()]

    def change(self) -> Change:
        column = self._columns[self.cleaned_data["column"]]
        text: str = self.cleaned_data["value"].replace("\r\n", "\n")
        several = column.get("multiple")
        lines = [line for line in text.split(SEPARATOR) if line.strip()]
        return Setting(column["id"], lines if several else text if text.strip() else None)


class _Columns(forms.Select):
    """Each choice tells what bulk-value.js offers for it."""

    def __init__(self, columns: Mapping[int, dict[str, Any]]) -> None:
        super().__init__()
        self._columns = columns

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        column = self._columns.get(value, {})
        if "options" in column:
            option["attrs"]["data-options"] = column["options"]
        if column.get("type") == "boolean":
            show = codec(BaseType.BOOLEAN).display
            option["attrs"]["data-words"] = SEPARATOR.join(show(v, reading_locale.current()) for v in "10")
        if column.get("multiple") or column.get("type") in ("memo", "list"):
            option["attrs"]["data-lines"] = ""
        return option


def chosen(term: Term, address: Mapping[str, str], *, access: Access) -> Chosen:
    """``ids=1,2``, or ``first`` and ``last`` of the rows the address asks for, or all of these. Raises as
    ``question.read`` and ``question.ids``."""
    asked = as_shown.read(term, address, access=access)
    if "ids" in address:
        return Chosen(asked.query, ids=tuple(question.ids(address["ids"])))
    return Chosen(asked.query, _id(address, "first"), _id(address, "last"))


def form(kind: str, term: Term, address: Mapping[str, str], sent: Any, rows: int, *, access: Access) -> BulkForm:
    """For so many rows; the column the address names is chosen."""
    initial: dict[str, Any] = {"expected": rows}
    if kind == Kind.DELETE:
        return BulkForm(sent, initial=initial)
    if kind == Kind.DUPLICATE:
        return DuplicateForm(sent, initial=initial | {"below": True}, term=term)
    initial["column"] = _id(address, "column")
    return SetForm(sent, initial=initial, columns=wire.columns(term, access, {}))


def words(kind: str, rows: int) -> dict[str, str]:
    """Heading and button; both say how many rows."""
    number = {"rows": number_format(rows, force_grouping=True)}
    headings = {
        Kind.SET: ngettext("Set a value in %(rows)s row", "Set a value in %(rows)s rows", rows),
        Kind.DELETE: ngettext("Delete %(rows)s row", "Delete %(rows)s rows", rows),
        Kind.DUPLICATE: ngettext("Duplicate %(rows)s row", "Duplicate %(rows)s rows", rows),
    }
    text = headings[Kind(kind)] % number
    return {"heading": text, "submit_label": text}


def _id(address: Mapping[str, str], name: str) -> int | None:
    text = address.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InvalidRequest
    return int(text)
