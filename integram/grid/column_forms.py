"""Forms of a column: a new one, its properties, its type. They check the shape; the services say what is allowed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integram.grid import column_kinds
from integram.grid.column_kinds import KINDS, REFERENCE
from integram.grid.forms import NAME_LENGTH
from qdm.schema import Requisite, Term
from qdm.types.base import BaseType

#: Choice of a column that links to a table: ``link:<term id>``.
LINK = "link:"
PLAIN_TYPES = [(str(int(base)), kind.label) for base, kind in KINDS.items() if kind.label]


class _ColumnForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
    required = forms.BooleanField(label=_("Must be filled"), required=False)
    unique = forms.BooleanField(label=_("Values do not repeat"), required=False)
    multiple = forms.BooleanField(
        label=_("Several values in one cell"), required=False, help_text=_("For instance several people of one task.")
    )


class ColumnForm(_ColumnForm):
    """A column there is; ``format`` only where its type has some."""

    description = forms.CharField(
        label=_("Description"),
        help_text=_("What the column is for: shown with its heading."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        required=False,
    )
    default = forms.CharField(
        label=_("Value of a new row"),
        help_text=_("Filled in wherever a row is made without saying what stands in this column."),
        max_length=1000,
        required=False,
    )
    format = forms.ChoiceField(label=_("Format"), required=False)
    align = forms.ChoiceField(
        label=_("Alignment"),
        choices=[
            ("", _("as the type has it")),
            ("left", _("left")),
            ("center", _("in the middle")),
            ("right", _("right")),
        ],
        required=False,
    )
    field_order = ("name", "description", "default", "format", "align")

    def __init__(self, *args: Any, column: Requisite, default: str, **kwargs: Any) -> None:
        """``default``: as a person reads it."""
        values = {
            "name": column.name,
            "required": column.required,
            "unique": column.unique,
            "multiple": column.multiple,
            "description": column.modifier("DESCRIPTION"),
            "default": default,
            "format": column.modifier("FORMAT"),
            "align": column.modifier("ALIGN"),
        }
        super().__init__(*args, **{"initial": values} | kwargs)
        codes = [] if column.is_reference else column_kinds.formats(column.base, column.modifier("FORMAT"))
        if not codes:
            del self.fields["format"]
        else:
            field = self.fields["format"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("as the type has it")), *codes]


class NewColumnForm(_ColumnForm):
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
