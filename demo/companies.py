"""Invented companies: names, tax numbers with valid check digits, addresses, telephones.

Tax numbers are those of an inspection 99 that no region has, and city numbers begin with a zero that no exchange has:
they look right and pass a check, and belong to nobody.
"""

from dataclasses import dataclass
from random import Random

from demo.people import latin


@dataclass(frozen=True, slots=True)
class City:
    """``region`` is the two-digit code that tax numbers begin with, ``code`` the telephone code."""

    name: str
    region: str
    code: str
    weight: int
    pay: float
    """Salaries beside the country's middle."""


CITIES = (
    City("Москва", "77", "495", 60, 1.45),
    City("Санкт-Петербург", "78", "812", 34, 1.22),
    City("Нижний Новгород", "52", "831", 30, 0.97),
    City("Казань", "16", "843", 28, 1.0),
    City("Самара", "63", "846", 22, 0.95),
    City("Екатеринбург", "66", "343", 18, 1.06),
    City("Уфа", "02", "347", 14, 0.95),
    City("Пермь", "59", "342", 11, 0.95),
    City("Воронеж", "36", "473", 10, 0.9),
    City("Краснодар", "23", "861", 10, 0.96),
    City("Ростов-на-Дону", "61", "863", 9, 0.93),
    City("Челябинск", "74", "351", 9, 0.94),
    City("Новосибирск", "54", "383", 9, 1.0),
    City("Саратов", "64", "845", 8, 0.86),
    City("Ульяновск", "73", "842", 7, 0.84),
    City("Чебоксары", "21", "835", 7, 0.83),
    City("Тула", "71", "487", 6, 0.93),
    City("Ярославль", "76", "485", 6, 0.9),
    City("Рязань", "62", "491", 6, 0.88),
    City("Тольятти", "63", "848", 6, 0.87),
    City("Набережные Челны", "16", "855", 5, 0.9),
    City("Калуга", "40", "484", 5, 0.97),
    City("Владимир", "33", "492", 5, 0.86),
    City("Пенза", "58", "841", 5, 0.82),
    City("Ижевск", "18", "341", 5, 0.85),
    City("Оренбург", "56", "353", 4, 0.84),
    City("Тюмень", "72", "345", 4, 1.08),
    City("Омск", "55", "381", 4, 0.88),
    City("Волгоград", "34", "844", 4, 0.86),
    City("Киров", "43", "833", 3, 0.82),
    City("Йошкар-Ола", "12", "836", 3, 0.79),
    City("Саранск", "13", "834", 3, 0.79),
)
BY_NAME = {city.name: city for city in CITIES}

STREETS: str = (
    "Ленина Гагарина Советская Мира Победы Кирова Октябрьская Промышленная Заводская Чапаева Комсомольская Пушкина "
    "Гоголя Куйбышева Лесная Садовая Индустриальная Маяковского Горького Чехова Свердлова Некрасова Производственная "
    "Строителей Энергетиков Космонавтов"
)


def pick_city(rng: Random) -> City:
    return rng.choices(CITIES, [city.weight for city in CITIES])[0]


def inn(rng: Random, city: City) -> str:
    """Ten digits of a company's tax number; the last is the check digit (order of the tax service ММВ-7-6/435@)."""
    digits = f"{city.region}99{rng.randrange(100_000):05d}"
    return digits + check_digit(digits)


def check_digit(nine: str) -> str:
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    return str(sum(int(d) * w for d, w in zip(nine, weights, strict=True)) % 11 % 10)


def kpp(city: City) -> str:
    return f"{city.region}9901001"


def address(rng: Random, city: City) -> str:
    office = f", оф. {rng.randrange(1, 40)}{rng.randrange(1, 30):02d}" if rng.random() < 0.45 else ""
    house = f"{rng.randrange(1, 140)}{rng.choices(('', 'а', 'к2', '/1'), (75, 12, 8, 5))[0]}"
    return f"г. {city.name}, ул. {rng.choice(STREETS.split())}, д. {house}{office}"


def city_phone(rng: Random, city: City) -> str:
    digits = f"0{rng.randrange(1_000_000):06d}"
    return f"+7 ({city.code}) {digits[:3]}-{digits[3:5]}-{digits[5:]}"


def host(name: str) -> str:
    """Mail domain of a company, under the reserved `.example`."""
    return "".join(c for c in latin(name) if c.isalnum() or c == "-").strip("-") + ".example"
