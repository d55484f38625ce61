"""Case 1: a recruiting agency. Candidates, vacancies, clients, recruiters, positions and every interview.

The fields of each dataclass are the columns of its sheet (recruiting_sheets), in order.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from demo import companies
from demo import recruiting_words as words
from demo.people import People, Person
from demo.phrases import written
from demo.recruiting_words import POSITIONS, STAGES, Position
from demo.workbook import TODAY

CANDIDATES = 2640
VACANCIES = 280
RECRUITERS = 14
START = date(2025, 9, 1)


@dataclass(frozen=True, slots=True)
class Recruiter:
    name: str
    role: str
    field: str
    mail: str
    phone: str
    joined: date
    plan: int
    left: date | None

    def at_work(self, day: date) -> bool:
        return self.joined <= day and (self.left is None or day < self.left)


@dataclass(frozen=True, slots=True)
class Client:
    name: str
    form: str
    inn: str
    kpp: str
    industry: str
    city: str
    address: str
    contact: str
    contact_post: str
    phone: str
    mail: str
    contract: str
    signed: date
    fee: float


@dataclass(frozen=True, slots=True)
class Vacancy:
    name: str
    position: str
    client: str
    city: str
    seats: int
    pay_from: int | None
    pay_to: int
    fee: float
    recruiter: str
    status: str
    opened: date
    closed: date | None

    def open_on(self, day: date) -> bool:
        return self.opened <= day + timedelta(days=10) and (self.closed is None or day < self.closed)


@dataclass(frozen=True, slots=True)
class Candidate:
    name: str
    born: date | None
    city: str
    phone: str
    mail: str | None
    position: str
    experience: int
    pay: int | None
    would_move: str
    english: str
    source: str
    status: str
    recruiter: str
    vacancy: str | None
    added: date
    last_contact: date
    remark: str | None


@dataclass(frozen=True, slots=True)
class Interview:
    number: int
    candidate: str
    vacancy: str | None
    stage: str
    when: datetime
    form: str
    recruiter: str
    score: int | None
    result: str
    note: str | None


class Agency:
    """The agency's people, clients, vacancies, candidates and interviews since START."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.people = People(rng, TODAY)
        self.recruiters = self._recruiters()
        self.clients = self._clients()
        self.vacancies = self._vacancies()
        self.hired: Counter[str] = Counter()
        self.interviews: list[Interview] = []
        self.candidates = [self._candidate(added) for added in self._days(CANDIDATES, 0.7)]

    def _days(self, count: int, skew: float) -> list[date]:
        """Working days since START in order; a skew below 1 means ever more of them."""
        span = (TODAY - START).days
        return sorted(_workday(START + timedelta(days=int(span * self.rng.random() ** skew))) for _ in range(count))

    def _between(self, first: date, last: date) -> date:
        return _workday(first + timedelta(days=self.rng.randint(0, max(0, (last - first).days))))

    def _recruiters(self) -> list[Recruiter]:
        rng, people, recruiters = self.rng, self.people, []
        for i in range(RECRUITERS):
            person = people.person(women=0.8, age=(31, 6), youngest=23)
            recruiters.append(
                Recruiter(
                    person.full,
                    "Руководитель группы" if i < 2 else "Старший рекрутёр" if i < 5 else "Рекрутёр",
                    list(words.FIELDS)[i % len(words.FIELDS)],
                    people.work_mail(person, "kadry-volga.example"),
                    people.phone(),
                    self._between(date(2018 + i // 3, 2, 1), date(2021 + i // 3, 8, 1)),
                    3 if i < 2 else rng.randint(4, 8),
                    self._between(date(2026, 3, 2), date(2026, 9, 1)) if i in (7, 12) else None,
                )
            )
        return recruiters

    def _clients(self) -> list[Client]:
        rng, clients = self.rng, []
        names = [(n.replace("_", " "), industry) for industry, names in words.CLIENTS.items() for n in names.split()]
        rng.shuffle(names)
        for i, (name, industry) in enumerate(names):
            pinned = words.PINNED.get(name)
            city = companies.BY_NAME[pinned] if pinned else companies.pick_city(rng)
            contact = self.people.person(women=0.7, age=(42, 8), youngest=27)
            signed = self._between(date(2021, 1, 11), date(2025, 12, 1))
            clients.append(
                Client(
                    name,
                    rng.choices(words.LEGAL_FORMS, words.LEGAL_WEIGHTS)[0],
                    companies.inn(rng, city),
                    companies.kpp(city),
                    industry,
                    city.name,
                    companies.address(rng, city),
                    contact.full,
                    rng.choices(words.CONTACT_POSTS, (20, 25, 35, 12, 8))[0],
                    companies.city_phone(rng, city),
                    self.people.work_mail(contact, companies.host(name.replace(" ", "-"))),
                    f"{signed.year % 100}/{signed.month:02d}-{i + 17:03d}",
                    signed,
                    rng.choices((0.12, 0.15, 0.18, 0.2, 0.25), (10, 34, 26, 22, 8))[0],
                )
            )
        return clients

    def _vacancies(self) -> list[Vacancy]:
        """Opened day by day; most of the older ones are closed by now."""
        rng, vacancies = self.rng, []
        for i, opened in enumerate(self._days(VACANCIES, 0.8)):
            position = self._position()
            client = self.clients[int(len(self.clients) * rng.random() ** 2)]
            low = rounded(position.pay * companies.BY_NAME[client.city].pay * rng.uniform(0.8, 1.0))
            status, closed = "Открыта", None
            if rng.random() < min(0.93, (TODAY - opened).days / 110):
                status = rng.choices(("Закрыта", "Отменена", "Приостановлена"), (80, 12, 8))[0]
                if status != "Приостановлена":
                    closed = min(TODAY, self._between(opened + timedelta(days=12), opened + timedelta(days=75)))
            vacancies.append(
                Vacancy(
                    f"В-{i + 412:04d} {position.name}, {client.name}",
                    position.name,
                    client.name,
                    client.city,
                    rng.choices((1, 2, 3, 5, 10), (62, 18, 10, 7, 3))[0],
                    low if rng.random() < 0.95 else None,
                    rounded(low * rng.uniform(1.12, 1.45)),
                    client.fee,
                    self._assign(position.field, opened).name,
                    status,
                    opened,
                    closed,
                )
            )
        return vacancies

    def _position(self) -> Position:
        return self.rng.choices(POSITIONS, [p.weight for p in POSITIONS])[0]

    def _assign(self, field: str, day: date) -> Recruiter:
        """A recruiter at work on the day, of the field in seven cases of ten."""
        present = [r for r in self.recruiters if r.at_work(day)]
        own = [r for r in present if r.field == field]
        return self.rng.choice(own if own and self.rng.random() < 0.7 else present)

    def _candidate(self, added: date) -> Candidate:
        rng, position = self.rng, self._position()
        person = self.people.person(women=position.women, age=(24 + position.years * 1.3, 7))
        age = (TODAY - person.born).days // 365
        experience = max(0, min(age - 19, round(rng.gauss(position.years, position.years / 2))))
        city = companies.pick_city(rng)
        recruiter = self._assign(position.field, added)
        status, vacancy = self._outcome(position, added)
        held = self._interviews(person, status, vacancy, recruiter, added)
        done = [i.when.date() for i in held if i.when.date() <= TODAY]
        seniority = 0.78 + 0.34 * min(1.6, experience / (position.years + 1))
        pay = rounded(position.pay * city.pay * seniority * rng.gauss(1, 0.11))
        office = position.field in ("ИТ", "Финансы", "Продажи", "Персонал и офис")
        return Candidate(
            person.full,
            person.born if rng.random() < 0.94 else None,
            city.name,
            self.people.phone(),
            self.people.mail(person) if rng.random() < 0.93 else None,
            position.name,
            experience,
            pay if rng.random() < 0.91 else None,
            "да" if rng.random() < (0.12 if age > 40 else 0.27) else "нет",
            rng.choices(words.ENGLISH, (18, 36, 28, 12, 6) if office else (64, 28, 6, 2, 0))[0],
            rng.choices(words.SOURCES, words.SOURCE_WEIGHTS)[0],
            status,
            recruiter.name,
            vacancy.name if vacancy else None,
            added,
            max(done, default=min(TODAY, self._between(added, added + timedelta(days=12)))),
            written(rng, words.REMARKS) if rng.random() < 0.31 else None,
        )

    def _outcome(self, position: Position, added: date) -> tuple[str, Vacancy | None]:
        """Status of a candidate added on the day, and the vacancy: which never hires beyond its seats."""
        rng = self.rng
        status = _status(rng, (TODAY - added).days)
        if status in ("Новый", "Резерв"):
            return status, None
        fitting = [v for v in self.vacancies if v.position == position.name and v.open_on(added)]
        if status == "Вышел на работу":
            fitting = [v for v in fitting if v.status == "Закрыта" and self.hired[v.name] < v.seats]
        if not fitting:
            return ("Скрининг" if (TODAY - added).days < 21 else "Резерв"), None
        vacancy = rng.choice(fitting)
        if status == "Вышел на работу":
            self.hired[vacancy.name] += 1
        return status, vacancy

    def _interviews(
        self, person: Person, status: str, vacancy: Vacancy | None, recruiter: Recruiter, added: date
    ) -> list[Interview]:
        """Those that lead to the status: one a stage, the last one decides."""
        rng, held = self.rng, []
        stages = STAGES[: rng.choice(words.DEPTH[status])]
        day = added
        for stage in stages:
            outcome = "отказ" if stage == stages[-1] and status.startswith("Отказ") else "пройдено"
            missed = stage != STAGES[0] and rng.random() < 0.05
            for result in (rng.choice(("неявка", "перенесено")), outcome) if missed else (outcome,):
                day = self._between(day + timedelta(days=1), day + timedelta(days=6))
                planned = day > TODAY
                held.append(
                    self._interview(person, vacancy, recruiter, stage, day, "запланировано" if planned else result)
                )
                if planned:
                    break
            if day > TODAY:
                break
        self.interviews.extend(held)
        return held

    def _interview(
        self, person: Person, vacancy: Vacancy | None, recruiter: Recruiter, stage: str, day: date, result: str
    ) -> Interview:
        rng = self.rng
        hour = rng.choices(range(9, 19), (4, 12, 14, 9, 4, 10, 13, 12, 8, 3))[0]
        weights = {"пройдено": (0, 2, 18, 50, 30), "отказ": (10, 38, 38, 12, 2)}.get(result)
        notes = words.NOTES.get((result, stage)) or words.OTHER_NOTES[result]
        return Interview(
            0,
            person.full,
            vacancy.name if vacancy else None,
            stage,
            datetime.combine(day, time(hour, rng.choice((0, 0, 30)))),
            rng.choice(words.FORMATS[stage]),
            recruiter.name,
            rng.choices((1, 2, 3, 4, 5), weights)[0] if weights and rng.random() < 0.95 else None,
            result,
            written(rng, notes) if rng.random() < 0.62 else None,
        )


def rounded(pay: float, step: int = 5000) -> int:
    """A salary as people name it, never below what the law allows."""
    return max(35_000, round(pay / step) * step)


def _workday(day: date) -> date:
    """The day itself or the next working one."""
    while day.weekday() > 4 or (day.month, day.day) in words.HOLIDAYS:
        day += timedelta(days=1)
    return day


def _status(rng: Random, days: int) -> str:
    """Fresh candidates are under way, old ones have come to an end."""
    if days < 4:
        weights = (60, 30, 8, 2, 0, 0, 0, 0, 0)
    elif days < 21:
        weights = (12, 24, 30, 12, 3, 1, 6, 7, 5)
    elif days < 60:
        weights = (1, 6, 14, 13, 4, 9, 18, 14, 21)
    else:
        weights = (0, 1, 1, 1, 0, 16, 27, 17, 37)
    return rng.choices(words.STATUSES, weights)[0]
