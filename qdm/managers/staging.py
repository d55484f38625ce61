"""A temporary table of rows that are to be compared with the records of a term (``qdm.query.staged``)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from qdm.managers import copying, statements
from qdm.query import staged
from qdm.query.bound import Field
from qdm.query.compiler import Compiler


@contextmanager
def table(fields: Sequence[Field]) -> Iterator[None]:
    """The table, there inside the block, which lies in a transaction."""
    statements.run(staged.create(fields))
    yield
    statements.run(staged.drop())


def fill(lines: Iterable[bytes]) -> int:
    """Add rows, as COPY reads them: number, whether it is odd, a value for each field; how many."""
    return copying.into(staged.copy(), lines)


def differing(compiler: Compiler, fields: Sequence[Field], keys: Sequence[int]) -> dict[int, list[int]]:
    """Line -> records it names, of all lines but those that are as their record is."""
    found: dict[int, list[int]] = {}
    for line, record_id in statements.rows(*staged.differing(compiler, fields, keys)):
        found.setdefault(line, []).extend([] if record_id is None else [record_id])
    return found


def missing(compiler: Compiler, fields: Sequence[Field], keys: Sequence[int], bounds: Sequence[int]) -> list[int]:
    """Ids of records within the bounds of the staged rows that none of them names."""
    return [record_id for (record_id,) in statements.rows(*staged.missing(compiler, fields, keys, bounds))]
