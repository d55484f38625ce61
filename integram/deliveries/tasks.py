"""What the worker does for deliveries: each minute it looks what is due; each letter is a job of its own."""

from contextlib import suppress

from django.db import close_old_connections
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from integram.deliveries import sending
from qdm.sheets.export.jobs import QUEUE

PLAN_TASK, SEND_TASK = "integram.deliveries.plan", "integram.deliveries.send"


@app.periodic(cron="* * * * *")
@app.task(name=PLAN_TASK, queue=QUEUE, queueing_lock=PLAN_TASK)
def plan_deliveries(timestamp: int) -> None:
    close_old_connections()
    try:
        for pk in sending.plan():
            with suppress(AlreadyEnqueued):
                app.configure_task(SEND_TASK, queue=QUEUE, queueing_lock=f"{SEND_TASK} {pk}").defer(sending_id=pk)
    finally:
        close_old_connections()


@app.task(name=SEND_TASK, queue=QUEUE)
def send_delivery(sending_id: int) -> None:
    close_old_connections()
    try:
        sending.send(sending_id)
    finally:
        close_old_connections()


@app.periodic(cron="29 4 * * *")
@app.task(name="integram.deliveries.forget", queue=QUEUE)
def forget_old_sendings(timestamp: int) -> None:
    close_old_connections()
    try:
        sending.forget()
    finally:
        close_old_connections()
