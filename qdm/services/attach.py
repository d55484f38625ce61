"""Attach an existing IntegramDD table: its rows become a workspace, ids kept."""

import re
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from qdm.errors import InvalidRequest, NameTaken
from qdm.managers import statements
from qdm.models import Workspace
from qdm.selectors import structure
from qdm.services.workspaces import check_slug, check_title
from qdm.sql import statement

_NAME = re.compile(r"^(?:(?P<schema>[A-Za-z_][\w$]*)\.)?(?P<table>[A-Za-z_][\w$]*)$")
_COLUMNS = {"id": {"bigint"}, "up": {"bigint"}, "t": {"bigint"}, "val": {"text", "character varying"}}


@dataclass(frozen=True, slots=True)
class Misfit:
    """A column with texts that do not fit its type, or with several where there is to be one."""

    table: str
    column: str
    records: int
    example: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was attached and what did not fit. Nothing of it is lost: it is in ``node`` as it was."""

    nodes: int
    tables: int
    misfits: tuple[Misfit, ...]
    duplicates: tuple[Misfit, ...]
    dangling: int
    unknown: int


def attach(slug: str, source: str, *, title: str) -> Report:
    """Copy ``source`` (``table`` or ``schema.table`` with id, up, t, val) into a new workspace. One transaction.

    Projections are built, seeded rows that are missing are added. Raises InvalidValue for the slug or title, NameTaken,
    InvalidRequest where the source is no such table or has ids it cannot have.
    """
    check_slug(slug)
    title = check_title(title)
    match = _NAME.match(source)
    if match is None:
        raise InvalidRequest(_("“%(source)s” is not the name of a table.") % {"source": source})
    schema, table = match["schema"] or "public", match["table"]
    columns: dict[str, str] = dict(statements.rows(statement("attach_columns"), {"table": f'"{schema}"."{table}"'}))
    if any(columns.get(name) not in types for name, types in _COLUMNS.items()):
        raise InvalidRequest(
            _("“%(source)s” is not a table with the columns id, up, t (bigint) and val (text).") % {"source": source}
        )
    try:
        with transaction.atomic():
            workspace = Workspace.objects.create(slug=slug, title=title)
            ws = workspace.pg_schema
            statements.run(statement("create_workspace", ws=ws))
            statements.run(statement("create_shadow", ws=ws))
            count = statements.run(statement("attach_copy", ws=ws, schema=schema, table=table))
            statements.run(statement("seed_workspace", ws=ws))
            statements.row(statement("index_nodes"), {"ws": ws})
            statements.row(statement("rebuild"), {"ws": ws})
            statements.run(statement("create_triggers", ws=ws))
            return _report(slug, ws, count)
    except IntegrityError as error:
        raise NameTaken(_("The short name “%(slug)s” is taken.") % {"slug": slug}) from error


def _report(slug: str, ws: str, count: int) -> Report:
    found = structure.schema(slug)
    misfits = []
    for term in found.terms.values():
        if not term.projected:
            continue
        for requisite_id, records, example in statements.rows(statement("misfits", ws=ws, table=term.table)):
            name = term.by_id[requisite_id].name if requisite_id else term.title
            misfits.append(Misfit(term.title, name, records, example))
    duplicates = []
    for requisite_id, records, example in statements.rows(statement("attach_duplicates", ws=ws)):
        requisite = found.requisites[requisite_id]
        duplicates.append(Misfit(found.terms[requisite.term_id].title, requisite.name, records, example))
    row = statements.row(statement("attach_dangling", ws=ws)) or (0, 0)
    return Report(count, len(found.terms), tuple(misfits), tuple(duplicates), row[0], row[1])
