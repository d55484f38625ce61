"""The mailbox: every letter of its folder is looked at once and then moved to the folder of those that are done."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from imap_tools import A, MailBox, MailBoxStartTls, MailBoxUnencrypted, MailMessage, MailMessageFlags
from imap_tools.mailbox import BaseMailBox

logger = logging.getLogger("integram.intake")

#: Letters in one look.
MOST = 50
#: Bytes of a letter; files in letters are a third larger than on disk.
LARGEST = 70 * 2**20
TIMEOUT = 60.0  #: seconds for each step
_KINDS = {"tls": MailBox, "starttls": MailBoxStartTls, "none": MailBoxUnencrypted}


def collect(take_in: Callable[[MailMessage], object]) -> int:
    """Hand over each letter that lies in the mailbox, oldest first; how many. One that raises stays where it is.

    A letter too large to be read is handed over without its body. Raises what imap-tools raises and OSError.
    """
    done = 0
    with _opened() as box:
        for uid in box.uids()[:MOST]:
            try:
                take_in(_read(box, uid))
            except Exception:
                logger.exception("letter %s of the mailbox is not taken in", uid)
                continue
            box.flag(uid, MailMessageFlags.SEEN, True)
            box.move(uid, settings.IMAP_DONE_FOLDER)
            done += 1
    return done


@contextmanager
def _opened() -> Iterator[BaseMailBox]:
    box = _KINDS[settings.IMAP_SECURITY](settings.IMAP_HOST, settings.IMAP_PORT, timeout=TIMEOUT)
    with box.login(settings.IMAP_USER, settings.IMAP_PASSWORD, settings.IMAP_FOLDER):
        if not box.folder.exists(settings.IMAP_DONE_FOLDER):
            box.folder.create(settings.IMAP_DONE_FOLDER)
        yield box


def _read(box: BaseMailBox, uid: str) -> MailMessage:
    head = next(iter(box.fetch(A(uid=uid), mark_seen=False, headers_only=True)))
    if head.size_rfc822 > LARGEST:
        return head
    return next(iter(box.fetch(A(uid=uid), mark_seen=False)))
