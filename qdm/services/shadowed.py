"""Columns of large tables get another shape: the projection is made anew beside, while everybody goes on, before the
transaction that changes them and puts it in its place (decision 0008)."""

from collections.abc import Callable, Mapping

from django.db import transaction

from qdm.access import Access
from qdm.errors import Conflict
from qdm.managers import shadows
from qdm.managers.shadows import Shape

#: Rows up to which it is done at once, in the transaction that asks: a second.
LARGE = 20_000
#: How often it is begun again when the structure of the table changes meanwhile.
ATTEMPTS = 3

#: Term id -> column id -> what of the column is to be otherwise.
Shapes = Mapping[int, Mapping[int, Shape]]


def is_large(term_id: int, *, access: Access) -> bool:
    return shadows.rows(access.schema.pg_schema, term_id) > LARGE


def make(shapes: Shapes, *, access: Access, beat: Callable[[int], None] = lambda rows: None) -> Shapes:
    """Those of the shapes for which a shadow stands now: of large tables, and nothing inside of a transaction.

    Raises NotUnique where values repeat, Conflict where the structure changes all the time, and what ``beat`` raises,
    which is told of so many rows more; then nothing is left.
    """
    if transaction.get_connection().in_atomic_block:
        return {}
    made = {term_id: shape for term_id, shape in shapes.items() if is_large(term_id, access=access)}
    try:
        for term_id, shape in made.items():
            make_one(term_id, shape, access=access, beat=beat)
    except BaseException:
        drop(made, access=access)
        raise
    return made


def make_one(term_id: int, shape: Mapping[int, Shape], *, access: Access, beat: Callable[[int], None]) -> None:
    """Raises as ``make``, and leaves what is done for whoever goes on."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            shadows.make(access.schema.pg_schema, term_id, shape, beat)
        except shadows.ShadowGone:
            if attempt == ATTEMPTS:
                raise Conflict from None
        else:
            return


def swap(shapes: Shapes, *, access: Access) -> None:
    """In the caller's transaction, which changes the columns behind it. Raises Conflict where a shadow has gone."""
    for term_id, shape in shapes.items():
        try:
            shadows.swap(access.schema.pg_schema, term_id, shape)
        except shadows.ShadowGone:
            raise Conflict from None


def drop(shapes: Shapes, *, access: Access) -> None:
    for term_id in shapes:
        shadows.drop(access.schema.pg_schema, term_id)
