"""Files fetched from the web, from a real server on this machine."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from django.conf import settings
from django.utils import timezone

from integram.intake import web
from integram.intake.models import WebSource
from integram.outbound import AddressRefused
from qdm.models import FormRun
from qdm.sheets.forms import runs
from tests.db.forms.conftest import Plants

pytestmark = pytest.mark.django_db


class Site(BaseHTTPRequestHandler):
    """Serves ``files``; ``/moved`` leads to ``leads``. ``with_etag``: whether it says when nothing is new."""

    files: ClassVar[dict[str, bytes]] = {}
    leads: ClassVar[str] = ""
    with_etag: ClassVar[bool] = True
    asked: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        content = self.files.get(self.path)
        if self.path.startswith("/slow"):
            self._drip()
        elif self.path == "/moved":
            self._say(302, location=self.leads)
        elif content is None:
            self._say(404)
        else:
            etag = f'"{hash(content)}"'
            if self.with_etag and self.headers.get("If-None-Match") == etag:
                self._say(304)
            else:
                kind = "text/html" if self.path.endswith("html") else "application/octet-stream"
                self._say(200, content, etag=etag, content_type=kind)

    def _drip(self) -> None:
        """A byte at a time, for longer than anybody waits: of the body, or already of the headers."""
        drops = {
            "/slow-body": b"HTTP/1.0 200 OK\r\n\r\n",
            "/slow-whole": b"HTTP/1.0 200 OK\r\nContent-Length: 999\r\n\r\n",
        }
        with suppress(OSError):
            self.wfile.write(drops.get(self.path, b"HTTP/1.0 200 OK\r\n"))
            for _ in range(400):
                self.wfile.write(b"x")
                time.sleep(0.05)

    def _say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.asked.append(status)
        self.send_response(status)
        for name, value in (headers | {"content_length": str(len(body))}).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(settings, "SOURCE_ALLOWED_NETS", ["127.0.0.1/32"])
    Site.files, Site.leads, Site.with_etag, Site.asked = {}, "", True, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def looked(plants: Plants) -> int:
    """When it is due again."""
    WebSource.objects.update(next_at=timezone.now())
    return web.look(lambda form: plants.access)


@pytest.mark.parametrize("with_etag", [True, False])
def test_a_file_on_the_web_is_taken_in_and_again_only_when_it_has_changed(
    plants: Plants, mailed: dict[str, list[Path]], site: str, with_etag: bool
) -> None:
    Site.with_etag = with_etag
    first, second = mailed["mixes"][:2]
    Site.files["/report.xlsx"] = first.read_bytes()
    Site.leads = f"{site}/report.xlsx"
    WebSource.objects.create(form=plants.forms["mixes"], url=web.address_of(f"{site}/moved"), minutes=60)
    before = len(plants.rows())
    assert looked(plants) == 1
    assert web.look(lambda form: plants.access) == 0, "not before its time"
    run = FormRun.objects.get()
    runs.check(run.pk, access=plants.access)
    run.refresh_from_db()
    assert (run.phase, run.door, run.file_name) == (FormRun.Phase.APPLIED, FormRun.Door.WEB, "report.xlsx")
    assert len(plants.rows()) == before + run.counts["new"]
    assert looked(plants) == 0, "nothing new"
    assert Site.asked == [302, 200, 302, 304 if with_etag else 200]
    Site.files["/report.xlsx"] = second.read_bytes()
    assert looked(plants) == 1
    assert WebSource.objects.get().problem == ""


def test_an_address_that_is_not_public_is_refused_however_it_is_reached(plants: Plants, site: str) -> None:
    for url in (
        "http://10.0.0.1/a.xlsx",
        "http://localhost:1/a",
        "http://[::1]/",
        "file:///etc/passwd",
        "ftp://a.example/",
    ):
        settings.SOURCE_ALLOWED_NETS.clear()
        with pytest.raises(AddressRefused):
            web.address_of(url)
    settings.SOURCE_ALLOWED_NETS.append("127.0.0.1/32")
    source = WebSource.objects.create(form=plants.forms["mixes"], url=f"{site}/moved", minutes=60)
    Site.leads = "http://169.254.169.254/latest/meta-data"
    assert looked(plants) == 0
    source.refresh_from_db()
    assert source.problem
    assert not FormRun.objects.exists()


@pytest.mark.parametrize(
    ("path", "said"), [("/missing", "404"), ("/page.html", "CSV"), ("/large.xlsx", "1"), ("/moved", "")]
)
def test_what_is_no_file_is_told_in_words(
    plants: Plants, site: str, path: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "MAX_UPLOAD", 2**20)
    Site.files |= {"/page.html": b"<html>", "/large.xlsx": b"x" * (2**20 + 1)}
    Site.leads = f"{site}/moved"
    source = WebSource.objects.create(form=plants.forms["mixes"], url=site + path, minutes=60)
    assert looked(plants) == 0
    source.refresh_from_db()
    assert source.problem
    assert said in source.problem


@pytest.mark.parametrize("path", ["/slow-body", "/slow-whole", "/slow-headers", "/moved"])
def test_a_server_that_answers_drop_by_drop_is_left_in_time_and_nothing_of_it_taken_in(
    plants: Plants, site: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "SECONDS", 1.0)
    Site.leads = f"{site}/slow-body"
    source = WebSource.objects.create(form=plants.forms["mixes"], url=site + path, minutes=60)
    begun = time.monotonic()
    assert looked(plants) == 0
    assert time.monotonic() - begun < 10, "it would have gone on for twenty"
    source.refresh_from_db()
    assert "too long" in source.problem or "слишком долго" in source.problem, source.problem
    assert not FormRun.objects.exists()


def test_a_google_sheet_is_fetched_as_a_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "target", lambda url, nets: None)  # no names are looked up here
    d = "https://docs.google.com/spreadsheets/d"
    assert web.address_of(f"{d}/1AbC_-9/edit#gid=0") == f"{d}/1AbC_-9/export?format=xlsx"
    assert web.address_of(f" {d}/e/2PACX-1v/pubhtml ") == f"{d}/e/2PACX-1v/pub?output=xlsx"
    assert web.address_of(f"{d}/e/2PACX-1v/pub?output=csv") == f"{d}/e/2PACX-1v/pub?output=csv"
