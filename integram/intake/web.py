"""Files at an address on the web, a published Google sheet say: fetched when due, sent to the form if they are new."""

import hashlib
import logging
import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from integram.intake.models import WebSource
from integram.outbound import Answer, Unreachable, exchange, target
from qdm.access import Access
from qdm.errors import InvalidRequest, QdmError
from qdm.models import FormRun, UploadForm
from qdm.sheets.forms import runs
from qdm.sheets.uploads import MAX_UPLOAD

logger = logging.getLogger("integram.intake")

#: How often an address may be looked at, minutes.
INTERVALS = (15, 60, 360, 1440)
REDIRECTS = 5
#: For all of it, redirects too.
SECONDS = 120.0
_GOOGLE = re.compile(r"(https://docs\.google\.com/spreadsheets/d/(?:e/)?[\w-]+)/(edit|pubhtml)\b.*")
_NAME = re.compile(r"filename\*=UTF-8''([^;]+)|filename=\"?([^\";]+)", re.IGNORECASE)


def address_of(text: str) -> str:
    """What is fetched for an address as people copy it: a Google sheet's page becomes its workbook. Raises
    AddressRefused."""
    url = text.strip()
    if google := _GOOGLE.fullmatch(url):
        url = google[1] + ("/export?format=xlsx" if google[2] == "edit" else "/pub?output=xlsx")
    target(url, settings.SOURCE_ALLOWED_NETS)
    return url


def look(access_of: Callable[[UploadForm], Access]) -> int:
    """Fetch from the addresses that are due; how many files were sent to their forms."""
    sent = 0
    now = timezone.now()
    for source in WebSource.objects.filter(next_at__lte=now, form__is_open=True).select_related("form__workspace"):
        following = now + timedelta(minutes=source.minutes)
        if not WebSource.objects.filter(pk=source.pk, next_at=source.next_at).update(next_at=following, looked_at=now):
            continue  # another worker is at it
        with override(source.form.language):
            try:
                sent += _look(source, access_of)
                problem = ""
            except (QdmError, Unreachable) as error:
                logger.warning("source %s: %s", source.pk, error)
                problem = str(error)
        WebSource.objects.filter(pk=source.pk).update(problem=problem)
    return sent


def _look(source: WebSource, access_of: Callable[[UploadForm], Access]) -> bool:
    known = {"If-None-Match": source.etag, "If-Modified-Since": source.modified}
    answer, url = _fetched(source.url, {name: value for name, value in known.items() if value})
    if answer.status == 304:
        return False
    digest = hashlib.sha256(answer.body).digest()
    is_new = digest != bytes(source.digest)
    if is_new:
        file = ContentFile(answer.body, _name(answer, url))
        host = urlsplit(source.url).hostname or ""
        runs.send(source.form, file, access=access_of(source.form), door=FormRun.Door.WEB, sender=host)
    WebSource.objects.filter(pk=source.pk, url=source.url).update(
        etag=answer.headers.get("etag", "")[:500], modified=answer.headers.get("last-modified", "")[:100], digest=digest
    )
    return is_new


def _fetched(url: str, known: dict[str, str]) -> tuple[Answer, str]:
    """The answer and the address it came from. Raises AddressRefused, Unreachable, InvalidRequest."""
    headers = {"User-Agent": "Integram", "Accept": "*/*"} | known
    until = time.monotonic() + SECONDS
    for _hop in range(REDIRECTS + 1):
        at = target(url, settings.SOURCE_ALLOWED_NETS)
        answer = exchange(at, "GET", headers, most=MAX_UPLOAD, seconds=max(until - time.monotonic(), 0.0))
        location = answer.headers.get("location")
        if answer.status in (301, 302, 303, 307, 308) and location:
            url = urljoin(url, location)
            continue
        if answer.status == 304 and known:
            return answer, url
        if answer.status != 200:
            raise InvalidRequest(_("The address answers with an error: HTTP %(status)d.") % {"status": answer.status})
        if answer.is_cut:
            raise InvalidRequest(_("The file is larger than %(limit)d MB.") % {"limit": MAX_UPLOAD >> 20})
        if answer.headers.get("content-type", "").startswith("text/html"):
            raise InvalidRequest(_("There is a page at this address, no file. Publish it as CSV or XLSX."))
        return answer, url
    raise InvalidRequest(_("The address leads on and on."))


def _name(answer: Answer, url: str) -> str:
    found = _NAME.search(answer.headers.get("content-disposition", ""))
    if found:
        return unquote(found[1]) if found[1] else found[2]
    return PurePosixPath(unquote(urlsplit(url).path)).name or "file"
