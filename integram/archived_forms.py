"""Upload forms of a workspace as rows of an archive, and back. Links for outsiders are secrets and stay behind."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from qdm.models import UploadForm, Workspace
from rbac.dump import ids_of, names_of

Row = dict[str, Any]
_FIELDS = ("slug", "title", "term", "plan", "automatic", "language", "is_open")


def rows(workspace: Workspace) -> Iterator[Row]:
    forms = list(UploadForm.objects.filter(workspace=workspace).order_by("pk"))
    owners = names_of([form.owner for form in forms])
    for form in forms:
        yield {name: getattr(form, name) for name in _FIELDS} | {"owner": owners.get(form.owner)}


def load(workspace: Workspace, archived: Iterable[Row]) -> list[str]:
    """Make the forms whose owners are here: files are taken in under their rights. Sentences about the others."""
    notes = []
    for row in archived:
        owner = ids_of([row["owner"]]).get(row["owner"]) if row["owner"] else None
        if owner is None:
            notes.append(_("The owner of the upload form “%(title)s” is not here: left out.") % {"title": row["title"]})
            continue
        UploadForm.objects.create(workspace=workspace, owner=owner, **{name: row[name] for name in _FIELDS})
    return notes
