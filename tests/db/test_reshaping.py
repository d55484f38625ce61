"""A column of a large table is changed by the worker, in pieces, while others read and write."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from qdm.access import Access, Actor
from qdm.errors import NotUnique
from qdm.managers import shadows
from qdm.models import BulkJob
from qdm.query.ast import Query
from qdm.record import Bad
from qdm.selectors import history, structure
from qdm.selectors import records as reading
from qdm.services import batches, projections, records, requisites, shadowed, tables, workspaces
from qdm.services.column_types import Spec
from qdm.services.writes import Create
from qdm.sheets import bulk, reshaping
from qdm.types.base import BaseType

pytestmark = pytest.mark.django_db(transaction=True)
SLUG = "reshaping"
TEXTS = ("1 234,50", "7", "много", "-3,25")
CANONICAL = ("1234.50", "7", Bad("много"), "-3.25")
ROWS = 200
Phase = BulkJob.Phase


def access() -> Access:
    return replace(Access.system(structure.schema(SLUG), "tests"), actor=Actor(7, "Анна"))


@pytest.fixture
def term(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(reshaping, "PIECE", 100)
    monkeypatch.setattr(shadows, "SPAN", 100)
    monkeypatch.setattr(shadows, "SECONDS", 0.0)
    workspaces.create(SLUG, SLUG)
    term = tables.create("Таблица", [Spec("Цена", BaseType.CHARS), Spec("Код", BaseType.CHARS)], access=access())
    price = column(term)
    records.write(term, [Create({term: f"{n:04}", price: TEXTS[n % 4]}) for n in range(ROWS)], access=access())
    yield term
    workspaces.drop(SLUG, SLUG)


def column(term: int, name: str = "Цена") -> int:
    return next(r.id for r in access().term(term).requisites if r.name == name)


def base(term: int) -> BaseType:
    return access().schema.requisites[column(term)].base


def prices(term: int) -> list[object]:
    found = reading.page(term, Query(limit=2 * ROWS), access=access()).records
    return [r.cells.get(column(term)) for r in found]


def begin(term: int, wanted: BaseType = BaseType.NUMBER) -> BulkJob:
    return bulk.reshape(column(term), base=wanted, access=access())


def carry_out(job: BulkJob) -> BulkJob:
    bulk.carry_out(job.pk, access=access())
    job.refresh_from_db()
    return job


def at_piece(monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[], None]) -> None:
    """``act`` happens between two pieces of the job."""
    count, beat = 0, bulk.JobPulse.beat

    def beating(self: bulk.JobPulse, rows: int) -> None:
        nonlocal count
        count += 1
        if count == number:
            act()
        beat(self, rows)

    monkeypatch.setattr(bulk.JobPulse, "beat", beating)


def shadow_is_gone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_class where relname ~ '^n_[0-9]+$' and relnamespace = %s::regnamespace",
                       [f"ws_{SLUG}"])  # fmt: skip
        row = cursor.fetchone()
    return row == (0,)


def test_texts_are_read_the_type_changes_and_one_undo_takes_all_back(term: int) -> None:
    job = carry_out(begin(term))
    assert (job.phase, job.message) == (Phase.DONE, "")
    assert base(term) == BaseType.NUMBER
    assert prices(term) == [*CANONICAL] * (ROWS // 4)
    assert projections.check(SLUG) == []
    assert shadow_is_gone()
    latest = history.batches(access=access())
    assert [b.id for b in latest[:1]] == [job.batch]
    assert job.batch is not None
    batches.undo(job.batch, access=access())
    assert base(term) == BaseType.CHARS
    assert prices(term) == [*TEXTS] * (ROWS // 4)
    assert projections.check(SLUG) == []


@pytest.mark.parametrize("piece", [1, 9, 14])
def test_others_read_the_old_type_and_write_until_it_is_done(
    term: int, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    def others() -> None:
        assert base(term) == BaseType.CHARS
        first, second = reading.page(term, Query(limit=2), access=access()).records
        records.update(first.id, {column(term): "42"}, access=access())
        records.delete(second.id, access=access())
        records.create(term, 1, {term: "9999", column(term): "17"}, access=access())

    at_piece(monkeypatch, piece, others)
    job = carry_out(begin(term))
    assert (job.phase, job.message) == (Phase.DONE, "")
    assert prices(term) == ["42", *([*CANONICAL] * (ROWS // 4))[2:], "17"]
    assert projections.check(SLUG) == []


@pytest.mark.parametrize("piece", [6, 12])
def test_cancelled_it_keeps_its_type_and_can_be_taken_back(
    term: int, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    job = begin(term)

    def cancel() -> None:
        bulk.cancel(job.pk, access=access())
        raise bulk.Cancelled

    at_piece(monkeypatch, piece, cancel)
    carry_out(job)
    assert (job.phase, base(term)) == (Phase.CANCELLED, BaseType.CHARS)
    assert shadow_is_gone()
    assert projections.check(SLUG) == []
    assert job.batch is not None, "what is reworded already can be undone"
    batches.undo(job.batch, access=access())
    assert prices(term) == [*TEXTS] * (ROWS // 4)


@pytest.mark.parametrize("piece", [4, 13])
def test_a_worker_that_dies_is_gone_on_from(term: int, monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    class Died(BaseException):
        pass

    def die() -> None:
        raise Died

    job = begin(term)
    at_piece(monkeypatch, piece, die)
    with pytest.raises(Died):
        carry_out(job)
    job.refresh_from_db()
    worded = job.change["worded"]
    assert worded > 0
    BulkJob.objects.filter(pk=job.pk).update(heartbeat=timezone.now() - timedelta(minutes=5))
    assert bulk.recover() == 1
    carry_out(job)
    assert (job.phase, job.message) == (Phase.DONE, "")
    assert prices(term) == [*CANONICAL] * (ROWS // 4)
    assert projections.check(SLUG) == []


def test_values_that_are_one_under_the_type_are_said_where_they_must_be_unique(term: int) -> None:
    code = column(term, "Код")
    first, second = reading.page(term, Query(limit=2), access=access()).records
    records.update(first.id, {code: "7"}, access=access())
    records.update(second.id, {code: "7,0"}, access=access())
    requisites.set_modifiers(code, {"UNIQUE": True}, access=access())
    job = carry_out(bulk.reshape(code, base=BaseType.NUMBER, access=access()))
    assert job.phase == Phase.FAILED
    assert job.message
    assert access().schema.requisites[code].base == BaseType.CHARS
    assert shadow_is_gone()
    assert projections.check(SLUG) == []


def test_numbers_become_the_texts_that_were_seen_and_are_never_marked_on_the_way(
    term: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out(begin(term))
    numbers = [value for value in prices(term) if not isinstance(value, Bad)]

    def look(*_of: object, **_more: object) -> None:
        shown = [value for value in prices(term) if not isinstance(value, Bad)]
        assert len(shown) >= len(numbers), "what was a number is never marked"
        reword(*_of, **_more)

    reword = reshaping.retyping.reword_these
    monkeypatch.setattr(reshaping.retyping, "reword_these", look)
    job = carry_out(begin(term, BaseType.CHARS))
    assert (job.phase, job.message) == (Phase.DONE, "")
    assert prices(term) == ["1234,50", "7", "много", "-3,25"] * (ROWS // 4)
    assert projections.check(SLUG) == []


def test_one_change_of_a_table_at_a_time(term: int) -> None:
    job = begin(term)
    with pytest.raises(bulk.Conflict):
        bulk.reshape(column(term, "Код"), base=BaseType.NUMBER, access=access())
    bulk.cancel(job.pk, access=access())
    begin(term)


def test_a_small_table_needs_no_worker(term: int) -> None:
    assert not reshaping.is_large(column(term), access=access())


@pytest.mark.parametrize(("flag", "texts"), [("UNIQUE", ("а", "б")), ("MULTIPLE", (("а",), ("б",)))])
def test_a_column_becomes_unique_or_multiple_and_ceases_to_be(term: int, flag: str, texts: tuple[object, ...]) -> None:
    code = column(term, "Код")
    first, second = reading.page(term, Query(limit=2), access=access()).records
    records.update(first.id, {code: "а"}, access=access())
    records.update(second.id, {code: "б"}, access=access())
    for wanted, expected in ((True, texts), (False, ("а", "б"))):
        job = carry_out(bulk.reshape(code, flags={flag: wanted}, access=access()))
        assert (job.phase, job.message) == (Phase.DONE, "")
        assert (access().schema.requisites[code].modifier(flag) is not None) == wanted
        found = reading.page(term, Query(limit=2), access=access()).records
        assert tuple(r.cells[code] for r in found) == expected
        assert projections.check(SLUG) == []
        if flag == "UNIQUE" and wanted:
            with pytest.raises(NotUnique):
                records.update(second.id, {code: "а"}, access=access())


def test_values_that_repeat_keep_a_column_from_becoming_unique(term: int) -> None:
    job = carry_out(bulk.reshape(column(term), flags={"UNIQUE": True}, access=access()))
    assert job.phase == Phase.FAILED
    assert job.message
    assert access().schema.requisites[column(term)].modifier("UNIQUE") is None
    assert shadow_is_gone()


@pytest.fixture
def swapped(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Tables whose projection was made beside; every table is a large one."""
    found: list[int] = []
    swap = shadows.swap

    def noted(ws: str, term_id: int, as_if: Mapping[int, shadows.Shape]) -> None:
        swap(ws, term_id, as_if)
        found.append(term_id)

    monkeypatch.setattr(shadowed, "LARGE", 1)
    monkeypatch.setattr(shadows, "swap", noted)
    return found


