"""Files that come by e-mail: a real IMAP server (pymap, in a process of its own) holds the mailbox."""

import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.core import mail
from imap_tools import MailBoxUnencrypted

from integram.intake import answers, letters, mailbox
from integram.intake.models import Letter, MailDoor
from qdm.models import FormRun
from qdm.sheets.forms import runs
from tests.db.forms.conftest import Plants
from tests.platform.test_serve import free_port

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(importlib.util.find_spec("pymap") is None, reason="pymap, a server for IMAP, is not installed"),
]
USER, PASSWORD = "forms", "secret-of-the-mailbox"
SENDER = "foreman@bricks.example"


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """The port of an IMAP server that was started for these tests."""
    port = free_port()
    run = "import sys; sys.argv[0] = 'pymap'; from pymap.main import main; sys.exit(main())"
    command = [sys.executable, "-c", run, "--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    for service in ("managesieve", "admin"):
        command += ["--no-service", service]
    command += ["dict", "--demo-data", "--demo-user", USER, "--demo-password", PASSWORD]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        limit = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, process.stderr.read().decode()[-2000:]  # type: ignore[union-attr]
                assert time.monotonic() < limit, "pymap does not listen"
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def box(server: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailBoxUnencrypted]:
    """The mailbox, empty, as its owner sees it; the settings know it."""
    known = {"HOST": "127.0.0.1", "PORT": server, "SECURITY": "none", "USER": USER, "PASSWORD": PASSWORD}
    for name, value in known.items():
        monkeypatch.setattr(settings, f"IMAP_{name}", value)
    with MailBoxUnencrypted("127.0.0.1", server).login(USER, PASSWORD) as box:
        for folder in ("INBOX", settings.IMAP_DONE_FOLDER):
            if box.folder.exists(folder):
                box.folder.set(folder)
                box.delete(box.uids())
        box.folder.set("INBOX")
        yield box


@pytest.fixture
def door(plants: Plants) -> MailDoor:
    return MailDoor.objects.create(form=plants.forms["bricks"], senders=f"{SENDER}\n@mixes.example\n")


def letter(*files: Path, to: str = "forms+bricks@integram.example", sender: str = SENDER, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = f"Foreman <{sender}>", to
    message["Subject"] = headers.pop("Subject", "Отчёт за день")
    message["Message-ID"] = headers.pop("identity", make_msgid(domain="bricks.example"))
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("The report is attached.")
    for file in files:
        message.add_attachment(file.read_bytes(), maintype="application", subtype="octet-stream", filename=file.name)
    return message.as_bytes()


def looked(plants: Plants) -> int:
    """What the worker does each minute, with the runs that come of it checked."""
    taken = mailbox.collect(lambda message: letters.take_in(message, lambda form: plants.access))
    for run in FormRun.objects.filter(phase=FormRun.Phase.QUEUED):
        runs.check(run.pk, access=plants.access)
    return taken


def folders(box: MailBoxUnencrypted) -> dict[str, int]:
    found = {}
    for name in ("INBOX", settings.IMAP_DONE_FOLDER):
        box.folder.set(name)
        found[name] = len(box.uids())
    box.folder.set("INBOX")
    return found


def test_a_file_sent_by_mail_ends_in_the_table_once(
    plants: Plants, mailed: dict[str, list[Path]], box: MailBoxUnencrypted, door: MailDoor
) -> None:
    before = len(plants.rows())
    sent = letter(mailed["bricks"][0])
    box.append(sent, "INBOX")
    assert looked(plants) == 1
    run = FormRun.objects.get()
    assert (run.phase, run.door, run.sender) == (FormRun.Phase.APPLIED, FormRun.Door.MAIL, SENDER)
    assert run.file_name == mailed["bricks"][0].name
    assert len(plants.rows()) == before + run.counts["new"]
    assert folders(box) == {"INBOX": 0, settings.IMAP_DONE_FOLDER: 1}
    # the same letter again, as after a crash before it was moved
    box.append(sent, "INBOX")
    assert looked(plants) == 1
    assert (FormRun.objects.count(), Letter.objects.count()) == (1, 1)
    assert folders(box) == {"INBOX": 0, settings.IMAP_DONE_FOLDER: 2}
    assert answers.answer_all() == 0
    assert mail.outbox == [], "what is good is not answered"


def test_a_bad_file_comes_back_marked_once(
    plants: Plants, mailed: dict[str, list[Path]], box: MailBoxUnencrypted, door: MailDoor, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(mailed["bricks"][0])
    book.active["G6"] = "много"
    book.save(tmp_path / "broken.xlsx")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG")
    box.append(letter(tmp_path / "broken.xlsx", tmp_path / "logo.png", identity="<one@bricks.example>"), "INBOX")
    looked(plants)
    assert answers.answer_all() == 1
    assert answers.answer_all() == 0
    (answer,) = mail.outbox
    assert answer.to == [SENDER]
    assert answer.extra_headers["In-Reply-To"] == "<one@bricks.example>"
    ((name, content, _kind),) = answer.attachments
    marked = tmp_path / name
    marked.write_bytes(content)
    assert "много" in openpyxl.load_workbook(marked)[book.active.title]["G6"].comment.text


def test_a_letter_finds_its_form_by_its_subject(
    plants: Plants, mailed: dict[str, list[Path]], box: MailBoxUnencrypted, door: MailDoor
) -> None:
    box.append(letter(mailed["bricks"][0], to="forms@integram.example", Subject="Fwd: bricks, 8 Dec"), "INBOX")
    looked(plants)
    assert FormRun.objects.get().form == plants.forms["bricks"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "stranger@elsewhere.example"},
        {"sender": "foreman@bricks.example.evil.example"},
        {"to": "forms+other@integram.example"},
        {"Authentication_Results": "mx.integram.example; dmarc=fail header.from=bricks.example"},
    ],
)
def test_other_letters_bring_nothing_and_are_not_answered(
    plants: Plants, mailed: dict[str, list[Path]], box: MailBoxUnencrypted, door: MailDoor, wrong: dict[str, str]
) -> None:
    box.append(letter(mailed["bricks"][0], **wrong), "INBOX")
    assert looked(plants) == 1
    assert not FormRun.objects.exists()
    assert Letter.objects.get().problem
    assert answers.answer_all() == 0
    assert mail.outbox == []
    assert folders(box)["INBOX"] == 0


def test_a_letter_without_a_workbook_is_told_so_unless_a_program_wrote_it(
    plants: Plants, box: MailBoxUnencrypted, door: MailDoor
) -> None:
    box.append(letter(sender="a@mixes.example"), "INBOX")
    box.append(letter(Auto_Submitted="auto-replied"), "INBOX")
    assert looked(plants) == 2
    assert answers.answer_all() == 1
    assert [message.to for message in mail.outbox] == [["a@mixes.example"]]


def test_an_answer_that_cannot_be_sent_is_sent_later(
    plants: Plants, box: MailBoxUnencrypted, door: MailDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.append(letter(), "INBOX")
    looked(plants)
    with monkeypatch.context() as broken:
        broken.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
        broken.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        broken.setattr(settings, "EMAIL_PORT", free_port())
        assert answers.answer_all() == 0
    found = Letter.objects.get()
    assert (found.attempts, found.answered_at) == (1, None)
    assert answers.answer_all() == 0, "not before its time"
    Letter.objects.update(answer_after=found.received_at)
    assert answers.answer_all() == 1
