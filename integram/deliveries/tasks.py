"""What the worker does for deliveries: each minute it looks what is due; each letter is a job of its own."""

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from integram.deliveries import sending
from integram.job_connections import fresh_connections
from qdm.sheets.export.jobs import QUEUE

PLAN_TASK, SEND_TASK = "integram.deliveries.plan", "integram.deliveries.send"


@app.periodic(cron="* * * * *")
@app.task(name=PLAN_TASK, queue=QUEUE, queueing_lock=PLAN_TASK)
@fresh_connections()
def plan_deliveries(timestamp: int) -> None:
    for pk in sending.plan():
        with suppress(AlreadyEnqueued):
            app.configure_task(SEND_TASK, queue=QUEUE, queueing_lock=f"{SEND_TASK} {pk}").defer(sending_id=pk)


@app.task(name=SEND_TASK, queue=QUEUE)
@fresh_connections()
def send_delivery(sending_id: int) -> None:
    sending.send(sending_id)


@app.periodic(cron="29 4 * * *")
@app.task(name="integram.deliveries.forget", queue=QUEUE)
@fresh_connections()
def forget_old_sendings(timestamp: int) -> None:
    sending.forget()
