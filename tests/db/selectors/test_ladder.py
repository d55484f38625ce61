"""Places in a long order: each rung stands before exactly the rows an offset would skip, in every order and right."""

from dataclasses import replace

import pytest

from qdm.access import Access
from qdm.query.ast import END, Compare, Op, Query, Sort
from qdm.selectors import records
from qdm.selectors.ladder import QUICK_STEP, Ladder, ladder
from tests.db.selectors.recruiting import Recruiting, restricted

pytestmark = pytest.mark.django_db

STEP = 7
ROWS = 60


@pytest.fixture
def many(w: Recruiting, monkeypatch: pytest.MonkeyPatch) -> Recruiting:
    """Candidates without a name, with the same name, with and without a salary; indexes for two columns."""
    monkeypatch.setattr("qdm.selectors.ladder.QUICK_STEP", 1)
    n = w.nodes
    for at in range(ROWS):
        cells = {w.salary: str(at * 37 % 50)} if at % 3 else {}
        n.record(w.candidate, f"Имя {at % 9}" if at % 8 else "", {**cells, w.note: f"з{at % 11}"})
    n.write()
    return w


def indexed(w: Recruiting, access: Access) -> Access:
    """The access, to a structure that has indexes of two columns."""
    indexes = frozenset({f"t_{w.candidate}_s{w.salary}", f"t_{w.candidate}_s{w.note}"})
    return replace(access, schema=replace(access.schema, indexes=indexes))


def climbed(w: Recruiting, query: Query, seconds: float, access: Access | None = None) -> tuple[list[str], Ladder]:
    """All rungs, by as many answers as it takes, and the last of these."""
    found: list[str] = []
    while True:
        answer = ladder(w.candidate, query, step=STEP, seconds=seconds, access=indexed(w, access or w.owner))
        found += answer.rungs
        if not answer.more:
            return found, answer
        assert answer.rungs
        query = replace(query, after=found[-1])


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("field", [None, "val", "salary", "note"])
@pytest.mark.parametrize("seconds", [0, 60])
def test_behind_a_rung_stand_the_rows_behind_so_many_others(
    many: Recruiting, field: str | None, down: bool, seconds: float
) -> None:
    named = field if field in (None, "val") else getattr(many, field)
    query = Query(sorts=() if named is None else (Sort(named, down),), limit=5)
    rungs, _last = climbed(many, query, seconds)
    assert len(rungs) == (ROWS - 1) // STEP
    for at, rung in enumerate(rungs, 1):
        skipped = records.page(many.candidate, replace(query, offset=at * STEP), access=many.owner)
        reached = records.page(many.candidate, replace(query, after=rung), access=many.owner)
        assert reached.records == skipped.records
        back = records.page(many.candidate, replace(query, before=rung, offset=1), access=many.owner)
        before = records.page(many.candidate, replace(query, offset=at * STEP - 7), access=many.owner)
        assert back.records == before.records


def test_a_ladder_stands_on_the_rows_that_are_seen(many: Recruiting) -> None:
    some = restricted(many, rows={many.candidate: Compare(many.salary, Op.GT, "10")})
    rungs, last = climbed(many, Query(limit=5), 0, some)
    seen = records.count(many.candidate, Query(), access=some).value
    assert 0 < seen < ROWS
    assert len(rungs) == (seen - 1) // STEP
    assert not last.quick
    reached = records.page(many.candidate, Query(after=rungs[0], limit=5), access=some)
    assert reached.records == records.page(many.candidate, Query(offset=STEP, limit=5), access=some).records


def test_where_an_index_alone_is_read_the_steps_are_large(w: Recruiting) -> None:
    w.nodes.record(w.candidate, "Иванов")
    w.nodes.write()
    quick = ladder(w.candidate, Query(), step=STEP, seconds=0, access=w.owner)
    assert (quick.quick, quick.step, quick.more) == (True, QUICK_STEP, False)
    asked = ladder(w.candidate, Query(filter=Compare("val", Op.NE, "x")), step=STEP, seconds=0, access=w.owner)
    assert (asked.quick, asked.step) == (False, STEP)


def test_an_order_without_an_index_has_no_ladder(many: Recruiting) -> None:
    for sorts in ((Sort(many.rate),), (Sort(many.salary), Sort(many.note)), (Sort("Отдел.Бюджет"),)):
        answer = ladder(many.candidate, Query(sorts=sorts), step=STEP, seconds=60, access=indexed(many, many.owner))
        assert answer == Ladder((), STEP, more=False, quick=False)


def test_the_last_rows_are_those_before_the_end(many: Recruiting) -> None:
    last = records.page(many.candidate, Query(before=END, limit=5), access=many.owner)
    assert last.records == records.page(many.candidate, Query(offset=ROWS - 5, limit=5), access=many.owner).records
    assert last.next is None
    assert last.previous is not None
    off = records.page(many.candidate, Query(before=END, limit=5, offset=3), access=many.owner)
    assert off.records == records.page(many.candidate, Query(offset=ROWS - 8, limit=5), access=many.owner).records
    assert off.next is not None
    everything = records.page(many.candidate, Query(before=END, limit=ROWS), access=many.owner)
    assert (len(everything.records), everything.previous) == (ROWS, None)
