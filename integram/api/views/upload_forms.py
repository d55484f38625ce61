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
    return _state(runs.get(run_id, access=call.access))


def decide(call: Call, run_id: int) -> dict[str, Any]:
    act = ACTS.get(str(call.json().get("act")))
    if act is None:
        raise Malformed([problem(("body", "act"), _("accept, reject or undo is expected."))])
    return _state(act(run_id, access=call.access))


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
