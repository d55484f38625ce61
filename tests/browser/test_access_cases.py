"""The three cases people come with, done by the owner of a workspace in the browser and without the admin; then each of
the others signs in and sees what he should and nothing else. On the demo's workbooks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.plugin import DjangoDbBlocker

from integram.management.commands.demo import CASES, load_case
from qdm.access import Access
from qdm.query.ast import Query
from qdm.schema import Term
from qdm.selectors import records, structure
from rbac.models import User
from tests.browser.conftest import PASSWORD, PATIENCE, Site, sign_in
from tests.browser.sheet_driver import SheetDriver

pytestmark = pytest.mark.slow

PEOPLE = ("anna", "chief", "volgamix", "boss", "seller", "buyer")
WHO = "тот, кто смотрит"


@dataclass(frozen=True)
class Demo:
    """One workspace of the demo, and what really is in it."""

    site: Site
    slug: str

    @property
    def root(self) -> Access:
        return Access.system(structure.schema(self.slug), "tests")

    def term(self, name: str) -> Term:
        return self.root.schema.by_name[name.casefold()]

    def url(self, table: str, path: str = "") -> str:
        return self.site.url(f"/w/{self.slug}/t/{self.term(table).id}/{path}")

    def rows(self, table: str) -> list[dict[str, str]]:
        """Every row by name of column, a link by what it shows; ``id`` and the main value (``""``) too."""
        term, found = self.term(table), []
        query = Query(limit=1000)
        while True:
            page = records.page(term.id, query, access=self.root)
            for one in page.records:
                shown = {r.name: getattr(one.cells.get(r.id, ""), "label", one.cells.get(r.id, "")) for r in term.cells}
                found.append(shown | {"id": str(one.id), "": one.val})
            if page.next is None:
                return found
            query = Query(limit=1000, after=page.next)


@pytest.fixture(scope="module")
def demo(site: Site, django_db_blocker: DjangoDbBlocker) -> Iterator[Callable[[str], Demo]]:
    """The three workspaces, the owner's, and people who have no right to anything yet."""
    with django_db_blocker.unblock():
        for case in CASES:
            load_case(case, site.staff.owner)
        made = [User.objects.create_user(name, password=PASSWORD) for name in PEOPLE]
        yield lambda slug: Demo(site, slug)
        for user in made:
            user.delete()


class Owner:
    """What the owner of a workspace does, with the keyboard where it is a spreadsheet's."""

    def __init__(self, page: Page, demo: Demo) -> None:
        self.page = page
        self.demo = demo

    def people(self, roles: dict[str, str], names: dict[str, str]) -> None:
        """Make the roles with one person each; say how the tables call some of them."""
        page = self.page
        page.goto(self.demo.site.url(f"/w/{self.demo.slug}/people/"))
        for role, person in roles.items():
            form = page.locator("form", has=page.locator("[name=do][value=role]"))
            form.locator("[name=name]").fill(role)
            with page.expect_navigation():
                page.keyboard.press("Enter")
            form = page.locator("form", has=page.locator("[name=do][value=invite]"))
            form.locator("[name=role]").select_option(label=role)
            form.locator("[name=who]").fill(person)
            with page.expect_navigation():
                page.keyboard.press("Enter")
        for person, name in names.items():
            self.line(person).locator("[name=name]").fill(name)
            with page.expect_navigation():
                page.keyboard.press("Enter")
            expect(self.line(person).locator("[name=name]")).to_have_value(name)

    def line(self, person: str) -> Locator:
        return self.page.locator(".people-list tbody tr", has_text=person)

    def table(self, name: str) -> Locator:
        SheetDriver(self.page, self.demo.url(name))
        self.page.locator(".sheet-bar .menu summary").first.click()
        self.page.locator(".menu-list a", has_text="Доступ…").click()
        return self.dialog("Доступ к таблице")

    def column(self, table: str, name: str) -> Locator:
        sheet = SheetDriver(self.page, self.demo.url(table))
        sheet.go(0, name)
        sheet.press("Alt+ArrowDown")
        menu = self.page.locator(".column-menu")
        names = menu.get_by_role("menuitem").all_inner_texts()
        sheet.press(*["ArrowDown"] * names.index("Доступ к колонке…"), "Enter")
        return self.dialog("Доступ к колонке")

    def row(self, table: str, filtered: str) -> Locator:
        """The rights of the first row of what the quick filter leaves."""
        sheet = SheetDriver(self.page, f"{self.demo.url(table)}?q={filtered}")
        sheet.page.locator(".slick-row[data-row='0'] > .slick-cell.l1").click()
        sheet.press("Shift+F10")
        names = self.page.locator(".row-menu [role=menuitem]").all_inner_texts()
        at = next(place for place, name in enumerate(names) if name.strip().startswith("Доступ к строке"))
        sheet.press(*["ArrowDown"] * at, "Enter")
        return self.dialog("Доступ к строке")

    def dialog(self, heading: str) -> Locator:
        dialog = self.page.get_by_role("dialog", name=re.compile(heading))
        expect(dialog).to_be_visible()
        return dialog

    def lock(self, dialog: Locator) -> None:
        dialog.locator("[name=lock]").select_option("view")
        dialog.locator("button[value=lock]").focus()
        self.page.keyboard.press("Enter")
        expect(dialog.locator("[name=lock]")).to_have_value("view")
        expect(dialog.get_by_text("Никто, кроме управляющих таблицей.")).to_be_visible()

    def give(self, dialog: Locator, who: str, *actions: str, where: tuple[str, str] | None = None) -> None:
        """``where``: a column, and the value of it that is ticked among all."""
        dialog.locator("[name=who]").select_option(label=who)
        for action in actions:
            dialog.get_by_role("checkbox", name=action, exact=True).focus()
            self.page.keyboard.press("Space")
        if where is not None:
            dialog.get_by_role("button", name="Добавить условие").focus()
            self.page.keyboard.press("Enter")
            condition = dialog.locator(".filter-condition")
            condition.get_by_role("combobox", name="Колонка").select_option(label=where[0])
            condition.get_by_role("checkbox", name=re.compile(f"^{re.escape(where[1])}")).focus()
            self.page.keyboard.press("Space")
        before = dialog.locator(".grants").first.locator("li").filter(has_text=who).count()
        dialog.get_by_role("button", name="Дать", exact=True).focus()
        self.page.keyboard.press("Enter")
        expect(dialog.locator(".grants").first.locator("li").filter(has_text=who)).to_have_count(before + 1)
        expect(dialog.locator("[name=actions]:checked")).to_have_count(0)


