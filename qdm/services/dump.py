"""The tables of a workspace as streams, and a workspace made of such streams: ids, trash and history are kept.

What an archive is, and what else lies in it, is ``integram.archive``'s. Projections and the catalogue are not carried:
they are made anew from ``node``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from qdm.errors import NameTaken
from qdm.managers import copying, statements
from qdm.models import Workspace
from qdm.services.workspaces import check_slug, check_title
from qdm.sql import statement

#: In the order they are restored.
TABLES = ("node", "batch", "change")


@dataclass(frozen=True, slots=True)
class Counters:
    """The last id of a node, stamp of a version and id of a batch that were given out."""

    node: int
    version: int
    batch: int


def counters(workspace: Workspace) -> Counters:
    row = statements.row(statement("counters", ws=workspace.pg_schema))
    assert row is not None
    return Counters(*row)


def actors(workspace: Workspace) -> list[int]:
    """Ids of the people in the history."""
    return [row[0] for row in statements.rows(statement("dump_actors", ws=workspace.pg_schema))]


def blocks(workspace: Workspace, table: str) -> Iterator[bytes]:
    """One of ``TABLES`` in COPY's text format, in memory that does not grow with it."""
    return copying.out(statement(f"dump_{table}", ws=workspace.pg_schema))


def point_of_restore() -> str:
    """The point (as of ``qdm.selectors.changes``) up to which all is known that the present transaction writes."""
    row = statements.row(statement("point_of_restore"))
    assert row is not None
    return str(row[0])


def restore(
    slug: str,
    title: str,
    tables: Mapping[str, Iterable[bytes]],
    counted: Counters,
    people: Mapping[int, int | None],
) -> Workspace:
    """Make a workspace of the streams of ``TABLES``, each read when its turn comes. One transaction.

    ``people``: id of each actor there -> his id here, None for nobody. Raises InvalidValue for a slug that cannot be
    one, NameTaken for one in use.
    """
    check_slug(slug)
    try:
        with transaction.atomic():
            workspace = Workspace.objects.create(slug=slug, title=check_title(title))
            statements.run(statement("create_workspace", ws=workspace.pg_schema))
            statements.run(statement("create_shadow", ws=workspace.pg_schema))
    except IntegrityError as error:
        raise NameTaken(_("The short name “%(slug)s” is taken.") % {"slug": slug}) from error
    ws = workspace.pg_schema
    with transaction.atomic():
        statements.run(statement("restore_begin", ws=ws))
        for table in TABLES:
            copying.into(statement(f"restore_{table}", ws=ws), tables[table])
        statements.run(statement("restore_indexes", ws=ws))
        statements.row(statement("index_nodes"), {"ws": ws})
        statements.run(
            statement("restore_actors", ws=ws), {"there": list(people.keys()), "here": list(people.values())}
        )
        statements.row(statement("restore_counters", ws=ws), {"node": counted.node, "version": counted.version})
        statements.row(statement("rebuild"), {"ws": ws})
        statements.run(statement("create_triggers", ws=ws))
    return workspace
