"""A table as a file: at once where it is small, else as a job to ask for."""

from typing import IO, Any

from django.http import FileResponse

from integram.api.answer import Answer
from integram.api.door import Call
from integram.api.errors import Malformed, problem
from integram.api.query import question
from qdm.models import ExportJob
from qdm.sheets.export import jobs
from qdm.sheets.export.formats import CONTENT_TYPES, FORMATS
from qdm.sheets.export.jobs import Order


def table(call: Call, term_id: int) -> FileResponse | Answer:
    """The rows of a structured question by address, beside ``format``, ``ids`` and ``language``."""
    given = dict(call.parameters)
    name, ids, language = given.pop("format", "xlsx"), given.pop("ids", "0"), given.pop("language", "ru")
    if name not in FORMATS or ids not in ("0", "1") or language not in ("ru", "en"):
        known = ", ".join(FORMATS)
        raise Malformed([problem(("query",), f"format is one of {known}; ids 0 or 1; language ru or en.")])
    term = call.access.term(term_id)
    asked = question.read(question.of_address(given), term, call.access.schema)
    order = Order(term_id, asked.query, name, ids == "1")
    if jobs.is_small(order, access=call.access):
        file, file_name, _written = jobs.at_once(order, access=call.access, language=language)
        return _attachment(file, file_name, name)
    return Answer(_state(jobs.start(order, access=call.access, language=language)), 202)


def template(call: Call, term_id: int) -> FileResponse:
    """The body is a workbook; it comes back with the rows of the question in it."""
    given = dict(call.parameters)
    language = given.pop("language", "ru")
    if language not in ("ru", "en") or not call.body:
        raise Malformed([problem(("body",), "A workbook is expected; language ru or en.")])
    term = call.access.term(term_id)
    asked = question.read(question.of_address(given), term, call.access.schema)
    order = Order(term_id, asked.query, "xlsx")
    file, name, _written = jobs.filled([call.body], order, access=call.access, language=language)
    return _attachment(file, name, "xlsx")


def state(call: Call, export_id: int) -> dict[str, Any]:
    return _state(jobs.get(export_id, access=call.access))


def file(call: Call, export_id: int) -> FileResponse:
    job = jobs.get(export_id, access=call.access)
    return _attachment(jobs.file_of(job, access=call.access), job.file_name, job.format)


def _state(job: ExportJob) -> dict[str, Any]:
    return {
        "id": job.pk,
        "phase": job.phase,
        "rows_done": job.rows_done,
        "rows_total": job.rows_total,
        "cut": job.cut,
        "message": job.message,
        "file": f"/{job.workspace.slug}/exports/{job.pk}/file" if job.phase == ExportJob.Phase.DONE else None,
    }


def _attachment(file: IO[bytes], name: str, format_name: str) -> FileResponse:
    response = FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[format_name])
    response["Cache-Control"] = "private, no-store"
    return response
