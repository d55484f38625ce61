"""A column of a large table gets another type, or becomes unique or multiple: the steps of this kind of a bulk job.

Everybody goes on meanwhile. A shadow of the projection is filled, and takes its place in the transaction that changes
the column. Texts are put into the words of the other type piece by piece, each a transaction of one and the same batch:
before that where the column holds text, which takes any words; behind it where it becomes text. What is typed meanwhile
and does not fit is kept and marked, as ever. A worker that dies is gone on from: ``change`` of the job knows how far
the texts are (``worded``) and whether the column is changed, the shadow how far the rows.
"""

from collections.abc import Callable
from dataclasses import replace

from qdm.access import Access, Action
from qdm.managers import shadows
from qdm.managers.shadows import Shape
from qdm.models import BulkJob
from qdm.schema import Requisite
from qdm.services import requisites, retyping, shadowed
from qdm.services.transaction import batch
from qdm.types.base import BaseType, Locale
from qdm.types.registry import TEXTUAL

#: Nodes looked at in one piece.
PIECE = 20_000
NOTE = "change_column"
#: Constraints that change the projection.
FLAGS = ("MULTIPLE", "UNIQUE")

Beat = Callable[[int], None]


def is_large(requisite_id: int, *, access: Access) -> bool:
    """Whether its table is one for the worker. Raises RequisiteNotFound."""
    return shadowed.is_large(access.requisite(requisite_id).term_id, access=access)


def carry_out(job: BulkJob, *, access: Access, locale: Locale, beat: Beat) -> None:
    """All of it, in transactions of its own; ``change`` of the job then has the ``batch``.

    Raises what ``beat`` raises, until the column is changed; NotUnique, Conflict, and as ``retyping.retypable``.
    """
    column = access.requisite(job.change["column"])
    access.require(Action.MANAGE, column.term_id)
    base = None if job.change["base"] is None else BaseType(job.change["base"])
    before = replace(column, base=BaseType(job.change["before"]))
    words_first = before.base in TEXTUAL
    if "changed_at" not in job.change:
        if words_first:
            _reword(job, before, base, shadows.last_node(access.schema.pg_schema), locale, beat, access)
        shadowed.make_one(column.term_id, _shape(job), access=access, beat=beat)
        if words_first:
            _reword(job, before, base, shadows.last_node(access.schema.pg_schema), locale, beat, access)
        _change(job, base, access)
    if not words_first:
        _reword(job, before, base, job.change["changed_at"], locale, _goes_on, access)


def let_go(job: BulkJob) -> None:
    """It will not be finished."""
    assert job.term is not None
    shadows.drop(job.workspace.pg_schema, job.term)


def _shape(job: BulkJob) -> dict[int, Shape]:
    flags, shape = job.change["flags"], Shape()
    if job.change["base"] is not None:
        shape["base"] = job.change["base"]
    if "MULTIPLE" in flags:
        shape["multiple"] = flags["MULTIPLE"]
    if "UNIQUE" in flags:
        shape["uniq"] = flags["UNIQUE"]
    return {job.change["column"]: shape}


def _change(job: BulkJob, base: BaseType | None, access: Access) -> None:
    ws = access.schema.pg_schema
    with batch(access, NOTE, going_on=job.change.get("batch")) as batch_id:
        column = access.requisite(job.change["column"])
        if base is not None:
            column = retyping.retypable(column.id, base, access=access)
        shadowed.swap({column.term_id: _shape(job)}, access=access)
        if base is not None:
            retyping.retype(column, base, access=access)
        if job.change["flags"]:
            requisites.set_modifiers(column.id, job.change["flags"], access=access)
        _remember(job, batch=batch_id, changed_at=shadows.last_node(ws))


def _reword(
    job: BulkJob, column: Requisite, base: BaseType | None, last: int, locale: Locale, beat: Beat, access: Access
) -> None:
    """The texts among the nodes up to ``last``, from where it was left."""
    if base is None:
        return
    while (after := job.change.get("worded", 0)) < last:
        upto = min(after + PIECE, last)
        beat(0)
        cells = retyping.misworded(column, base, locale, after, upto, access=access)
        if cells:
            with batch(access, NOTE, going_on=job.change.get("batch")) as batch_id:
                retyping.reword_these(cells, access=access)
                _remember(job, batch=batch_id, worded=upto)
        else:
            _remember(job, worded=upto)


def _remember(job: BulkJob, **how_far: int) -> None:
    job.change |= how_far
    job.save(update_fields=["change"])


def _goes_on(rows: int) -> None:
    """The column is changed: it is too late to cancel."""
