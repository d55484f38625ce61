"""Case 2: a holding of four building-material plants that send their output every day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo import companies
from demo.building_materials import BOTH, DAY, PLANTS, REMARKS, Plant, Product, Workshop
from demo.people import People, Person
from demo.workbook import TODAY, Column, Formula, Sheet

FIRST, LAST = date(2026, 5, 1), date(2026, 11, 11)
#: Days that come by mail after the workbook ends.
MAILED = (date(2026, 11, 12), date(2026, 11, 13))
HOLIDAYS = {date(2026, 5, 1), date(2026, 5, 9), date(2026, 6, 12), date(2026, 11, 4)}


@dataclass(frozen=True, slots=True)
class Output:
    """What one shift of a workshop made of one product on one day."""

    day: date
    plant: Plant
    workshop: Workshop
    product: Product
    shift: str
    plan: float
    made: float
    waste: float
    stopped: float
    foreman: str
    remark: str | None


class Holding:
    """Four plants with their people and every day's output, the mailed days included."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.people = People(rng, TODAY)
        self.foremen: dict[str, list[str]] = {}
        self.heads: dict[str, Person] = {}
        for plant in PLANTS:
            for workshop in plant.workshops:
                name = full_name(plant, workshop)
                self.heads[name] = self._boss()
                self.foremen[name] = [self._boss().short for _ in range(len(workshop.shifts) + 1)]
        self.directors = {plant.name: self._boss() for plant in PLANTS}
        self.outputs = [o for day in self._days() for o in self._day(day)]

    def _boss(self) -> Person:
        return self.people.person(women=0.22, age=(46, 7), youngest=29)

    def _days(self) -> list[date]:
        return [FIRST + timedelta(days=i) for i in range((LAST - FIRST).days + 1)] + list(MAILED)

    def _day(self, day: date) -> list[Output]:
        made: list[Output] = []
        for plant in PLANTS:
            if day.weekday() >= plant.weekdays or (day in HOLIDAYS and plant.weekdays < 7):
                continue
            for workshop in plant.workshops:
                crew = self.foremen[full_name(plant, workshop)]
                for s, shift in enumerate(workshop.shifts):
                    foreman = crew[(day.toordinal() // 2 + s) % len(crew)]
                    made.extend(self._shift(day, plant, workshop, shift, foreman))
        return made

    def _shift(self, day: date, plant: Plant, workshop: Workshop, shift: str, foreman: str) -> list[Output]:
        """A shift makes two or three products of its workshop; now and then something breaks."""
        rng = self.rng
        weights = [4 - 2.5 * i / len(workshop.products) for i in range(len(workshop.products))]
        count = min(len(workshop.products), rng.choices((1, 2, 3), (20, 50, 30))[0])
        products: list[Product] = []
        while len(products) < count:
            product = rng.choices(workshop.products, weights)[0]
            if product not in products:
                products.append(product)
        season = 1 + (plant.season - 1) * (1 if day.month in (6, 7, 8) else 0 if day.month in (5, 9) else -1)
        outputs: list[Output] = []
        for product in sorted(products, key=lambda p: p.article):
            remark, stopped = (None, 0.0) if rng.random() < 0.9 else rng.choice(REMARKS)
            if stopped:
                stopped = max(0.5, round(stopped * rng.uniform(0.5, 1.6) * 2) / 2)
            plan = _rounded(product.daily * season * rng.choice((0.9, 1, 1, 1.1)), product)
            done = plan * (1 - stopped / 11) * rng.gauss(1.0 if shift == DAY else 0.965, 0.055)
            made = _amount(max(0.0, done), product.digits)
            waste = _amount(made * min(0.09, rng.gammavariate(2, 0.006)), product.digits)
            outputs.append(Output(day, plant, workshop, product, shift, plan, made, waste, stopped, foreman, remark))
        return outputs

    def sheets(self) -> list[Sheet]:
        return [self._plants(), self._workshops(), self._products(), self._output(), self._plan()]

    def _plants(self) -> Sheet:
        rng = self.rng
        columns = (
            Column("Завод", 22),
            Column("Форма", 8),
            Column("Город", 16),
            Column("Адрес", 44),
            Column("ИНН", 13, "text"),
            Column("КПП", 12, "text"),
            Column("Директор", 34),
            Column("Телефон", 19, "text"),
            Column("E-mail для сводок", 36),
            Column("Год основания", 11),
            Column("Рабочих дней в неделю", 12),
        )
        rows = [
            (
                plant.name,
                plant.form,
                plant.city.name,
                companies.address(rng, plant.city),
                companies.inn(rng, plant.city),
                companies.kpp(plant.city),
                self.directors[plant.name].full,
                companies.city_phone(rng, plant.city),
                f"svodka@{plant.host}",
                plant.founded,
                plant.weekdays,
            )
            for plant in PLANTS
        ]
        return Sheet("Заводы", columns, rows, "#B5651D")

    def _workshops(self) -> Sheet:
        columns = (
            Column("Цех", 46),
            Column("Завод", 22),
            Column("Начальник цеха", 34),
            Column("Телефон", 19, "text"),
            Column("Площадь, м²", 11, "int"),
            Column("Работников", 11),
            Column("Смен", 7),
        )
        rows = [
            (
                full_name(plant, shop),
                plant.name,
                self.heads[full_name(plant, shop)].full,
                self.people.phone(),
                shop.area,
                shop.staff,
                len(shop.shifts),
            )
            for plant in PLANTS
            for shop in plant.workshops
        ]
        return Sheet("Цеха", columns, rows, "#7A4FB5")

    def _products(self) -> Sheet:
        columns = (
            Column("Продукция", 42),
            Column("Артикул", 10, "text"),
            Column("Группа", 20),
            Column("Завод", 22),
            Column("Цех", 46),
            Column("Ед. изм.", 9),
            Column("Себестоимость", 14, "money"),
            Column("Цена", 14, "money"),
        )
        rows = [
            (p.name, p.article, p.group, plant.name, full_name(plant, shop), p.unit, p.cost, p.price)
            for plant in PLANTS
            for shop in plant.workshops
            for p in shop.products
        ]
        return Sheet("Продукция", columns, rows, "#2E8B57")

    def _output(self) -> Sheet:
        columns = (
            Column("Дата", 12, "date"),
            Column("Завод", 20),
            Column("Цех", 44),
            Column("Продукция", 42),
            Column("Смена", 8, choices=BOTH),
            Column("План", 10, "quantity"),
            Column("Выпущено", 10, "quantity"),
            Column("Брак", 9, "quantity"),
            Column("Простой, ч", 9, "decimal"),
            Column("Мастер", 22),
            Column("Причина простоя", 30),
        )
        rows = [
            (
                o.day,
                o.plant.name,
                full_name(o.plant, o.workshop),
                o.product.name,
                o.shift,
                o.plan,
                o.made,
                o.waste,
                o.stopped or None,
                o.foreman,
                o.remark,
            )
            for o in self.outputs
            if o.day <= LAST
        ]
        return Sheet("Выпуск", columns, rows)

    def _plan(self) -> Sheet:
        """The month's plan beside what was made so far, added up with the worker's own formulas."""
        columns = (
            Column("Месяц", 15, "month"),
            Column("Завод", 22),
            Column("Продукция", 42),
            Column("План на месяц", 13, "quantity"),
            Column("Выпущено", 13, "quantity"),
            Column("Выполнение", 11, "percent1"),
        )
        planned: dict[tuple[date, str, str], float] = defaultdict(float)
        made: dict[tuple[date, str, str], float] = defaultdict(float)
        digits = {}
        for o in self.outputs:
            if o.day <= LAST:
                key = (o.day.replace(day=1), o.plant.name, o.product.name)
                planned[key] += o.plan
                made[key] += o.made
                digits[o.product.name] = o.product.digits
        rows = []
        for number, key in enumerate(sorted(planned), start=2):
            month, plant, product = key
            part = LAST.day / 30 if month == LAST.replace(day=1) else 1
            plan = _amount(planned[key] / part * self.rng.choice((0.98, 1, 1.02, 1.05)), min(1, digits[product]))
            done = round(made[key], 2)
            days = f'Выпуск!A:A,">="&A{number},Выпуск!A:A,"<="&EOMONTH(A{number},0)'
            total = f"=SUMIFS(Выпуск!G:G,Выпуск!D:D,C{number},{days})"
            rows.append(
                (month, plant, product, plan, Formula(total, done), Formula(f"=E{number}/D{number}", done / plan))
            )
        return Sheet("План", columns, rows, "#B23A48")


def full_name(plant: Plant, workshop: Workshop) -> str:
    return f"{workshop.name}, {plant.name}"


def _amount(value: float, digits: int) -> float:
    return round(value, digits) if digits else round(value)


def _rounded(value: float, product: Product) -> float:
    """A plan is a rounder number than what is made."""
    step = {0: 1, 1: 0.5, 2: 0.1}[product.digits] * (10 if product.daily > 200 else 1)
    return _amount(round(value / step) * step, product.digits)
