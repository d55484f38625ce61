"""Letters to people about what the worker has done for them."""

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from integram import owners
from qdm.models import ExportJob

logger = logging.getLogger("integram.notices")


def export_ended(job: ExportJob) -> None:
    """That a large export is ready, or why it is not, to whoever started it and has an address. It is no harm where the
    letter cannot be sent: the export's page says the same."""
    to = getattr(owners.user(job.owner), "email", "")
    if not settings.EMAIL_HOST or not to or job.phase not in (ExportJob.Phase.DONE, ExportJob.Phase.FAILED):
        return
    page = f"{settings.SITE_URL}{reverse('grid:export-job', args=[job.workspace.slug, job.pk])}"
    with override(job.language):
        if job.phase == ExportJob.Phase.DONE:
            subject = _("%(file)s is ready") % {"file": job.file_name}
            text = _("%(rows)d rows. Fetch it within a day: %(page)s") % {"rows": job.rows_done, "page": page}
        else:
            subject = _("%(file)s could not be written") % {"file": job.file_name}
            text = f"{job.message}\n\n{page}"
    try:
        send_mail(subject, text, None, [to])
    except OSError as error:  # smtplib's errors are OSErrors
        logger.warning("the letter about export %s is not sent: %s", job.pk, error)
