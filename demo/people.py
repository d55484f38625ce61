"""Invented people: names that agree in gender, age and origin, and addresses that reach nobody.

Phones use mobile codes that no operator has been given, e-mails the reserved domain `.example` (RFC 2606), so that a
demo which sends mail or messages cannot hit a stranger.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

#: (surnames, male names of the young, of the old, female names of the young, of the old); frequent ones first.
RUSSIAN = (
    "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев Лебедев "
    "Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов "
    "Яковлев Григорьев Романов Воробьёв Сергеев Кузьмин Фролов Александров Дмитриев Королёв Гусев Киселёв Ильин "
    "Максимов Поляков Сорокин Виноградов Ковалёв Белов Медведев Антонов Тарасов Жуков Баранов Филиппов Комаров Давыдов "
    "Беляев Герасимов Богданов Осипов Сидоров Матвеев Титов Марков Миронов Крылов Куликов Карпов Власов Мельников "
    "Денисов Гаврилов Тихонов Казаков Афанасьев Данилов Савельев Тимофеев Фомин Чернов Абрамов Мартынов Ефимов Федотов "
    "Щербаков Назаров Калинин Исаев Чернышёв Быков Маслов Родионов Коновалов Лазарев Воронин Климов Филатов Пономарёв "
    "Голубев Кудрявцев Прохоров Наумов Потапов Журавлёв Овчинников Трофимов Леонов Соболев Ермаков Колесников Гончаров "
    "Емельянов Никифоров Грачёв Котов Гришин Ефремов Архипов Громов Кириллов Малышев Панов Моисеев Румянцев Акимов "
    "Кондратьев Бирюков Горбунов Анисимов Ерёмин Тихомиров Галкин Лукьянов Михеев Скворцов Юдин Белоусов Нестеров "
    "Симонов Прокофьев Харитонов Князев Цветков Левин Митрофанов Воронов Аксёнов Софронов Мальцев Логинов Горшков "
    "Савин Краснов Майоров Демидов Елисеев Рыбаков Сафонов Плотников Демин Хохлов Фадеев Молчанов Игнатов Литвинов "
    "Ершов Ушаков Дементьев Рябов Мухин Калашников Леонтьев Лобанов Кузин Корнеев Евдокимов Бородин Платонов Некрасов "
    "Балашов Бобров Жданов Блинов Игнатьев Коротков Муравьёв Крюков Беляков Богомолов Дроздов Лавров Зуев Петухов "
    "Ларин Никулин Серов Терентьев Зотов Устинов Фокин Самойлов Константинов Сахаров Шишкин Самсонов Черкасов Чистяков "
    "Троицкий Вознесенский Покровский Островский Дубровский Толстой Чайковский Садовничий Белый Верховой Павленко "
    "Шевченко Бондаренко Ткаченко Кравченко Коваленко Савченко Черных Седых Долгих Гладких Мельник Коваль Гайдай",
    "Александр Дмитрий Максим Артём Иван Михаил Даниил Кирилл Никита Егор Андрей Илья Алексей Роман Владислав Матвей "
    "Тимофей Константин Павел Степан Глеб Антон Денис Арсений Семён Фёдор Григорий",
    "Сергей Александр Алексей Андрей Дмитрий Владимир Евгений Олег Игорь Николай Юрий Виктор Михаил Павел Константин "
    "Вадим Виталий Валерий Роман Анатолий Иван Максим Вячеслав Денис Антон Борис Станислав Василий Геннадий Руслан",
    "Анастасия Анна Мария Дарья Екатерина Елизавета Полина Виктория Ксения София Алина Юлия Александра Валерия Арина "
    "Кристина Маргарита Вероника Диана Яна Алёна Варвара Ульяна Евгения Татьяна",
    "Елена Ольга Наталья Татьяна Ирина Светлана Марина Анна Екатерина Юлия Людмила Оксана Мария Галина Надежда Лариса "
    "Валентина Евгения Любовь Инна Вера Жанна Алла Нина Лидия Анжелика",
)
TATAR = (
    "Хабибуллин Сафин Гарипов Шакиров Ахметов Галиев Закиров Валиев Хасанов Исмагилов Мухаметшин Зарипов Нуриев "
    "Каримов Фаттахов Гилязов Сабиров Юсупов Хайруллин Минниханов",
    "Руслан Тимур Ильдар Айрат Амир Рамиль Ильнур Камиль Динар Азат",
    "Рустам Ильдар Марат Рафаэль Айрат Наиль Ринат Фарид Рашид Шамиль",
    "Алсу Лейсан Диляра Камилла Регина Эльвира Айгуль Гузель Рената Алина",
    "Гульнара Альфия Лилия Резеда Эльмира Венера Гузель Флюра Фарида Розалия",
)
ARMENIAN = (
    "Саркисян Григорян Акопян Мкртчян Погосян Хачатрян Оганесян Карапетян Арутюнян Петросян",
    "Арсен Давид Армен Тигран Артур Гор Нарек Эдуард",
    "Армен Ашот Гагик Самвел Артур Карен Ваган Рубен",
    "Ани Лилит Мариам Сона Милена Нарине Лусине Эмма",
    "Анаит Карине Гаянэ Наринэ Сусанна Нелли Рузанна Анжела",
)
ORIGINS = (RUSSIAN, TATAR, ARMENIAN)
#: How often each origin is met (judgement: a Volga agency with a branch in Moscow).
ORIGIN_WEIGHTS = (90, 7, 3)

IRREGULAR_PATRONYMICS = {
    "Илья": ("Ильич", "Ильинична"),
    "Никита": ("Никитич", "Никитична"),
    "Павел": ("Павлович", "Павловна"),
    "Лев": ("Львович", "Львовна"),
    "Михаил": ("Михайлович", "Михайловна"),
    "Даниил": ("Даниилович", "Данииловна"),
}
#: Consonant + «ий» drops the «и» after these: Анатолий, Валерий, Юрий -> Анатольевич; «Дмитриевич» keeps it.
KEEP_I = ("Дмитрий",)

CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
LATIN = "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya"
TRANSLIT = dict(zip(CYRILLIC, LATIN.split(" "), strict=True))
MOBILE_CODES = ("907", "935", "943", "944", "946", "947", "948", "972", "973", "974", "975", "976", "998")
MAIL_HOSTS = ("mail.example", "pochta.example", "inbox.example", "post.example")
MAIL_WEIGHTS = (46, 27, 18, 9)


@dataclass(frozen=True, slots=True)
class Person:
    surname: str
    name: str
    patronymic: str
    male: bool
    born: date

    @property
    def full(self) -> str:
        return f"{self.surname} {self.name} {self.patronymic}"

    @property
    def short(self) -> str:
        return f"{self.surname} {self.name[0]}. {self.patronymic[0]}."


def ranked(rng: Random, items: list[str], decay: float = 0.6) -> str:
    """One of the items; the earlier, the more often (Zipf-like)."""
    return rng.choices(items, [1 / (i + 3) ** decay for i in range(len(items))])[0]


def feminine(surname: str) -> str:
    """Form of a surname that a woman bears; those in -ко, -ых, -ян and the like stay as they are."""
    if surname.endswith(("ов", "ев", "ёв", "ин", "ын")):
        return surname + "а"
    if surname.endswith(("ий", "ой", "ый")):
        return surname[:-2] + "ая"
    return surname


def patronymic(father: str, male: bool) -> str:
    if father in IRREGULAR_PATRONYMICS:
        return IRREGULAR_PATRONYMICS[father][0 if male else 1]
    if father.endswith("ий"):
        stem = father[:-1] if father in KEEP_I else father[:-2] + "ь"
        return stem + ("евич" if male else "евна")
    if father.endswith("й"):
        return father[:-1] + ("евич" if male else "евна")
    if father.endswith("ь"):
        return father[:-1] + ("евич" if male else "евна")
    return father + ("ович" if male else "овна")


def latin(text: str) -> str:
    """Russian text in Latin letters, as in a mail address: lower case, without signs that an address cannot have."""
    return "".join(TRANSLIT.get(c, c) for c in text.lower())


class People:
    """A source of people no two of whom share a full name."""

    def __init__(self, rng: Random, today: date) -> None:
        self.rng = rng
        self.today = today
        self._names: set[str] = set()
        self._phones: set[str] = set()
        self._mails: set[str] = set()

    def person(self, *, women: float = 0.5, age: tuple[float, float] = (34, 9), youngest: int = 19) -> Person:
        """One person; ``women`` is their share, ``age`` mean and deviation in years."""
        rng = self.rng
        while True:
            years = min(66.0, max(float(youngest), rng.gauss(*age)))
            born = self.today - timedelta(days=int(years * 365.25) + rng.randrange(365))
            surnames, young_men, old_men, young_women, old_women = (
                part.split() for part in rng.choices(ORIGINS, ORIGIN_WEIGHTS)[0]
            )
            male = rng.random() >= women
            young = born.year + rng.gauss(0, 4) > 1991
            name = ranked(rng, (young_men if young else old_men) if male else (young_women if young else old_women))
            surname = ranked(rng, surnames)
            father = patronymic(ranked(rng, old_men), male)
            person = Person(surname if male else feminine(surname), name, father, male, born)
            if person.full not in self._names:
                self._names.add(person.full)
                return person

    def phone(self) -> str:
        while True:
            digits = f"{self.rng.randrange(10_000_000):07d}"
            number = f"+7 ({self.rng.choice(MOBILE_CODES)}) {digits[:3]}-{digits[3:5]}-{digits[5:]}"
            if number not in self._phones:
                self._phones.add(number)
                return number

    def mail(self, person: Person) -> str:
        """A private address, built as people build theirs."""
        rng = self.rng
        surname, name = latin(person.surname), latin(person.name)
        year = person.born.year
        while True:
            local = rng.choice(
                (
                    f"{surname}.{name[0]}",
                    f"{name}.{surname}",
                    f"{name[0]}.{surname}",
                    f"{surname}{year % 100:02d}",
                    f"{name}_{surname}",
                    f"{surname}.{name}{year}",
                    f"{name[0]}{latin(person.patronymic)[0]}{surname}{rng.randrange(1, 100)}",
                )
            )
            address = f"{local}@{rng.choices(MAIL_HOSTS, MAIL_WEIGHTS)[0]}"
            if address not in self._mails:
                self._mails.add(address)
                return address

    def work_mail(self, person: Person, host: str) -> str:
        """An address at an employer; a namesake gets a digit."""
        base = f"{latin(person.name)[0]}.{latin(person.surname)}"
        number = 1
        while (address := f"{base}{number if number > 1 else ''}@{host}") in self._mails:
            number += 1
        self._mails.add(address)
        return address
