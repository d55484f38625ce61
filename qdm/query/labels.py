"""Which records the labels a person typed mean."""

from collections.abc import Iterable

from qdm.query.compiler import Compiler
from qdm.query.lookups import all_sql
from qdm.query.scope import Scope
from qdm.query.statement import Statement
from qdm.query.text import SQL
from qdm.schema import Term


def labelled(compiler: Compiler, term: Term, labels: Iterable[str]) -> Statement:
    """Label and id of the records seen whose main value is one of these texts, compared without case."""
    build = compiler.build()
    scope = Scope(build, term)
    texts = build.params.bind(list(labels), SQL("text[]"))
    wanted = [
        SQL("{} = ANY(ARRAY(SELECT qdm.key(k) FROM unnest({}) AS k))").format(scope.column("skey"), texts),
        SQL("lower({} COLLATE qdm.fold) = ANY(ARRAY(SELECT lower(k COLLATE qdm.fold) FROM unnest({}) AS k))").format(
            scope.column("val"), texts
        ),
    ]
    where = all_sql([*wanted, *([] if (seen := scope.visible()) is None else [seen])])
    return Statement(
        SQL("SELECT {}, {} FROM {} WHERE {}").format(scope.column("val"), scope.column("id"), scope.source, where),
        build.params.values,
    )
