"""The saved views of a table, as far as the actor sees them: the shared ones and his own."""

from django.db.models import Q, QuerySet

from qdm.access import Access
from qdm.errors import ViewNotFound
from qdm.models import SavedView
from qdm.view_spec import ViewSpec, from_plain


def of_table(term_id: int, *, access: Access) -> list[SavedView]:
    """In the order they are offered: shared ones first. Raises TermNotFound."""
    access.term(term_id)
    return list(_seen(access).filter(term=term_id, deleted_at=None))


def deleted(term_id: int, *, access: Access) -> list[SavedView]:
    """What of the table's views is in the trash, latest first. Raises TermNotFound."""
    access.term(term_id)
    return list(_seen(access).filter(term=term_id, deleted_at__isnull=False).order_by("-deleted_at"))


def get(view_id: int, term_id: int, *, access: Access, trash: bool = False) -> SavedView:
    """Raises ViewNotFound, the same for one that is missing, of another table or somebody else's own."""
    access.term(term_id)
    view = _seen(access).filter(pk=view_id, term=term_id, deleted_at__isnull=not trash).first()
    if view is None:
        raise ViewNotFound
    return view


def first(views: list[SavedView]) -> SavedView | None:
    """What the table opens with: one's own choice before everybody's."""
    return next((view for view in sorted(views, key=lambda view: view.shared) if view.is_default), None)


def spec(view: SavedView, *, access: Access) -> ViewSpec:
    """What it shows to the actor: what he may not see is not in it."""
    return from_plain(view.spec).within(access.term(view.term), access.schema)


def _seen(access: Access) -> QuerySet[SavedView]:
    mine = Q(owner=access.actor.id, owner__isnull=False)
    return SavedView.objects.filter(Q(shared=True) | mine, workspace__slug=access.workspace)
