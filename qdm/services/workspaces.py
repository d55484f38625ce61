"""Make, rename and drop workspaces."""

import re
from functools import partial

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from qdm.errors import InvalidValue, NameTaken, WorkspaceNotFound
from qdm.events import workspace_dropped
from qdm.managers import statements
from qdm.models import SLUG_PATTERN, Workspace
from qdm.services import files
from qdm.sql import statement

#: First words of paths that are not workspaces, and what PostgreSQL or the reference use.
RESERVED = frozenset(
    {
        "accounts",
        "admin",
        "api",
        "assets",
        "docs",
        "favicon",
        "grid",
        "health",
        "import",
        "integram",
        "jobs",
        "jsi18n",
        "login",
        "logout",
        "media",
        "metrics",
        "ns",
        "openapi",
        "pg",
        "postgres",
        "public",
        "qdm",
        "redoc",
        "send",
        "static",
        "system",
        "user",
        "users",
        "video",
        "w",
        "ws",
        "www",
    }
)
TITLE_LIMIT = 200


def create(slug: str, title: str) -> Workspace:
    """A new workspace with the seeded nodes. One transaction.

    Raises InvalidValue for a slug that is malformed or reserved, NameTaken for one in use.
    """
    check_slug(slug)
    title = check_title(title)
    try:
        with transaction.atomic():
            workspace = Workspace.objects.create(slug=slug, title=title)
            schema = workspace.pg_schema
            statements.run(statement("create_workspace", ws=schema))
            statements.run(statement("create_shadow", ws=schema))
            statements.run(statement("seed_workspace", ws=schema))
            # Before the triggers: what nobody did is no part of the history, and cannot be undone.
            statements.row(statement("rebuild"), {"ws": schema})
            statements.run(statement("create_triggers", ws=schema))
    except IntegrityError as error:
        raise NameTaken(_("The short name “%(slug)s” is taken.") % {"slug": slug}) from error
    return workspace


def check_slug(slug: str) -> None:
    """Raise InvalidValue where the slug cannot name a workspace."""
    if not re.fullmatch(SLUG_PATTERN, slug):
        raise InvalidValue(
            _(
                "“%(slug)s” cannot be a short name: lower-case Latin letters, digits and _ are expected, "
                "beginning with a letter, 40 characters at most."
            )
            % {"slug": slug},
            fields={"slug": slug},
        )
    if slug in RESERVED or slug.startswith("pg_"):
        raise InvalidValue(_("The short name “%(slug)s” is reserved.") % {"slug": slug}, fields={"slug": slug})


def check_title(title: str) -> str:
    """The title without surrounding space; raises InvalidValue when empty or too long."""
    title = title.strip()
    if not title or len(title) > TITLE_LIMIT or "\0" in title:
        raise InvalidValue(
            _("A title of 1 to %(limit)d characters is expected.") % {"limit": TITLE_LIMIT}, fields={"title": title}
        )
    return title


def rename(slug: str, title: str) -> Workspace:
    """Change the title; the short name stays, links depend on it. Raises WorkspaceNotFound, InvalidValue."""
    title = check_title(title)
    with transaction.atomic():
        workspace = _locked(slug)
        workspace.title = title
        workspace.save(update_fields=["title"])
    return workspace


def drop(slug: str, confirm: str) -> None:
    """Delete the workspace with everything in it; ``confirm`` is the slug typed again. Cannot be undone."""
    if confirm != slug:
        raise InvalidValue(
            _("To delete the workspace, type its short name: %(slug)s.") % {"slug": slug}, fields={"confirm": confirm}
        )
    with transaction.atomic():
        workspace = _locked(slug)
        statements.run(statement("drop_workspace", ws=workspace.pg_schema))
        workspace.delete()
        workspace_dropped.send(None, workspace=slug)
        transaction.on_commit(partial(files.forget_all, slug))


def _locked(slug: str) -> Workspace:
    workspace = Workspace.objects.select_for_update().filter(slug=slug).first()
    if workspace is None:
        raise WorkspaceNotFound
    return workspace
