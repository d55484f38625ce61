"""A cursor is opaque, reads back, and belongs to one order."""

import base64
import json

import pytest

from qdm.errors import InvalidRequest
from qdm.query.ast import Sort
from qdm.query.binder import Binder
from qdm.query.cursor import Cursor, decode, encode
from tests.unit.query.structure import CANDIDATE, SALARY, schema

S = schema()
SORTS = Binder(S).sorts([Sort(SALARY, descending=True), Sort("Отдел")], S.terms[CANDIDATE])


def opaque(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def test_a_cursor_reads_back() -> None:
    cursor = Cursor(("10.50", None), 2**63 - 1)
    assert decode(SORTS, encode(SORTS, cursor)) == cursor


def test_a_cursor_of_another_order_is_refused() -> None:
    other = Binder(S).sorts([Sort(SALARY), Sort("Отдел")], S.terms[CANDIDATE])
    with pytest.raises(InvalidRequest):
        decode(other, encode(SORTS, Cursor(("1", "x"), 5)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%",
        "я",
        "AAAA",
        opaque(None),
        opaque(["-r203,r206.val", ["1"], 5]),
        opaque(["-r203,r206.val", ["1", 2], 5]),
        opaque(["-r203,r206.val", ["1", "a\0"], 5]),
        opaque(["-r203,r206.val", ["1", "\ud800"], 5]),
        opaque(["-r203,r206.val", ["1", "a"], 2**63]),
        opaque(["-r203,r206.val", ["1", "a"], True]),
        opaque([["-r203,r206.val"], ["1", "a"], 5]),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        decode(SORTS, text)
