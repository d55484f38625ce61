"""Work in a thread ahead of whoever takes its results."""

import threading
from collections.abc import Iterator

import pytest
from django.utils.translation import get_language, override

from qdm.sheets.ahead import Ahead


def test_the_next_result_is_made_while_one_is_used_from_the_moment_it_may_be() -> None:
    ahead = Ahead()
    second = threading.Event()

    def work() -> Iterator[int]:
        yield 1
        second.set()
        yield 2

    seen = []
    for number in ahead.of(work):
        assert second.is_set() == (number == 2)
        ahead.go_on()
        assert second.wait(10)
        seen.append(number)
    assert seen == [1, 2]


def test_what_only_the_caller_can_do_is_done_in_his_thread() -> None:
    ahead = Ahead()
    work = lambda: (ahead.here(threading.get_ident) for _ in range(3))  # noqa: E731
    assert list(ahead.of(work)) == list(ahead.of(work)) == [threading.get_ident()] * 3


def test_messages_are_in_the_callers_language() -> None:
    with override("ru"):
        assert list(Ahead().of(lambda: iter([get_language()]))) == ["ru"]
        assert list(Ahead().of(lambda: (get_language() for _ in range(1)))) == ["ru"]


def test_its_errors_are_the_callers_and_so_are_those_of_what_it_asked_for() -> None:
    ahead = Ahead()

    def work(divisor: int) -> Iterator[float]:
        yield 1.0
        yield ahead.here(lambda: 1 / divisor) if divisor == 0 else float("x")

    for divisor, error in ((0, ZeroDivisionError), (1, ValueError)):
        results = ahead.of(lambda divisor=divisor: work(divisor))  # type: ignore[misc]
        assert next(results) == 1.0
        with pytest.raises(error):
            next(results)


def test_left_early_it_stops_even_where_it_waits_for_an_answer() -> None:
    ahead = Ahead()

    def work() -> Iterator[int]:
        yield 1
        while True:
            yield ahead.here(lambda: 2)

    before = threading.active_count()
    results = ahead.of(work)
    assert [next(results), next(results)] == [1, 2]
    results.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
