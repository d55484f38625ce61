"""An import by forms alone: upload, look, change, accept, read the result, take it back."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from qdm.models import ImportJob
from qdm.query.ast import Query
from qdm.selectors import records, structure
from qdm.sheets import worker
from tests.grid.staff import SLUG, Staff

CSV = "Номер;Клиент;Сумма\n" + "".join(f"Д-{n:03};Клиент {n % 3};{n * 10},5\n" for n in range(1, 121))
UPLOAD = f"/w/{SLUG}/import/"


@pytest.fixture(autouse=True)
def _files_of_the_test(settings: object, tmp_path: object) -> None:
    settings.VAR_DIR = tmp_path  # type: ignore[attr-defined]


def upload(client: Client, content: bytes = CSV.encode("cp1251"), name: str = "договоры.csv") -> str:
    """The page of the new import."""
    response = client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 302
    return str(response["Location"])


def job() -> ImportJob:
    return ImportJob.objects.latest("created_at")


def proposed(client: Client, staff: Staff) -> str:
    page = upload(client)
    worker.analyse(job().pk, access=staff.access())
    return page


def form(html: str) -> dict[str, str]:
    """What a browser would send of the proposal as it stands."""
    import html as entities
    import re

    sent: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = (re.search(rf'{part}="([^"]*)"', tag) for part in ("name", "value"))
        if name is None or not re.match(r"[td]\d", name[1]) or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        sent[name[1]] = entities.unescape(value[1]) if value else "on"
    for name, options in re.findall(r'<select name="([td]\d[^"]*)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        sent[name] = entities.unescape(chosen[1]) if chosen else ""
    return sent


def test_a_file_becomes_a_table_as_the_form_says(staff: Staff, owner: Client) -> None:
    page = proposed(owner, staff)
    sent = form(owner.get(page).content.decode())
    assert sent["t0-name"] == "договоры"
    assert sent["t0c1-kind"].startswith("link:")

    sent |= {"t0-name": "Договоры", "t0c2-name": "Стоимость", "t0c1-kind": "base:3"}
    looked = owner.post(page, sent | {"act": "preview"}).content.decode()
    assert "<th>Стоимость</th>" in looked
    assert ImportJob.objects.get().phase == "proposed"

    assert owner.post(page, sent | {"act": "confirm"}).status_code == 302
    worker.carry_out(job().pk, access=staff.access())
    term = next(t for t in structure.tables(access=staff.access()) if t.title == "Договоры")
    assert [(r.name, r.is_reference) for r in term.cells] == [("Клиент", False), ("Стоимость", False)]
    first = records.page(term.id, Query(limit=1), access=staff.access()).records[0]
    assert (first.val, set(first.cells.values())) == ("Д-001", {"Клиент 1", "10.5"})

    result = owner.get(page).content.decode()
    assert f'href="/w/{SLUG}/t/{term.id}/"' in result
    (undo,) = re.findall(rf'href="(/w/{SLUG}/history/\d+/undo/)"', result)
    assert "2" in owner.get(undo).content.decode().split("<main")[-1]
    assert owner.post(undo).status_code == 302
    assert job().phase == "undone"
    assert "Договоры" not in {t.title for t in structure.tables(access=staff.access())}


def test_a_mistake_in_the_form_is_explained_and_nothing_of_it_is_lost(staff: Staff, owner: Client) -> None:
    page = proposed(owner, staff)
    sent = form(owner.get(page).content.decode()) | {"t0c2-name": "Клиент", "act": "confirm"}
    response = owner.post(page, sent)
    assert response.status_code >= 400
    html = response.content.decode()
    problem = html.split("note error", 1)[1].split("</p>", 1)[0]
    assert "клиент" in problem.casefold()
    assert 'name="t0c2-name" value="Клиент"' in html
    assert job().phase == "proposed"


def test_a_file_that_is_no_workbook_is_explained_on_the_form(staff: Staff, owner: Client) -> None:
    response = owner.post(UPLOAD, {"file": SimpleUploadedFile("x.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(500))})
    assert response.status_code == 422
    assert "note error" in response.content.decode()
    assert owner.post(UPLOAD).status_code == 422


def test_the_state_of_a_running_import_is_told_as_numbers(staff: Staff, owner: Client) -> None:
    page = upload(owner)
    assert owner.get(f"{page}state").json() == {"phase": "waiting", "done": 0, "total": None}
    assert 'data-controller="progress"' in owner.get(page).content.decode()
    owner.post(f"{page}cancel/")
    assert owner.get(f"{page}state").json()["phase"] == "cancelled"


def test_a_text_file_is_read_again_in_the_encoding_the_user_names(staff: Staff, owner: Client) -> None:
    page = proposed(owner, staff)
    owner.post(f"{page}reread/", {"encoding": "koi8-r", "delimiter": ";", "header-0": "1"})
    worker.analyse(job().pk, access=staff.access())
    assert "Номер" not in owner.get(page).content.decode()


def test_the_import_of_another_is_missing(staff: Staff, owner: Client, stranger: Client) -> None:
    page = upload(owner)
    for path in (page, f"{page}state"):
        assert stranger.get(path).status_code == 404
    for path in (page, f"{page}cancel/", f"{page}reread/"):
        assert stranger.post(path).status_code == 404
    assert job().phase == "waiting"
