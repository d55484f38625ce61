"""A letter whose files were bad is answered: the sender's own workbook with what is wrong in it."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from integram.intake.models import Letter
from qdm.errors import QdmError
from qdm.models import FormRun
from qdm.sheets.forms import runs

logger = logging.getLogger("integram.intake")

#: Tried again after 1, 2, 4, … minutes.
MOST_ATTEMPTS = 8
_BUSY = (FormRun.Phase.QUEUED, FormRun.Phase.CHECKING)


def answer_all() -> int:
    """Answer the letters whose files have all been checked; how many answers were sent."""
    due = Letter.objects.filter(answered_at=None, attempts__lt=MOST_ATTEMPTS, answer_after__lte=timezone.now())
    return sum(_answer(pk) for pk in due.values_list("pk", flat=True)[:200])


def _answer(letter_id: int) -> bool:
    with transaction.atomic():
        letter = Letter.objects.select_for_update(skip_locked=True).filter(pk=letter_id, answered_at=None).first()
        if letter is None or letter.runs.filter(phase__in=_BUSY).exists():
            return False
        bad = [run for run in letter.runs.order_by("pk") if run.problems or run.phase == FormRun.Phase.FAILED]
        is_sent = False
        if letter.reply_to and letter.form is not None and (bad or letter.problem):
            try:
                with override(letter.form.language):
                    _written(letter, bad).send()
                is_sent = True
            except OSError as error:  # smtplib's errors are OSErrors
                logger.warning("answer to letter %s is not sent: %s", letter.pk, error)
                letter.attempts += 1
                letter.answer_after = timezone.now() + timedelta(minutes=2 ** (letter.attempts - 1))
                letter.save(update_fields=["attempts", "answer_after"])
                return False
        letter.answered_at = timezone.now()
        letter.save(update_fields=["answered_at"])
    return is_sent


def _written(letter: Letter, bad: list[FormRun]) -> EmailMessage:
    lines = [_("Not everything in your letter could be taken in.")]
    if letter.problem:
        lines.append(letter.problem)
    files = []
    for run in bad:
        said = run.message
        if run.problems:
            count = run.counts.get("bad", 0)
            said = ngettext("%(count)d row is bad", "%(count)d rows are bad", count) % {"count": count}
            try:
                files.append((runs.marked_name(run), runs.marked(run).read_bytes()))
            except QdmError as error:
                said += f". {error}"
        lines.append(f"{run.file_name}: {said}")
    if files:
        lines.append(_("The files are attached with what is wrong marked in them. Correct it and send them again."))
    message = EmailMessage(
        f"Re: {letter.subject}".replace("\n", " ").replace("\r", " "),
        "\n\n".join(lines),
        settings.DEFAULT_FROM_EMAIL,
        [letter.reply_to],
        headers={"Auto-Submitted": "auto-replied"},
    )
    if identity := "".join(letter.message_id.split()):
        message.extra_headers |= {"In-Reply-To": identity, "References": identity}
    for name, content in files:
        message.attach(name, content, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    return message
