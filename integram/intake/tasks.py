"""What the worker does each minute for the doors of upload forms."""

from django.conf import settings
from procrastinate.contrib.django import app

from integram import owners
from integram.intake import answers, letters, mailbox, web
from integram.job_connections import fresh_connections
from qdm.sheets.forms.runs import QUEUE

MAIL_TASK, WEB_TASK = "integram.intake.mail", "integram.intake.web"


@app.periodic(cron="* * * * *")
@app.task(name=MAIL_TASK, queue=QUEUE, queueing_lock=MAIL_TASK)
@fresh_connections()
def look_into_the_mailbox(timestamp: int) -> None:
    if settings.IMAP_HOST:
        mailbox.collect(lambda message: letters.take_in(message, owners.of_form))
    answers.answer_all()


@app.periodic(cron="* * * * *")
@app.task(name=WEB_TASK, queue=QUEUE, queueing_lock=WEB_TASK)
@fresh_connections()
def look_at_addresses(timestamp: int) -> None:
    web.look(owners.of_form)
