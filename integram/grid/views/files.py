"""A file comes into a column, and goes out of a cell to whoever may read it."""

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from integram.cell_files import attachment
from integram.grid.door import in_workspace
from qdm.access import Access
from qdm.errors import InvalidRequest, RequisiteNotFound
from qdm.selectors import files as reading
from qdm.services import files


@require_POST
@in_workspace
def upload(request: HttpRequest, access: Access, term_id: int, column_id: int) -> HttpResponseBase:
    """``{"value"}``: the text of the cell the file is for, to be written like any other."""
    if column_id not in access.term(term_id).by_id:
        raise RequisiteNotFound
    sent = request.FILES.get("file")
    if sent is None:
        raise InvalidRequest(_("Choose a file first."))
    stored = files.keep(column_id, sent.name or "", sent.chunks(), access=access)
    return JsonResponse({"value": stored.text})


@require_safe
@in_workspace
def download(
    request: HttpRequest, access: Access, term_id: int, record_id: int, column_id: int, key: str
) -> HttpResponseBase:
    """The file; with ``shown``, a picture to be looked at."""
    access.term(term_id)
    stored, content = reading.of_cell(record_id, column_id, key, access=access)
    return attachment(stored, content, shown="shown" in request.GET)
