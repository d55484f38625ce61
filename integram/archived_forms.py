"""Upload forms of a workspace and their doors as rows of an archive, and back.

Links for outsiders are secrets and stay behind. Addresses that files are fetched from may carry a key: they are sealed
with SECRET_KEY. The mailbox itself, with its password, is the installation's and in no archive.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, count
from typing import Any

from django.utils.translation import gettext as _

from integram.intake.models import MailDoor, WebSource
from qdm.models import UploadForm, Workspace
from rbac.dump import ids_of, names_of
from video.errors import SourceRefused
from video.sealing import seal, unseal

Row = dict[str, Any]
_FIELDS = ("slug", "title", "term", "plan", "automatic", "language", "is_open")
#: Letters of a short name before its number: 60 in all.
_STEM = 50
#: What was fetched last comes along, so that it is not taken in a second time.
_WEB_FIELDS = ("minutes", "etag", "modified")


def rows(workspace: Workspace) -> Iterator[Row]:
    forms = list(UploadForm.objects.filter(workspace=workspace).order_by("pk"))
    owners = names_of([form.owner for form in forms])
    senders = dict(MailDoor.objects.filter(form__in=forms).values_list("form", "senders"))
    sources = {source.form_id: source for source in WebSource.objects.filter(form__in=forms)}
    for form in forms:
        yield {name: getattr(form, name) for name in _FIELDS} | {
            "owner": owners.get(form.owner),
            "senders": senders.get(form.pk),
            "web": _web_row(sources[form.pk]) if form.pk in sources else None,
        }


def _web_row(source: WebSource) -> Row:
    fetched = {name: getattr(source, name) for name in _WEB_FIELDS}
    return fetched | {"digest": bytes(source.digest).hex(), "url": seal(source.url)}


def load(workspace: Workspace, archived: Iterable[Row]) -> list[str]:
    """Make the forms whose owners are here: files are taken in under their rights. Sentences about the others."""
    notes = []
    for row in archived:
        owner = ids_of([row["owner"]]).get(row["owner"]) if row["owner"] else None
        if owner is None:
            notes.append(_("The owner of the upload form “%(title)s” is not here: left out.") % {"title": row["title"]})
            continue
        slug = _free(row["slug"])
        form = UploadForm.objects.create(
            workspace=workspace, owner=owner, **{name: row[name] for name in _FIELDS} | {"slug": slug}
        )
        if slug != row["slug"]:
            told = {"title": row["title"], "slug": slug}
            notes.append(_("The short name of the upload form “%(title)s” is taken; here it is “%(slug)s”.") % told)
        # Archives of before have no doors.
        if row.get("senders") is not None:
            MailDoor.objects.create(form=form, senders=row["senders"])
        if row.get("web") is not None:
            notes += _load_web(form, row["web"])
    return notes


def _free(slug: str) -> str:
    """The name itself or with a number: all workspaces have one inbox."""
    taken = set(UploadForm.objects.filter(slug__startswith=slug[:_STEM]).values_list("slug", flat=True))
    numbered = (f"{slug[:_STEM]}-{number}" for number in count(2))
    return next(name for name in chain([slug], numbered) if name not in taken)


def _load_web(form: UploadForm, row: Row) -> list[str]:
    try:
        url = unseal(row["url"])
    except SourceRefused:
        sentence = _("The address the form “%(title)s” fetches was sealed with another SECRET_KEY: type it again.")
        return [sentence % {"title": form.title}]
    fetched = {name: row[name] for name in _WEB_FIELDS}
    WebSource.objects.create(form=form, url=url, digest=bytes.fromhex(row["digest"]), **fetched)
    return []
