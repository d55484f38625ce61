"""The form that gives rights at a place: to whom, what, and in which rows, the filter built of three choices."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qdm.access import Access, Action
from qdm.query.ast import Compare, Op
from qdm.query.parser import Variable, render
from qdm.schema import Term
from rbac import roles
from rbac.grants import ACTIONS_OF, Place
from rbac.models import Kind

ACTIONS = {
    Action.VIEW: _("see"),
    Action.ADD: _("add"),
    Action.CHANGE: _("change"),
    Action.DELETE: _("delete"),
    Action.EXPORT: _("export"),
    Action.MANAGE: _("manage: everything, rights too"),
}
OPERATORS = [
    (Op.EQ.value, _("is")),
    (Op.NE.value, _("is not")),
    (Op.CONTAINS.value, _("contains")),
    (Op.LT.value, _("less than")),
    (Op.GT.value, _("more than")),
    (Op.EMPTY.value, _("is empty")),
    (Op.NOT_EMPTY.value, _("is filled")),
]
WITHOUT_VALUE = (Op.EMPTY, Op.NOT_EMPTY)
#: What may stand in the place of a value.
VARIABLES = ("@me", "@groups")


class GiveForm(forms.Form):
    """``rows`` of its cleaned values is the filter text, '' for all rows."""

    who = forms.ChoiceField(label=_("To whom"))
    actions = forms.MultipleChoiceField(label=_("What"), widget=forms.CheckboxSelectMultiple)
    column = forms.ChoiceField(label=_("In the rows where"), required=False)
    operator = forms.ChoiceField(label=_("condition"), choices=OPERATORS, required=False)
    value = forms.CharField(
        label=_("value"),
        required=False,
        max_length=200,
        help_text=_("@me means whoever looks, @groups any of his roles."),
    )

    def __init__(self, *args: Any, place: Place, term: Term | None, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who, actions, column = (self.fields[name] for name in ("who", "actions", "column"))
        assert isinstance(who, forms.ChoiceField)
        assert isinstance(actions, forms.MultipleChoiceField)
        assert isinstance(column, forms.ChoiceField)
        who.choices = [
            (_("Roles"), [(f"g{group.pk}", group.name) for group in roles.assignable(access)]),
            (_("People"), [(f"u{user.pk}", str(user)) for user in roles.people(access)]),
        ]
        actions.choices = [(action.value, ACTIONS[action]) for action in ACTIONS_OF[place.kind]]
        if place.kind in (Kind.TABLE, Kind.FIELD) and term is not None:
            column.choices = [("", _("all rows")), *((str(r.id), r.name) for r in term.cells)]
        else:
            for name in ("column", "operator", "value"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["rows"] = ""
        if given.get("column"):
            operator = Op(given.get("operator") or Op.EQ)
            value = given.get("value", "").strip()
            if operator in WITHOUT_VALUE:
                given["rows"] = render(Compare(int(given["column"]), operator))
            elif not value:
                self.add_error("value", _("A value is expected."))
            elif value.casefold() in VARIABLES:
                given["rows"] = render(_variable(int(given["column"]), operator, value[1:].casefold()))
            else:
                given["rows"] = render(Compare(int(given["column"]), operator, value))
        return given


def _variable(column: int, operator: Op, name: str) -> Compare:
    if name == "groups" and operator is Op.EQ:
        return Compare(column, Op.IN, (Variable(name),))
    return Compare(column, operator, Variable(name))
