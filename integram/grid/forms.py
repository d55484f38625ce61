"""Forms of workspaces, tables and columns. They check the shape; what is allowed is the services' to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integram.grid.column_kinds import KINDS, REFERENCE
from qdm.errors import NotFound, QdmError
from qdm.models import SLUG_PATTERN
from qdm.schema import Requisite, Term
from qdm.types.base import BaseType

NAME_LENGTH = 200
#: Choice of a column that links to a table: ``link:<term id>``.
LINK = "link:"


class WorkspaceForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=NAME_LENGTH)


class WorkspaceSettingsForm(WorkspaceForm):
    history_days = forms.IntegerField(
        label=_("Days the history is kept"),
        help_text=_("What was done before that cannot be undone any more. 0: for ever; empty: as on the whole site."),
        min_value=0,
        max_value=100_000,
        required=False,
    )


class NewWorkspaceForm(WorkspaceForm):
    slug = forms.RegexField(
        SLUG_PATTERN,
        label=_("Short name"),
        help_text=_("Stands in addresses: Latin letters, digits and _. It cannot be changed later."),
        max_length=40,
        error_messages={"invalid": _("Lower-case Latin letters, digits and _, beginning with a letter.")},
    )


class ConfirmForm(forms.Form):
    """Something is deleted for good: its short name has to be typed."""

    confirm = forms.CharField(label=_("Short name"), max_length=NAME_LENGTH)


class DeleteForm(forms.Form):
    """Nothing but the button."""


class TableForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)


class NewTableForm(TableForm):
    base = forms.TypedChoiceField(
        label=_("Type of the main column"),
        help_text=_("The main column names a row: a title, a number, a date."),
        choices=[(int(base), kind.label) for base, kind in KINDS.items() if kind.label],
        coerce=int,
        initial=int(BaseType.CHARS),
    )
    unique = forms.BooleanField(label=_("No two rows may have the same name"), required=False)


class ColumnForm(forms.Form):
    """``type`` is the number of a base type or ``link:<term id>``."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
    type = forms.ChoiceField(label=_("Type"))
    required = forms.BooleanField(label=_("Must be filled"), required=False)
    unique = forms.BooleanField(label=_("Values do not repeat"), required=False)
    multiple = forms.BooleanField(
        label=_("Several values in one cell"), required=False, help_text=_("For instance several people of one task.")
    )

    def __init__(self, *args: Any, tables: list[Term], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["type"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            *((str(int(base)), kind.label) for base, kind in KINDS.items() if kind.label),
            (REFERENCE.label, [(f"{LINK}{term.id}", term.title) for term in tables]),
        ]

    @staticmethod
    def values_of(requisite: Requisite) -> dict[str, Any]:
        """What the form shows of a column there is."""
        return {
            "name": requisite.name,
            "type": f"{LINK}{requisite.target}" if requisite.is_reference else str(int(requisite.base)),
            "required": requisite.required,
            "unique": requisite.unique,
            "multiple": requisite.multiple,
        }


def add_error(form: forms.Form, error: QdmError) -> None:
    """Show a domain error at the field it is about, else above the form."""
    named = [name for name in error.fields if name in form.fields]
    form.add_error(named[0] if named else None, str(error))


def show_or_raise(form: forms.Form, error: QdmError) -> None:
    """Show the error in the form that was sent; raise it where none was, or where what it is about is not there."""
    if isinstance(error, NotFound) or not form.is_bound:
        raise error
    add_error(form, error)
