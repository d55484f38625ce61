"""The form that connects a source."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from qdm.models import Workspace
from video.models import NAME_PATTERN


class SourceForm(forms.Form):
    """``workspaces``: those the user manages. ``unbound``: he may connect a source that belongs to none."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        validators=[RegexValidator(NAME_PATTERN, _("1 to 100 characters, without / \\ ? # %."))],
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        strip=False,
        help_text=_("rtsp, rtsps, http or https, or a file in the video folder. It is stored encrypted."),
    )
    workspace = forms.ChoiceField(label=_("Workspace"), required=False)
    always = forms.BooleanField(label=_("Capture without viewers too"), required=False)
    recording = forms.BooleanField(label=_("Record"), required=False)
    record_id = forms.IntegerField(
        label=_("Row"), required=False, min_value=1, help_text=_("Id of the row whose readers may see the stream.")
    )
    telemetry_term_id = forms.IntegerField(
        label=_("Table of telemetry"), required=False, min_value=1, help_text=_("Id of the table.")
    )

    def __init__(self, workspaces: Sequence[Workspace], unbound: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(workspace.slug, workspace.title) for workspace in workspaces]
        field = self.fields["workspace"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", str(_("none")))] * unbound + choices