@pytest.mark.parametrize("by_the_worker", [False, True])
def test_undo_makes_a_large_table_beside_too(term: int, swapped: list[int], by_the_worker: bool) -> None:
    job = carry_out(begin(term))
    assert job.batch is not None
    if by_the_worker:
        undo = carry_out(bulk.undo(job.batch, access=access()))
        assert (undo.phase, undo.message) == (Phase.DONE, "")
    else:
        batches.undo(job.batch, access=access())
    assert swapped == [term, term]
    assert (base(term), prices(term)) == (BaseType.CHARS, [*TEXTS] * (ROWS // 4))
    assert shadow_is_gone()
    assert projections.check(SLUG) == []


def test_constraints_of_a_large_table_are_set_and_taken_back_beside(term: int, swapped: list[int]) -> None:
    code = column(term, "Код")
    requisites.set_modifiers(code, {"UNIQUE": True, "MULTIPLE": True, "NOT NULL": False}, access=access())
    assert access().schema.requisites[code].multiple
    assert access().schema.requisites[code].unique
    assert projections.check(SLUG) == []
    batches.undo(history.batches(access=access())[0].id, access=access())
    assert not access().schema.requisites[code].multiple
    assert not access().schema.requisites[code].unique
    requisites.set_modifiers(code, {"DESCRIPTION": "Без переделки"}, access=access())
    assert swapped == [term, term]
    assert shadow_is_gone()
    assert projections.check(SLUG) == []


def test_values_that_repeat_in_a_large_table_are_said_and_nothing_is_left(term: int, swapped: list[int]) -> None:
    with pytest.raises(NotUnique):
        requisites.set_modifiers(column(term), {"UNIQUE": True}, access=access())
    assert swapped == []
    assert not access().schema.requisites[column(term)].unique
    assert shadow_is_gone()
    assert projections.check(SLUG) == []
