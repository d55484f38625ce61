"""The form that gives rights at a place: to whom, what, and in which rows."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integram.grid import filter_tree
from qdm.access import Access, Action
from qdm.errors import BadFilter
from qdm.query.ast import EVERYTHING
from qdm.query.parser import parse, render
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


class GiveForm(forms.Form):
    """``rows`` of its cleaned values is the filter text, '' for all rows.

    A text is typed without JavaScript; the builder sends ``tree`` in its place (static/js/rows-builder.js).
    """

    who = forms.ChoiceField(label=_("To whom"))
    actions = forms.MultipleChoiceField(label=_("What"), widget=forms.CheckboxSelectMultiple)
    rows = forms.CharField(
        label=_("In which rows"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Empty: in all. For instance: Recruiter = @me. @me means whoever looks, @groups any of his roles."),
    )
    tree = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, place: Place, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who, actions = self.fields["who"], self.fields["actions"]
        assert isinstance(who, forms.ChoiceField)
        assert isinstance(actions, forms.MultipleChoiceField)
        who.choices = [
            (_("Roles"), [(f"g{group.pk}", group.name) for group in roles.assignable(access)]),
            (_("People"), [(f"u{user.pk}", str(user)) for user in roles.people(access)]),
        ]
        actions.choices = [(action.value, ACTIONS[action]) for action in ACTIONS_OF[place.kind]]
        if place.kind not in (Kind.TABLE, Kind.FIELD):
            del self.fields["rows"], self.fields["tree"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        try:
            if given.get("tree"):
                found = filter_tree.read(_loaded(given["tree"]))
                given["rows"] = "" if found == EVERYTHING else render(found)
            elif given.get("rows"):
                parse(given["rows"])
        except BadFilter as error:
            self.add_error("rows", str(error))
        return given


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise BadFilter from None
