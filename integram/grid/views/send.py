"""The link of an upload form, for outsiders: no account, a file in, its problems back, nothing else.

The file is taken in under the rights of who made the form. Of the table nothing is shown: only the counts of the
sender's own file, and his own cells that are wrong.
"""

from django.core import signing
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integram.grid import door
from integram.grid.views.exports import attachment
from integram.grid.views.upload_forms import RUNNING
from qdm.errors import InvalidRequest, QdmError, TooLarge
from qdm.models import FormRun, UploadForm
from qdm.sheets.errors import RunNotFound
from qdm.sheets.forms import definitions, runs
from rbac.access import access_for
from rbac.models import User

#: Bytes of a file from outside.
MOST_BYTES = 20 * 2**20
#: Seconds for which the sender may look at what became of his file.
SHOWN = 30 * 24 * 3600
SALT = "integram.grid.send"


def form(request: HttpRequest, text: str) -> HttpResponseBase:
    """The page of the link; a file sent becomes a run."""
    try:
        found = definitions.of_link(text)
    except QdmError as error:
        return door.answer(request, error)
    problem = ""
    if request.method == "POST":
        try:
            run = _sent(request, found)
            address = reverse("sent", args=[text, signing.dumps(run.pk, salt=SALT)])
            return JsonResponse({"url": address}) if door.wants_json(request) else redirect(address)
        except QdmError as error:
            if door.wants_json(request):
                return door.answer(request, error)
            problem = str(error)
    return render(
        request, "upload_forms/send.html", {"form": found, "problem": problem}, status=422 if problem else 200
    )


@require_safe
def sent(request: HttpRequest, text: str, key: str) -> HttpResponseBase:
    """What became of the file."""
    try:
        run = _run(text, key)
    except QdmError as error:
        return door.answer(request, error)
    if door.wants_json(request):
        return JsonResponse({"phase": run.phase, "done": 0, "total": None})
    context = {"form": run.form, "run": run, "text": text, "key": key, "is_running": run.phase in RUNNING}
    return render(request, "upload_forms/sent.html", context)


@require_safe
def marked(request: HttpRequest, text: str, key: str) -> HttpResponseBase:
    try:
        run = _run(text, key)
        return attachment(runs.marked(run).open("rb"), runs.marked_name(run), "xlsx")
    except QdmError as error:
        return door.answer(request, error)


def _sent(request: HttpRequest, found: UploadForm) -> FormRun:
    file = request.FILES.get("file")
    if file is None:
        raise InvalidRequest(_("Choose a file first."))
    if (file.size or 0) > MOST_BYTES:
        raise TooLarge(_("The file is larger than %(limit)d MB.") % {"limit": MOST_BYTES >> 20})
    owner = User.objects.filter(pk=found.owner, is_active=True).first()
    if owner is None:
        raise InvalidRequest(_("This form takes no files at present."))
    access = access_for(owner, found.workspace.slug, via="form")
    sender = request.POST.get("sender", "").strip() or _("by the link")
    return runs.send(found, file, access=access, door=FormRun.Door.LINK, sender=sender)


def _run(text: str, key: str) -> FormRun:
    """A run of this link's form whose key the sender has. Raises FormNotFound, RunNotFound."""
    found = definitions.of_link(text)
    try:
        run_id = signing.loads(key, salt=SALT, max_age=SHOWN)
    except signing.BadSignature:
        raise RunNotFound from None
    run = found.runs.filter(pk=run_id, door=FormRun.Door.LINK).select_related("form").first()
    if run is None:
        raise RunNotFound
    return run
