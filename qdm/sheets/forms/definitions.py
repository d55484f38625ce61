"""Upload forms themselves: made, changed, found; their link for outsiders."""

import hashlib
import re
import secrets
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import Forbidden, InvalidRequest, NameTaken
from qdm.models import UploadForm, Workspace
from qdm.sheets.errors import FormNotFound
from qdm.sheets.forms.plan import FormPlan, check, form_term

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
#: A link for outsiders is valid so long, unless it is renewed.
LINK_DAYS = 365


def create(
    slug: str, title: str, term_id: int, plan: FormPlan, *, access: Access, automatic: float | None = None
) -> UploadForm:
    """A form of a table, checked against its columns. Raises Forbidden, TermNotFound, BadMapping, NameTaken."""
    form = UploadForm(
        workspace=Workspace.objects.get(slug=access.workspace), slug=slug, language=get_language() or "ru"
    )
    if access.actor.id is None:
        raise Forbidden
    form.owner = access.actor.id
    return _save(form, slug, title, term_id, plan, automatic, access)


def change(
    form_id: int, title: str, plan: FormPlan, *, access: Access, automatic: float | None = None, is_open: bool = True
) -> UploadForm:
    """Raises FormNotFound, Forbidden, BadMapping. From then on files come in under the rights of who changed it."""
    form = get(form_id, access=access)
    _require(form, access)
    form.owner = access.actor.id or form.owner
    form.is_open = is_open
    return _save(form, form.slug, title, form.term, plan, automatic, access)


def delete(form_id: int, *, access: Access) -> None:
    """The form with its runs; the rows they wrote stay. Raises FormNotFound, Forbidden."""
    form = get(form_id, access=access)
    _require(form, access)
    form.delete()


def get(form_id: int, *, access: Access) -> UploadForm:
    """Raises FormNotFound, the same where its table is hidden or takes no rows from the actor."""
    form = UploadForm.objects.select_related("workspace").filter(pk=form_id, workspace__slug=access.workspace).first()
    if form is None or form.term not in access.schema.terms or not access.can(Action.ADD, form.term):
        raise FormNotFound
    return form


def of_workspace(*, access: Access) -> list[UploadForm]:
    """The forms whose tables the actor may add rows to."""
    found = UploadForm.objects.filter(workspace__slug=access.workspace)
    return [f for f in found if f.term in access.schema.terms and access.can(Action.ADD, f.term)]


def may_change(form: UploadForm, *, access: Access) -> bool:
    return access.can(Action.MANAGE) or form.owner == access.actor.id


# The link for outsiders


def open_link(form_id: int, *, access: Access, days: int = LINK_DAYS) -> str:
    """A new text for the form's link, stored nowhere; the one before is void. Raises FormNotFound, Forbidden."""
    form = get(form_id, access=access)
    _require(form, access)
    text = secrets.token_urlsafe(32)
    form.digest, form.link_until = _digest(text), timezone.now() + timedelta(days=days)
    form.save(update_fields=["digest", "link_until"])
    return text


def close_link(form_id: int, *, access: Access) -> None:
    """Raises FormNotFound, Forbidden."""
    form = get(form_id, access=access)
    _require(form, access)
    form.digest = None
    form.save(update_fields=["digest"])


def of_link(text: str) -> UploadForm:
    """The form whose link has this text. Raises FormNotFound, the same for a link that is void, over or unknown."""
    form = UploadForm.objects.select_related("workspace").filter(digest=_digest(text), is_open=True).first()
    if form is None or form.link_until is None or form.link_until < timezone.now():
        raise FormNotFound
    return form


def _save(
    form: UploadForm, slug: str, title: str, term_id: int, plan: FormPlan, automatic: float | None, access: Access
) -> UploadForm:
    term = form_term(term_id, access=access)
    check(plan, term, access=access)
    if not SLUG.fullmatch(slug):
        raise InvalidRequest(_("A short name has small Latin letters, digits and hyphens."))
    if UploadForm.objects.filter(slug=slug).exclude(pk=form.pk).exists():
        raise NameTaken
    if automatic is not None and not 0 <= automatic <= 100:
        raise InvalidRequest(_("A percentage from 0 to 100 is expected."))
    values: dict[str, Any] = {"title": " ".join(title.split())[:200], "term": term_id, "plan": plan.as_json()}
    for name, value in values.items():
        setattr(form, name, value)
    form.automatic = automatic
    form.save()
    return form


def _require(form: UploadForm, access: Access) -> None:
    if not may_change(form, access=access):
        raise Forbidden


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
