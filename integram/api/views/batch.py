"""Many writes in one call."""

from typing import Any

from integram.api import errors, operations
from integram.api.answer import Answer
from integram.api.door import Call
from integram.api.operations import Operations
from qdm.errors import QdmError
from qdm.services import upserts
from qdm.services.writes import Mode, Result


def carry_out(call: Call, term_id: int) -> Answer:
    """Mode ``all``: everything or nothing; ``good``: what can be done, and what could not be."""
    asked = operations.read(call.json(), call.access.term(term_id))
    results = upserts.write(term_id, asked.writes, access=call.access, mode=asked.mode, note="batch")
    if asked.mode is not Mode.GOOD and not all(result.ok for result in results):
        return _refused(list(results))
    return Answer({"batch": results.batch, "results": [_result(r, at, asked) for at, r in enumerate(results)]})


def _result(result: Result, at: int, asked: Operations) -> dict[str, Any]:
    if not result.ok:
        return _error(result)
    answer: dict[str, Any] = {"status": 200, "id": result.id, "version": result.version}
    if asked.unknown[at]:
        answer["warning"] = "Unknown attributes: " + ", ".join(asked.unknown[at])
    return answer


def _error(result: Result) -> dict[str, Any]:
    error = _first(result)
    answer = {"status": error.status, "code": error.code, "detail": errors.text(error)}
    if result.fields:
        answer["fields"] = {f"t{key}": errors.text(one) for key, one in result.fields.items()}
    if result.id is not None:
        answer["id"] = result.id
    return answer


def _first(result: Result) -> QdmError:
    return result.error or next(iter(result.fields.values()))


def _refused(results: list[Result]) -> Answer:
    """Nothing was written: which operations were in error, and the status of the first of them."""
    wrong = [(at, result) for at, result in enumerate(results) if not result.ok]
    first = _first(wrong[0][1])
    detail = f"Operation {wrong[0][0]}: {errors.text(first)}"
    content = {"detail": detail, "errors": [{"index": at, **_error(result)} for at, result in wrong]}
    return Answer(content, first.status, {errors.HEADER: first.code})
