"""Saved views: made, changed, put to the trash and brought back.

One's own views are one's own business; a shared one is part of the table, so it is for who manages the table.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import Forbidden, InvalidValue, NameTaken
from qdm.models import SavedView, Workspace
from qdm.selectors import views as reading
from qdm.view_spec import ViewSpec

TITLE_LIMIT = 100
#: Views of one table that one user sees, the trash apart.
MOST = 200


def create(term_id: int, title: str, spec: ViewSpec, *, shared: bool = False, access: Access) -> SavedView:
    """Raises TermNotFound, Forbidden, InvalidValue, NameTaken."""
    access.term(term_id)
    _may(shared, term_id, access)
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().get(slug=access.workspace)
        views = reading.of_table(term_id, access=access)
        if len(views) >= MOST:
            raise InvalidValue(_("A table has %(most)d views at most.") % {"most": MOST})
        return SavedView.objects.create(
            workspace=workspace,
            term=term_id,
            title=_free(title, shared, views),
            owner=access.actor.id,
            shared=shared,
            spec=spec.as_plain(),
        )


def save(view_id: int, term_id: int, spec: ViewSpec, *, access: Access) -> SavedView:
    """The view shows something else from now on. Raises ViewNotFound, Forbidden."""
    with transaction.atomic():
        view = _locked(view_id, term_id, access)
        view.spec = spec.as_plain()
        view.save(update_fields=["spec", "updated_at"])
    return view


def rename(view_id: int, term_id: int, title: str, *, shared: bool, access: Access) -> SavedView:
    """Another title, and whether it is everybody's. Raises ViewNotFound, Forbidden, InvalidValue, NameTaken."""
    with transaction.atomic():
        view = _locked(view_id, term_id, access)
        _may(shared, term_id, access)
        others = [one for one in reading.of_table(term_id, access=access) if one.pk != view.pk]
        view.title = _free(title, shared, others)
        if shared != view.shared:
            view.shared, view.is_default = shared, False
            view.owner = view.owner if shared else access.actor.id
        view.save(update_fields=["title", "shared", "is_default", "owner"])
    return view


def open_first(view_id: int | None, term_id: int, *, access: Access) -> None:
    """The table opens with this view from now on: for everybody where it is shared, else for its owner; None: with
    all rows, for whoever says so and, if he manages the table, for everybody. Raises ViewNotFound, Forbidden."""
    with transaction.atomic():
        if view_id is not None:
            view = _locked(view_id, term_id, access)
            _same(view).update(is_default=False)
            SavedView.objects.filter(pk=view.pk).update(is_default=True)
            return
        for view in reading.of_table(term_id, access=access):
            if not view.shared or access.can(Action.MANAGE, term_id):
                SavedView.objects.filter(pk=view.pk).update(is_default=False)


def delete(view_id: int, term_id: int, *, access: Access) -> None:
    """To the trash. Raises ViewNotFound, Forbidden."""
    with transaction.atomic():
        view = _locked(view_id, term_id, access)
        view.deleted_at, view.is_default = timezone.now(), False
        view.save(update_fields=["deleted_at", "is_default"])


def restore(view_id: int, term_id: int, *, access: Access) -> SavedView:
    """Out of the trash, under a title that is free. Raises ViewNotFound, Forbidden."""
    with transaction.atomic():
        view = _locked(view_id, term_id, access, trash=True)
        taken = {one.title.casefold() for one in reading.of_table(term_id, access=access) if one.shared == view.shared}
        title, at = view.title, 2
        while title.casefold() in taken:
            title, at = f"{view.title[: TITLE_LIMIT - 6]} ({at})", at + 1
        view.title, view.deleted_at = title, None
        view.save(update_fields=["title", "deleted_at"])
    return view


def _locked(view_id: int, term_id: int, access: Access, *, trash: bool = False) -> SavedView:
    view = reading.get(view_id, term_id, access=access, trash=trash)
    _may(view.shared, term_id, access)
    return SavedView.objects.select_for_update().get(pk=view.pk)


def may_change(view: SavedView, *, access: Access) -> bool:
    """Whether the actor may save, rename and delete the view."""
    return access.can(Action.MANAGE, view.term) if view.shared else access.actor.id is not None


def _may(shared: bool, term_id: int, access: Access) -> None:
    if shared:
        access.require(Action.MANAGE, term_id)
    elif access.actor.id is None:
        raise Forbidden


def _same(view: SavedView) -> QuerySet[SavedView]:
    found = SavedView.objects.filter(workspace=view.workspace_id, term=view.term, shared=view.shared)
    return found if view.shared else found.filter(owner=view.owner)


def _free(title: str, shared: bool, others: list[SavedView]) -> str:
    """The title, if it can be one here. Raises InvalidValue, NameTaken."""
    title = title.strip()
    if not title or len(title) > TITLE_LIMIT or "\0" in title:
        raise InvalidValue(
            _("A title of 1 to %(limit)d characters is expected.") % {"limit": TITLE_LIMIT}, fields={"title": title}
        )
    if any(view.shared == shared and view.title.casefold() == title.casefold() for view in others):
        raise NameTaken(_("There is already a view “%(title)s”.") % {"title": title}, fields={"title": title})
    return title
