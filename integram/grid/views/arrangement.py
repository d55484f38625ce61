"""By which columns a sheet is grouped, and which of them it shows."""

from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integram.grid import form_page, layouts, presenting, sheet_form
from integram.grid.door import in_workspace
from qdm.access import Access
from qdm.schema import Term
from qdm.types.base import BaseType

LEVELS = ("first", "second", "third")


class GroupForm(forms.Form):
    """A column for each level; ``groups`` of its cleaned values are the ids of the chosen ones."""

    first = forms.ChoiceField(label=gettext_lazy("Group by"), required=False)
    second = forms.ChoiceField(label=gettext_lazy("then by"), required=False)
    third = forms.ChoiceField(label=gettext_lazy("then by"), required=False)

    def __init__(self, *args: Any, term: Term, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [("", _("(no column)")), *((str(id_), name) for id_, name, base in _columns(term) if not _secret(base))]
        for level in LEVELS:
            field = self.fields[level]
            assert isinstance(field, forms.ChoiceField)
            field.choices = known

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["groups"] = ",".join(dict.fromkeys(given[level] for level in LEVELS if given.get(level)))
        return given


class ColumnsForm(forms.Form):
    shown = forms.MultipleChoiceField(
        label=gettext_lazy("Columns shown"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("At least one column has to be shown.")},
    )
    frozen = forms.ChoiceField(
        label=gettext_lazy("Columns that stay when the rest is scrolled"),
        choices=[(str(number), str(number)) for number in range(6)],
    )

    def __init__(self, *args: Any, columns: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["shown"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = columns


@in_workspace
def grouping(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    term = access.term(term_id)
    shown = presenting.read(request, term, access, limit=1)
    context = sheet_form.page(request, access, term, shown, heading=_("Group rows"), submit_label=_("Show"))

    def carry_out(values: dict[str, Any]) -> str:
        return sheet_form.address(access, term_id, shown.said_with(group=values["groups"]))

    initial = dict(zip(LEVELS, map(str, shown.asked.groups), strict=False))
    return form_page.serve(
        request, GroupForm(form_page.posted(request), term=term, initial=initial), carry_out, context
    )


@in_workspace
def columns(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    term = access.term(term_id)
    shown = presenting.read(request, term, access, limit=1)
    context = sheet_form.page(request, access, term, shown, heading=_("Columns shown"), submit_label=_("Show"))
    names = {id_: name for id_, name, _base in _columns(term)}
    order = shown.layout.arranged(list(names))

    def carry_out(values: dict[str, Any]) -> str:
        wanted = set(map(int, values["shown"]))
        hidden = frozenset(column for column in order if column not in wanted)
        layout = replace(shown.layout, hidden=hidden, frozen=int(values["frozen"]))
        layouts.remember(request.session, access.workspace, term_id, shown.view, layout.as_plain())
        return sheet_form.address(access, term_id, shown.said)

    form = ColumnsForm(
        form_page.posted(request),
        columns=[(str(column), names[column]) for column in order],
        initial={
            "shown": [str(column) for column in order if column not in shown.layout.hidden],
            "frozen": str(min(shown.layout.frozen, 5)),
        },
    )
    return form_page.serve(request, form, carry_out, context)


def _columns(term: Term) -> list[tuple[int, str, BaseType]]:
    return [(term.id, term.heading, term.base), *((r.id, r.name, r.base) for r in term.cells)]


def _secret(base: BaseType) -> bool:
    return base is BaseType.PWD
