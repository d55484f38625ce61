"""Forms of a column: a new one, its properties, its type. They check the shape; the services say what is allowed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integram.grid.column_kinds import KINDS, REFERENCE
from integram.grid.forms import NAME_LENGTH
from qdm.schema import Requisite, Term
from qdm.types.base import BaseType

#: Choice of a column that links to a table: ``link:<term id>``.
LINK = "link:"
PLAIN_TYPES = [(str(int(base)), kind.label) for base, kind in KINDS.items() if kind.label]


class ColumnForm(forms.Form):
    """A column there is."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
    required = forms.BooleanField(label=_("Must be filled"), required=False)
    unique = forms.BooleanField(label=_("Values do not repeat"), required=False)
    multiple = forms.BooleanField(
        label=_("Several values in one cell"), required=False, help_text=_("For instance several people of one task.")
    )

    @staticmethod
    def values_of(requisite: Requisite) -> dict[str, Any]:
        """What the form shows of a column there is."""
        return {
            "name": requisite.name,
            "required": requisite.required,
            "unique": requisite.unique,
            "multiple": requisite.multiple,
        }


class NewColumnForm(ColumnForm):
    """``type`` is the number of a base type or ``link:<term id>``."""

    type = forms.ChoiceField(label=_("Type"))
    field_order = ("name", "type")

    def __init__(self, *args: Any, tables: list[Term], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["type"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*PLAIN_TYPES, (REFERENCE.label, [(f"{LINK}{term.id}", term.title) for term in tables])]


class TypeForm(forms.Form):
    """``seen``: the type whose preview was shown with the form."""

    type = forms.TypedChoiceField(label=_("Type"), choices=PLAIN_TYPES, coerce=lambda text: BaseType(int(text)))
    seen = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
