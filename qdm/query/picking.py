"""What may be picked for a reference."""

from psycopg.sql import Composable, Literal

from qdm.query import lookups
from qdm.query.ast import Op
from qdm.query.bound import TRUE
from qdm.query.compiler import Compiler
from qdm.query.lookups import Kind, Operand
from qdm.query.order import Segment
from qdm.query.scope import Scope
from qdm.query.slice import sliced
from qdm.query.statement import Statement
from qdm.query.text import SQL
from qdm.schema import Term


def options(compiler: Compiler, target: Term, search: str, limit: int, offset: int) -> Statement:
    """Id and label of the records seen: those whose label starts with the text, then those that contain it."""
    build = compiler.build()
    scope, shown = Scope(build, target), Scope(build, target)
    search = compiler.binder.text(search)
    segments = [Segment(None, _by_label(scope))]
    order = _by_label(shown)
    if search:
        starts = _label_test(scope, Op.STARTS, search)
        inside = _label_test(scope, Op.CONTAINS, search)
        later = SQL("{} AND {} IS NOT TRUE").format(inside, starts)
        segments = [Segment(starts, _by_label(scope)), Segment(later, _by_label(scope))]
        order = SQL("{} IS NOT TRUE, {}").format(_label_test(shown, Op.STARTS, search), order)
    ids = sliced(scope, compiler.conditions(scope, TRUE), segments, limit, offset)
    statement = SQL("SELECT {}, {} FROM {} WHERE {} = ANY(ARRAY({})) ORDER BY {} LIMIT {}").format(
        shown.column("id"), shown.column("val"), shown.source, shown.column("id"), ids, order, Literal(limit)
    )
    return Statement(statement, build.params.values)


def _by_label(scope: Scope) -> Composable:
    return SQL("{}, {}").format(scope.column("skey"), scope.column("id"))


def _label_test(scope: Scope, op: Op, text: str) -> Composable:
    """A test of the main value as text, whatever its type."""
    operand = Operand.of(Kind.TEXT, scope.column("val"), scope.column("skey"))
    return lookups.test(op, operand, (text,), scope.build.params)
