"""Upload forms for programs: a file in, what became of it, the decision about it."""

from typing import Any

from django.core.files.base import ContentFile
from django.http import FileResponse
from django.utils.translation import gettext as _

from integram.api.answer import Answer
from integram.api.door import Call
from integram.api.errors import Malformed, problem
from qdm.models import FormRun
from qdm.sheets.export.formats import CONTENT_TYPES
from qdm.sheets.forms import definitions, runs

#: What may be done with a run.
ACTS = {"accept": runs.accept, "reject": runs.reject, "undo": runs.undo}


def listed(call: Call) -> list[dict[str, Any]]:
    return [
        {"id": form.pk, "name": form.slug, "title": form.title, "term": form.term, "open": form.is_open}
        for form in definitions.of_workspace(access=call.access)
    ]


def send(call: Call, form_id: int) -> Answer:
    """The body is the file, the parameter ``name`` what it is called."""
    form = definitions.get(form_id, access=call.access)
    if not call.body:
        raise Malformed([problem(("body",), _("A file is expected."))])
    file = ContentFile(call.body, name=call.parameters.get("name", "file"))
    return Answer(_state(runs.send(form, file, access=call.access, door=FormRun.Door.REST)), 202)


def state(call: Call, run_id: int) -> dict[str, Any]:
    """With ``undo`` where the worker takes it back, or has tried to: its phase, rows done, what went wrong."""
    run = runs.get(run_id, access=call.access)
    job = runs.undoing(run, access=call.access)
    told = {"phase": job.phase, "rows": job.rows_done, "message": job.message} if job is not None else None
    return _state(run) | ({"undo": told} if told is not None else {})


def decide(call: Call, run_id: int) -> Answer:
    """202 where the worker goes on with it: accepting, and taking back what is large."""
    act = ACTS.get(str(call.json().get("act")))
    if act is None:
        raise Malformed([problem(("body", "act"), _("accept, reject or undo is expected."))])
    run = act(run_id, access=call.access)
    waits = act == runs.undo and run.phase != FormRun.Phase.UNDONE
    return Answer(state(call, run_id) if waits else _state(run), 202 if waits else 200)


def marked(call: Call, run_id: int) -> FileResponse:
    found = runs.get(run_id, access=call.access)
    return FileResponse(
        runs.marked(found).open("rb"),
        as_attachment=True,
        filename=runs.marked_name(found),
        content_type=CONTENT_TYPES["xlsx"],
    )


def _state(run: FormRun) -> dict[str, Any]:
    return {
        "id": run.pk,
        "form": run.form_id,
        "file": run.file_name,
        "phase": run.phase,
        "counts": {name: number for name, number in run.counts.items() if name != "sheet"},
        "changes": run.preview,
        "problems": run.problems,
        "message": run.message,
        "batch": run.batch,
    }
