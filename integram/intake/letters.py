"""A letter becomes runs of the form it is meant for: by the address it was sent to, else by its subject.

Whoever can write an address into a letter can pretend to be it. So a form takes letters from the senders its owner has
named only, and none that the mailbox's own server found forged; nobody else is answered.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import getaddresses
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from imap_tools import MailAttachment, MailMessage

from integram.intake.models import Letter, MailDoor
from qdm.access import Access
from qdm.errors import QdmError
from qdm.models import FormRun, UploadForm
from qdm.sheets.forms import runs

logger = logging.getLogger("integram.intake")

ENDINGS = {".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".txt"}
#: Files of one letter.
MOST_FILES = 20
_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")


def take_in(message: MailMessage, access_of: Callable[[UploadForm], Access]) -> Letter | None:
    """The letter with its runs, all in one transaction; None for one that has come before."""
    digest = hashlib.sha256(_identity(message)).digest()
    if Letter.objects.filter(digest=digest).exists():
        return None
    sender = message.from_.strip()[:320]
    with transaction.atomic():
        letter = Letter.objects.create(
            digest=digest, message_id=_header(message, "message-id"), sender=sender, subject=message.subject[:500]
        )
        door = _door(message)
        if door is None:
            letter.problem = "no form takes files by this address or subject"
        elif not allowed(sender, door.senders) or _is_forged(message):
            letter.form, letter.problem = door.form, "not from a sender of this form"
        else:
            letter.form = door.form
            letter.reply_to = "" if _is_automatic(message) else sender
            with override(door.form.language):
                letter.problem = _send_files(letter, message, access_of)
        letter.save()
    if letter.problem:
        logger.warning("letter from %s: %s", sender, letter.problem)
    return letter


def _send_files(letter: Letter, message: MailMessage, access_of: Callable[[UploadForm], Access]) -> str:
    """What was wrong, '' where every file became a run."""
    assert letter.form is not None
    files = list(_files(message))
    if not files:
        return _("There is no workbook in this letter, or the letter is too large.")
    problems = []
    for file in files:
        try:
            with transaction.atomic():
                access = access_of(letter.form)
                content = ContentFile(file.payload, file.filename)
                run = runs.send(letter.form, content, access=access, door=FormRun.Door.MAIL, sender=letter.sender)
                letter.runs.add(run)
        except QdmError as error:
            problems.append(f"{file.filename}: {error}")
    return "\n".join(problems)


def _files(message: MailMessage) -> Iterator[MailAttachment]:
    found = [part for part in message.attachments if PurePath(part.filename).suffix.lower() in ENDINGS]
    yield from found[:MOST_FILES]


def _door(message: MailMessage) -> MailDoor | None:
    """By ``<slug>@…`` or ``…+<slug>@…``; else by the form's short name or title in the subject."""
    doors = list(MailDoor.objects.filter(form__is_open=True).select_related("form__workspace"))
    by_slug = {door.form.slug: door for door in doors}
    for local in _recipients(message):
        for name in (local.rpartition("+")[2], local):
            if name in by_slug:
                return by_slug[name]
    subject = message.subject.casefold()
    words = set(re.findall(r"[\w-]+", subject))
    named = [door for door in doors if door.form.slug in words]
    named = named or [door for door in doors if door.form.title.casefold() in subject]
    return named[0] if len(named) == 1 else None


def _recipients(message: MailMessage) -> list[str]:
    """What stands before the @ of whom it was sent to."""
    headers: Mapping[str, Sequence[str]] = message.headers
    lines = [line for name in _TO for line in headers.get(name, ())]
    return [address.rpartition("@")[0].casefold() for _name, address in getaddresses(lines) if "@" in address]


def allowed(sender: str, senders: str) -> bool:
    """Whether the address or its domain is in the list, one a line."""
    known = {line.strip().casefold() for line in senders.splitlines() if line.strip()}
    folded = sender.casefold()
    return bool(folded) and (folded in known or f"@{folded.rpartition('@')[2]}" in known)


def _is_forged(message: MailMessage) -> bool:
    """RFC 8601: the first such header is of the server that received it last, the mailbox's own."""
    return re.search(r"\bdmarc\s*=\s*fail\b", _header(message, "authentication-results"), re.IGNORECASE) is not None


def _is_automatic(message: MailMessage) -> bool:
    """RFC 3834: what a program wrote is not answered, or two programs would write to each other for ever."""
    return _header(message, "auto-submitted").strip().casefold() not in ("", "no")


def _header(message: MailMessage, name: str) -> str:
    headers: Mapping[str, Sequence[str]] = message.headers
    return next(iter(headers.get(name, ())), "")


def _identity(message: MailMessage) -> bytes:
    return (_header(message, "message-id").strip() or message.obj.as_string()).encode("utf-8", "surrogateescape")