@pytest.fixture
def seen_by(browser: Browser, site: Site) -> Iterator[Callable[[str], Page]]:
    """A page of another person, signed in by his password."""
    contexts = []

    def open_(username: str) -> Page:
        context = browser.new_context(locale="ru-RU", viewport={"width": 1600, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        sign_in(page, site, username)
        return page

    yield open_
    for context in contexts:
        context.close()


def tables(page: Page, demo: Demo) -> list[str]:
    page.goto(demo.site.url(f"/w/{demo.slug}/"))
    return sorted(page.locator(".tile-name").all_inner_texts())


def headings(page: Page, demo: Demo, table: str) -> list[str]:
    """The columns the sheet is given, hidden ones of its layout too."""
    SheetDriver(page, demo.url(table))
    columns = "JSON.parse(document.getElementById('sheet-config').textContent).columns"
    found: list[str] = page.evaluate(f"{columns}.map((column) => column.name)")
    return found


def shown(page: Page, demo: Demo, table: str) -> list[dict[str, Any]]:
    """What the sheet of the person is given: each row by name of column, links as the wire has them."""
    names, found, after = headings(page, demo, table), [], ""
    while True:
        answer = page.request.get(f"{demo.url(table, 'rows')}?limit=200{after}").json()
        found += [dict(zip(names, cells, strict=True)) | {"id": str(id_)} for id_, _version, cells in answer["rows"]]
        if not answer["next"]:
            return found
        after = f"&after={quote(answer['next'])}"


def refused(page: Page, address: str) -> None:
    """The page says no more than that of what is not there."""
    assert page.goto(address).status == 404  # type: ignore[union-attr]


def test_recruiters_see_their_own_and_a_salary_is_not_for_them(
    page: Page, demo: Callable[[str], Demo], seen_by: Callable[[str], Page]
) -> None:
    agency = demo("recruiting")
    owner = Owner(page, agency)
    name = "Муравьёва Анна Юрьевна"
    owner.people({"Рекрутёры агентства": "anna", "Руководители агентства": "chief"}, {"anna": name})

    dialog = owner.table("Кандидаты")
    owner.give(dialog, "Рекрутёры агентства", "видеть", "изменять", where=("Рекрутёр", WHO))
    expect(dialog.locator(".grants").first).to_contain_text(f"Рекрутёр = {WHO}")
    owner.give(dialog, "Руководители агентства", "видеть")
    dialog = owner.column("Кандидаты", "Зарплатные ожидания")
    expect(dialog).to_contain_text(f"Рекрутёр = {WHO}", timeout=PATIENCE)  # what comes from the table
    owner.lock(dialog)
    owner.give(dialog, "Руководители агентства", "видеть")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    everybody = agency.rows("Кандидаты")
    own = {row["id"] for row in everybody if row["Рекрутёр"] == name}
    given = next(row for row in everybody if row["Рекрутёр"] not in (name, "") and row["Телефон"])
    dialog = owner.row("Кандидаты", given["Телефон"].replace("+", "%2B"))
    expect(dialog).to_contain_text(given[""])
    owner.give(dialog, "anna", "видеть")

    anna = seen_by("anna")
    assert tables(anna, agency) == ["Кандидаты"]
    found = shown(anna, agency, "Кандидаты")
    assert {row["id"] for row in found} == own | {given["id"]}
    assert "Зарплатные ожидания" not in found[0]
    assert all(row["Вакансия"] in (None, {"hidden": True}) for row in found)
    foreign = next(row for row in everybody if row["id"] not in own | {given["id"]})
    refused(anna, agency.url("Кандидаты", f"r/{foreign['id']}/"))
    refused(anna, agency.url("Клиенты"))
    refused(anna, demo("plants").url("Выпуск"))
    anna.goto(f"{agency.url('Кандидаты')}?q={foreign['']}")
    expect(anna.locator("[data-rows]")).to_contain_text(re.compile(r"Строк: \d\b"))
    assert foreign["E-mail"] not in anna.content()

    chief = seen_by("chief")
    found = shown(chief, agency, "Кандидаты")
    assert len(found) == len(everybody)
    assert sum(row["Зарплатные ожидания"] is not None for row in found) > 1000
    assert tables(chief, agency) == ["Кандидаты"]

    # She leaves.
    page.goto(agency.site.url("/w/recruiting/people/"))
    with page.expect_navigation():
        owner.line("anna").get_by_role("button", name="Исключить").click()
    expect(owner.line("anna")).to_have_count(0)
    refused(anna, agency.url("Кандидаты"))
    refused(anna, agency.site.url("/w/recruiting/"))
    assert len(shown(chief, agency, "Кандидаты")) == len(everybody)


def test_a_plant_sees_its_own_output_and_the_holding_all(
    page: Page, demo: Callable[[str], Demo], seen_by: Callable[[str], Page]
) -> None:
    plants = demo("plants")
    owner = Owner(page, plants)
    owner.people({"Волгамикс": "volgamix", "Дирекция": "boss"}, {})
    owner.give(owner.table("Выпуск"), "Волгамикс", "видеть", "добавлять", where=("Завод", "Волгамикс"))
    owner.give(owner.table("Продукция"), "Волгамикс", "видеть", where=("Завод", "Волгамикс"))
    dialog = owner.column("Продукция", "Себестоимость")
    owner.lock(dialog)
    page.keyboard.press("Escape")
    page.goto(plants.site.url("/w/plants/"))
    page.locator(".page-head summary").click()
    page.locator("a", has_text="Доступ…").click()
    owner.give(owner.dialog("Доступ к базе"), "Дирекция", "видеть", "выгружать")

    mill = seen_by("volgamix")
    assert tables(mill, plants) == ["Выпуск", "Продукция"]
    output, mine = plants.rows("Выпуск"), {row["id"] for row in plants.rows("Выпуск") if row["Завод"] == "Волгамикс"}
    assert 0 < len(mine) < len(output)
    assert {row["id"] for row in shown(mill, plants, "Выпуск")} == mine
    goods = shown(mill, plants, "Продукция")
    assert {row["id"] for row in goods} == {r["id"] for r in plants.rows("Продукция") if r["Завод"] == "Волгамикс"}
    assert "Себестоимость" not in goods[0]
    refused(mill, plants.url("План"))

    boss = seen_by("boss")
    assert tables(boss, plants) == sorted(t.title for t in structure.tables(access=plants.root))
    assert len(shown(boss, plants, "Выпуск")) == len(output)
    assert "Себестоимость" not in shown(boss, plants, "Продукция")[0], "locked, and given to nobody yet"


def test_a_manager_sees_the_orders_of_his_shops(
    page: Page, demo: Callable[[str], Demo], seen_by: Callable[[str], Page]
) -> None:
    shops = demo("shops")
    owner = Owner(page, shops)
    stores = shops.rows("Магазины")
    name = "Сафина Резеда Рафаэлевна"
    theirs = {row[""] for row in stores if row["Менеджер"] == name}
    assert 0 < len(theirs) < len(stores)
    owner.people({"Менеджеры магазинов": "seller", "Закупки": "buyer"}, {"seller": name})
    owner.give(owner.table("Магазины"), "Менеджеры магазинов", "видеть", where=("Менеджер", WHO))
    owner.give(owner.table("Заказы"), "Менеджеры магазинов", "видеть", where=("Магазин → Менеджер", WHO))
    owner.give(owner.table("Позиции заказа"), "Менеджеры магазинов", "видеть")
    owner.give(owner.table("Товары"), "Закупки", "видеть", "изменять")
    owner.give(owner.table("Товары"), "Менеджеры магазинов", "видеть")
    dialog = owner.column("Товары", "Закупочная цена")
    owner.lock(dialog)
    owner.give(dialog, "Закупки", "видеть", "изменять")

    seller = seen_by("seller")
    orders = {row["id"] for row in shops.rows("Заказы") if row["Магазин"] in theirs}
    assert {row["id"] for row in shown(seller, shops, "Заказы")} == orders
    assert {row["Магазин"] for row in shown(seller, shops, "Магазины")} == theirs
    assert "Закупочная цена" not in headings(seller, shops, "Товары")
    refused(seller, shops.url("Сотрудники"))
    buyer = seen_by("buyer")
    assert "Закупочная цена" in headings(buyer, shops, "Товары")
    assert tables(buyer, shops) == ["Товары"]
    sheet = SheetDriver(buyer, shops.url("Товары"))
    sheet.go(0, "Закупочная цена")
    sheet.type("123")
    sheet.press("Enter")
    sheet.expect_saved()
