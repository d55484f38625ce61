"""A column of a large table gets another type, or becomes unique or multiple: the steps of this kind of a bulk job.

Everybody goes on meanwhile. Texts are put into the words of the type piece by piece, each a transaction of one and the
same batch; then a shadow of the projection is filled, and takes its place in the transaction that changes the column.
Readers see the column as it was until then. What is typed meanwhile and does not fit is kept and marked, as ever.
A worker that dies is gone on from: ``change`` of the job knows how far the texts are (``worded``), the shadow how far
the rows.
"""

from collections.abc import Callable

from qdm.access import Access, Action
from qdm.errors import Conflict
from qdm.managers import shadows
from qdm.managers.shadows import Shape
from qdm.models import BulkJob
from qdm.schema import Requisite
from qdm.services import requisites, retyping
from qdm.services.transaction import batch
from qdm.types.base import BaseType, Locale

#: Rows up to which it is done while the user waits: a second.
AT_ONCE = 20_000
#: Nodes looked at in one piece.
PIECE = 20_000
#: How often it is begun again when the structure of the table changes meanwhile.
ATTEMPTS = 3
NOTE = "change_column"
#: Constraints that change the projection.
FLAGS = ("MULTIPLE", "UNIQUE")

Beat = Callable[[int], None]


def is_large(requisite_id: int, *, access: Access) -> bool:
    """Whether its table is one for the worker. Raises RequisiteNotFound."""
    ws, term_id = access.schema.pg_schema, access.requisite(requisite_id).term_id
    return shadows.rows(ws, term_id) > AT_ONCE


def prepare(job: BulkJob, *, access: Access, locale: Locale, beat: Beat) -> None:
    """All but the last step. Raises what ``beat`` raises, NotUnique, and as ``retyping.retypable``."""
    column, base = _column(job, access)
    flags = job.change["flags"]
    shape = Shape()
    if base is not None:
        shape["base"] = int(base)
    if "MULTIPLE" in flags:
        shape["multiple"] = flags["MULTIPLE"]
    if "UNIQUE" in flags:
        shape["uniq"] = flags["UNIQUE"]
    _reword(job, column, base, locale, beat, access)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            shadows.make(access.schema.pg_schema, column.term_id, {column.id: shape}, beat)
            break
        except shadows.ShadowGone:
            if attempt == ATTEMPTS:
                raise Conflict from None
    _reword(job, column, base, locale, beat, access)


def finish(job: BulkJob, *, access: Access) -> int:
    """The column is changed; in the caller's transaction. The batch. Raises Conflict, and as ``prepare``."""
    column, base = _column(job, access)
    with batch(access, NOTE, going_on=job.change.get("batch")) as batch_id:
        try:
            shadows.swap(access.schema.pg_schema, column.term_id)
        except shadows.ShadowGone:
            raise Conflict from None
        if base is not None:
            retyping.retype(column, base, access=access)
        if job.change["flags"]:
            requisites.set_modifiers(column.id, job.change["flags"], access=access)
    return batch_id


def let_go(job: BulkJob) -> None:
    """It will not be finished."""
    assert job.term is not None
    shadows.drop(job.workspace.pg_schema, job.term)


def _column(job: BulkJob, access: Access) -> tuple[Requisite, BaseType | None]:
    """As it is now, and the type it is to get."""
    if job.change["base"] is not None:
        base = BaseType(job.change["base"])
        return retyping.retypable(job.change["column"], base, access=access), base
    column = access.requisite(job.change["column"])
    access.require(Action.MANAGE, column.term_id)
    return column, None


def _reword(job: BulkJob, column: Requisite, base: BaseType | None, locale: Locale, beat: Beat, access: Access) -> None:
    """Called once more it looks at what has come since."""
    if base is None:
        return
    last = shadows.last_node(access.schema.pg_schema)
    while (after := job.change.get("worded", 0)) < last:
        upto = min(after + PIECE, last)
        beat(0)
        cells = retyping.misworded(column, base, locale, after, upto, access=access)
        if cells:
            with batch(access, NOTE, going_on=job.change.get("batch")) as batch_id:
                retyping.reword_these(cells, access=access)
                job.change |= {"batch": batch_id, "worded": upto}
                job.save(update_fields=["change"])
        else:
            job.change |= {"worded": upto}
            job.save(update_fields=["change"])
