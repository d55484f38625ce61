"""Driver errors become domain errors here, and nowhere else.

``with domain_errors(): ...`` stands around every statement of the reading and the writing side. What it does not know
(a lost connection, a full disk) passes through unchanged: that is not the user's doing.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import Error as DjangoError
from django.utils.translation import gettext_lazy as _

from qdm.errors import Conflict, InvalidRequest, InvalidValue, NotUnique, QdmError, QueryTimeout, TooLarge

#: SQLSTATE -> domain error: https://www.postgresql.org/docs/current/errcodes-appendix.html
_BY_STATE: dict[str, type[QdmError]] = {
    "57014": QueryTimeout,  # query_canceled: statement_timeout, or the client went away
    "55P03": QueryTimeout,  # lock_not_available: lock_timeout
    "40001": Conflict,  # serialization_failure
    "40P01": Conflict,  # deadlock_detected
    "23503": Conflict,  # foreign_key_violation
    "23514": InvalidValue,  # check_violation
    "23502": InvalidValue,  # not_null_violation
    "54000": TooLarge,  # program_limit_exceeded: a value too long for an index, a row too wide
    "54001": TooLarge,  # statement_too_complex: a filter nested too deep
    "54023": TooLarge,  # too_many_arguments
}
#: A column, table or schema that was there when the statement was composed and is gone now.
_STRUCTURE_CHANGED = frozenset({"42703", "42P01", "3F000", "0A000"})
#: A row of a table fits a page of 8 KB, long texts as pointers of 18 bytes. A server that speaks another
#: language than English gets the general words.
_TOO_MUCH = "54000"
_DATA_EXCEPTION = "22"
_OUT_OF_RANGE = "22003"  # numeric_value_out_of_range: an id beyond bigint, a sum beyond double precision
#: Unique indexes of a projection: t_<term>_u<requisite>, 0 for the main value (qdm/sql/schema/03_projection.sql).
_UNIQUE_INDEX = re.compile(r"^[tn]_(\d+)_u(\d+)$")


class StructureChanged(Conflict):
    """The table was altered between composing and running: reading the structure again and retrying helps."""

    default = _("The table was changed in the meantime. Please try again.")


@contextmanager
def domain_errors() -> Iterator[None]:
    """Raise the domain error that a driver error inside the block means."""
    try:
        yield
    except (DjangoError, psycopg.Error) as error:
        driver = error if isinstance(error, psycopg.Error) else error.__cause__
        if isinstance(driver, psycopg.Error) and (domain := _domain_error(driver)) is not None:
            raise domain from error
        raise


def _domain_error(error: psycopg.Error) -> QdmError | None:
    state = error.sqlstate
    if state is None:
        # A value the driver itself refuses to send: NUL in a text, an integer beyond every type.
        return InvalidRequest() if isinstance(error, psycopg.DataError) else None
    if state == "23505":
        return _not_unique(error)
    if state in _STRUCTURE_CHANGED:
        return StructureChanged()
    if state == _TOO_MUCH and "row is too big" in (error.diag.message_primary or ""):
        return TooLarge(_("One row cannot hold that much: of texts about 450 filled columns."))
    if state == _OUT_OF_RANGE:
        return InvalidRequest(_("A number is out of range."))
    if state.startswith(_DATA_EXCEPTION):
        return InvalidRequest()
    return _BY_STATE[state]() if state in _BY_STATE else None


def _not_unique(error: psycopg.Error) -> NotUnique:
    """``fields`` has the requisite id of the index, or the term id for the main value; never the value itself."""
    index = _UNIQUE_INDEX.match(error.diag.constraint_name or "")
    if index is None:
        return NotUnique()
    term, requisite = index.groups()
    return NotUnique(fields={term if requisite == "0" else requisite: NotUnique.default})
