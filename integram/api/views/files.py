"""Files of cells: taken in for a column, given out of a cell."""

from typing import Any

from django.http import FileResponse

from integram.api.door import Call
from integram.api.errors import Malformed, problem
from integram.cell_files import attachment
from qdm.selectors import files as reading
from qdm.services import files


def upload(call: Call, requisite_id: int) -> dict[str, Any]:
    """The body is the file; ``name`` what it is called. The answer's ``value`` is what to write into the cell."""
    name = call.parameters.get("name", "")
    if not name or call.parameters.keys() - {"name"}:
        raise Malformed([problem(("query", "name"), "The name of the file is expected.")])
    stored = files.keep(requisite_id, name, [call.body], access=call.access)
    return {"value": stored.text, "name": stored.name, "size": stored.size}


def download(call: Call, object_id: int, requisite_id: int) -> FileResponse:
    """``key``: which of several, as in the cell's text behind the last slash."""
    if call.parameters.keys() - {"key"}:
        raise Malformed([problem(("query",), "key is all that can be asked.")])
    stored, content = reading.of_cell(object_id, requisite_id, call.parameters.get("key"), access=call.access)
    return attachment(stored, content)
