"""Programs are told of changes: signed, again until they take it, and nowhere they may not be told."""

import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from integram.api.models import Delivery, Webhook
from integram.api.webhooks import kick, sending
from integram.api.webhooks.sending import AddressRefused, NotTaken, post
from rbac.models import User
from tests.api import sample
from tests.api.conftest import Owner

pytestmark = pytest.mark.django_db(transaction=True)
SECRET_PLACE = "http://169.254.169.254/latest/meta-data"


class Receiver(http.server.ThreadingHTTPServer):
    """A program that takes messages; ``answers`` are given in turn, then 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taker)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?x=1"


class Taker(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        status, headers = self.server.answers.pop(0) if self.server.answers else (200, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOWED_NETS = ["127.0.0.0/8"]
    kick.forget()
    server = Receiver()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Program:
    def __init__(self, owner: Owner) -> None:
        self.headers = {"Authorization": f"Bearer {owner.token}"}

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        data = "" if body is None else json.dumps(body)
        answer = Client().generic(method, f"/office/{path}", data, "application/json", headers=self.headers)
        assert answer.status_code == status, answer.content
        return answer.json()


@pytest.fixture
def program(owner: Owner) -> Program:
    sample.fill("office")
    return Program(owner)


def work() -> None:
    """Carry out all jobs that are due."""
    with app.replace_connector(app.connector.get_worker_connector()), app.open():
        app.run_worker(queues=["webhooks"], wait=False, install_signal_handlers=False, listen_notify=False)


def test_a_change_is_told_with_a_signature_that_holds(program: Program, receiver: Receiver) -> None:
    hook = program("POST", "webhooks", {"term_id": 113, "url": receiver.url})
    program("PATCH", "objects/124", {"Зарплата": 7})
    program("DELETE", "objects/128")
    program("PATCH", "objects/122", {"Должность": "Другая таблица"})
    work()
    ((headers, body),) = receiver.got
    content = json.loads(body)
    assert (content["t"], content["workspace"], content["deleted"]) == (113, "office", [128])
    assert [(item["id"], item["reqs"]["117"]) for item in content["changed"]] == [(124, "7")]
    at, mac = (part.partition("=")[2] for part in headers["X-Integram-Signature"].split(","))
    expected = hmac.new(hook["secret"].encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert mac == expected
    (logged,) = program("GET", f"webhooks/{hook['id']}/deliveries")
    assert (logged["state"], logged["attempts"], logged["response_status"]) == ("delivered", 1, 200)
    assert "secret" not in program("GET", f"webhooks/{hook['id']}")
    work()
    assert len(receiver.got) == 1


def test_what_is_not_taken_is_sent_again_later(program: Program, receiver: Receiver) -> None:
    hook = program("POST", "webhooks", {"term_id": 113, "url": receiver.url})
    receiver.answers = [(500, {})]
    program("PATCH", "objects/124", {"Зарплата": 7})
    work()
    (logged,) = program("GET", f"webhooks/{hook['id']}/deliveries")
    assert (logged["state"], logged["attempts"], logged["error"]) == ("pending", 1, "HTTP 500")
    job = ProcrastinateJob.objects.get(task_name="integram.api.send", status="todo")
    assert job.scheduled_at is not None
    work()
    assert len(receiver.got) == 1  # its time has not come
    with app.replace_connector(app.connector.get_worker_connector()), app.open():
        app.tasks["integram.api.send"].defer(delivery_id=logged["id"])
    work()
    assert program("GET", f"webhooks/{hook['id']}/deliveries")[0]["state"] == "delivered"


def test_many_writes_before_the_worker_comes_are_one_message(program: Program, receiver: Receiver) -> None:
    program("POST", "webhooks", {"term_id": 113, "url": receiver.url})
    for salary in range(5):
        program("PATCH", "objects/124", {"Зарплата": salary})
        program("PATCH", "objects/132", {"Зарплата": salary})
    work()
    (_headers, body) = receiver.got[0]
    assert len(receiver.got) == 1
    assert [item["reqs"]["117"] for item in json.loads(body)["changed"]] == ["4", "4"]


def test_a_stopped_webhook_is_told_when_it_starts_again(program: Program, receiver: Receiver) -> None:
    hook = program("POST", "webhooks", {"term_id": 113, "url": receiver.url})
    program("PATCH", f"webhooks/{hook['id']}", {"active": False})
    program("PATCH", "objects/124", {"Зарплата": 7})
    work()
    assert receiver.got == []
    program("PATCH", f"webhooks/{hook['id']}", {"active": True})
    program("PATCH", "objects/132", {"Зарплата": 8})
    work()
    assert [item["id"] for item in json.loads(receiver.got[0][1])["changed"]] == [124, 132]


def test_who_lost_his_rights_is_told_nothing(program: Program, receiver: Receiver, owner: Owner) -> None:
    hook = program("POST", "webhooks", {"term_id": 113, "url": receiver.url})
    program("PATCH", "objects/124", {"Зарплата": 7})
    User.objects.filter(pk=owner.user.pk).update(is_active=False)
    work()
    assert receiver.got == []
    stopped = Webhook.objects.get(pk=hook["id"])
    assert (stopped.active, bool(stopped.trouble)) == (False, True)
    assert not Delivery.objects.exists()


def test_a_ping_arrives(program: Program, receiver: Receiver) -> None:
    hook = program("POST", "webhooks", {"term_id": 113, "url": receiver.url})
    program("POST", f"webhooks/{hook['id']}/ping")
    work()
    assert json.loads(receiver.got[0][1])["ping"] is True
    assert program("DELETE", f"webhooks/{hook['id']}") == {"id": hook["id"]}
    assert program("GET", "webhooks") == []
    program("GET", f"webhooks/{hook['id']}", status=404)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://2130706433/",
        SECRET_PLACE,
        "http://[64:ff9b::7f00:1]/",
        "ftp://203.0.114.7/",
        "file:///etc/passwd",
        "http://user:password@203.0.114.7/",
        "http://nosuchhost.invalid/",
        "http://203.0.114.7:99999/",
        "http:///",
        "x",
        "http://203.0.114.7/\r\nHost: x",
    ],
)
def test_an_address_that_is_not_public_is_refused(url: str, program: Program) -> None:
    program("POST", "webhooks", {"term_id": 113, "url": url}, status=400)
    with pytest.raises(AddressRefused):
        sending.check(url)


def test_a_redirect_is_checked_like_the_address_itself(receiver: Receiver) -> None:
    receiver.answers = [(307, {"Location": "/again"})]
    assert post(receiver.url, b"{}", {}) == 200
    receiver.answers = [(308, {"Location": SECRET_PLACE})]
    with pytest.raises(AddressRefused):
        post(receiver.url, b"{}", {})
    receiver.answers = [(302, {"Location": "/again"})]
    with pytest.raises(NotTaken, match="302"):
        post(receiver.url, b"{}", {})
    receiver.answers = [(307, {"Location": "/again"})] * 9
    with pytest.raises(NotTaken, match="redirects"):
        post(receiver.url, b"{}", {})


def test_only_who_manages_the_table_sees_its_webhooks(program: Program, receiver: Receiver, owner: Owner) -> None:
    from rbac import tokens

    hook = program("POST", "webhooks", {"term_id": 113, "url": receiver.url})
    reader = Program(Owner(owner.user, owner.ws, tokens.create(owner.user, read_only=True)))
    assert reader("GET", "webhooks") == []
    reader("DELETE", f"webhooks/{hook['id']}", status=404)
    reader("POST", "webhooks", {"term_id": 113, "url": receiver.url}, status=403)
    program("POST", "webhooks", {"term_id": 999999, "url": receiver.url}, status=404)
