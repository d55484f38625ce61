"""Case 3: the owner of seventy shops on marketplaces. Orders with their items, goods, suppliers, staff."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from demo import companies, goods
from demo.people import People, Person
from demo.phrases import written
from demo.workbook import TODAY

SHOPS, ORDERS, CUSTOMERS = 70, 6200, 3900
FIRST = date(2026, 8, 1)
HOST = "moimagaziny.example"


@dataclass(frozen=True, slots=True)
class Shop:
    name: str
    brand: str
    platform: str
    category: str
    manager: str
    opened: date
    commission: float
    link: str
    status: str


@dataclass(frozen=True, slots=True)
class Good:
    name: str
    article: str
    barcode: str
    category: str
    supplier: str
    cost: float
    price: int
    stock: int
    kilograms: float
    on_sale: str


@dataclass(frozen=True, slots=True)
class Supplier:
    name: str
    form: str
    inn: str
    city: str
    contact: str
    phone: str
    mail: str
    delay: int
    since: date


@dataclass(frozen=True, slots=True)
class Employee:
    name: str
    post: str
    phone: str
    mail: str
    born: date
    joined: date
    salary: int
    left: date | None


@dataclass(frozen=True, slots=True)
class Order:
    number: str
    when: datetime
    shop: str
    customer: str
    phone: str | None
    city: str
    delivery: str
    delivery_price: int
    payment: str
    status: str
    total: float
    track: str | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class Item:
    order: str
    good: str
    count: int
    price: int
    discount: float | None
    total: float


MANAGER = "Менеджер магазинов"
#: (post, how many, salary)
POSTS = (
    ("Операционный директор", 1, 210_000),
    ("Финансист", 1, 130_000),
    ("Бухгалтер", 2, 78_000),
    (MANAGER, 12, 82_000),
    ("Контент-менеджер", 4, 64_000),
    ("Закупщик", 3, 90_000),
    ("Аналитик", 1, 115_000),
    ("Кладовщик", 7, 62_000),
    ("Упаковщик", 9, 52_000),
    ("Оператор поддержки", 5, 51_000),
)
STATUSES = ("Новый", "Собирается", "В пути", "Ждёт в пункте выдачи", "Доставлен", "Отменён", "Возврат")
DELIVERIES = ("Пункт выдачи", "Курьер", "Почта России", "СДЭК")
#: Templates of phrases.written.
REMARKS = (
    "Позвонить за {час|полчаса|15 минут}",
    "Подарочная упаковка{|, открытка «С днём рождения»|, без чека внутри}",
    "Не звонить, написать{| в чат}",
    "Второй заказ за {неделю|день}, проверить дубль",
    "Просит {другой цвет|размер больше|белый}, если нет этого",
    "Оставить {у двери|у консьержа|у соседей, кв. 14}",
    "Нужен чек на организацию",
    "Повреждена {коробка|упаковка|плёнка}, фото в переписке",
    "Доставка после {17|18|19|20}:00",
    "Код домофона {12К|45|3781|107}",
)


class Trade:
    """The shops and all that was ordered in them since FIRST."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.people = People(rng, TODAY)
        self.staff = self._staff()
        self.suppliers = self._suppliers()
        self.goods = self._goods()
        self.shops = self._shops()
        self.customers = [self._customer() for _ in range(CUSTOMERS)]
        self.items: list[Item] = []
        self.orders = self._orders()

    def _between(self, first: date, last: date) -> date:
        return first + timedelta(days=self.rng.randint(0, (last - first).days))

    def _staff(self) -> list[Employee]:
        rng, staff = self.rng, []
        for post, count, salary in POSTS:
            for _ in range(count):
                person = self.people.person(women=0.3 if post == "Кладовщик" else 0.72, age=(31, 7))
                joined = self._between(date(2023, 3, 1) if count == 1 else date(2024, 2, 1), date(2026, 8, 20))
                leaver = count > 4 and (TODAY - joined).days > 200 and rng.random() < 0.22
                staff.append(
                    Employee(
                        person.full,
                        post,
                        self.people.phone(),
                        self.people.work_mail(person, HOST),
                        person.born,
                        joined,
                        round(salary * rng.uniform(0.92, 1.15) / 1000) * 1000,
                        self._between(joined + timedelta(days=120), TODAY) if leaver else None,
                    )
                )
        return staff

    def _suppliers(self) -> list[Supplier]:
        rng, suppliers = self.rng, []
        for name in goods.SUPPLIER_OF:
            city = companies.pick_city(rng)
            contact = self.people.person(women=0.5, age=(39, 8), youngest=25)
            suppliers.append(
                Supplier(
                    name,
                    rng.choices(("ООО", "АО"), (92, 8))[0],
                    companies.inn(rng, city),
                    city.name,
                    contact.full,
                    companies.city_phone(rng, city),
                    self.people.work_mail(contact, companies.host(name.replace(" ", "-"))),
                    rng.choices((0, 7, 14, 21, 30, 45), (22, 14, 28, 10, 20, 6))[0],
                    self._between(date(2023, 3, 1), date(2026, 6, 30)),
                )
            )
        return suppliers

    def _goods(self) -> list[Good]:
        rng, made = self.rng, []
        for c, (category, kinds) in enumerate(goods.CATEGORIES.items()):
            suppliers = [name for name, supplied in goods.SUPPLIER_OF.items() if supplied == category]
            for k, kind in enumerate(kinds):
                supplier = suppliers[k % len(suppliers)]
                for v, variant in enumerate(kind.variants):
                    grade = 0.85 + 0.3 * v / max(1, len(kind.variants) - 1)
                    price = max(190, round(kind.price * grade / 100) * 100 - 10)
                    made.append(
                        Good(
                            f"{kind.name}, {variant}",
                            f"{c + 1}{k + 1:02d}-{v + 1:02d}",
                            _barcode(len(made)),
                            category,
                            supplier,
                            round(price * rng.uniform(0.34, 0.55), 2),
                            price,
                            max(0, round(rng.gammavariate(1.3, 55)) - 6),
                            round(kind.grams * (0.8 + 0.4 * grade) / 1200, 2),
                            "да" if rng.random() < 0.95 else "нет",
                        )
                    )
        return made

    def _shops(self) -> list[Shop]:
        """Four shops at the beginning of 2024, 39 a year later, 70 by now."""
        rng = self.rng
        managers = [e.name for e in self.staff if e.post == MANAGER and e.left is None]
        pairs = [(b, p) for p in goods.PLATFORMS for b in goods.BRANDS]
        pairs = pairs[:4] + rng.sample(pairs[4:], SHOPS - 4)
        shops: list[Shop] = []
        for i, (brand, (platform, _, commission, _)) in enumerate(pairs):
            if i < 4:
                opened = date(2023, 4, 3) + timedelta(days=75 * i)
            elif i < 39:
                opened = self._between(date(2024, 3, 1), date(2025, 3, 1))
            else:
                opened = self._between(date(2025, 3, 2), date(2026, 9, 15))
            mail = companies.host(brand.replace(" ", "-"))
            paused = i > 8 and rng.random() < 0.06
            shops.append(
                Shop(
                    f"{brand}, {platform}",
                    brand,
                    platform,
                    goods.BRANDS[brand],
                    managers[i % len(managers)],
                    opened,
                    commission,
                    f"https://{mail}"
                    if platform == "Свой сайт"
                    else f"https://{_slug(platform)}.example/shop/{mail[:-8]}",
                    "Приостановлен" if paused else "Работает",
                )
            )
        return sorted(shops, key=lambda s: s.opened)

    def _customer(self) -> tuple[Person, str, str]:
        return self.people.person(women=0.66, age=(35, 11)), companies.pick_city(self.rng).name, self.people.phone()

    def _orders(self) -> list[Order]:
        """More of them every week, on working days and in the evening; few shops sell most."""
        rng = self.rng
        share = {name: weight for name, _, _, weight in goods.PLATFORMS}
        selling = [s for s in self.shops if s.status == "Работает"]
        weights = [share[s.platform] / (3 + i) ** 0.55 for i, s in enumerate(selling)]
        span = (TODAY - FIRST).days
        days = [FIRST + timedelta(days=d) for d in range(span)]
        busy = [(0.7 + 0.6 * d / span) * (0.8 if day.weekday() > 4 else 1.05) for d, day in enumerate(days)]
        moments = sorted(
            datetime.combine(day, time(rng.choices(range(24), HOURS)[0], rng.randrange(60)))
            for day in rng.choices(days, busy, k=ORDERS)
        )
        popular = [self.customers[int(CUSTOMERS * rng.random() ** 1.6)] for _ in range(ORDERS)]
        orders: list[Order] = []
        for number, (when, customer) in enumerate(zip(moments, popular, strict=True), start=1):
            shop = rng.choices(selling, weights)[0]
            if shop.opened > when.date():
                shop = selling[0]
            orders.append(self._order(number, when, shop, customer))
        return orders

    def _order(self, number: int, when: datetime, shop: Shop, customer: tuple[Person, str, str]) -> Order:
        rng = self.rng
        person, city, phone = customer
        own = shop.platform == "Свой сайт"
        prefix = next(p for name, p, _, _ in goods.PLATFORMS if name == shop.platform)
        code = f"{prefix}-{when:%y%m%d}-{number:05d}"
        total = round(sum(i.total for i in self._items(code, shop)), 2)
        delivery = rng.choices(DELIVERIES, (20, 25, 20, 35) if own else (88, 12, 0, 0))[0]
        paid = 0 if total > 3000 or delivery == "Пункт выдачи" else rng.choice((149, 199, 249, 299))
        status = rng.choices(STATUSES, _status_weights((TODAY - when.date()).days))[0]
        sent = status not in ("Новый", "Собирается", "Отменён")
        return Order(
            code,
            when,
            shop.name,
            f"{person.name} {person.surname}",
            phone if own else None,
            city,
            delivery,
            paid,
            rng.choices(("Карта", "СБП", "При получении", "Рассрочка"), (58, 25, 13, 4))[0],
            status,
            total + paid,
            _track(rng, delivery) if sent else None,
            written(rng, REMARKS, 0.05) if rng.random() < 0.07 else None,
        )

    def _items(self, code: str, shop: Shop) -> list[Item]:
        rng = self.rng
        fitting = [g for g in self.goods if g.category == shop.category]
        count = rng.choices((1, 2, 3, 4, 5), (54, 25, 12, 6, 3))[0]
        chosen: list[Good] = []
        while len(chosen) < count:
            good = fitting[int(len(fitting) * rng.random() ** 1.35)]
            if good not in chosen:
                chosen.append(good)
        discount = rng.choices((None, 0.05, 0.1, 0.15, 0.25), (55, 16, 15, 9, 5))[0]
        made: list[Item] = []
        for good in chosen:
            pieces = rng.choices((1, 2, 3, 5), (84, 12, 3, 1))[0]
            made.append(
                Item(
                    code, good.name, pieces, good.price, discount, round(pieces * good.price * (1 - (discount or 0)), 2)
                )
            )
        self.items.extend(made)
        return made


HOURS = (4, 2, 1, 1, 1, 2, 4, 8, 14, 20, 24, 26, 28, 26, 24, 24, 25, 27, 31, 36, 40, 38, 27, 12)


def _status_weights(days: int) -> tuple[int, ...]:
    if days < 2:
        return (45, 40, 10, 0, 0, 5, 0)
    if days < 6:
        return (1, 8, 55, 18, 10, 8, 0)
    if days < 12:
        return (0, 0, 16, 30, 40, 9, 5)
    return (0, 0, 0, 1, 84, 9, 6)


def _track(rng: Random, delivery: str) -> str:
    """Number of a parcel: 14 digits at the post, ten at the courier service, else the platform's own with zeros."""
    if delivery == "Почта России":
        return f"80{rng.randrange(10**12):012d}"
    if delivery == "СДЭК":
        return f"10{rng.randrange(10**8):08d}"
    return f"00{rng.randrange(10**8):08d}"


def _barcode(number: int) -> str:
    """EAN-13 of the range 200-299, which is free for use inside a company."""
    digits = f"2000{417_000_00 + number * 7:08d}"
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits))
    return digits + str(-total % 10)


def _slug(platform: str) -> str:
    return companies.host(platform.replace(" ", "-")).removesuffix(".example")
