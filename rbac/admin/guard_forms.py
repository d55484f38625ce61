"""Forms of a guard: a new one finds its place, an old one changes its filter and lock."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qdm.access import Access
from qdm.errors import QdmError
from qdm.models import Workspace
from qdm.selectors import structure
from rbac import grants, rules
from rbac.access import access_for
from rbac.models import Guard, Kind, User

ROWS_HELP = _("Filter in words, as: Recruiter = @me, or: Department in @groups. Empty: all rows.")


class GuardForm(forms.ModelForm):  # type: ignore[type-arg]
    """``user`` and ``workspace`` are set by the admin on a subclass for the request."""

    user: User
    workspace: Workspace

    class Meta:
        model = Guard
        fields = ("rows", "lock")
        help_texts = {"rows": ROWS_HELP}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access: Access = access_for(self.user, self.workspace.slug, via="admin")
        term = self.access.schema.terms.get(self.instance.table_id)
        if self.instance.rows:
            self.initial["rows"] = rules.shown(self.instance.rows, term)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        try:
            place = self.chosen_place(found)
        except QdmError as error:
            raise forms.ValidationError(str(error)) from error
        if place.rows and found.get("lock"):
            raise forms.ValidationError(
                _("A lock is of the whole column or table: set it on the guard without a filter.")
            )
        self.instance.workspace = self.workspace
        self.instance.kind, self.instance.node_id = place.kind, place.node_id
        self.instance.table_id, self.instance.label = place.table_id, place.label[:255]
        found["rows"] = place.rows
        taken = Guard.objects.filter(workspace=self.workspace, node_id=place.node_id, rows=place.rows)
        if taken.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("This place has a guard already: give the grants there."))
        return found

    def chosen_place(self, found: dict[str, Any]) -> grants.Place:
        rows = found.get("rows") or ""
        node_id = self.instance.node_id
        if self.instance.kind == Kind.TABLE:
            return grants.on_table(node_id, rows, access=self.access)
        if self.instance.kind == Kind.FIELD:
            return grants.on_field(node_id, rows, access=self.access)
        if rows:
            raise forms.ValidationError(_("Only a table or a column takes a filter."))
        return grants.Place(Kind(self.instance.kind), node_id, self.instance.table_id, self.instance.label)


class AddGuardForm(GuardForm):
    place = forms.ChoiceField(label=_("place"))
    record = forms.IntegerField(
        label=_("row"), required=False, help_text=_("Id of a row, for rights on this row alone.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = self._places()  # type: ignore[attr-defined]

    def _places(self) -> list[tuple[Any, Any]]:
        """The workspace, then each table with its columns."""
        schema = self.access.schema
        places: list[tuple[Any, Any]] = [("w", _("The whole workspace"))]
        for term in structure.tables(access=self.access):
            columns = [(f"f{r.id}", f"{term.title} / {r.name}") for r in schema.terms[term.id].requisites]
            places.append((term.title, [(f"t{term.id}", term.title), *columns]))
        return places

    def chosen_place(self, found: dict[str, Any]) -> grants.Place:
        rows = found.get("rows") or ""
        if found.get("record"):
            if rows:
                raise forms.ValidationError(_("Only a table or a column takes a filter."))
            return grants.on_record(found["record"], access=self.access)
        chosen = found.get("place", "w")
        if chosen == "w":
            if rows or found.get("lock"):
                raise forms.ValidationError(_("A workspace takes neither a filter nor a lock."))
            return grants.on_workspace(self.access)
        make = grants.on_table if chosen.startswith("t") else grants.on_field
        return make(int(chosen[1:]), rows, access=self.access)
