"""The file of a cell as an answer: to be saved, or a picture to be looked at; nothing in it ever runs."""

from typing import IO

from django.http import FileResponse

from qdm.models import StoredFile

#: Whatever the file claims to be: no scripts, no frames, nothing fetched, an origin of its own.
POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def attachment(stored: StoredFile, content: IO[bytes], *, shown: bool = False) -> FileResponse:
    """``shown``: inline, where it is a picture by its first bytes; all else is saved and not opened."""
    inline = shown and bool(stored.kind)
    response = FileResponse(
        content,
        as_attachment=not inline,
        filename=stored.name,
        content_type=stored.kind if inline else "application/octet-stream",
    )
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-cache" if inline else "private, no-store"
    return response
