"""The one way rows are written: create, update, delete, one or many, one transaction, one batch of the history."""

from collections.abc import Sequence

from django.db import transaction

from qdm.access import Access
from qdm.errors import QdmError, RecordNotFound
from qdm.managers import nodes
from qdm.selectors import structure
from qdm.services.change_set import ChangeSet
from qdm.services.checks import Checks
from qdm.services.transaction import begun
from qdm.services.writes import Create, Delete, Mode, Result, Results, Update, Values, Write
from qdm.types.base import Locale

#: Writes of one call; more is a job's work.
LIMIT = 10_000


def write(
    term_id: int,
    writes: Sequence[Write],
    *,
    access: Access,
    locale: Locale | None = None,
    mode: Mode = Mode.ALL,
    note: str = "",
) -> Results:
    """Carry out the writes on rows of one term, in one transaction.

    Mode ALL: the first error is raised and nothing is written. Mode REPORT: nothing is written either, and the results
    say why. Mode GOOD: what is in error is left out and its result says why. Raises TermNotFound; in mode ALL also
    RecordNotFound, Forbidden, Conflict, UnknownField, InvalidValue, InvalidReference, NotUnique, HasDependents; in mode
    REPORT those of these that only writing shows.
    """
    term = access.term(term_id)
    results = Results(Result() for _ in writes)
    try:
        with begun(access, note) as opened:
            results.batch = opened.id
            whole = structure.at(access.workspace, opened.version).terms.get(term_id, term)
            checks = Checks(term, whole, access, locale or Locale())
            ready = checks.run(writes, results)
            _stop_at_error(results, mode)
            if not ready or (mode is Mode.REPORT and len(ready) < len(writes)):
                raise _NothingWritten
            _carry_out(checks, ready, results, mode)
    except _NothingWritten:
        results.batch = None
    return results


class _NothingWritten(Exception):
    """Takes the batch back out of the history."""


def _carry_out(checks: Checks, ready: Sequence[int], results: Results, mode: Mode) -> None:
    if mode is not Mode.GOOD:
        _apply(checks, ready, results)
        return
    try:
        with transaction.atomic():
            _apply(checks, ready, results)
    except QdmError as error:
        if len(ready) == 1:
            results[ready[0]].error = error
        else:
            _one_by_one(checks, ready, results)


def _apply(checks: Checks, ready: Sequence[int], results: Results) -> None:
    """Write these of the checked writes, and hold the rows that come of them against the rights."""
    changes = ChangeSet(checks)
    for at in ready:
        changes.add(at)
    versions = changes.write()
    checks.after(changes)
    for at in ready:
        record_id = changes.record_of(at)
        results[at].id, results[at].version = record_id, versions.get(record_id)


def _one_by_one(checks: Checks, ready: Sequence[int], results: Results) -> None:
    """After the lot has failed: each on its own, so that the good ones are written."""
    checks.cells = None  # two of them may be of one record
    for at in ready:
        try:
            with transaction.atomic():
                _apply(checks, [at], results)
        except QdmError as error:
            results[at] = Result(id=results[at].id, error=error)


def _stop_at_error(results: Results, mode: Mode) -> None:
    if mode is Mode.ALL:
        for result in results:
            if result.error is not None:
                raise result.error
            if result.fields:
                raise next(iter(result.fields.values()))


def create(
    term_id: int, up: int, values: Values, *, access: Access, locale: Locale | None = None, note: str = ""
) -> Result:
    """A new record under ``up`` (1: none). Raises as ``write``."""
    return write(term_id, [Create(values, up)], access=access, locale=locale, note=note)[0]


def update(
    record_id: int,
    values: Values,
    *,
    access: Access,
    version: int | None = None,
    locale: Locale | None = None,
    note: str = "",
) -> Result:
    """Change cells of a record. Raises as ``write``; Conflict when it is no longer at ``version``."""
    term_id = term_of(record_id, access=access)
    return write(term_id, [Update(record_id, values, version)], access=access, locale=locale, note=note)[0]


def delete(record_id: int, *, access: Access, version: int | None = None, note: str = "") -> Result:
    """Move a record with its sub-records to the trash. Raises as ``write``; HasDependents when others refer to it."""
    term_id = term_of(record_id, access=access)
    return write(term_id, [Delete(record_id, version)], access=access, note=note)[0]


def term_of(record_id: int, *, access: Access) -> int:
    """The term of a live record, if the actor sees that term. Raises RecordNotFound."""
    node = nodes.get(access.schema.pg_schema, record_id)
    if node is None or node.up <= 0 or node.t not in access.schema.terms or node.up in access.schema.terms:
        raise RecordNotFound
    return node.t
