"""A workbook dropped on the page becomes tables: proposal, changes, progress, result, undo."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect
from procrastinate.contrib.django import app

from qdm.query.ast import Query
from qdm.selectors import records, structure
from tests.browser.conftest import Site
from tests.grid.staff import SLUG

ORDERS = 400


@pytest.fixture(scope="module")
def worker(site: Site) -> Iterator[None]:
    """The background worker, beside the server in a thread of its own."""
    loop = asyncio.new_event_loop()
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    task: list[asyncio.Task[None]] = []

    async def work() -> None:
        with app.replace_connector(connector):
            async with app.open_async():
                task.append(asyncio.ensure_future(_run()))
                await asyncio.gather(*task, return_exceptions=True)

    async def _run() -> None:
        await app.run_worker_async(
            queues=["imports"], install_signal_handlers=False, listen_notify=False, fetch_job_polling_interval=0.2
        )

    thread = threading.Thread(target=lambda: loop.run_until_complete(work()), daemon=True)
    thread.start()
    yield
    loop.call_soon_threadsafe(lambda: task[0].cancel())
    thread.join(timeout=20)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Orders whose shops repeat, with one sum that is no number; a second sheet with nothing to take."""
    book = openpyxl.Workbook()
    orders = book.active
    assert orders is not None
    orders.title = "Заказы"
    orders.append(["Номер", "Магазин", "Сумма", "Дата"])
    for number in range(1, ORDERS + 1):
        total: object = "по договорённости" if number == 5 else number * 10.5
        orders.append([f"З-{number:04}", f"Магазин {number % 7}", total, f"{number % 28 + 1:02}.03.2026"])
    notes = book.create_sheet("Черновик")
    notes.append(["Заметка"])
    notes.append(["проверить"])
    path = tmp_path / "заказы.xlsx"
    book.save(path)
    return path


def table(site: Site, title: str) -> int:
    return next(t.id for t in structure.tables(access=site.staff.access()) if t.title == title)


def test_a_workbook_becomes_tables_and_the_import_can_be_undone(
    page: Page, site: Site, worker: None, workbook: Path
) -> None:
    page.goto(site.url(f"/w/{SLUG}/import/"))
    page.wait_for_selector("[data-choose]:visible")
    page.set_input_files("#file", workbook)
    page.wait_for_selector("#proposal")

    plan = page.locator("[data-line]:has(> .plan-head)")
    expect(plan).to_have_count(2)
    expect(plan.nth(0).locator("[name=t0-name]")).to_have_value("Заказы")
    assert page.locator("[name=t0c1-kind]").input_value().startswith("link:")
    preview = plan.nth(0).locator(".preview")
    expect(preview.locator("td .chip").first).to_have_text("Магазин 1")

    page.locator("[name=t0c2-name]").fill("Итого")
    expect(preview.locator("th", has_text="Итого")).to_be_visible()
    plan.nth(1).locator("[data-keep]").first.uncheck()
    page.locator("button[value=confirm]").click()

    done = page.locator("table.list").first
    expect(done.get_by_role("link", name="Заказы")).to_be_visible(timeout=60_000)
    problem = page.locator("table.list code")
    expect(problem).to_have_text("по договорённости")

    access = site.staff.access()
    term = access.term(table(site, "Заказы"))
    assert records.count(term.id, Query(), access=access).value == ORDERS
    assert "Итого" in {r.name for r in term.cells}
    assert "Черновик" not in {t.title for t in structure.tables(access=access)}

    done.get_by_role("link", name="Заказы").click()
    page.wait_for_selector("[data-ready=true]")
    expect(page.locator(".slick-row[data-row='0']")).to_contain_text("З-0001")

    page.go_back()
    page.locator("a[href$='/undo/']").click()
    page.locator(".card form button").click()
    expect(page.locator(".note.success")).to_be_visible()
    assert "Заказы" not in {t.title for t in structure.tables(access=site.staff.access())}


def test_what_is_not_a_workbook_is_refused_in_place(page: Page, site: Site, worker: None, tmp_path: Path) -> None:
    picture = tmp_path / "picture.xlsx"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    page.goto(site.url(f"/w/{SLUG}/import/"))
    page.wait_for_selector("[data-choose]:visible")
    page.set_input_files("#file", picture)
    expect(page.locator(".note.error")).to_be_visible(timeout=30_000)


def test_an_import_is_cancelled_before_anything_is_written(
    page: Page, site: Site, worker: None, workbook: Path
) -> None:
    page.goto(site.url(f"/w/{SLUG}/import/"))
    page.wait_for_selector("[data-choose]:visible")
    page.set_input_files("#file", workbook)
    page.wait_for_selector("#proposal")
    page.locator("form[action$='/cancel/'] button").click()
    expect(page.locator(".card .note")).to_be_visible()
    assert "Заказы" not in {t.title for t in structure.tables(access=site.staff.access())}
