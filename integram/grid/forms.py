"""Forms of workspaces and tables. They check the shape; what is allowed is the services' to say."""

from django import forms
from django.utils.translation import gettext_lazy as _

from integram.grid.column_kinds import KINDS
from qdm.errors import NotFound, QdmError
from qdm.models import SLUG_PATTERN
from qdm.types.base import BaseType
from qdm.types.files import HOLDERS

NAME_LENGTH = 200


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
        choices=[(int(base), kind.label) for base, kind in KINDS.items() if kind.label and base not in HOLDERS],
        coerce=int,
        initial=int(BaseType.CHARS),
    )
    unique = forms.BooleanField(label=_("No two rows may have the same name"), required=False)


def add_error(form: forms.Form, error: QdmError) -> None:
    """Show a domain error at the field it is about, else above the form."""
    named = [name.lower() for name in map(str, error.fields) if name.lower() in form.fields]
    form.add_error(named[0] if named else None, str(error))


def show_or_raise(form: forms.Form, error: QdmError) -> None:
    """Show the error in the form that was sent; raise it where none was, or where what it is about is not there."""
    if isinstance(error, NotFound) or not form.is_bound:
        raise error
    add_error(form, error)
