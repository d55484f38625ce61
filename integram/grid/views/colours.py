"""The colours of a sheet by conditions on one of its columns: what there is, and one more."""

from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integram.grid import acts, colouring, filter_words, form_page, layouts, presenting, question, sheet_form
from integram.grid.door import in_workspace
from qdm.access import Access
from qdm.query.ast import Op
from qdm.schema import Requisite, Term
from qdm.view_spec import MOST_COLOURS, WHOLE_ROW, Colour


class ColoursForm(forms.Form):
    """``rules``: numbers of the rules that stay; the rest says one more, or nothing."""

    rules = forms.MultipleChoiceField(
        label=gettext_lazy("Rules that stay"), widget=forms.CheckboxSelectMultiple, required=False
    )
    op = forms.ChoiceField(label=gettext_lazy("Colour where the value"), required=False)
    value = forms.CharField(
        label=gettext_lazy("Value"),
        help_text=gettext_lazy(
            "Several values stand between semicolons; a period is written @this_month or @last_30_days."
        ),
        max_length=500,
        required=False,
    )
    value_to = forms.CharField(label=gettext_lazy("to"), max_length=200, required=False)
    colour = forms.ChoiceField(
        label=gettext_lazy("Colour"), choices=list(colouring.NAMES.items()), widget=forms.RadioSelect, initial="green"
    )
    whole = forms.BooleanField(label=gettext_lazy("The whole row"), required=False)

    def __init__(self, *args: Any, rules: list[str], kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"rules": [str(at) for at in range(len(rules))]}} | kwargs)
        self._choices("op", [("", _("(no rule)")), *((op.value, filter_words.operator(op)) for op in _offered(kind))])
        if rules:
            self._choices("rules", [(str(at), text) for at, text in enumerate(rules)])
        else:
            del self.fields["rules"]

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


@in_workspace
def change(request: HttpRequest, access: Access, term_id: int, column_id: int) -> HttpResponseBase:
    term = access.term(term_id)
    question.check_group(column_id, term, access)
    column: Term | Requisite = term if column_id == term_id else term.by_id[column_id]
    shown = presenting.read(request, term, access, limit=1)
    heading = _("Colours by “%(name)s”") % {"name": term.heading if column_id == term_id else column.name}
    context = sheet_form.page(request, access, term, shown, heading=heading, submit_label=_("Show"))
    own = [rule for rule in shown.layout.colours if rule.where.field == column_id]

    def carry_out(values: dict[str, Any]) -> str:
        kept = set(map(int, values.get("rules", ())))
        rules = [rule for rule in shown.layout.colours if rule not in own or own.index(rule) in kept]
        if values["op"]:
            where = colouring.condition(column_id, Op(values["op"]), values["value"], values["value_to"], term, access)
            rules.append(Colour(WHOLE_ROW if values["whole"] else column_id, where, values["colour"]))
        layout = replace(shown.layout, colours=tuple(dict.fromkeys(rules))[:MOST_COLOURS])
        layouts.remember(request.session, access.workspace, term_id, shown.view, layout.as_plain())
        acts.remember(request.session, access.workspace, term_id, {"colours": acts.plain_colours(shown.layout)})
        return sheet_form.address(access, term_id, shown.said)

    form = ColoursForm(
        form_page.posted(request),
        rules=[colouring.told(rule, term) for rule in own],
        kind=filter_words.kind(column),
    )
    return form_page.serve(request, form, carry_out, context)


def _offered(kind: str) -> tuple[Op, ...]:
    return filter_words.OFFERED[kind]
